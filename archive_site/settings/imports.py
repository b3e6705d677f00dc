"""Bounds of the importer."""

from archive_site.settings.environment import environment

IMPORT_BATCH_RECORDS = environment.import_batch_records
IMPORT_BATCH_BYTES = 16 * 1024 * 1024
IMPORT_WORKERS = environment.import_workers
IMPORT_MAX_RECORD_BYTES = environment.import_max_record_bytes
# How much of a delivery is borne before it is refused: the fields of imports.limits.Limits.
IMPORT_LIMITS = {
    # As it comes, compressed or not; ten million long records are some 60 GB.
    "max_bytes": 256 * 1024**3,
    # What unfolds to more times its size is taken for a compression bomb.
    "max_ratio": 200,
    # Files in a folder or an archive; their names are held in memory.
    "max_entries": 200_000,
    # From an address; a transfer that stands still ends earlier.
    "fetch_seconds": 6 * 60 * 60,
}
# Of one file that is uploaded in the admin; what is larger comes by `manage.py import`. A proxy in front
# of the site needs to let as much through.
IMPORT_MAX_UPLOAD_BYTES = 2 * 1024**3
# Of mended rejects, which are held in memory.
IMPORT_MAX_MENDED_BYTES = 64 * 1024**2
FILE_UPLOAD_HANDLERS = ["imports.receiving.BoundedUpload"]
