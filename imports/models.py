"""What came in, when, from where, and what was turned away."""

from django.db import models
from django.db.models import F, Q

from articles.models import Article


class Source(models.Model):
    """A system that delivers articles. A record's key is unique within its source."""

    name = models.SlugField(max_length=100, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class RunState(models.TextChoices):
    CHECKING = "checking", "checking"
    LOADING = "loading", "loading"
    INDEXING = "indexing", "indexing for search"
    FINISHED = "finished", "finished"
    FINISHED_WITH_REJECTS = "finished_with_rejects", "finished with rejects"
    INTERRUPTED = "interrupted", "interrupted"
    FAILED = "failed", "failed"


class Run(models.Model):
    """One delivery brought in. The counters and `cursor` change in the transaction of their batch,
    so they always tell what is in the tables: read = the sum of the others."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=24, choices=RunState, default=RunState.CHECKING)
    input_name = models.CharField(max_length=500)
    input_format = models.CharField(max_length=20)
    input_sha256 = models.CharField(max_length=64, blank=True)
    input_bytes = models.PositiveBigIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0, help_text="Records that the check counted")
    options = models.JSONField(default=dict)
    batch = models.PositiveBigIntegerField(default=0, help_text="Batches committed")
    cursor = models.PositiveBigIntegerField(default=0, help_text="Ordinal of the last committed record")

    read = models.PositiveBigIntegerField(default=0)
    created = models.PositiveBigIntegerField(default=0)
    updated = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    merged = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    skipped = models.JSONField(default=dict, help_text="What is no article in its format, by reason")

    host = models.CharField(max_length=200)
    release = models.CharField(max_length=100)
    started_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    readable_at = models.DateTimeField(null=True, help_text="When the last article was committed")
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_counts_balance",
                condition=Q(
                    read=F("created")
                    + F("updated")
                    + F("unchanged")
                    + F("merged")
                    + F("duplicate")
                    + F("rejected")
                ),
            ),
        ]
        indexes = [models.Index(name="run_latest", fields=["source", "-id"])]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.input_name}"


class Item(models.Model):
    """What a source holds under a key, and which article it became.

    `raw_hash` is over the bytes as delivered, `content_hash` over what was made of them; both are
    the first 16 bytes of a SHA-256. `written_version` is the article's version after the last import
    wrote it: a higher one tells that somebody edited the article here."""

    # The loader takes the source and the runs from rows that it holds: constraints would only look each
    # of them up again, three times an article.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    key = models.CharField(max_length=200)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="import_items")
    raw_hash = models.BinaryField()
    content_hash = models.BinaryField()
    shape_version = models.PositiveSmallIntegerField(help_text="Which rules made the article of the record")
    written_version = models.PositiveIntegerField()
    created_run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    updated_run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="item_source_key", fields=["source", "key"])]

    def __str__(self) -> str:
        return self.key


class Reject(models.Model):
    """A record that was turned away, with what its sender needs to mend it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    ordinal = models.PositiveBigIntegerField(help_text="Which record of the delivery, from 1")
    line = models.PositiveBigIntegerField(help_text="Line of the delivery on which the record begins")
    key = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30)
    message = models.TextField()
    raw = models.BinaryField(help_text="The record as delivered, its first 64 KiB")

    class Meta:
        constraints = [models.UniqueConstraint(name="reject_run_ordinal", fields=["run", "ordinal"])]

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"
