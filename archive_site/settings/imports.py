"""Bounds of the importer."""

from archive_site.settings.environment import environment

IMPORT_BATCH_RECORDS = environment.import_batch_records
IMPORT_BATCH_BYTES = 16 * 1024 * 1024
IMPORT_WORKERS = environment.import_workers
IMPORT_MAX_RECORD_BYTES = environment.import_max_record_bytes
# A compressed delivery may unfold to this many times its size before it is taken for a bomb.
IMPORT_MAX_RATIO = 200
