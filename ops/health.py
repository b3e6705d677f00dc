"""How checks of the running installation are declared, run and summed up. Which there are: ops.vitals."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

logger = logging.getLogger(__name__)

# Without it nothing else about the archive can be known.
ESSENTIAL = "database.answers"

GOOD, FINDINGS, COULD_NOT_RUN = 0, 1, 2


class Status(StrEnum):
    """From the best to the worst."""

    PASS = "pass"  # noqa: S105 no password
    UNKNOWN = "unknown"
    WARN = "warn"
    FAIL = "fail"


SEVERITY = tuple(Status)


@dataclass(frozen=True, slots=True)
class Observation:
    """`subject` is the one of many that it is about, such as a job; `fix` goes before that of the check."""

    status: Status
    observed: str
    subject: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`look` may raise: the check is then unknown. It is not called when the check named in `needs` failed.
    One that looks at many things may return a finding for each.

    Raises ValueError when a text is missing: a finding that nobody owns or can mend helps nobody."""

    id: str
    section: str
    title: str
    expected: str
    owner: str
    fix: str
    runbook: str
    look: Callable[[], Observation | Sequence[Observation]]
    needs: str | None = None

    def __post_init__(self) -> None:
        empty = [field.name for field in fields(self) if getattr(self, field.name) == ""]
        if empty:
            raise ValueError(f"The check {self.id!r} lacks {', '.join(empty)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    id: str
    section: str
    title: str
    status: Status
    expected: str
    observed: str
    owner: str
    fix: str
    runbook: str


def examine(checks: Sequence[Check]) -> tuple[Result, ...]:
    """The results of each check, in their order. Raises nothing that a check raised."""
    results: list[Result] = []
    for check in checks:
        results += [as_result(check, observation) for observation in observe(check, results)]
    return tuple(results)


def observe(check: Check, earlier: Sequence[Result]) -> Sequence[Observation]:
    if any(result.id == check.needs and result.status is Status.FAIL for result in earlier):
        return [Observation(Status.UNKNOWN, f"not looked at, because {check.needs} failed")]
    try:
        observed = check.look()
    except Exception as error:  # noqa: BLE001 one broken check must not silence the others
        return [Observation(Status.UNKNOWN, f"could not be looked at ({describe_error(error)})")]
    return [observed] if isinstance(observed, Observation) else observed


def describe_error(error: BaseException) -> str:
    """The name of the class: what drivers write may hold addresses, users and data. Those go to the log."""
    logger.debug("A health check met an error.", exc_info=error)
    return type(error.__cause__ or error).__name__


def as_result(check: Check, observation: Observation) -> Result:
    return Result(
        id=f"{check.id}.{observation.subject}" if observation.subject else check.id,
        section=check.section,
        title=check.title,
        status=observation.status,
        expected=check.expected,
        observed=observation.observed,
        owner=check.owner,
        fix=observation.fix or check.fix,
        runbook=check.runbook,
    )


def worst(statuses: Sequence[Status]) -> Status:
    return max(statuses, key=SEVERITY.index, default=Status.UNKNOWN)


def overall(results: Sequence[Result]) -> Status:
    return worst([result.status for result in results])


def tally(results: Sequence[Result]) -> str:
    """As in: 1 fail, 7 pass."""
    counts = Counter(result.status for result in results)
    return ", ".join(f"{counts[status]} {status}" for status in reversed(SEVERITY) if counts[status])


def exit_code(results: Sequence[Result]) -> int:
    """0: all is well; 1: somebody has to look, also at warnings and unknowns; 2: there is no database."""
    if any(result.id == ESSENTIAL and result.status is Status.FAIL for result in results):
        return COULD_NOT_RUN
    return GOOD if overall(results) is Status.PASS else FINDINGS
