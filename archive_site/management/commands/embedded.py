import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive_site import embedded
from archive_site.embedded_servers import Status


class Command(BaseCommand):
    help = "Look after the PostgreSQL and the Redis of development and tests."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        status = actions.add_parser("status", help="what runs, where, and for how many")
        status.add_argument("--json", action="store_true", help="print one JSON object")
        actions.add_parser("stop", help="stop both servers, whoever uses them")
        for name in ("psql", "redis-cli"):
            # No prefix makes an option of ours: every word is meant for the client.
            client = actions.add_parser(name, prefix_chars="\0", add_help=False, help=f"a connected {name}")
            client.add_argument("arguments", nargs="*", help=f"passed on to {name}")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if not settings.EMBEDDED_DATABASE and not settings.EMBEDDED_REDIS:
            raise CommandError(
                f"This {settings.ENVIRONMENT} environment uses servers of its own (DATABASE_URL, REDIS_URL).",
                returncode=2,
            )
        match action:
            case "status":
                self._print_status(embedded.status(), as_json=options["json"])
            case "stop":
                self._stop()
            case "psql":
                embedded.psql(options["arguments"])
            case "redis-cli":
                embedded.redis_cli(options["arguments"])

    def _print_status(self, status: Status, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(status), default=str))
            return
        for server in status.servers:
            state = "stopped" if server.process_id is None else f"running, process {server.process_id}"
            self.stdout.write(f"{server.name:<11} {state:<24} {server.address}")
        self.stdout.write(f"{'Folder':<11} {status.root}")
        self.stdout.write(f"{'Used by':<11} {_processes(status.users)}")
        if not status.watched and any(server.process_id is not None for server in status.servers):
            self.stdout.write("Nobody watches for their last user to end: stop them, or connect once more.")

    def _stop(self) -> None:
        users = embedded.status().users
        if not embedded.stop():
            self.stdout.write("The embedded servers were not running.")
            return
        self.stdout.write("Stopped the embedded servers.")
        if users:
            self.stderr.write(f"Still in use by {_processes(users)}: a new connection starts them again.")


def _processes(count: int | None) -> str:
    if count is None:
        return "unknown: this system does not list its locks"
    return "1 process" if count == 1 else f"{count} processes"
