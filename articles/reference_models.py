"""What the addresses in bodies stand for. A body stays as it was delivered; a page shows what these tables
know in place of an address. Rows are narrow: an archive has several times as many as articles."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class MediaState(models.TextChoices):
    PENDING = "pending", "waiting"
    FETCHING = "fetching", "being fetched"
    STORED = "stored", "stored"
    GONE = "gone", "gone from its server"
    FAILED = "failed", "given up"


class MediaFile(models.Model):
    """A file that articles show, by its address at the source. Written by `imports.media`.

    `next_try_at` is when it may be taken from the queue: while it is being fetched, the moment from which
    its worker counts as dead. `name` is that of the media storage, made of the content's SHA-256, so that
    two addresses of the same content share one file."""

    url = models.TextField()
    url_hash = models.BinaryField(unique=True, help_text="SHA-256 of the address")
    host = models.TextField(help_text="Host and port of the address; asked one file at a time")
    state = models.CharField(max_length=8, choices=MediaState, default=MediaState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, db_default=models.functions.Now())
    name = models.CharField(max_length=100, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    bytes = models.PositiveBigIntegerField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="mediafile_state_known", condition=Q(state__in=MediaState.values)),
            models.CheckConstraint(
                name="mediafile_stored_has_name", condition=~Q(state=MediaState.STORED) | ~Q(name="")
            ),
        ]
        indexes = [
            # The queue: the workers go from host to host.
            models.Index(
                name="mediafile_queue",
                fields=["host", "state", "next_try_at"],
                condition=Q(state__in=[MediaState.PENDING, MediaState.FETCHING]),
            )
        ]

    def __str__(self) -> str:
        return self.url


class ReferenceKind(models.TextChoices):
    LINK = "link", "link to a page of the source"
    IMAGE = "image", "picture, sound, film or document"
    ATTACHMENT = "attachment", "file that the source names by a key"


class ReferenceQuerySet(models.QuerySet):
    def of_body(self, article_id: int, *, now: datetime) -> "ReferenceQuerySet":
        """What can be shown in place of an article's addresses, and of the files that it names beside its
        body: kind, address, the id and slug of a public article, the name of a stored file."""
        page = Q(kind=ReferenceKind.LINK, target__status="published", target__published_at__lte=now)
        file = ~Q(kind=ReferenceKind.LINK) & Q(media__state=MediaState.STORED)
        known = self.filter(page | file, article=article_id)
        return known.values_list("kind", "address", "target_id", "target__slug", "media__name")


class Reference(models.Model):
    """An address that stands in an article's body, and what it leads to as far as that is known.

    `address` is as a reader of the HTML sees it, without entities; that of an attachment is its key.
    `digest` is made of kind and address: an article has each once."""

    pk = models.CompositePrimaryKey("article_id", "digest")
    # Triggers of migration 0002 clear up behind an article; constraints would be checked row by row.
    article = models.ForeignKey(
        "articles.Article", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    digest = models.BigIntegerField()
    target = models.ForeignKey(
        "articles.Article", null=True, on_delete=models.DO_NOTHING, related_name="references_to_it",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    media = models.ForeignKey(
        MediaFile, null=True, on_delete=models.DO_NOTHING, related_name="references",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    kind = models.CharField(max_length=10, choices=ReferenceKind)
    address = models.TextField()

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reference_kind_known", condition=Q(kind__in=ReferenceKind.values))
        ]
        indexes = [
            models.Index(
                name="reference_open_link",
                fields=["article", "digest"],
                condition=Q(kind=ReferenceKind.LINK, target__isnull=True),
            ),
            models.Index(
                name="reference_open_file",
                fields=["article", "digest"],
                condition=~Q(kind=ReferenceKind.LINK) & Q(media__isnull=True),
            ),
            models.Index(name="reference_target", fields=["target"], condition=Q(target__isnull=False)),
            models.Index(name="reference_media", fields=["media"], condition=Q(media__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id}: {self.address}"
