"""Secrets in files, as containers and systemd hand them over."""

import stat
from pathlib import Path

from archive_site.variables.declaration import UnfitValue

LARGEST = 64 * 1024  # bytes


class UnusableFile(Exception):
    pass


def read_secret(path: str, *, twin: str) -> str:
    """The content without one line break at its end. `twin` is the variable that names the file.

    Raises UnfitValue, which does not name the path: people put the secret itself there by mistake.
    """
    try:
        content = _read(Path(path))
    except (OSError, ValueError, UnusableFile) as error:
        trouble = _describe(error)
    else:
        return content.removesuffix("\n").removesuffix("\r")
    raise UnfitValue(
        f"cannot be had: the file that {twin} names {trouble}", f"let {twin} name a file with only the secret"
    )


def _read(path: Path) -> str:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnusableFile("is a directory")
    if not stat.S_ISREG(mode):  # a pipe gives its content once, and a second process would wait for ever
        raise UnusableFile("is not a regular file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if not content.strip():
        raise UnusableFile("is empty")
    if len(content) > LARGEST:
        raise UnusableFile("is larger than 64 KiB")
    return content.decode()


def _describe(error: Exception) -> str:
    match error:
        case UnusableFile():
            return str(error)
        case FileNotFoundError():
            return "does not exist"
        case PermissionError():
            return "may not be read by this user"
        case UnicodeDecodeError():
            return "is not UTF-8"
    return "cannot be read"
