"""References of bodies: kept with a batch, and resolved in a stage that can run again."""

from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, LegacyPath, MediaFile, Reference
from imports import resolving, staging
from imports.models import Attachment, Item, Source
from imports.resolving import (
    FORGET_REFERENCES,
    KEEP_REFERENCES,
    Resolved,
    queue_files,
    refresh_references,
    resolve_links,
)
from tests.factories import make_article

pytestmark = pytest.mark.django_db

BLOG = "https://blog.example.org/news/"


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="blog", base_url=BLOG)


def imported(source: Source, key: str, *, path: str = "", **fields: Any) -> Article:
    article = make_article(**fields)
    hashes = dict.fromkeys(("raw_hash", "content_hash", "fingerprint"), b"")
    Item.objects.create(
        source=source, key=key, article=article, created_run_id=0, updated_run_id=0,
        shape_version=1, written_version=1, **hashes,
    )  # fmt: skip
    if path:
        LegacyPath.objects.create(path=path, article=article)
    return article


def keep(
    *references: tuple[str, str], article: Article, action: str = "create", held: str | None = None
) -> None:
    """What a batch does with the references of one article."""
    with connection.cursor() as cursor:
        cursor.execute(staging.CREATE)
        cursor.execute("TRUNCATE stage_plan, stage_reference")
        cursor.execute(
            "INSERT INTO stage_plan (ordinal, action, article_id, held) VALUES (1, %s, %s, %s)",
            [action, article.pk, held],
        )
        for row in references:
            cursor.execute("INSERT INTO stage_reference VALUES (1, %s, %s)", row)
        cursor.execute(FORGET_REFERENCES)
        cursor.execute(KEEP_REFERENCES)


def links(article: Article, *addresses: str) -> None:
    keep(*(("link", address) for address in addresses), article=article)


def kept_of(article: Article) -> set[tuple[str, str]]:
    return set(Reference.objects.filter(article=article).values_list("kind", "address"))


def targets_of(article: Article) -> dict[str, int | None]:
    return dict(Reference.objects.filter(article=article).values_list("address", "target_id"))


def resolve(source: Source) -> Resolved:
    return resolve_links(source.pk, advance=lambda count: None)


def queue(source: Source) -> Resolved:
    return queue_files(source.pk, advance=lambda count: None)


def test_an_article_has_each_address_once_however_often_it_is_delivered(source: Source) -> None:
    article = imported(source, "1")
    rows = [("link", "/a/"), ("image", "/a/"), ("attachment", "57"), ("link", "/a/")]
    keep(*rows, article=article)
    keep(*rows, article=article)
    assert sorted(Reference.objects.values_list("kind", "address")) == sorted(set(rows))


def test_a_change_replaces_the_references_and_leaves_what_was_resolved(source: Source) -> None:
    article, target = imported(source, "1"), imported(source, "2", path="/stays/")
    links(article, "/stays/", "/goes/")
    resolve(source)
    keep(("link", "/stays/"), ("image", "/comes.png"), article=article, action="change")
    assert targets_of(article) == {"/stays/": target.pk, "/comes.png": None}


def test_where_an_editor_s_body_stands_its_references_stay(source: Source) -> None:
    article = imported(source, "1")
    keep(("link", "/here/"), ("attachment", "1"), article=article)
    delivered = [("link", "/delivered/"), ("attachment", "2")]
    keep(*delivered, article=article, action="change", held='{"body": "…", "body_html": ""}')
    assert kept_of(article) == {("link", "/here/"), ("attachment", "2")}


def test_what_is_touched_only_keeps_its_references(source: Source) -> None:
    article = imported(source, "1")
    links(article, "/a/")
    keep(("link", "/b/"), article=article, action="touch")
    assert kept_of(article) == {("link", "/a/")}


@pytest.mark.parametrize(
    "address",
    [
        "/2012/ł%20b/",
        "/2012/%C5%82%20b",
        "https://blog.example.org/2012/ł b/?utm_source=a#more",
        " //blog.example.org/2012/%c5%82 b",
        "../ł b/",
        "?p=77",
        "/?p=77",
        "/news/?p=77#more",
        "https://blog.example.org/news/index.php?page_id=77",
    ],
)
def test_a_link_finds_the_article_at_its_old_address_or_by_its_key(source: Source, address: str) -> None:
    target = imported(source, "77", path="/2012/ł b/")
    article = imported(source, "1", path="/2012/from/")
    links(article, address)
    assert (resolve(source), targets_of(article)) == (Resolved(found=1, open=0), {address: target.pk})


@pytest.mark.parametrize(
    "address",
    ["/2012/other/", "/", "/other/?p=77", "/?p=x", "/?p=٣", "/%00", "//[broken", "/" + "a" * 1999, "?q=77"],
)
def test_a_link_that_leads_to_no_article_stays_open(source: Source, address: str) -> None:
    imported(source, "77", path="/2012/post/")
    article = imported(source, "1")
    links(article, address)
    assert (resolve(source), targets_of(article)) == (Resolved(found=0, open=1), {address: None})


def test_an_article_of_another_source_is_no_target(source: Source) -> None:
    other = Source.objects.create(name="other")
    imported(other, "77", path="/post/")
    article = imported(source, "1")
    links(article, "/post/", "/?p=77")
    links(imported(other, "1"), "/post/")
    assert (resolve(source), targets_of(article)) == (
        Resolved(found=0, open=2),
        {"/post/": None, "/?p=77": None},
    )


def test_the_exact_spelling_of_an_old_address_goes_first(source: Source) -> None:
    bare, slashed = imported(source, "1", path="/post"), imported(source, "2", path="/post/")
    article = imported(source, "3")
    links(article, "/post/", "/post")
    resolve(source)
    assert targets_of(article) == {"/post/": slashed.pk, "/post": bare.pk}


def test_what_comes_later_is_found_by_the_next_run(source: Source) -> None:
    article = imported(source, "1")
    links(article, "/later/", "/never/")
    assert resolve(source) == Resolved(found=0, open=2)
    imported(source, "2", path="/later/")
    assert [resolve(source), resolve(source)] == [Resolved(1, 1), Resolved(0, 1)]


def test_a_run_that_was_stopped_goes_on_where_it_was(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "_CHUNK", 2)
    target = imported(source, "77", path="/post/")
    articles = [imported(source, str(number)) for number in range(5)]
    for article in articles:
        links(article, "/post/")

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resolve_links(source.pk, advance=stop)
    assert Reference.objects.filter(target=target).count() == 2
    counted: list[int] = []
    assert resolve_links(source.pk, advance=counted.append) == Resolved(found=3, open=0)
    assert counted == [2, 1]


def test_the_statements_of_a_chunk_do_not_grow_with_it(
    source: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        links(imported(source, str(number), path=f"/{number}/"), "/1/", "/?p=2", "../x/", "/none/")
    # The source's address; a transaction with the chunk and its update; one that finds no more.
    with django_assert_num_queries(1 + 5 + 4):
        assert resolve(source) == Resolved(found=40, open=40)


# Files.


def files_of(article: Article) -> dict[str, str | None]:
    return dict(Reference.objects.filter(article=article).values_list("address", "media__url"))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("/a b.png#x", "https://blog.example.org/a b.png"),
        ("https://CDN.example.net/a.png?w=1", "https://CDN.example.net/a.png?w=1"),
        ("//cdn.example.net/a.png", "https://cdn.example.net/a.png"),
        # Relative to where the article was.
        ("a.png", "https://blog.example.org/2012/post/a.png"),
        ("../a.png", "https://blog.example.org/2012/a.png"),
    ],
)
def test_a_file_is_queued_under_its_whole_address(source: Source, address: str, url: str) -> None:
    article = imported(source, "1", path="/2012/post/")
    keep(("image", address), article=article)
    assert (queue(source), files_of(article)) == (Resolved(found=1, open=0), {address: url})


def test_without_the_source_s_own_address_only_whole_ones_are_queued(source: Source) -> None:
    Source.objects.update(base_url="")
    article = imported(source, "1", path="/2012/post/")
    endless = f"https://{'łódź' * 1000}/a.png"
    addresses = ["/a.png", "a.png", "https://cdn.example.net/a.png", "https://[broken/a.png", endless]
    keep(*(("image", address) for address in addresses), article=article)
    assert queue(source) == Resolved(found=1, open=4)
    assert list(MediaFile.objects.values_list("url", "host", "state")) == [
        ("https://cdn.example.net/a.png", "cdn.example.net", "pending")
    ]
    Source.objects.update(base_url=BLOG)
    assert queue(source) == Resolved(found=2, open=2)


def test_articles_that_show_the_same_file_share_it(source: Source) -> None:
    for number, address in enumerate(("/a.png", "https://blog.example.org/a.png", "/a.png#x")):
        keep(("image", address), article=imported(source, str(number)))
    assert (queue(source), queue(source)) == (Resolved(found=3, open=0), Resolved(found=0, open=0))
    assert [file.references.count() for file in MediaFile.objects.all()] == [3]


def test_an_attachment_is_queued_as_soon_as_its_address_is_known(source: Source) -> None:
    article = imported(source, "1")
    keep(("attachment", "57"), article=article)
    Attachment.objects.create(
        source=Source.objects.create(name="other"), key="57", url="https://blog.example.org/other.png"
    )
    assert queue(source) == Resolved(found=0, open=1)
    Attachment.objects.create(source=source, key="57", url="https://blog.example.org/57.png")
    assert queue(source) == Resolved(found=1, open=0)
    assert files_of(article) == {"57": "https://blog.example.org/57.png"}


def test_a_picture_beside_the_body_may_be_named_by_its_address(source: Source) -> None:
    article = imported(source, "1")
    keep(("attachment", "https://cdn.example.net/a.png"), ("attachment", "/b.png"), article=article)
    assert queue(source) == Resolved(found=2, open=0)
    assert files_of(article) == {
        "https://cdn.example.net/a.png": "https://cdn.example.net/a.png",
        "/b.png": "https://blog.example.org/b.png",
    }


# Bodies that no delivery brought.


def test_references_can_be_made_again_from_the_bodies(source: Source) -> None:
    body = '<p><a href="/stays/">a</a> <a href="https://blog.example.org/comes/">b</a> <img src="/b.png"></p>'
    target = imported(source, "2", path="/stays/")
    article, other = imported(source, "1", body=body), imported(source, "3")
    keep(("link", "/stays/"), ("link", "/goes/"), ("attachment", "57"), article=article)
    links(other, "/goes/")
    resolve(source)
    for _ in range(2):
        refresh_references([article.pk], base_url=BLOG)
    assert targets_of(article) == {
        "/stays/": target.pk,
        "https://blog.example.org/comes/": None,
        "/b.png": None,
        "57": None,
    }
    assert kept_of(other) == {("link", "/goes/")}


def test_a_body_without_any_address_has_no_references(source: Source) -> None:
    article = imported(source, "1")
    links(article, "/goes/")
    refresh_references([article.pk], base_url=BLOG)
    assert kept_of(article) == set()
