import gzip
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article
from articles.reference_models import Reference
from imports.deliveries import Sight
from imports.faults import RecordRejected
from imports.limits import Limits
from imports.origins import open_delivery
from imports.records import Record
from imports.sources import choose_format
from imports.sources.format import RawRecord, ReadOptions, Skipped
from imports.sources.markdown_tree import FORMAT
from imports.spool import Spool
from tests.imports.deliveries import OPTIONS, record_of

Read = Callable[..., list[RawRecord | Skipped]]

POST = "---\ntitle: A post\ndate: 2013-05-12 14:45:00 +0200\n---\nWords.\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What is in a file, a folder or an archive, found out in the way of the import command."""

    def read_path(path: Path, options: ReadOptions = OPTIONS) -> list[RawRecord | Skipped]:
        limits = Limits(**settings.IMPORT_LIMITS)
        with open_delivery(str(path), spool=Spool(tmp_path / "spool"), limits=limits) as delivery:
            assert choose_format("auto", delivery.sight()) is FORMAT
            return list(FORMAT.read(delivery, options))

    return read_path


@pytest.fixture
def read_tree(read: Read, tmp_path: Path) -> Read:
    """As `read`, of a folder with these files."""

    def read_files(files: dict[str, str | bytes]) -> list[RawRecord | Skipped]:
        write_tree(tmp_path / "tree", files)
        return read(tmp_path / "tree")

    return read_files


def write_tree(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def keys(found: list[RawRecord | Skipped]) -> list[str]:
    return [entry.key if isinstance(entry, RawRecord) else entry.reason for entry in found]


def test_a_tree_gives_its_pages_in_order_and_tells_what_it_passes_over(read_tree):
    found = read_tree(
        {
            "README.md": "About this site.",
            "_drafts/idea.md": POST,
            "_includes/note.md": "Note.",
            "_posts/2013-05-12-pooling.markdown": POST,
            "archetypes/default.md": "---\ntitle: {{ .Name }}\n---\n",
            "blog/_index.fr.md": "---\ntitle: Blog\n---\n",
            "blog/pools/index.md": POST,
            "config.toml": "title = 'x'",
            "index.md": "Welcome.",
            "node_modules/x/docs.md": "Docs.",
            "notes.mkd": "Notes.",
            "old.MDOWN": "Old.",
        }
    )
    assert keys(found) == [
        "readme",
        "_drafts/idea.md",
        "site machinery",
        "_posts/2013-05-12-pooling.markdown",
        "site machinery",
        "section page",
        "blog/pools/index.md",
        "other file",
        "section page",
        "site machinery",
        "notes.mkd",
        "old.MDOWN",
    ]


@pytest.mark.parametrize(
    ("front", "key"),
    [
        ("id: a-1", "a-1"),
        ("uid: 7\npermalink: /x/", "7"),
        ("permalink: /x/", "/x/"),
        ("url: x.html", "/x.html"),
        ("ID: a-1", "a-1"),
        ("{id: a-1}", "a-1"),
        ("id: [a]", "post.md"),
        ("id:", "post.md"),
        ('id: "a\\0b"', "post.md"),
        ("permalink: /:title/", "post.md"),
        ("permalink: /../x", "post.md"),
        ("title: x", "post.md"),
        ("id: b: c", "post.md"),
    ],
)
def test_the_key_is_an_id_or_a_literal_address_or_the_path(read_tree, front, key):
    (raw,) = read_tree({"post.md": f"---\n{front}\n---\n"})
    assert (raw.key, raw.line, raw.fault, raw.member) == (key, 1, None, "post.md")


def test_translations_share_no_key(read_tree):
    files = {
        f"content/b/{name}": "---\nurl: /x/\n---\n" for name in ("index.fr.md", "index.md", "index.pt-BR.md")
    }
    assert keys(read_tree(files)) == ["fr:/x/", "/x/", "pt-br:/x/"]


_DRAFT = "+++\ndraft = true\n+++\n"


def drafts(found: list[RawRecord | Skipped]) -> list[str]:
    return [raw.key for raw in found if isinstance(raw, RawRecord) and record_of("markdown", raw.raw).draft]


def test_a_section_of_zola_that_is_a_draft_hides_its_folder(read_tree):
    files = {
        "config.toml": 'base_url = "https://x.org"',
        "content/_index.md": "+++\ntitle = 'x'\n+++\n",
        "content/a.md": POST,
        "content/b/_index.md": _DRAFT,
        "content/b/c.md": POST,
        "content/b/d/e.md": POST,
        "content/bc/a.md": POST,
        "content/f/_index.fr.md": _DRAFT.replace("\n", "\r\n"),
        "content/f/g.md": POST,
        "content/h/_index.md": "+++\ndraft = yes!\n+++\n",
        "content/h/i.md": POST,
        "content/j/_index.md": "---\ndraft: false\n---\n",
        "content/j/k.md": POST,
    }
    hidden = ["content/b/c.md", "content/b/d/e.md", "content/f/g.md", "content/h/i.md"]
    assert drafts(read_tree(files)) == hidden


def test_the_first_section_of_a_tree_hides_all_of_it(read_tree):
    assert drafts(read_tree({"_index.md": _DRAFT, "a.md": POST, "b/c.md": POST})) == ["a.md", "b/c.md"]


@pytest.mark.parametrize(
    ("evidence", "content"),
    [
        ("hugo.toml", ""),
        ("config.toml", "title = 'x'\nbaseURL = 'https://x.org'"),
        ("config/_default/params.yaml", ""),
        ("archetypes/default.md", ""),
    ],
)
def test_a_section_of_hugo_hides_its_folder_only_by_what_it_cascades(read_tree, evidence, content):
    files = {
        evidence: content,
        "content/b/_index.md": _DRAFT,
        "content/b/c.md": POST,
        "content/d/_index.md": "---\ncascade: {draft: true}\n---\n",
        "content/d/e.md": POST,
        "content/f/_index.md": "---\ncascade:\n- {title: x}\n- build: {render: never}\n---\n",
        "content/f/g.md": POST,
        "content/h/_index.md": "---\ncascade: {draft: false}\n---\n",
        "content/h/i.md": POST,
    }
    assert drafts(read_tree(files)) == ["content/d/e.md", "content/f/g.md"]


def test_a_folder_that_is_hidden_later_changes_its_records(read_tree):
    before = read_tree({"a/b.md": POST, "c.md": POST})
    after = read_tree({"a/_index.md": _DRAFT})
    assert [raw.raw == again.raw for raw, again in zip(before, after[1:], strict=True)] == [False, True]


def test_links_between_files_lead_to_articles_once_imported(bring_in, tmp_path):
    front = "---\ntitle: {}\ndate: 2013-05-12\n---\n"
    files = {
        "content/blog/a.md": front.format("A") + "[b](../b/index.md) [c](@/c.md#d)",
        "content/b/index.md": front.format("B"),
        "content/c.md": front.format("C").replace("---\n", "---\nslug: sea\n", 1),
    }
    write_tree(tmp_path / "site", files)
    bring_in(tmp_path / "site")
    links = Reference.objects.filter(article=Article.objects.get(title="A")).order_by("address")
    targets = links.values_list("address", "target__title")
    assert list(targets) == [("/b/", "B"), ("/c/#d", "C")]


def test_a_folder_around_an_archive_changes_no_record(read, read_tree, tmp_path):
    files = {"_posts/2013-05-12-a.md": POST, "about.md": "About.", "feed.xml": "<x/>"}
    from_folder = read_tree(files)
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(f"site-main/{name}", content)
    from_archive = read(tmp_path / "site.zip")
    assert [entry[:3] for entry in from_archive if isinstance(entry, RawRecord)] == [
        entry[:3] for entry in from_folder if isinstance(entry, RawRecord)
    ]
    assert from_archive[1].member == "site-main/about.md"


def test_the_folder_of_posts_is_a_part_of_their_paths_even_alone(read_tree):
    assert keys(read_tree({"_posts/2013-05-12-a.md": POST})) == ["_posts/2013-05-12-a.md"]


def test_a_byte_order_mark_and_line_ends_of_windows_change_no_record(read_tree):
    plain, marked = read_tree(
        {"b/a.md": POST, "content/b/a.md": b"\xef\xbb\xbf" + POST.replace("\n", "\r\n").encode()}
    )
    assert record_of("markdown", marked.raw) == record_of("markdown", plain.raw)


def test_one_markdown_file_is_a_delivery_too(read, tmp_path):
    (tmp_path / "post.md").write_text('{"title": "A post"}\nWords.')
    (tmp_path / "post.markdown.gz").write_bytes(gzip.compress(POST.encode()))
    (first,), (second,) = read(tmp_path / "post.md"), read(tmp_path / "post.markdown.gz")
    assert (first.key, record_of("markdown", first.raw).title) == ("post.md", "A post")
    assert (second.key, record_of("markdown", second.raw).title) == ("post.markdown", "A post")


def test_a_file_that_is_no_text_is_rejected_alone_and_for_good(read_tree):
    broken, good = read_tree({"a.md": b"# Caf\xc3\xa9\ncaf\xe9", "b.md": "# Caf\xe9"})
    assert (broken.key, broken.fault.code) == ("a.md", "not-text")
    assert broken.fault.message == (
        "a.md is no UTF-8 in line 2; save it as UTF-8, or name the encoding of all files, perhaps with "
        "--encoding windows-1252"
    )
    assert good.fault is None
    with pytest.raises(RecordRejected, match="line 2"):
        record_of("markdown", broken.raw)


def test_a_file_that_is_too_large_is_rejected_alone_and_for_good(read_tree, read, tmp_path):
    large = b"x" * (OPTIONS.max_record_bytes + 1)
    tree = read_tree({"a.md": large, "b.md": "# Small"})
    (tmp_path / "c.md").write_bytes(large)
    for raw in (tree[0], *read(tmp_path / "c.md")):
        assert (raw.fault.code, raw.fault.message) == ("too-large", f"{raw.key} is longer than 100000 bytes")
        assert len(raw.raw) < 100
        with pytest.raises(RecordRejected, match="longer than"):
            record_of("markdown", raw.raw)


@given(st.binary())
def test_any_bytes_as_a_stored_record_give_a_record_or_a_reject(raw):
    with suppress(RecordRejected):
        record_of("markdown", raw)


@given(st.sampled_from((POST, "Words.")), st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_any_damage_to_a_file_gives_a_record_or_a_reject(tmp_path_factory, text, place, damage):
    data = text.encode()
    limits = Limits(**settings.IMPORT_LIMITS)
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "a.md").write_bytes(data[:place] + damage + data[place:])
    with open_delivery(str(folder), spool=Spool(folder / "spool"), limits=limits) as delivery:
        (raw,) = FORMAT.read(delivery, OPTIONS)
    assert raw.key
    with suppress(RecordRejected):
        assert isinstance(record_of("markdown", raw.raw), Record)


def test_a_tree_becomes_articles_once(bring_in, tmp_path):
    files = {
        "_posts/2013-05-12-pooling.md": POST,
        "_posts/2013-05-13-broken.md": "---\ntitle: x\n",
        "about.md": "# About\n\nThis *site*.",
    }
    write_tree(tmp_path / "site", files)
    first, second = bring_in(tmp_path / "site"), bring_in(tmp_path / "site")
    assert (first.counts["created"], first.counts["rejected"]) == (2, 1)
    assert (second.counts["unchanged"], second.counts["rejected"]) == (2, 1)
    assert list(Article.objects.order_by("title").values_list("title", "status", "body_html")) == [
        ("A post", "published", "<p>Words.</p>\n"),
        ("About", "draft", "<p>This <em>site</em>.</p>\n"),
    ]


@pytest.mark.parametrize("name", ["README.md", "readme.markdown", "_index.md"])
def test_a_file_that_is_no_article_in_a_tree_is_none_by_itself(name):
    assert not FORMAT.recognizes(Sight(name, b"# About this site"))
    assert FORMAT.recognizes(Sight("about.md", b"# About this site"))
