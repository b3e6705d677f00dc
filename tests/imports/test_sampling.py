"""The generated archive itself; how it is written is in test_sample_command."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import astuple, is_dataclass
from functools import partial
from itertools import islice

import msgspec
import pytest

from articles.sanitizing import sanitize_html
from imports.sampling import sample_lines
from imports.sampling.casting import template
from imports.sampling.records import sample_record
from imports.sampling.sketches import sketch
from imports.sampling.vocabulary import ALL_GENRES, AREAS, asides, genres
from imports.sampling.vocabulary.people import PLACES, TOWNS
from tests.imports.deliveries import record_of

RECORDS = 2000


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(sample_lines(RECORDS, seed=7))


@pytest.fixture(scope="module")
def records(lines: list[bytes]) -> list[dict]:
    return [msgspec.json.decode(line) for line in lines]


def share(records: list[dict], holds: Callable[[dict], bool]) -> float:
    return sum(map(holds, records)) / len(records)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from texts(astuple(value))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


def test_the_same_seed_gives_the_same_bytes(lines: list[bytes]):
    assert list(sample_lines(RECORDS, seed=7)) == lines


def test_another_seed_gives_another_archive():
    assert not set(sample_lines(50, seed=7)) & set(sample_lines(50, seed=8))


def test_a_record_depends_on_the_seed_and_its_number_alone(records: list[dict]):
    numbers = (1999, 0, 731)
    assert [sample_record(7, number) for number in numbers] == [records[number] for number in numbers]


def test_a_hundred_million_records_are_made_one_by_one():
    assert len(list(islice(sample_lines(100_000_000), 3))) == 3


def test_the_last_of_a_hundred_million_is_a_record_too():
    line = msgspec.json.encode(sample_record(2**53 - 1, 99_999_999))
    assert record_of("jsonl", line).payload["source_id"] == "sample-100000000"


def test_every_record_keeps_the_rules_of_the_format(lines: list[bytes], records: list[dict]):
    read = partial(record_of, "jsonl")
    assert [read(line).title for line in lines] == [record["title"] for record in records]


def test_every_record_has_a_key_of_its_own(records: list[dict]):
    keys = [record["payload"]["source_id"] for record in records]
    assert keys == [f"sample-{number:07}" for number in range(1, RECORDS + 1)]


def test_a_record_has_about_six_kilobytes(lines: list[bytes]):
    assert 5500 < sum(map(len, lines)) / RECORDS < 6500


def test_titles_are_mostly_distinct_and_never_long(records: list[dict]):
    titles = [record["title"] for record in records]
    assert len(set(titles)) > 0.97 * RECORDS
    assert max(map(len, titles)) <= 160


def test_drafts_flags_and_future_dates_are_there_in_small_numbers(records: list[dict]):
    assert 0.003 < share(records, lambda record: "published_at" not in record) < 0.02
    assert 0 < share(records, lambda record: record.get("published_at", "") > "2035") < 0.008
    assert 0.05 < share(records, lambda record: record["flags"]["needs_human_review"] == 1) < 0.11
    assert 0.03 < share(records, lambda record: "aliases" in record) < 0.07
    statuses = Counter(record["revision"]["status"] for record in records)
    assert statuses.keys() == {"reviewed", "needs-review", "draft"}


def test_what_a_person_has_to_look_at_is_not_called_reviewed(records: list[dict]):
    flagged = [record["revision"]["status"] for record in records if record["flags"]["needs_human_review"]]
    assert set(flagged) <= {"needs-review", "draft"}


def test_formats_languages_and_topics_are_many_and_unequal(records: list[dict]):
    formats = Counter(record["body_format"] for record in records)
    languages = Counter(record["language"] for record in records)
    topics = Counter(record["topic"].split(" / ")[0] for record in records)
    assert [name for name, _ in formats.most_common()] == ["html", "markdown", "text"]
    assert languages.keys() == {"en", "de", "fr", "es"}
    assert languages["en"] > 0.9 * RECORDS
    assert topics.keys() == {area.name for area in AREAS}
    assert topics["Databases"] > 3 * topics["Accessibility"]


def test_the_archive_grows_over_the_years(records: list[dict]):
    years = Counter(record["published_at"][:4] for record in records if "published_at" in record)
    assert set(years) == {str(year) for year in range(2009, 2027)} | {"2035"}
    assert years["2010"] < years["2015"] < years["2025"]


def test_nothing_is_changed_or_reviewed_before_it_is_published(records: list[dict]):
    published = [record for record in records if "2009" <= record.get("published_at", "") < "2035"]
    early = [
        record["payload"]["source_id"]
        for record in published
        for moment in (record.get("updated_at"), record["revision"]["last_reviewed"])
        if moment and moment[:10] < record["published_at"][:10]
    ]
    assert early == []


def test_a_search_for_a_subject_finds_some_articles_and_not_most(records: list[dict]):
    def mentions(words: str) -> float:
        return share(records, lambda record: words in record["body"].lower())

    assert 0.03 < mentions("connection pooling") < 0.15
    assert 0 < mentions("zeppelin") < 0.02
    assert mentions("production") > 0.2


def test_links_lead_to_articles_that_come_earlier_and_can_be_read_by_the_public(records: list[dict]):
    number_of = {path: number for number, record in enumerate(records) for path in record.get("aliases", ())}
    links = [
        (number, path)
        for number, record in enumerate(records)
        for path in re.findall(r'<a href="(/[^"]+)">', record["body"])
    ]
    assert len(links) > RECORDS / 10
    assert all(number_of[path] < number for number, path in links)
    assert all("" < records[number_of[path]].get("published_at", "") < "2035" for _, path in links)


def test_the_sanitizer_takes_nothing_from_a_body(records: list[dict]):
    bodies = [record["body"] for record in records[:300] if record["body_format"] == "html"]
    tag = re.compile(r"</?[a-z][^\s>]*")
    changed = [body for body in bodies if tag.findall(sanitize_html(body)) != tag.findall(body)]
    assert changed == []


def test_a_body_has_sections_and_code_in_the_language_that_is_named(records: list[dict]):
    for record in records:
        if record["body_format"] != "html":
            continue
        assert 3 <= record["body"].count("<h2>") <= 6
        named = {record["code_language"]} if "code_language" in record else set()
        assert set(re.findall(r'<code class="language-(\w+)">', record["body"])) == named


def test_names_that_are_not_ascii_stand_in_titles_and_bodies(records: list[dict]):
    assert share(records, lambda record: not record["title"].isascii()) > 0.01
    assert share(records, lambda record: "ł" in record["body"].lower()) > 0.01
    assert share(records, lambda record: re.search(r"[\u4e00-\u9fff]", record["body"]) is not None) > 0.005


def test_no_sentence_names_a_part_that_articles_do_not_have():
    written = (
        *(ALL_GENRES, genres.BRIEFS, genres.CHECKLISTS, genres.NOTES_BESIDE, genres.CAPTIONS),
        *(genres.OUTLINE_CONTEXTS, genres.OUTLINE_PROBLEMS, genres.OUTLINE_ACTIONS),
        *(asides.ASIDES, asides.QUOTES, asides.TABLES, asides.LISTS, asides.LINK_SENTENCES),
    )
    english = sketch(7, 0).cast | {"link": "a link"}
    foreign = next(drawn.cast for number in range(RECORDS) if (drawn := sketch(7, number)).language == "de")
    for text in texts(written):
        for cast in (english, foreign | {"link": "a link"}):
            filled = template(text) % cast
            assert "{" not in filled, text


def test_no_word_would_have_to_be_escaped_in_html():
    assert [text for text in texts((AREAS, ALL_GENRES, PLACES, TOWNS)) if re.search(r"[&<>]", text)] == []
