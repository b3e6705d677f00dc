import re
import zoneinfo
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from imports.endings import AnsweringCommand, stop_on_signals
from imports.orders import CONFLICT_POLICIES, Order
from imports.progress import Progress
from imports.reporting import summary
from imports.results import EXIT_REFUSED, ImportResult
from imports.runs import Manner, import_delivery, preview_delivery
from imports.sources import FORMATS


class Command(AnsweringCommand):
    help = "Brings a delivery of articles in. Safe to repeat: what is in already is passed over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path",
            help="a file, plain or .gz, .zst or .zip; a folder; an http(s) address; - for standard input",
        )
        parser.add_argument(
            "--source", default="default", help="the system that it comes from (default: default)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what it would come to; write nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        _add_reading(parser.add_argument_group("how the delivery is read"))
        _add_rules(parser.add_argument_group("what becomes of articles that are here"))

    def handle(self, *args: Any, **options: Any) -> None:
        order = _order(options)
        progress = Progress()
        stop_on_signals(progress)
        result = _carried_out(options, order, progress)
        if options["json"]:
            self.print_json(result.as_dict())
        else:
            self.stderr.write(summary(result), style_func=str)
        if result.exit:
            raise SystemExit(result.exit)


def _add_reading(group: Any) -> None:
    group.add_argument(
        "--format", default="auto", choices=["auto", *FORMATS], help="(default: by its content)"
    )
    group.add_argument("--encoding", default="", help="of a delivery that is not UTF-8 and does not say so")
    group.add_argument("--key", default="", metavar="FIELD", help="where a record's key stands")
    group.add_argument(
        "--zone", default="UTC", help="IANA time zone of dates without an offset (default: UTC)"
    )
    group.add_argument(
        "--base-url", default="", metavar="URL", help="the source's own address, for links among its articles"
    )
    group.add_argument("--map", metavar="FILE", help="a TOML file that renames and fixes fields")
    group.add_argument(
        "--workers", type=int, default=0, metavar="N", help="processes that convert (default: the fastest)"
    )


def _add_rules(group: Any) -> None:
    group.add_argument(
        "--conflicts",
        default="hold",
        choices=CONFLICT_POLICIES,
        help="fields changed at both ends: hold asks a person and lets the text here stand meanwhile, keep "
        "lets it stand unasked, take takes the delivery's (default: hold)",
    )
    group.add_argument(
        "--delete-missing",
        action="store_true",
        help="the delivery is complete: withdraw what it no longer holds",
    )
    group.add_argument(
        "--max-missing",
        default="5%",
        metavar="SHARE",
        help="withdraw nothing when more than this is missing (default: 5%%)",
    )
    group.add_argument(
        "--force", action="store_true", help="withdraw what is missing although records were rejected"
    )
    group.add_argument(
        "--restart", action="store_true", help="begin anew where an interrupted run would be gone on with"
    )


def _carried_out(options: dict[str, Any], order: Order, progress: Progress) -> ImportResult:
    manner = Manner(workers=options["workers"], restart=options["restart"])
    if options["dry_run"]:
        return preview_delivery(options["path"], order, progress=progress).result
    return import_delivery(options["path"], order, progress=progress, manner=manner)


def _order(options: dict[str, Any]) -> Order:
    return Order(
        source=_source(options["source"]),
        format_name=options["format"],
        encoding=options["encoding"],
        key=options["key"],
        zone=_zone(options["zone"]),
        base_url=_base_url(options["base_url"]),
        mapping=_mapping(options["map"]),
        conflicts=options["conflicts"],
        delete_missing=options["delete_missing"],
        max_missing=_share(options["max_missing"]),
        force=options["force"],
    )


def _source(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        raise CommandError("--source takes up to 100 letters, digits, - and _.", returncode=EXIT_REFUSED)
    return name


def _zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(
            f"--zone {name} is no IANA time zone; write it as in Europe/Berlin.", returncode=EXIT_REFUSED
        ) from error


def _base_url(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", url):
        raise CommandError(
            "--base-url takes an address as in https://blog.example.org.", returncode=EXIT_REFUSED
        )
    return url


def _mapping(path: str | None) -> str:
    if path is None:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CommandError(f"--map {path} cannot be read: {reason}.", returncode=EXIT_REFUSED) from error


def _share(text: str) -> float:
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%", text)
    if not found or float(found[1]) > 100:
        raise CommandError("--max-missing takes a share as in 5%.", returncode=EXIT_REFUSED)
    return float(found[1]) / 100
