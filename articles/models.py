"""What an article is. Rules that must always hold are constraints here; counts that pages show,
the copy of `published_at` on ArticleTerm and the queue for the search index are kept by triggers
(migration 0002), so that no writer, SQL included, can forget them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from articles.querysets import ArticleQuerySet, ArticleTermQuerySet, TermQuerySet

# Django looks for an application's models here.
from articles.reference_models import MediaFile as MediaFile
from articles.reference_models import MediaState as MediaState
from articles.reference_models import Reference as Reference
from articles.reference_models import ReferenceKind as ReferenceKind
from articles.slug_fields import SlugField


class Status(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    PUBLISHED = "published", "published"
    WITHDRAWN = "withdrawn", "withdrawn"


class BodyFormat(models.TextChoices):
    HTML = "html", "HTML"
    MARKDOWN = "markdown", "Markdown"
    TEXT = "text", "plain text"


class Difficulty(models.TextChoices):
    BEGINNER = "beginner", "beginner"
    INTERMEDIATE = "intermediate", "intermediate"
    ADVANCED = "advanced", "advanced"


class ReviewStatus(models.TextChoices):
    """What the source, or an editor here, says of the article's review.

    `NONE` means that its source keeps no review record: publishing there was the review."""

    NONE = "", "no review record"
    REVIEWED = "reviewed", "reviewed"
    NEEDS_REVIEW = "needs-review", "needs review"
    DRAFT = "draft", "draft"


class Article(models.Model):
    """One article. Its identity is `id`; `slug` decorates the address and may change or repeat.

    Every change of content raises `version`, and every writer compares and swaps on it."""

    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, db_default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    title = models.CharField(max_length=300)
    slug = SlugField(max_length=200, allow_unicode=True, blank=True, db_index=False)
    language = models.CharField(
        max_length=35, default="en", db_default="en", help_text="BCP 47, as in en or pt-BR"
    )
    authors = ArrayField(models.CharField(max_length=200), blank=True, default=list)

    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(help_text="Last change of content")
    created_at = models.DateTimeField(auto_now_add=True, db_default=models.functions.Now())

    # `body` is what an editor edits, in `body_format`; HTML bodies are sanitized before they are
    # stored. `body_html` is the rendering of the other formats, and empty for HTML.
    body = models.TextField(blank=True)
    body_format = models.CharField(max_length=8, choices=BodyFormat, default=BodyFormat.HTML)
    body_html = models.TextField(blank=True, editable=False)
    summary = models.TextField(blank=True)
    ai_brief = models.TextField("AI brief", blank=True)
    ai_outline = models.JSONField("AI outline", blank=True, default=dict)

    topic_path = models.CharField(
        max_length=300, blank=True, help_text="Parts are parted by ' / '; the first is the topic"
    )
    difficulty = models.CharField(max_length=12, choices=Difficulty, blank=True)
    reading_time = models.PositiveIntegerField(default=1, help_text="Minutes")
    score = models.JSONField(blank=True, default=dict)

    review_status = models.CharField(
        max_length=12, choices=ReviewStatus, blank=True, default=ReviewStatus.NONE
    )
    review_version = models.CharField(max_length=50, blank=True)
    last_reviewed = models.DateField(null=True, blank=True)
    needs_human_review = models.BooleanField(default=False)
    ai_generated_style = models.BooleanField("AI generated style", default=False)
    has_images = models.BooleanField(default=False)
    image_heavy = models.BooleanField(default=False)

    reference = models.CharField(max_length=200, blank=True)
    source_hash = models.CharField(max_length=200, blank=True, help_text="Content hash that the source gave")
    checklist = ArrayField(models.TextField(), blank=True, default=list)
    notes = ArrayField(models.TextField(), blank=True, default=list)
    entities = models.JSONField(blank=True, default=list)
    image_sources = models.JSONField(blank=True, default=list)
    payload = models.JSONField(
        blank=True, default=dict, help_text="What the source says of the record, kept whole"
    )
    extra = models.JSONField(
        blank=True, default=dict, help_text="Keys of the record that the format does not name"
    )

    withdrawal_reason = models.TextField(blank=True, db_default="")
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="predecessors", db_index=False
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        permissions = [("publish_article", "Can publish and withdraw articles")]
        constraints = [
            models.CheckConstraint(name="article_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="article_body_format_known", condition=Q(body_format__in=BodyFormat.values)
            ),
            models.CheckConstraint(name="article_title_not_empty", condition=~Q(title="")),
            models.CheckConstraint(name="article_version_positive", condition=Q(version__gte=1)),
            models.CheckConstraint(
                name="article_published_has_date",
                condition=~Q(status=Status.PUBLISHED) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="article_not_own_successor", condition=Q(successor=None) | ~Q(successor=models.F("id"))
            ),
        ]
        indexes = [
            # Home, archive and API read this one, newest first, by keyset.
            models.Index(
                name="article_newest",
                fields=["-published_at", "-id"],
                condition=Q(status=Status.PUBLISHED),
            ),
            # The admin's filters: rare states at ten million rows.
            models.Index(
                name="article_unpublished", fields=["status", "-id"], condition=~Q(status=Status.PUBLISHED)
            ),
            models.Index(name="article_needs_review", fields=["-id"], condition=Q(needs_human_review=True)),
            models.Index(
                name="article_successor", fields=["successor"], condition=Q(successor__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("articles:detail", kwargs={"pk": self.pk, "slug": self.slug or "-"})

    @property
    def html(self) -> str:
        """The body as sanitized HTML, safe to mark as such in a template."""
        return self.body if self.body_format == BodyFormat.HTML else self.body_html


class TermKind(models.TextChoices):
    TOPIC = "topic", "topic"
    STACK = "stack", "stack"
    TOOL = "tool", "tool"
    LANGUAGE = "language", "programming language"
    TAG = "tag", "tag"
    ENTITY = "entity", "entity"


class Term(models.Model):
    """A name that articles share. `article_count` is kept by triggers; scheduled articles count already."""

    kind = models.CharField(max_length=8, choices=TermKind)
    # Collation C, so that the unique index also answers searches by prefix.
    slug = SlugField(max_length=200, allow_unicode=True, db_index=False, db_collation="C")
    name = models.CharField(max_length=200)
    article_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = TermQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="term_kind_slug", fields=["kind", "slug"]),
            models.CheckConstraint(name="term_kind_known", condition=Q(kind__in=TermKind.values)),
        ]
        indexes = [models.Index(name="term_most_used", fields=["kind", "-article_count", "slug"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    def get_absolute_url(self) -> str:
        return reverse("articles:term", kwargs={"kind": self.kind, "slug": self.slug})


class ArticleTerm(models.Model):
    """An article's term. `published_at` repeats the article's while it is published and is null
    otherwise, so that a term's page is one index range."""

    pk = models.CompositePrimaryKey("article_id", "term_id")
    # Migration 0002 checks these references once a statement; a constraint would do it row by row.
    article = models.ForeignKey(Article, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    position = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = ArticleTermQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="articleterm_newest", fields=["term", "-published_at", "-article"])]

    def __str__(self) -> str:
        return f"article {self.article_id}, term {self.term_id}"


class ArchiveMonth(models.Model):
    """How many articles a month (UTC) holds. Kept by triggers; scheduled articles count already."""

    month = models.DateField(primary_key=True, help_text="Its first day")
    article_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class LegacyPath(models.Model):
    """An address that an article had at its source. Asked only where a page was not found."""

    path = models.CharField(max_length=1000, primary_key=True, validators=[MaxLengthValidator(1000)])
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="legacy_paths")

    def __str__(self) -> str:
        return self.path


class ArticleRevision(models.Model):
    """An article as it was before a change: the content fields that `changed`, with their old values.

    `origin` is `editor:<user id>`, `import:<run id>` or `job:<id>`; `version` is the one replaced."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    version = models.PositiveIntegerField()
    origin = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=models.functions.Now())
    before = models.JSONField(help_text="Old values of the fields that changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="revision_article_version", fields=["article", "version"]),
            models.CheckConstraint(
                name="revision_origin_known",
                condition=Q(origin__regex=r"^(editor|import|job):[A-Za-z0-9-]+$"),
            ),
        ]
        indexes = [models.Index(name="revision_origin", fields=["origin", "article"])]

    def __str__(self) -> str:
        return f"article {self.article_id}, version {self.version}"


class SearchDocument(models.Model):
    """The search vector of an article. Apart from the article, because a stored vector would make
    every insert and update of an article several times slower."""

    article = models.OneToOneField(
        Article, primary_key=True, on_delete=models.CASCADE, related_name="search_document"
    )
    vector = SearchVectorField()
    is_cut = models.BooleanField(default=False, help_text="The text was too long to be indexed whole")

    class Meta:
        indexes = [
            GinIndex(name="searchdocument_vector", fields=["vector"]),
            models.Index(name="searchdocument_cut", fields=["article"], condition=Q(is_cut=True)),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id}"


class SearchPending(models.Model):
    """An article whose search vector is older than its content. Written by triggers, drained by
    `articles.indexing`."""

    # A queue needs no foreign key: an entry whose article is gone is dropped when it is drained.
    article = models.OneToOneField(
        Article, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return f"article {self.article_id}"


class ViewCount(models.Model):
    """How often an article was read. Apart from the article: counting must not change it."""

    article = models.OneToOneField(
        Article, primary_key=True, on_delete=models.CASCADE, related_name="view_count"
    )
    views = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"article {self.article_id}"
