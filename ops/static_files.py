"""Collects static files only when one of them has changed: compressing them all takes many seconds."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_when_changed(*, record: Path) -> bool:
    """True where it had something to collect. Everybody can read STATIC_ROOT: keep `record` elsewhere."""
    wanted = fingerprint()
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if collected.exists() and record.exists() and record.read_text() == wanted:
        return False
    # Cleared, because collectstatic passes over a file that changed within the second of the last time.
    call_command("collectstatic", clear=True, interactive=False, verbosity=0)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(wanted)
    return True


def fingerprint() -> str:
    return hashlib.sha256("\n".join(sorted(sources())).encode()).hexdigest()


def sources() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list(None):
            found = Path(storage.path(name)).stat()
            yield f"{name} {found.st_size} {found.st_mtime_ns}"
