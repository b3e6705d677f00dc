"""A run's result in words."""

from imports.results import COUNTERS, ImportResult

_SHOWN_REJECTS = 20


def summary(result: ImportResult) -> str:
    """Lines that line up: what was read, what became of it, what to do next."""
    title = f"Run {result.run}" if result.run else "Dry run, nothing was written"
    lines = [f"{title}: {result.source}, {result.state}, {result.seconds:.1f} s"]
    lines += [f"  {counter:<10} {result.counts[counter]:>12,}" for counter in COUNTERS]
    lines += [f"  skipped    {count:>12,}  {reason}" for reason, count in sorted(result.skipped.items())]
    lines += [f"  {reject}" for reject in result.rejects[:_SHOWN_REJECTS]]
    if len(result.rejects) > _SHOWN_REJECTS:
        lines.append(f"  … and {len(result.rejects) - _SHOWN_REJECTS:,} more")
    if result.run and result.counts["rejected"]:
        lines.append(
            f"The rejected records are in the admin, each with its line and reason, under run {result.run}."
        )
    return "\n".join(lines)
