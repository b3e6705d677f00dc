from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from imports.accounts import (
    account_as_dict,
    account_of,
    find_run,
    newest_runs,
    open_rejects_by_code,
    reject_counts,
    run_as_dict,
    undone_by,
)
from imports.answers import (
    carried_out_cancel,
    carried_out_dismissal,
    carried_out_undo,
    collected_words,
    conflicts_words,
    decided_words,
    export_words,
    media_words,
    planned_undo,
    rejects_words,
)
from imports.collecting import collect
from imports.deciding import conflict_as_dict, decide_all, known_conflicts, open_conflicts, shown_conflicts
from imports.endings import AnsweringCommand, stop_on_signals
from imports.media import run_media
from imports.media_queue import requeue_failed
from imports.models import Run
from imports.progress import Progress
from imports.rejects import chosen_rejects, export_rejects, reject_as_dict, shown_rejects
from imports.reporting import next_steps, summary
from imports.results import EXIT_REFUSED, EXIT_WITH_REJECTS
from imports.retrying import export_of, retry_rejects
from imports.runs import spool
from imports.tables import Screen, account_page, conflicts_page, rejects_table, runs_table

Add = Callable[..., Any]


class Command(AnsweringCommand):
    help = "Looks after imports: what ran, what was turned away, what is left to decide, and the way back."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(required=True, metavar="VERB", help="VERB --help tells its options")
        self._add_looking(verbs.add_parser)
        self._add_acting(verbs.add_parser)

    def _add_looking(self, add: Add) -> None:
        listing = _verb(add, "list", self._list, "the newest runs")
        _source(listing)
        _limit(listing, 20)
        _run(_verb(add, "show", self._show, "everything about a run, and what to do next"))
        rejects = _verb(add, "rejects", self._rejects, "the records that a run turned away")
        _run(rejects)
        _limit(rejects, 50)
        rejects.add_argument("--code", default="", help="only those with this code")
        ways = rejects.add_mutually_exclusive_group()
        ways.add_argument(
            "--export", metavar="FILE", help="write all that are open to FILE, or - for standard output"
        )
        ways.add_argument(
            "--dismiss", action="store_true", help="close all that are open, as nobody mends them"
        )

    def _add_acting(self, add: Add) -> None:
        retry = _verb(add, "retry", self._retry, "try the rejects of a run again, and nothing else")
        _run(retry)
        retry.add_argument("--from", dest="mended", type=Path, metavar="FILE", help="an export, mended")
        _add_conflicts(_verb(add, "conflicts", self._conflicts, "fields that an editor and a source changed"))
        undo = _verb(add, "undo", self._undo, "take a run back, where nobody changed its articles since")
        _run(undo)
        undo.add_argument("--dry-run", action="store_true", help="tell what it would do; write nothing")
        _run(_verb(add, "cancel", self._cancel, "end a run for good; what it committed stays"))
        collecting = _verb(add, "gc", self._gc, "remove deliveries that were kept and are of no more use")
        collecting.add_argument(
            "--days", type=_whole, default=30, metavar="N", help="keep those of the last N days (default: 30)"
        )
        collecting.add_argument(
            "--dry-run", action="store_true", help="tell what it would do; remove nothing"
        )
        media = _verb(add, "media", self._media, "fetch the files that articles show")
        media.add_argument("--limit", type=_positive, metavar="N", help="at most N files")
        media.add_argument("--again", action="store_true", help="also those that were given up")

    def handle(self, *args: Any, **options: Any) -> None:
        if code := options["act"](options):
            raise SystemExit(code)

    def _list(self, options: dict[str, Any]) -> None:
        runs = list(newest_runs(source=options["source"])[: options["limit"]])
        undone = undone_by(runs)
        if options["json"]:
            self.print_json({"runs": [run_as_dict(run, undone_by=undone.get(run.pk)) for run in runs]})
        elif runs:
            self.stdout.write(runs_table(runs, undone_by=undone, screen=self._screen(options)))
        else:
            self.stdout.write("There is no run yet.")

    def _show(self, options: dict[str, Any]) -> None:
        account = account_of(_found(options))
        if options["json"]:
            steps = [command for _, command in next_steps(account)]
            self.print_json({**account_as_dict(account), "next": steps})
        else:
            self.stdout.write(account_page(account, screen=self._screen(options)))

    def _rejects(self, options: dict[str, Any]) -> None:
        run = _found(options)
        if options["export"]:
            self._export(run, options)
            return
        if options["dismiss"]:
            answer = carried_out_dismissal(run, code=options["code"])
            self._tell(options, asdict(answer), answer.words())
            return
        counts = reject_counts(run)
        shown = list(shown_rejects(run, code=options["code"], most=options["limit"]))
        if options["json"]:
            told = {"run": run.pk, "rejected": run.rejected, **counts.as_dict()}
            self.print_json({**told, "rejects": [reject_as_dict(reject) for reject in shown]})
            return
        if shown:
            self.stdout.write(rejects_table(shown, screen=self._screen(options)))
        self.stdout.write(rejects_words(run, counts, code=options["code"], shown=len(shown)))

    def _export(self, run: Run, options: dict[str, Any]) -> None:
        if options["export"] == "-":
            if options["json"]:
                raise CommandError(
                    "--json and --export - both want standard output.", returncode=EXIT_REFUSED
                )
            for reject in chosen_rejects(run, code=options["code"]):
                self.stdout.write(export_of(reject).decode())
            return
        export = export_rejects(run, Path(options["export"]), code=options["code"])
        answer = {"run": run.pk, "file": options["export"], **asdict(export)}
        self._tell(options, answer, export_words(run, export, file=options["export"]))

    def _retry(self, options: dict[str, Any]) -> int:
        run = _found(options)
        if not (options["mended"] or open_rejects_by_code(run)):
            words = f"Run {run.pk} has no rejects that are still open; there is nothing to retry."
            self._tell(options, {"run": run.pk, "open": 0}, words)
            return 0
        with _opened(options["mended"]) as mended:
            result = retry_rejects(run, mended=mended, progress=_stoppable())
        self._tell(options, result.as_dict(), summary(result))
        return result.exit

    def _undo(self, options: dict[str, Any]) -> int:
        run = _found(options)
        undone = planned_undo(run) if options["dry_run"] else carried_out_undo(run, progress=_stoppable())
        self._tell(options, undone.as_dict(), undone.words())
        return undone.exit

    def _cancel(self, options: dict[str, Any]) -> None:
        canceled = carried_out_cancel(_found(options))
        self._tell(options, asdict(canceled), canceled.words())

    def _conflicts(self, options: dict[str, Any]) -> int | None:
        ids, take = _decisions(options)
        if ids is None:
            return self._list_conflicts(options)
        decided = decide_all(ids, take=take, now=timezone.now(), progress=_stoppable())
        self._tell(options, asdict(decided), decided_words(decided, take=take))
        return EXIT_WITH_REJECTS if decided.refused else None

    def _list_conflicts(self, options: dict[str, Any]) -> None:
        run = _found(options) if options["run"] else None
        total = open_conflicts(run).count()
        shown = list(shown_conflicts(run, most=options["limit"]))
        if options["json"]:
            self.print_json({"open": total, "conflicts": [conflict_as_dict(one) for one in shown]})
            return
        if shown:
            self.stdout.write(conflicts_page(shown, screen=self._screen(options)))
        self.stdout.write(conflicts_words([conflict.pk for conflict in shown], total=total))

    def _gc(self, options: dict[str, Any]) -> None:
        older_than = timedelta(days=options["days"])
        collected = collect(spool(), now=timezone.now(), older_than=older_than, dry_run=options["dry_run"])
        self._tell(options, asdict(collected), collected_words(collected, dry_run=options["dry_run"]))

    def _media(self, options: dict[str, Any]) -> None:
        requeued = requeue_failed() if options["again"] else 0
        counts = run_media(progress=_stoppable(), limit=options["limit"])
        self._tell(options, {"requeued": requeued, **asdict(counts)}, media_words(counts))

    def _screen(self, options: dict[str, Any]) -> Screen:
        return Screen(
            is_terminal=bool(options["force_color"] or self.stdout.isatty()),
            no_color=bool(options["no_color"]),
        )

    def _tell(self, options: dict[str, Any], answer: dict[str, Any], words: str) -> None:
        if options["json"]:
            self.print_json(answer)
        else:
            # Django would show them in the red of an error.
            self.stderr.write(words, style_func=str)


def _verb(add: Add, name: str, act: Callable[[dict[str, Any]], int | None], words: str) -> CommandParser:
    parser = add(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    parser.set_defaults(act=act)
    return parser


def _source(parser: CommandParser) -> None:
    parser.add_argument("--source", default="", help="only runs of this source")


def _run(parser: CommandParser, **more: Any) -> None:
    parser.add_argument("run", metavar="RUN", help="the number of a run, or last", **more)
    _source(parser)


def _limit(parser: CommandParser, default: int) -> None:
    parser.add_argument(
        "--limit", type=_positive, default=default, metavar="N", help=f"show N (default: {default})"
    )


def _add_conflicts(parser: CommandParser) -> None:
    _run(parser, nargs="?")
    _limit(parser, 50)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--take", type=_positive, nargs="+", metavar="ID", help="take what was delivered in these conflicts"
    )
    ways.add_argument(
        "--keep", type=_positive, nargs="+", metavar="ID", help="let stand what is here in these"
    )
    ways.add_argument("--take-all", metavar="RUN", help="the same for all that are open of a run")
    ways.add_argument("--keep-all", metavar="RUN", help="the same for all that are open of a run")


def _decisions(options: dict[str, Any]) -> tuple[Sequence[int] | None, bool]:
    """The conflicts to decide, None for none, and whether to take the delivery's side in them."""
    for way in ("take", "keep"):
        if ids := options[way]:
            return known_conflicts(ids), way == "take"
        if word := options[f"{way}_all"]:
            run = find_run(word, source=options["source"])
            return list(open_conflicts(run).values_list("pk", flat=True)), way == "take"
    return None, False


def _found(options: dict[str, Any]) -> Run:
    return find_run(options["run"], source=options["source"])


def _stoppable() -> Progress:
    progress = Progress()
    stop_on_signals(progress)
    return progress


def _opened(path: Path | None) -> AbstractContextManager[BinaryIO | None]:
    try:
        return path.open("rb") if path else nullcontext()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror or error}.", returncode=EXIT_REFUSED
        ) from error


def _whole(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise ArgumentTypeError(f"{text} is no whole number of up to nine digits")


def _positive(text: str) -> int:
    if number := _whole(text):
        return number
    raise ArgumentTypeError("it begins with 1")
