"""How uploaded files arrive: never whole in memory, in a file that only this user may read, and no more of
them than the site bears."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

# On the request: names of the fields whose file was longer than IMPORT_MAX_UPLOAD_BYTES.
TOO_LARGE = "too_large_uploads"


class BoundedUpload(TemporaryFileUploadHandler):
    """Reads past what is too large, so that the form around it is whole and can say so. What somebody
    sends who may not upload is read past too: it fills no disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if user is None or not user.has_perm("imports.run_import"):
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.IMPORT_MAX_UPLOAD_BYTES:
            setattr(self.request, TOO_LARGE, {*getattr(self.request, TOO_LARGE, ()), self.field_name})
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
