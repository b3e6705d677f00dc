"""What came in, when, from where, what was turned away, and what is left for a person to decide."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from articles.models import Article


class Source(models.Model):
    """A system that delivers articles. A record's key is unique within its source."""

    name = models.SlugField(max_length=100, unique=True)
    base_url = models.CharField(
        max_length=500, blank=True, help_text="Its own address; links that lead there are its own articles"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class RunKind(models.TextChoices):
    IMPORT = "import", "import"
    RETRY = "retry", "retry of rejects"
    UNDO = "undo", "undo"


class RunState(models.TextChoices):
    QUEUED = "queued", "waiting for a worker"
    CHECKING = "checking", "checking"
    READY = "ready", "checked, waits for a person"
    LOADING = "loading", "loading"
    RESOLVING = "resolving", "resolving references"
    INDEXING = "indexing", "indexing for search"
    FINISHED = "finished", "finished"
    FINISHED_WITH_REJECTS = "finished_with_rejects", "finished with rejects or conflicts"
    PAUSED = "paused", "paused"
    FAILED = "failed", "failed"
    REFUSED = "refused", "refused"
    STOPPED = "stopped", "stopped by a limit"
    CANCELED = "canceled", "canceled"
    SUPERSEDED = "superseded", "superseded"


# A process is at work on these, or died at it.
ACTIVE = (RunState.CHECKING, RunState.LOADING, RunState.RESOLVING, RunState.INDEXING)
# The same request goes on with these.
RESUMABLE = (RunState.PAUSED, RunState.FAILED)
DONE = (RunState.FINISHED, RunState.FINISHED_WITH_REJECTS)


class Run(models.Model):
    """One delivery brought in, one set of rejects tried again, or one run undone. The counters and
    `cursor` change in the transaction of their batch, so they always tell what is in the tables:
    read = the sum of the others."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=8, choices=RunKind, default=RunKind.IMPORT)
    about = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followers", db_index=False,
        help_text="The run that this one undoes, or whose rejects it tries again",
    )  # fmt: skip
    state = models.CharField(max_length=24, choices=RunState, default=RunState.CHECKING)
    input_name = models.CharField(max_length=500)
    input_format = models.CharField(max_length=20)
    input_sha256 = models.CharField(max_length=64, blank=True)
    input_bytes = models.PositiveBigIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0, help_text="Records that the check counted")
    options = models.JSONField(default=dict)
    resumed = models.PositiveIntegerField(default=0, help_text="How often it went on after an interruption")
    batch = models.PositiveBigIntegerField(default=0, help_text="Batches committed")
    cursor = models.PositiveBigIntegerField(default=0, help_text="Ordinal of the last committed record")

    read = models.PositiveBigIntegerField(default=0)
    created = models.PositiveBigIntegerField(default=0)
    updated = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    merged = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    conflicts = models.PositiveBigIntegerField(default=0, help_text="Fields that wait for a person")
    renamed = models.PositiveBigIntegerField(default=0, help_text="Articles that came under a new key")
    missing = models.PositiveBigIntegerField(default=0, help_text="Articles withdrawn: no longer delivered")
    is_partial = models.BooleanField(null=True, help_text="A small part of what the archive held as it began")
    skipped = models.JSONField(default=dict, help_text="What is no article in its format, by reason")
    left_alone = models.JSONField(default=list, help_text="Articles that an undo did not touch, with why")

    host = models.CharField(max_length=200)
    release = models.CharField(max_length=100)
    started_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    readable_at = models.DateTimeField(null=True, help_text="When the last article was committed")
    finished_at = models.DateTimeField(null=True)
    stage_seconds = models.JSONField(default=dict)
    peak_memory = models.PositiveBigIntegerField(default=0, help_text="Bytes, all its processes together")
    error = models.TextField(blank=True)

    # The lease: who is at work, until when that is believed without a sign, and the fencing token, which
    # whoever takes the run over raises. A batch with an older one commits nothing.
    token = models.PositiveBigIntegerField(default=0)
    holder = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)
    stage_done = models.PositiveBigIntegerField(default=0)
    stage_total = models.PositiveBigIntegerField(null=True)
    cancel_asked = models.BooleanField(default=False)
    preview = models.JSONField(default=dict, help_text="What a person was shown before the run was confirmed")

    class Meta:
        permissions = [
            ("run_import", "Can upload and run imports"),
            ("undo_run", "Can undo imports"),
        ]
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
            models.UniqueConstraint(
                name="run_one_active_a_source", fields=["source"], condition=Q(state__in=ACTIVE)
            ),
        ]
        indexes = [models.Index(name="run_latest", fields=["source", "-id"])]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.input_name}"


class Item(models.Model):
    """What a source holds under a key, and which article it became.

    `raw_hash` is over the bytes as delivered, `content_hash` over what was made of them, `fingerprint`
    over title, date and body alone, by which a record is known again under another key; each is the
    first 16 bytes of a SHA-256. Empty hashes: what the archive holds is not what was delivered last.

    `written_version` is the article's version after an import last compared it, and `held` what the
    delivery said of fields whose value here stood against it. So what was delivered last is, field by
    field: `held`, else the article at `written_version`. That is the base of a three-way merge."""

    # The loader takes the source and the runs from rows that it holds: constraints would only look each
    # of them up again, three times an article.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    key = models.CharField(max_length=200)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="import_items")
    raw_hash = models.BinaryField()
    content_hash = models.BinaryField()
    fingerprint = models.BinaryField()
    shape_version = models.PositiveSmallIntegerField(help_text="Which rules made the article of the record")
    written_version = models.PositiveIntegerField()
    held = models.JSONField(null=True)
    created_run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    updated_run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="item_source_key", fields=["source", "key"])]
        # A run's new items lie together: for an undo this is enough, and costs an import nothing.
        indexes = [BrinIndex(name="item_created_run", fields=["created_run"])]

    def __str__(self) -> str:
        return self.key


class ItemBefore(models.Model):
    """What an item was before a run, for the run's undo: its key, and, where the article stood against it,
    what was delivered last of the fields in question, as in `Item.held`."""

    pk = models.CompositePrimaryKey("run_id", "item_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    base = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.key} before run {self.run_id}"


class Reject(models.Model):
    """A record that was turned away, with what its sender needs to mend it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    ordinal = models.PositiveBigIntegerField(help_text="Which record of the delivery, from 1")
    member = models.CharField(max_length=1000, blank=True, help_text="File within a folder or an archive")
    line = models.PositiveBigIntegerField(help_text="Line of the delivery on which the record begins")
    key = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30)
    message = models.TextField()
    raw = models.BinaryField(help_text="The record as read, its first MiB")
    raw_bytes = models.PositiveBigIntegerField(help_text="Bytes of the whole record")
    closed_by = models.CharField(
        max_length=150, blank=True, db_default="",
        help_text="Empty while open; import:RUN of the run that brought it in after all, or who dismissed it",
    )  # fmt: skip
    about_ordinal = models.PositiveBigIntegerField(
        null=True, help_text="Of a record tried again: its ordinal in the run that this one is about"
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="reject_run_ordinal", fields=["run", "ordinal"])]
        # Each batch asks which of its keys were turned away before.
        indexes = [models.Index(name="reject_open", fields=["run", "key"], condition=Q(closed_by=""))]

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"


class Decision(models.TextChoices):
    OPEN = "open", "open"
    KEPT = "kept", "the text here stays"
    TAKEN = "taken", "the delivery was taken"
    MOOT = "moot", "no longer in question"


class Conflict(models.Model):
    """A field that both the source and an editor changed. The editor's value stands until a person
    decides. `base`, `local` and `incoming` are objects of the columns that belong together. An open one with
    a `decided_by` was opened again, by that undo."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="conflict_rows")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="conflicts")
    field = models.CharField(max_length=30)
    base = models.JSONField()
    local = models.JSONField()
    incoming = models.JSONField()
    state = models.CharField(max_length=5, choices=Decision, default=Decision.OPEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    moot_by = models.CharField(max_length=150, blank=True, help_text="The delivery that took its place")

    class Meta:
        permissions = [("resolve_conflict", "Can decide conflicts")]
        constraints = [
            models.UniqueConstraint(
                name="conflict_one_open_a_field", fields=["item", "field"], condition=Q(state="open")
            )
        ]
        indexes = [models.Index(name="conflict_open", fields=["id"], condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.field} of {self.item}"


class Attachment(models.Model):
    """Where a file lies that articles of the source name by a key."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=200)
    url = models.CharField(max_length=2000)

    class Meta:
        constraints = [models.UniqueConstraint(name="attachment_source_key", fields=["source", "key"])]

    def __str__(self) -> str:
        return self.url
