"""How uploaded files arrive: never whole in memory, in a file that only this user may read, and no more of
them than the site bears."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler

from imports.runs import spool

# On the request: names of the fields whose file was longer than IMPORT_MAX_UPLOAD_BYTES.
TOO_LARGE = "too_large_uploads"


class _SpooledFile(TemporaryUploadedFile):
    """Not in the system's folder for temporary files, which is often a small piece of memory."""

    def __init__(
        self,
        name: str,
        content_type: str | None,
        charset: str | None,
        content_type_extra: dict[str, Any] | None,
    ) -> None:
        UploadedFile.__init__(self, spool().temporary(), name, content_type, 0, charset, content_type_extra)


class BoundedUpload(TemporaryFileUploadHandler):
    """Reads past what is too large, so that the form around it is whole and can say so. What somebody
    sends who may not upload is read past too: it fills no disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if user is None or not user.has_perm("imports.run_import"):
            raise SkipFile
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = _SpooledFile(self.file_name, self.content_type, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.IMPORT_MAX_UPLOAD_BYTES:
            setattr(self.request, TOO_LARGE, {*getattr(self.request, TOO_LARGE, ()), self.field_name})
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
