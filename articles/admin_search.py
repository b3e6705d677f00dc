"""How editors find an article among millions: by its id, or by words in its search document."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import OperationalError
from django.db.models import QuerySet
from psycopg.errors import QueryCanceled

from articles.models import SearchDocument
from articles.search_languages import PLAIN, configurations

# A list by id needs its matches at hand, so it looks at no more than these.
MOST_MATCHES = 1_000

_LARGEST_ID = 2**63 - 1
_TOO_MANY = (
    f"More than {MOST_MATCHES:,} articles match, and this list holds only some of them: "
    "add words, or search by id."
)


@dataclass(frozen=True, slots=True)
class Found:
    """Ids in no order, and one sentence where there may be more matches than these."""

    ids: Sequence[int]
    notice: str = ""


def is_id(text: str) -> bool:
    """Whether `text` is a number that a row's id can be."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= _LARGEST_ID


def find(text: str) -> Found:
    """`text` is an id, or words as a reader would type them, in any state of article."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return Found([int(text)] if is_id(text) else [])
    try:
        ids = list(_documents(text).values_list("pk", flat=True)[: MOST_MATCHES + 1])
    except OperationalError as fault:
        if not isinstance(fault.__cause__, QueryCanceled):
            raise
        return Found([], "The search took too long and was stopped: use rarer words.")
    if len(ids) > MOST_MATCHES:
        return Found(ids[:MOST_MATCHES], _TOO_MANY)
    return Found(ids)


def _documents(text: str) -> QuerySet[SearchDocument]:
    names = [*configurations(settings.SEARCH_LANGUAGES).values(), PLAIN]
    query = reduce(or_, (SearchQuery(text, config=name, search_type="websearch") for name in names))
    return SearchDocument.objects.filter(vector=query)
