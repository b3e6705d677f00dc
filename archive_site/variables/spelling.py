"""Finds names in the environment that were probably meant for one of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from archive_site.variables.declaration import Variable

SIMILAR = 0.8
LARGEST_DIFFERENCE = 2  # in length
# Names that other programs read, near enough to ours to be taken for misspellings.
WELL_KNOWN = frozenset({"HTTP", "HTTP2", "HTTPD"})


@dataclass(frozen=True, slots=True)
class Doubt:
    name: str
    meant: str

    def __str__(self) -> str:
        return f"{self.name}: is not read by this site; did you mean {self.meant}?"


def doubtful_names(variables: Sequence[Variable], given: Mapping[str, str]) -> tuple[Doubt, ...]:
    """Names that are set and nearly those of a variable. Where that variable is set too, it is no slip."""
    declared = {variable.name for variable in variables}
    declared |= {variable.twin for variable in variables if variable.secret}
    # An unprintable name is nobody's slip, and no terminal could show it.
    foreign = sorted(name for name, text in given.items() if text and name.isprintable())
    foreign = [name for name in foreign if name not in declared | WELL_KNOWN]
    doubts = (Doubt(name, _meant(name, declared)) for name in foreign)
    return tuple(doubt for doubt in doubts if doubt.meant and not given.get(doubt.meant))


def _meant(name: str, declared: Iterable[str]) -> str:
    stem = name.upper().removesuffix("_FILE")
    if stem in declared:
        return stem
    near = [other for other in sorted(declared) if abs(len(other) - len(name)) <= LARGEST_DIFFERENCE]
    return next(iter(get_close_matches(name.upper(), near, n=1, cutoff=SIMILAR)), "")
