"""Files that articles show, from our own storage: their names, their types, and how they leave.

In production a web server hands out the folder, or the bucket answers itself; what is said here of headers
holds for them too."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.http import FileResponse, Http404, HttpRequest
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

# By the extension that their names have. SVG is not here: it can hold scripts.
MEDIA_TYPES = {
    "avif": "image/avif",
    "flac": "audio/flac",
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "application/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
}


def media_name(sha256: str, *, extension: str) -> str:
    """The name in the media storage of the file with this digest, in hexadecimal digits."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.{extension}"


def media_type(name: str) -> str:
    return MEDIA_TYPES[name.rpartition(".")[2]]


class MediaNameConverter(StringConverter):
    regex = rf"[0-9a-f]{{2}}/[0-9a-f]{{2}}/[0-9a-f]{{64}}\.(?:{'|'.join(MEDIA_TYPES)})"


@csrf_exempt
@require_safe
def media_file(request: HttpRequest, name: str) -> FileResponse:
    storage = storages["media"]
    if not (isinstance(storage, FileSystemStorage) and storage.exists(name)):
        raise Http404("There is no such file.")
    content_type = media_type(name)
    # Browsers show no document in a sandbox, and outside of one its scripts would be ours.
    is_document = content_type == "application/pdf"
    response = FileResponse(storage.open(name), content_type=content_type, as_attachment=is_document)
    response.headers["Cache-Control"] = settings.MEDIA_CACHE_CONTROL
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
