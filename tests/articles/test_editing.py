"""One article is changed by one writer at a time, and nothing of it is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from articles.content import TERMS
from articles.editing import StaleArticle, change_article, create_article, withdraw_article
from articles.linking import TermName, term_named, terms_of
from articles.models import (
    Article,
    ArticleRevision,
    ArticleTerm,
    BodyFormat,
    SearchDocument,
    SearchPending,
    Term,
)
from articles.revisions import changes_before, values_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def written(**values: Any) -> Article:
    return create_article(values={"title": "Slow queries", "body": "<p>Text</p>", **values}, now=NOW)


def changed(article: Article, *, terms: list[TermName] | None = None, **changes: Any) -> Article:
    return change_article(
        article.pk,
        expected_version=article.version,
        changes=changes,
        terms=terms,
        origin="editor:7",
        reason="because",
        now=LATER,
    )


def tags(*names: str) -> list[TermName]:
    return [term_named("tag", name) for name in names]


def keys(terms: list[TermName]) -> list[tuple[str, str]]:
    return [term.key for term in terms]


@pytest.mark.django_db
class TestChanging:
    def test_a_change_raises_the_version_and_keeps_what_it_replaced(self) -> None:
        article = written(last_reviewed=date(2026, 1, 2), authors=["Ada"])
        changed(
            article,
            title="Fast queries",
            last_reviewed=date(2026, 2, 3),
            authors=["Ada", "Bob"],
            language="en",
        )
        now = Article.objects.get()
        assert (now.version, now.title, now.updated_at) == (2, "Fast queries", LATER)
        revision = ArticleRevision.objects.get()
        assert (revision.version, revision.origin, revision.reason) == (1, "editor:7", "because")
        assert revision.before == {"title": "Slow queries", "last_reviewed": "2026-01-02", "authors": ["Ada"]}

    def test_nothing_new_writes_nothing(self) -> None:
        article = create_article(values={"title": "A", "body": "<p>Text</p>"}, terms=tags("one"), now=NOW)
        before = physical_rows()
        result = changed(article, title="A", body="<p>Text</p>", authors=[], terms=tags("One"))
        assert (result.version, physical_rows()) == (1, before)

    def test_a_change_that_sanitizing_takes_away_writes_nothing(self) -> None:
        article = written(reading_time=9)
        assert changed(article, body="<p>Text</p><script>alert(1)</script>").version == 1
        assert Article.objects.get().reading_time == 9

    def test_an_older_version_is_refused_and_told_which_one_stands(self) -> None:
        article = written()
        changed(article, title="Second")
        with pytest.raises(StaleArticle) as refused:
            changed(article, title="Third")
        assert (refused.value.expected_version, refused.value.current_version) == (1, 2)
        assert (Article.objects.get().title, ArticleRevision.objects.count()) == ("Second", 1)

    def test_an_article_that_is_not_there_is_said_so(self) -> None:
        with pytest.raises(Article.DoesNotExist):
            change_article(4, expected_version=1, changes={}, origin="job:1", reason="", now=NOW)

    @pytest.mark.parametrize("name", ["body_html", "version", "updated_at", "titel"])
    def test_what_is_no_editable_field_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match=name):
            changed(written(), **{name: "x"})

    @pytest.mark.parametrize(
        "changes", [{"title": ""}, {"status": "gone"}, {"reading_time": "soon"}, {"successor_id": 999}]
    )
    def test_a_value_that_does_not_fit_is_refused_before_anything_is_written(
        self, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(ValidationError):
            changed(written(status="withdrawn"), **changes)
        assert ArticleRevision.objects.count() == 0

    def test_the_values_of_an_earlier_version_can_be_told(self) -> None:
        article = create_article(
            values={"title": "One", "body": "a", "last_reviewed": NOW.date()}, terms=tags("x"), now=NOW
        )
        second = changed(article, title="Two", published_at=NOW)
        third = changed(second, title="Three", last_reviewed=None, published_at=LATER, terms=tags("y"))
        told = [values_at(third, version) for version in (1, 2, 3)]
        assert [(v["title"], v["published_at"], v["last_reviewed"], keys(v[TERMS])) for v in told] == [
            ("One", None, NOW.date(), [("tag", "x")]),
            ("Two", NOW, NOW.date(), [("tag", "x")]),
            ("Three", LATER, None, [("tag", "y")]),
        ]

    def test_history_is_read_from_the_newest_change_in_pages(self) -> None:
        article = written()
        for title in "abc":
            article = changed(article, title=title)
        newest = changes_before(article.pk, None, limit=2)
        older = changes_before(article.pk, newest[-1].version, limit=2)
        assert [change.before["title"] for change in newest + older] == ["b", "a", "Slow queries"]


@pytest.mark.django_db
class TestWhatFollows:
    def test_html_is_stored_sanitized_and_other_formats_beside_their_rendering(self) -> None:
        article = written(body="<p onclick='x()'>Hi</p>")
        assert (article.body, article.body_html) == ("<p>Hi</p>", "")
        article = changed(article, body="Some *words*", body_format=BodyFormat.MARKDOWN)
        assert (article.body, article.body_html) == ("Some *words*", "<p>Some <em>words</em></p>\n")
        article = changed(article, body="<p>Hi</p>", body_format=BodyFormat.HTML)
        assert (article.body, article.body_html) == ("<p>Hi</p>", "")

    def test_the_reading_time_is_counted_with_a_new_body_unless_it_is_given(self) -> None:
        article = written(body=f"<p>{'word ' * 2000}</p>")
        counted = article.reading_time
        assert counted > 5
        article = changed(article, body="<p>Short</p>")
        assert article.reading_time == 1
        assert changed(article, body=f"<p>{'word ' * 2000}</p>", reading_time=3).reading_time == 3

    def test_an_empty_slug_is_made_from_the_title(self) -> None:
        article = written(title="Žluťoučký kůň: part 2")
        assert article.slug == "žluťoučký-kůň-part-2"
        article = changed(article, title="Another", slug="kept")
        assert changed(article, slug="").slug == "another"

    def test_publishing_without_a_date_publishes_now(self) -> None:
        article = changed(written(), status="published")
        assert (article.published_at, Article.objects.public(now=LATER).count()) == (LATER, 1)

    def test_the_search_document_is_made_in_the_same_change(self) -> None:
        article = changed(written(), title="Vacuum", terms=tags("autoanalyze"))
        vector = SearchDocument.objects.get(pk=article.pk).vector
        assert "'vacuum':" in vector
        assert "'autoanalyz':" in vector
        assert SearchPending.objects.count() == 0

    def test_withdrawing_keeps_reason_and_successor_until_the_article_comes_back(self) -> None:
        successor, article = written(), changed(written(), status="published")
        gone = withdraw_article(
            article.pk,
            expected_version=article.version,
            reason="r" * 400,
            successor_id=successor.pk,
            origin="editor:7",
            now=LATER,
        )
        assert (gone.status, gone.withdrawal_reason, gone.successor_id) == (
            "withdrawn",
            "r" * 400,
            successor.pk,
        )
        revision = ArticleRevision.objects.get(version=2)
        assert revision.before == {"status": "published", "withdrawal_reason": "", "successor_id": None}
        back = changed(gone, status="published")
        assert (back.withdrawal_reason, back.successor_id) == ("", None)


@pytest.mark.django_db
class TestTerms:
    def test_new_terms_are_made_and_known_ones_keep_their_name(self) -> None:
        Term.objects.create(kind="tag", slug="postgresql", name="PostgreSQL")
        article = changed(written(), terms=[*tags("postgresql", "indexes"), term_named("tool", "postgresql")])
        assert [(term.kind, term.name) for term in terms_of(article.pk)] == [
            ("tag", "PostgreSQL"),
            ("tag", "indexes"),
            ("tool", "postgresql"),
        ]

    def test_terms_alone_are_a_change_whose_image_holds_them_in_their_order(self) -> None:
        article = create_article(values={"title": "A", "body": ""}, terms=tags("b", "a"), now=NOW)
        article = changed(article, terms=tags("a", "c"))
        assert keys(terms_of(article.pk)) == [("tag", "a"), ("tag", "c")]
        assert ArticleRevision.objects.get().before == {TERMS: [["tag", "b", "b"], ["tag", "a", "a"]]}

    def test_a_new_order_is_a_change_and_nothing_else_is_written_for_it(self) -> None:
        article = create_article(values={"title": "A", "body": ""}, terms=tags("a", "b", "c"), now=NOW)
        changed(article, terms=tags("b", "a", "c"))
        assert list(ArticleTerm.objects.order_by("position").values_list("term__slug", "position")) == [
            ("b", 0),
            ("a", 1),
            ("c", 2),
        ]

    def test_counts_follow_terms_and_publication(self) -> None:
        article = create_article(
            values={"title": "A", "body": "", "status": "published"}, terms=tags("a", "b"), now=NOW
        )
        article = changed(article, terms=tags("b", "c"))
        assert counts() == {"a": 0, "b": 1, "c": 1}
        changed(article, status="draft", terms=tags("c", "d"))
        assert counts() == {"a": 0, "b": 0, "c": 0, "d": 0}

    def test_links_of_a_published_article_carry_its_date(self) -> None:
        article = changed(written(), status="published", published_at=NOW, terms=tags("a"))
        changed(article, published_at=LATER, terms=tags("a", "b"))
        assert set(ArticleTerm.objects.values_list("published_at", flat=True)) == {LATER}

    def test_the_topic_path_and_the_entities_bring_their_terms_and_take_them_along(self) -> None:
        article = written(
            topic_path="Databases / Vacuum", entities=[{"name": "WAL", "type": "thing"}, {"type": "x"}]
        )
        assert keys(terms_of(article.pk)) == [("topic", "databases"), ("entity", "wal")]
        article = changed(article, topic_path="Caching", terms=[*terms_of(article.pk), *tags("mine")])
        assert keys(terms_of(article.pk)) == [("entity", "wal"), ("tag", "mine"), ("topic", "caching")]
        assert keys(terms_of(changed(article, entities=[]).pk)) == [("tag", "mine"), ("topic", "caching")]


@pytest.mark.django_db(transaction=True)
class TestWritersAtOnce:
    def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(self) -> None:
        article = written()
        results = at_once(lambda title: changed(article, title=title), "first", "second")
        refused = [result for result in results if isinstance(result, StaleArticle)]
        saved = [result for result in results if isinstance(result, Article)]
        assert (len(saved), len(refused)) == (1, 1)
        now = Article.objects.get()
        assert (now.title, now.version, refused[0].current_version) == (saved[0].title, 2, 2)
        assert [revision.before for revision in ArticleRevision.objects.all()] == [{"title": "Slow queries"}]

    def test_two_who_take_the_same_terms_crosswise_do_not_lock_each_other_out(self) -> None:
        articles = [changed(written(), status="published", terms=tags("a", "b")) for _ in range(2)]
        pairs = (articles[0], ("b", "c", "a2")), (articles[1], ("c", "a", "a2"))
        results = at_once(lambda pair: changed(pair[0], terms=tags(*pair[1])), *pairs)
        assert [type(result) for result in results] == [Article, Article]
        assert counts() == {"a": 1, "b": 1, "c": 2, "a2": 2}


def at_once(work: Callable[[Any], Any], *arguments: Any) -> list[Any]:
    """What `work` returned or raised for each argument, all begun together, each on its own connection."""
    barrier = Barrier(len(arguments), timeout=10)

    def run(argument: Any) -> Any:
        connection.ensure_connection()
        barrier.wait()
        try:
            return work(argument)
        except StaleArticle as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def counts() -> dict[str, int]:
    return dict(Term.objects.values_list("slug", "article_count"))


def physical_rows() -> list[tuple[Any, ...]]:
    """Where each row stands in its table: an UPDATE moves it, whatever it writes."""
    tables = ("articles_article", "articles_articleterm", "articles_term", "articles_searchdocument")
    with connection.cursor() as cursor:
        parts = [f"SELECT '{table}', ctid::text, count(*) OVER () FROM {table}" for table in tables]  # noqa: S608
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 1, 2")
        return [*cursor.fetchall(), ArticleRevision.objects.count()]


@pytest.mark.django_db
def test_a_body_that_cannot_be_rendered_within_bounds_is_refused_with_a_sentence():
    with pytest.raises(ValidationError) as refusal:
        written(body="<i>a</i>" * 200_001)
    expected = (
        "Not saved: the body has 400,002 tags, and 400,000 can be rendered; part it into several articles."
    )
    assert refusal.value.message_dict == {"body": [expected]}
