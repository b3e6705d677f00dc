"""Benchmarks. They print ratios against a baseline taken in the same run; they are no tests."""
