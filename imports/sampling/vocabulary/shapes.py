"""What an area of a generated archive is made of.

Phrases are put into sentences as they are, so their form is a contract. None holds `&`, `<` or `>`:
they stand in HTML without escaping.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that articles are about. `name` and `metric` are singular and take no article.

    `goal` is an imperative without capital; `symptoms` and `causes` are clauses in the past tense;
    `remedies` are gerund phrases; `steps` are imperatives with capital and no full stop; `facts` are
    whole sentences. `metric` is better when lower, and counted in `unit`."""

    name: str
    goal: str
    metric: str
    unit: str
    symptoms: tuple[str, ...]
    causes: tuple[str, ...]
    remedies: tuple[str, ...]
    steps: tuple[str, ...]
    facts: tuple[str, ...]
    settings: tuple[str, ...]
    tools: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A first-level topic. The earlier a subject stands, the more articles it gets."""

    name: str
    tools: tuple[str, ...]
    stacks: tuple[str, ...]
    standards: tuple[str, ...]
    tags: tuple[str, ...]
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """What one section of an article may say: a paragraph is one of `leads` and some of `supports`."""

    headings: tuple[str, ...]
    leads: tuple[str, ...]
    supports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """`subject` is the one that it suits best; it may stand in any article of its area."""

    language: str
    subject: str
    code: str


@dataclass(frozen=True, slots=True)
class Section:
    """`insert` follows the paragraphs: `code`, `list`, `table`, `quote`, or nothing."""

    passage: Passage
    insert: str = ""


@dataclass(frozen=True, slots=True)
class Genre:
    """A way of telling. An article is the opening and one of the plans."""

    name: str
    titles: tuple[str, ...]
    summaries: tuple[str, ...]
    tags: tuple[str, ...]
    difficulties: tuple[str, ...]
    opening: Passage
    lists: tuple[tuple[str, ...], ...]
    plans: tuple[tuple[Section, ...], ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language beside English. `subjects` is by the name of an area, for the first of its subjects."""

    code: str
    genre: Genre
    subjects: dict[str, str]
