"""A folder in which a file is there with all its bytes or not at all, whenever its writer is killed."""

import os
import secrets
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    def _save(self, name: str, content: File) -> str:
        part = Path(self.path(super()._save(f"{name}.{secrets.token_hex(8)}.part", content)))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(self.path(name))
        return name
