"""The search page: words in the address, articles or a plain sentence out."""

from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from articles.http import View, personal_page
from articles.listing import Card
from articles.models import Term, TermKind
from articles.search import LONGEST_QUERY, MOST_MATCHES, SearchTooSlow, hits, matches, names_a_word, tidied

_SUGGESTED_TOPICS = 12
_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found. `most` is the number of matches at which the search stopped, or None;
    `preceding` and `following` are the query strings of the pages beside it, or empty."""

    cards: list[Card]
    count: int
    number: int
    most: int | None
    preceding: str
    following: str


def not_indexed(view: View) -> View:
    """There are as many searches as there are words: no crawler should begin with them."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answer


@not_indexed
@personal_page
def search(request: HttpRequest) -> HttpResponse:
    text = tidied(request.GET.get("q", ""))
    if not text:
        return _page(request, text, topics=_topics())
    if len(text) > LONGEST_QUERY:
        problem = f"A search may have {LONGEST_QUERY} characters, and this one has {len(text)}: shorten it."
        return _page(request, text[:LONGEST_QUERY], problem=problem, status=HTTPStatus.BAD_REQUEST)
    if not names_a_word(text):
        return _page(request, text, problem="Please name at least one word to look for.", topics=_topics())
    try:
        results = _results(text, number=_page_number(request.GET.get("page", "1")))
    except SearchTooSlow:
        return _too_slow(request, text)
    return _page(request, text, results=results, topics=[] if results.count else _topics())


def _results(text: str, *, number: int) -> Results:
    now = timezone.now()
    found = matches(text, now=now)
    start, end = (number - 1) * settings.PAGE_SIZE, number * settings.PAGE_SIZE
    ids = found.ids[start:end]
    if start and not ids:
        raise Http404("The results end before this page.")
    return Results(
        cards=hits(ids, text=text, now=now) if ids else [],
        count=len(found.ids),
        number=number,
        most=MOST_MATCHES if found.is_cut else None,
        preceding=urlencode({"q": text, "page": number - 1}) if number > 1 else "",
        following=urlencode({"q": text, "page": number + 1}) if end < len(found.ids) else "",
    )


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise Http404("No such page of results.")
    return int(text)


def _topics() -> list[Term]:
    topics = Term.objects.of_kind(TermKind.TOPIC).with_public_articles(now=timezone.now())
    return list(topics.first_rows(limit=_SUGGESTED_TOPICS))


def _too_slow(request: HttpRequest, text: str) -> HttpResponse:
    problem = "This search took too long, so it was stopped. Rarer words, or more of them, make it quicker."
    response = _page(request, text, problem=problem, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, text: str, *, status: int = HTTPStatus.OK, **context: object) -> HttpResponse:
    return render(request, "articles/search.html", {"query": text, **context}, status=status)
