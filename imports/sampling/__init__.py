"""A generated archive of any size: varied, in plain technical English, and the same for the same seed.

Nothing here reads a file, a clock, the settings or the database."""

from collections.abc import Iterator

import msgspec

from imports.sampling.records import sample_record

_encode = msgspec.json.encode


def sample_lines(count: int, *, seed: int = 0) -> Iterator[bytes]:
    """The first `count` records of the archive of `seed` as JSON Lines, so that a longer archive begins
    with the shorter one."""
    for number in range(count):
        yield _encode(sample_record(seed, number)) + b"\n"
