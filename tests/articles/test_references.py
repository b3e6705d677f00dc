"""The addresses in a body: found, put in place, and shown to readers and programs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles.media import media_name
from articles.models import Article, MediaFile, Reference
from articles.references import may_refer, references_in, with_addresses
from articles.sanitizing import sanitize_html
from tests.factories import make_article

BLOG = "https://www.blog.example.org/"
SHA256 = "ab" * 32


def found_in(html: str, *, base_url: str = BLOG) -> list[tuple[str, str]]:
    return references_in(sanitize_html(html), base_url=base_url)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/2012/05/post/", "link"),
        ("../post/", "link"),
        ("?p=123", "link"),
        ("https://www.blog.example.org/post/", "link"),
        ("http://blog.example.org/post/#comments", "link"),
        ("//BLOG.example.org/post/", "link"),
        ("/uploads/report.PDF?download=1", "image"),
        ("https://blog.example.org/uploads/lake.jpg#top", "image"),
        ("#notes", None),
        ("", None),
        ("mailto:ada@example.org", None),
        ("tel:+48123", None),
        ("https://elsewhere.example.org/post/", None),
        ("https://blog.example.org.evil.example/", None),
        ("//blog.example.org:8080/", None),
        ("https://[broken/", None),
    ],
)
def test_a_link_within_the_source_is_told_from_others(address: str, kind: str | None) -> None:
    assert found_in(f'<p><a title="x" href="{address}">on</a></p>') == ([(kind, address)] if kind else [])


def test_without_the_source_s_own_address_only_relative_links_are_its_own() -> None:
    html = '<a href="https://blog.example.org/post/">a</a> <a href="/post/">b</a>'
    assert found_in(html, base_url="") == [("link", "/post/")]


def test_every_file_that_a_body_shows_is_found_once_and_in_order() -> None:
    html = """
    <img alt="A lake" src="https://cdn.example.net/a.png" srcset="a-1.png 1x, /a-2.png 2x">
    <picture><source srcset="b.avif 300w"><img src="b.jpg"></picture>
    <video src="c.mp4" poster="/c.jpg"></video><audio><source src="https://cdn.example.net/d.mp3"></audio>
    <img src="b.jpg"><img src=""><img src="data:image/png;base64,AAAA">
    <iframe src="https://www.youtube.com/embed/1"></iframe>
    """
    assert found_in(html) == [
        ("image", address)
        for address in (
            "https://cdn.example.net/a.png",
            "a-1.png",
            "/a-2.png",
            "b.avif",
            "b.jpg",
            "c.mp4",
            "/c.jpg",
            "https://cdn.example.net/d.mp3",
        )
    ]


def test_an_address_is_what_a_browser_makes_of_the_attribute() -> None:
    html = '<a href="/find?a=1&amp;b=&quot;2&quot;">x</a>'
    assert found_in(html) == [("link", '/find?a=1&b="2"')]


@pytest.mark.parametrize(
    "html",
    [
        'He wrote href="/a/" and src="/b.png" on the wall.',
        "<p title='<img src=\"/b.png\">' lang='<a href=\"/a/\">'>Nothing.</p>",
        "<p title='<img alt=' lang=' src='>Nothing.</p>",
        '<pre>&lt;img src="/b.png"&gt;</pre>',
        "<blockquote cite='/a/'>Nothing.</blockquote>",
    ],
)
def test_what_only_looks_like_an_address_is_text(html: str) -> None:
    clean = sanitize_html(html)
    assert (references_in(clean, base_url=BLOG), may_refer(clean)) == ([], False)
    everything = dict.fromkeys(("/a/", "/b.png"), "/changed/")
    assert with_addresses(clean, links=everything, files=everything) == clean


def test_an_article_has_at_most_five_hundred_references_none_longer_than_two_thousand_characters() -> None:
    many = "".join(f'<img src="/{number}.png">' for number in range(600))
    assert len(found_in(many)) == 500
    assert found_in(f'<a href="/{"a" * 1999}">x</a><a href="/{"b" * 2000}">y</a>') == [
        ("link", f"/{'a' * 1999}")
    ]


def test_pages_and_files_are_put_in_place_of_their_addresses() -> None:
    html = sanitize_html(
        '<a title="/old/" href="/old/#Part 2"><img src="/a.png" srcset="/a.png 1x, /b.png 2x" alt="/a.png">'
        '</a><a href="/a.png">large</a> <a href="/new/">new</a> <video src="/c.mp4" poster="/a.png"></video>'
    )
    assert with_addresses(
        html,
        links={"/old/#Part 2": "/articles/1/old/"},
        files={"/a.png": "/media/a.png?x=1&y=2", "/c.mp4": "/media/c.mp4"},
    ) == sanitize_html(
        '<a title="/old/" href="/articles/1/old/#section-Part-2">'
        '<img src="/media/a.png?x=1&amp;y=2" srcset="/media/a.png?x=1&amp;y=2 1x, /b.png 2x" alt="/a.png">'
        '</a><a href="/media/a.png?x=1&amp;y=2">large</a> <a href="/new/">new</a>'
        ' <video src="/media/c.mp4" poster="/media/a.png?x=1&amp;y=2"></video>'
    )


ADDRESSES = st.text(alphabet="ab/.,?&=#;:%'\"<>\xa0 łß", max_size=12)
PLACES = st.text(alphabet="ab/.?&=;%'\"<>ł", max_size=12).map("/media/{}".format)
BODIES = st.lists(
    st.one_of(
        st.builds("<a href='{}' title='{}'>x</a>".format, ADDRESSES, ADDRESSES),
        st.builds('<img src="{}" srcset="{} 1x, {}" alt="{}">'.format, *[ADDRESSES] * 4),
        st.builds("<video src={} poster={}></video> {}".format, *[ADDRESSES] * 3),
    ),
    max_size=4,
).map("".join)


@given(BODIES, st.lists(PLACES, min_size=1, max_size=3))
def test_what_is_put_in_place_is_as_clean_as_it_was(html: str, places: list[str]) -> None:
    clean = sanitize_html(html)
    known = {
        address: places[position % len(places)]
        for position, (_, address) in enumerate(references_in(clean, base_url=BLOG))
    }
    shown = with_addresses(clean, links=known, files=known)
    assert sanitize_html(shown) == shown
    assert without_values(shown) == without_values(clean)


def without_values(html: str) -> str:
    return re.sub("<[^>]*>", lambda tag: re.sub(r'="[^"]*"', "", tag[0]), html)


# On a page.


@pytest.fixture
def media(settings: Settings, tmp_path: Any) -> None:
    options = {**settings.STORAGES["media"]["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "archive_site.media_storage.WholeFileStorage", "OPTIONS": options},
    }


def refer(article: Article, kind: str, address: str, **leads_to: Any) -> Reference:
    digest = Reference.objects.filter(article=article).count()
    return Reference.objects.create(article=article, digest=digest, kind=kind, address=address, **leads_to)


def make_file(state: str = "stored") -> MediaFile:
    name = media_name(SHA256, extension="png") if state == "stored" else ""
    return MediaFile.objects.create(
        url=f"https://blog.example.org/{state}.png", url_hash=state.encode(), host="b", state=state, name=name
    )


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.django_db
def test_readers_and_programs_get_links_to_the_articles_themselves(client: Client) -> None:
    target = make_article(slug="łódź")
    article = make_article(body='<p><a href="/old/" rel="noopener noreferrer">there</a></p>')
    refer(article, "link", "/old/", target=target)
    body = f'<p><a href="/articles/{target.pk}/%C5%82%C3%B3d%C5%BA/" rel="noopener noreferrer">there</a></p>'
    assert body in client.get(article.get_absolute_url()).text
    answer = client.get(f"/api/v1/articles/{article.pk}/").json()
    assert (answer["body_html"], answer["body"]) == (body, article.body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"status": "withdrawn"},
        {"published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_a_link_to_what_is_not_public_stays_as_the_source_wrote_it(
    client: Client, change: dict[str, Any]
) -> None:
    target = make_article(slug="secret", **change)
    article = make_article(body='<p><a href="/old/">there</a></p>')
    refer(article, "link", "/old/", target=target)
    html = client.get(article.get_absolute_url()).text
    assert ('<a href="/old/">there</a>' in html, "secret" in html) == (True, False)


@pytest.mark.django_db
def test_a_page_shows_our_own_copy_of_a_file_as_soon_as_there_is_one(client: Client) -> None:
    article = make_article(body='<p><img src="/one.png"> <img src="/two.png"></p>')
    refer(article, "image", "/one.png", media=make_file())
    refer(article, "image", "/two.png", media=make_file(state="pending"))
    html = client.get(article.get_absolute_url()).text
    assert f'<img src="/media/ab/ab/{SHA256}.png"> <img src="/two.png">' in html


@pytest.mark.django_db
def test_the_key_of_an_attachment_is_no_address(client: Client) -> None:
    article = make_article(body='<p><img src="57"></p>')
    refer(article, "attachment", "57", media=make_file())
    assert '<img src="57">' in client.get(article.get_absolute_url()).text


@pytest.mark.django_db
def test_the_picture_of_an_article_stands_above_it_as_soon_as_it_is_ours(client: Client) -> None:
    address = "https://blog.example.org/lead.png"
    article = make_article(body="<p>Hi</p>", image_sources=[{"url": address, "alt": 'A "red" door'}])
    file = make_file(state="pending")
    refer(article, "attachment", address, media=file)
    assert "<figure" not in client.get(article.get_absolute_url()).text
    MediaFile.objects.update(state="stored", name=media_name(SHA256, extension="png"))
    html = client.get(article.get_absolute_url()).text
    own = f"/media/ab/ab/{SHA256}.png"
    assert f'<img class="u-featured" src="{own}" alt="A &quot;red&quot; door" decoding="async">' in html
    assert f'<meta property="og:image" content="{settings.SITE_URL}{own}">' in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "extension"), [('<p><img src="/one.png"></p>', "png"), ("<p>Hi</p>", "pdf")]
)
def test_nothing_stands_above_an_article_that_shows_its_picture_itself_or_has_none(
    client: Client, body: str, extension: str
) -> None:
    article = make_article(body=body)
    file = make_file()
    MediaFile.objects.update(name=media_name(SHA256, extension=extension))
    refer(article, "image", "/one.png", media=file)
    refer(article, "attachment", "57", media=file)
    html = client.get(article.get_absolute_url()).text
    assert ("u-featured" in html, "og:image" in html) == (False, False)


@pytest.mark.django_db
def test_a_program_learns_that_a_link_has_been_resolved(client: Client) -> None:
    article = make_article(body='<p><a href="/old/">there</a></p>')
    before = client.get(f"/api/v1/articles/{article.pk}/")["ETag"]
    refer(article, "link", "/old/", target=make_article())
    after = client.get(f"/api/v1/articles/{article.pk}/", headers={"If-None-Match": before})
    assert after.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_an_article_asks_once_for_all_its_references(client: Client, count: int) -> None:
    plain = make_article(body='<p><a href="#section-a">a</a> in words</p>')
    article = make_article(body="".join(f'<p><a href="/{number}/">x</a></p>' for number in range(count)))
    for number in range(count):
        refer(article, "link", f"/{number}/", target=plain)
    asked = [queries_of(client, each.get_absolute_url()) for each in (plain, article)]
    api = [queries_of(client, f"/api/v1/articles/{each.pk}/") for each in (plain, article)]
    assert (asked, api[1] - api[0]) == ([4, 4], 1)


@pytest.mark.django_db
def test_a_deleted_article_leaves_no_reference_behind() -> None:
    gone, stays = make_article(), make_article()
    refer(gone, "link", "/stays/", target=stays)
    refer(stays, "link", "/gone/", target=gone)
    gone.delete()
    assert list(Reference.objects.values_list("article_id", "address", "target_id")) == [
        (stays.pk, "/gone/", None)
    ]


# The files themselves.


@pytest.mark.django_db
@pytest.mark.usefixtures("media")
def test_a_file_is_kept_by_browsers_for_good_and_can_do_nothing(client: Client) -> None:
    name = storages["media"].save(media_name(SHA256, extension="png"), ContentFile(b"\x89PNG"))
    response = client.get(storages["media"].url(name))
    assert (response.status_code, response.getvalue()) == (200, b"\x89PNG")
    assert {name: response[name] for name in HEADERS} == HEADERS


HEADERS = {
    "Content-Disposition": f'inline; filename="{SHA256}.png"',
    "Content-Type": "image/png",
    "Content-Length": "4",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "public, max-age=31536000, immutable",
}


@pytest.mark.django_db
@pytest.mark.usefixtures("media")
def test_a_document_is_handed_out_to_be_saved(client: Client) -> None:
    storages["media"].save(media_name(SHA256, extension="pdf"), ContentFile(b"%PDF-1.7"))
    response = client.get(f"/media/ab/ab/{SHA256}.pdf")
    assert response.getvalue() == b"%PDF-1.7"
    assert response["Content-Disposition"] == f'attachment; filename="{SHA256}.pdf"'


@pytest.mark.django_db
@pytest.mark.usefixtures("media")
@pytest.mark.parametrize(
    "name", [f"ab/ab/{SHA256}.gif", f"ab/ab/{SHA256}.svg", "ab/ab/x.png", "notes.txt", "../spool/x", ""]
)
def test_nothing_else_is_handed_out(client: Client, name: str) -> None:
    storages["media"].save("notes.txt", ContentFile(b"private"))
    storages["media"].save(f"ab/ab/{SHA256}.svg", ContentFile(b"<svg/>"))
    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.usefixtures("media")
def test_a_file_is_whole_or_not_there(tmp_path: Any) -> None:
    class Broken(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise OSError("no space left")

    name = media_name(SHA256, extension="png")
    with pytest.raises(OSError, match="no space left"):
        storages["media"].save(name, Broken(b""))
    assert not storages["media"].exists(name)
    for content in (b"whole", b"whole"):
        assert storages["media"].save(name, ContentFile(content)) == name
    assert tmp_path.joinpath(name).read_bytes() == b"whole"
