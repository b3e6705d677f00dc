"""
The demonstration: from an empty folder to a served archive in one step.

Every step can be run again and repeats nothing: data stays where the development environment keeps it.
"""

import http.client
import os
import secrets
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from imports.faults import SourceBusy
from imports.orders import Order
from imports.progress import Progress
from imports.results import ImportResult
from imports.runs import import_delivery
from ops.processes import Child, end, start, stop_event, wait_for_end, wait_until
from ops.static_files import collect_when_changed

HOST = "127.0.0.1"
RECORDS = 500
SOURCE = "demo"
ADMIN = "admin"
READY_SECONDS = 60
STOP_SECONDS = 15

WEB_SERVER = {"web server": [sys.executable, "-m", "gunicorn"]}
TASK_WORKER = {
    "task worker": [sys.executable, "manage.py", "db_worker", "--queue-name=*", "--no-reload"],
}

Say = Callable[[str], None]


class DemoError(Exception):
    """A sentence for the person who asked for the demonstration."""


@dataclass(frozen=True, slots=True)
class Admin:
    name: str
    password: str | None  # None: made by an earlier run, which showed it


def run_demo(*, port: int, say: Say) -> None:
    """Prepares and serves until somebody stops it. Raises DemoError when that is not possible."""
    refuse_outside_development()
    refuse_taken_port(port)
    prepare(say=say)
    serve(port=port, say=say)


def refuse_outside_development() -> None:
    if settings.ENVIRONMENT != "development":
        raise DemoError(
            f"The demonstration imports invented articles and makes an administrator: it runs only where "
            f"ENVIRONMENT is development, and here it is {settings.ENVIRONMENT}."
        )


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        # As gunicorn does it: connections of a server that has just stopped are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoError(
                f"Port {port} of {HOST} cannot be used ({error.strerror}): name another one, "
                f"such as make demo PORT={8000 if port != 8000 else 8001}."
            ) from error


def prepare(*, say: Say) -> None:
    say("Bringing the database up to date.")
    call_command("migrate", interactive=False, verbosity=0)
    say("Collecting static files.")
    collect_when_changed(record=settings.VAR_DIR / "demo" / "static.sha256")
    say(f"Importing a generated sample of {RECORDS} records.")
    counts = import_sample().counts
    say(f"{counts['created']} created, {counts['updated']} updated, {counts['unchanged']} unchanged.")


def import_sample() -> ImportResult:
    """The sample is the same at each run, so the importer finds every record unchanged after the first."""
    sample = settings.VAR_DIR / "demo" / "sample.jsonl"
    sample.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("sample", str(RECORDS), f"--out={sample}")
    try:
        return import_delivery(str(sample), Order(SOURCE), progress=Progress())
    except SourceBusy as busy:
        raise DemoError(f"Another demonstration is importing: {busy}") from busy


def make_admin() -> Admin:
    users = get_user_model().objects
    if users.filter(username=ADMIN).exists():
        return Admin(name=ADMIN, password=None)
    password = secrets.token_urlsafe(12)
    users.create_superuser(username=ADMIN, password=password)
    return Admin(name=ADMIN, password=password)


def greet(*, port: int, say: Say) -> None:
    """Makes the administrator too: only now that the site answers is the password sure to be seen."""
    site = f"http://{HOST}:{port}"
    admin = make_admin()
    connections.close_all()
    say(f"""
The archive is ready. Stop it with Ctrl-C; its data stays in {settings.VAR_DIR}.

  Site    {site}/
  Search  {site}/search/
  API     {site}/api/v1/articles/
  Admin   {site}{reverse("admin:index")}
          {credentials(admin)}
""")


def credentials(admin: Admin) -> str:
    if admin.password:
        return f"user {admin.name}, password {admin.password} (shown only now)"
    return (
        f"user {admin.name}; the password was shown at the first run. For a new one: "
        f"{sys.executable} manage.py changepassword {admin.name}"
    )


def serve(*, port: int, say: Say) -> None:
    children: list[Child] = []
    with stop_event() as stop:
        try:
            children += start(WEB_SERVER, folder=settings.BASE_DIR, environment=child_environment(port))
            if wait_until(lambda: answers(port), children=children, stop=stop, seconds=READY_SECONDS):
                # After the web server: side by side they would make each other's start slow.
                children += start(TASK_WORKER, folder=settings.BASE_DIR, environment=child_environment(port))
                greet(port=port, say=say)
                tell_end(wait_for_end(children, stop=stop))
            elif not stop.is_set():
                raise DemoError(f"The site did not answer on port {port}; the lines above say why.")
        finally:
            end(children, patience=STOP_SECONDS)
    say("Stopped.")


def child_environment(port: int) -> dict[str, str]:
    # Without DEBUG readers' own error pages are shown, as on a real site.
    site = {"DEBUG": "false", "SITE_URL": f"http://{HOST}:{port}"}
    return {**site, **os.environ, "WEB_BIND": f"{HOST}:{port}"}


def answers(port: int) -> bool:
    # Not urllib: it would send the question to a proxy where one is configured.
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def tell_end(ended: Child | None) -> None:
    if ended:
        raise DemoError(
            f"The {ended.name} ended by itself with exit code {ended.process.returncode}; "
            f"the lines above say why."
        )
