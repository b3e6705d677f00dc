"""Which columns are an article's content: those that raise its version, stand in its revisions and
are merged one by one when a delivery and an editor both changed it."""

CONTENT_FIELDS = (
    "status",
    "title",
    "slug",
    "language",
    "authors",
    "published_at",
    "body",
    "body_format",
    "body_html",
    "summary",
    "ai_brief",
    "ai_outline",
    "topic_path",
    "difficulty",
    "reading_time",
    "score",
    "review_status",
    "review_version",
    "last_reviewed",
    "needs_human_review",
    "ai_generated_style",
    "has_images",
    "image_heavy",
    "reference",
    "source_hash",
    "checklist",
    "notes",
    "entities",
    "image_sources",
    "payload",
    "extra",
    "withdrawal_reason",
    "successor_id",
)

# In a revision's before-image the article's terms stand under this name, as a list of
# [kind, slug, name] in their order.
TERMS = "terms"

# Fields that only make sense together: whoever changes one has changed all of its unit.
UNITS = (
    ("status", "published_at"),
    ("body", "body_format", "body_html", "reading_time"),
)
