"""Where the files that articles show are kept, once `imports media` has fetched them, and how many bytes
they may have."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from archive_site.settings.environment import VAR_DIR, environment


def _storage(address: str) -> dict[str, Any]:
    """The bucket of `address`, which is s3://BUCKET/PREFIX, or without one a folder."""
    if not address:
        options = {"location": VAR_DIR / "media", "base_url": "/media/", "allow_overwrite": True}
        return {"BACKEND": "archive_site.media_storage.WholeFileStorage", "OPTIONS": options}
    if not (find_spec("storages") and find_spec("boto3")):
        raise ImproperlyConfigured(
            "MEDIA_STORAGE names a bucket, and what talks to one is missing: install django-storages[s3], "
            "the extra s3."
        )
    bucket = urlsplit(address)
    options = {
        "bucket_name": bucket.netloc,
        "location": bucket.path.strip("/"),
        # Caches keep pages for longer than a signature holds.
        "querystring_auth": False,
        "file_overwrite": True,
        "object_parameters": {"CacheControl": MEDIA_CACHE_CONTROL},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


# A file is named by its content: under one name there is never anything else.
MEDIA_CACHE_CONTROL = "public, max-age=31536000, immutable"
MEDIA_STORAGE = _storage(environment.media_storage)

# Whether an import's files are fetched without anybody asking for them.
IMPORT_MEDIA = environment.import_media
IMPORT_MEDIA_MAX_BYTES = environment.import_media_max_bytes
