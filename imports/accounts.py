"""What there is to tell of runs, for people and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet

from articles.models import Article, SearchDocument
from imports.faults import DeliveryRefused, SourceBusy
from imports.leases import refuse_when_held
from imports.models import ACTIVE, DONE, Decision, Run, RunKind, RunState
from imports.results import counts_of

_NAMED = 5
_SHOWN_ARTICLES = 20


class UnknownRun(Exception):
    """There is no such run. One sentence that names those that there are."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """An article that an undo did not touch, because somebody changed it after the run."""

    article: int
    title: str
    changed_by: str


@dataclass(frozen=True, slots=True)
class RejectCounts:
    """Of a run's rejects those that are open, by code, and those that were dismissed, by whom."""

    by_code: dict[str, int]
    dismissed: dict[str, int]

    @property
    def open(self) -> int:
        return sum(self.by_code.values())

    def as_dict(self) -> dict[str, Any]:
        return {"open": self.open, "by_code": self.by_code, "dismissed": sum(self.dismissed.values())}


@dataclass(frozen=True, slots=True)
class Account:
    """A run and what became of it since. `left_alone` are the first; `cut_texts` counts articles whose text
    was too long to be indexed for search whole."""

    run: Run
    followers: Sequence[Run]
    rejects: RejectCounts
    open_conflicts: int
    cut_texts: int
    left_alone: Sequence[LeftAlone]


def newest_runs(*, source: str = "") -> QuerySet[Run]:
    runs = Run.objects.select_related("source").order_by("-id")
    return runs.filter(source__name=source) if source else runs


def find_run(word: str, *, source: str = "") -> Run:
    """The run with this number, or the newest where it is `last`. Raises UnknownRun."""
    runs = newest_runs(source=source)
    found = (
        runs.first() if word == "last" else runs.filter(pk=int(word)).first() if _is_number(word) else None
    )
    if found is None:
        raise UnknownRun(_no_such_run(word, source, list(runs.values_list("pk", flat=True)[:_NAMED])))
    return found


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal()


def _no_such_run(word: str, source: str, newest: Sequence[int]) -> str:
    of_source = f" of the source {source!r}" if source else ""
    if not newest:
        return f"There is no run{of_source} yet; import something first."
    return f"There is no run {word!r}{of_source}; the newest are {', '.join(map(str, newest))}, or say last."


def account_of(run: Run) -> Account:
    return Account(
        run=run,
        followers=list(run.followers.order_by("pk")),
        rejects=reject_counts(run),
        open_conflicts=run.conflict_rows.filter(state=Decision.OPEN).count(),
        cut_texts=SearchDocument.objects.filter(is_cut=True, article__import_items__updated_run=run).count(),
        left_alone=named(run.left_alone[:_SHOWN_ARTICLES]),
    )


def open_rejects_by_code(run: Run) -> dict[str, int]:
    """The most frequent first."""
    counted = run.rejects.filter(closed_by="").values_list("code").annotate(count=Count("pk"))
    return dict(counted.order_by("-count", "code"))


def reject_counts(run: Run) -> RejectCounts:
    dismissed = run.rejects.exclude(closed_by="").exclude(closed_by__startswith="import:")
    by_name = dismissed.values_list("closed_by").annotate(count=Count("pk")).order_by("-count", "closed_by")
    return RejectCounts(open_rejects_by_code(run), dict(by_name))


def named(left_alone: Iterable[dict[str, Any]]) -> list[LeftAlone]:
    """Of the articles that a run's row lists as left alone."""
    rows = list(left_alone)
    titles = dict(Article.objects.filter(pk__in=[row["article"] for row in rows]).values_list("pk", "title"))
    names = _names_of({row["changed_by"] for row in rows})
    return [
        LeftAlone(row["article"], titles.get(row["article"], ""), names[row["changed_by"]]) for row in rows
    ]


def _names_of(origins: Iterable[str]) -> dict[str, str]:
    kinds = {origin: origin.partition(":")[::2] for origin in origins}
    editors = [int(key) for kind, key in kinds.values() if kind == "editor" and _is_number(key)]
    users = get_user_model().objects.in_bulk(editors)
    names = {f"editor:{key}": user.get_username() for key, user in users.items()}
    return {
        origin: names.get(origin) or f"{kind} {key}".replace("import ", "run ").strip() or "nobody known"
        for origin, (kind, key) in kinds.items()
    }


def undone_by(runs: Iterable[Run]) -> dict[int, int]:
    """By run, the last undo of it that took something back."""
    about = [run.pk for run in runs]
    undos = Run.objects.filter(kind=RunKind.UNDO, state__in=DONE, about__in=about, updated__gt=0).order_by(
        "pk"
    )
    return dict(undos.values_list("about", "pk"))


def work_seconds(run: Run) -> float:
    """Of the stages that it has ended, without the time between an interruption and going on."""
    return sum(run.stage_seconds.values())


def records_per_second(run: Run) -> float | None:
    seconds = work_seconds(run)
    return run.read / seconds if seconds and run.read else None


def is_abandoned(run: Run) -> bool:
    """Whether its process died at work; asked for again, it is gone on with."""
    if run.state not in ACTIVE:
        return False
    try:
        refuse_when_held(run)
    except SourceBusy:
        return False
    return True


def refuse_unfinished(run: Run, *, before: str) -> None:
    """Raises DeliveryRefused. A run whose process died is over."""
    if run.state in (*ACTIVE, RunState.QUEUED, RunState.READY) and not is_abandoned(run):
        raise DeliveryRefused(
            f"Run {run.pk} is {run.get_state_display()}; wait for it to end, or cancel it, before {before}."
        )


def was_uploaded(run: Run) -> bool:
    """Whether its delivery came through the admin: under its name there is no file on this machine. What
    ends before its preview has entered no stage."""
    ended_unseen = run.state in (RunState.REFUSED, RunState.FAILED) and not run.stage_seconds
    return run.kind == RunKind.IMPORT and (bool(run.preview) or ended_unseen)


def run_as_dict(run: Run, *, undone_by: int | None) -> dict[str, Any]:
    rate = records_per_second(run)
    return {
        "run": run.pk,
        "source": run.source.name,
        "kind": run.kind,
        "about": run.about_id,
        "state": run.state,
        "abandoned": is_abandoned(run),
        "undone_by": undone_by,
        "resumed": run.resumed,
        "counts": counts_of(run),
        "conflicts": run.conflicts,
        "renamed": run.renamed,
        "missing": run.missing,
        "skipped": run.skipped,
        "started_by": run.started_by,
        "host": run.host,
        "release": run.release,
        "started_at": run.started_at.isoformat(),
        "readable_at": run.readable_at.isoformat() if run.readable_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "seconds": round(work_seconds(run), 3),
        "stage_seconds": run.stage_seconds,
        "records_per_second": round(rate, 1) if rate else None,
        "peak_memory": run.peak_memory,
        "input": {
            "name": run.input_name,
            "format": run.input_format,
            "sha256": run.input_sha256,
            "bytes": run.input_bytes,
            "records": run.records,
        },
        "options": run.options,
        "batches": run.batch,
        "cursor": run.cursor,
        "error": run.error,
    }


def account_as_dict(account: Account) -> dict[str, Any]:
    run = account.run
    return {
        **run_as_dict(run, undone_by=undone_by([run]).get(run.pk)),
        "rejects": account.rejects.as_dict(),
        "open_conflicts": account.open_conflicts,
        "cut_texts": account.cut_texts,
        "followers": [
            {"run": follower.pk, "kind": follower.kind, "state": follower.state}
            for follower in account.followers
        ],
        "left_alone": run.left_alone,
    }
