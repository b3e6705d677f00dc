"""What pages cost, uncached, at 500 and at 200,000 articles: queries, and how the latency grows."""

import time
from statistics import quantiles

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Term
from tests.benchmarks.archives import bring_in, empty_tables, sample
from tests.benchmarks.figures import Figure

SMALL, LARGE = 500, 200_000
_ROUNDS = 200
_ARTICLE_QUERIES, _LIST_QUERIES = 6, 4


def measure() -> list[Figure]:
    settings.ALLOWED_HOSTS = ["testserver"]
    # A month of 500 articles holds a handful: with this size the lists are full at both counts, and the
    # comparison is of archives, not of emptier pages with fuller ones.
    settings.PAGE_SIZE = 3
    # The large one first: the benchmark before this one leaves just that archive behind.
    large = _measure_at(LARGE)
    small = _measure_at(SMALL)
    figures = []
    for page, (seconds, queries) in large.items():
        most = _ARTICLE_QUERIES if page == "article" else _LIST_QUERIES
        figures += [
            Figure(f"{page}: at {LARGE:,} articles", seconds * 1000, "ms"),
            Figure(
                f"{page}: latency at {LARGE:,} ÷ at {SMALL}",
                seconds / small[page][0],
                "×",
                1.3,
                at_least=False,
            ),
            Figure(f"{page}: queries", queries, "", most, at_least=False),
            Figure(f"{page}: queries more than at {SMALL}", queries - small[page][1], "", 0, at_least=False),
        ]
    return figures


def _measure_at(count: int) -> dict[str, tuple[float, int]]:
    if Article.objects.count() != count:
        empty_tables()
        bring_in(sample(count))
    client = Client()
    return {page: (_latency(client, paths), _queries(client, paths[0])) for page, paths in _pages().items()}


def _pages() -> dict[str, list[str]]:
    """Several addresses of each kind, spread over the archive, so that no single row decides."""
    public = Article.objects.exclude(published_at=None).filter(
        status="published", published_at__year__lte=2026
    )
    spread = list(public.order_by("id").values_list("id", flat=True)[:: max(1, public.count() // 20)])
    articles = [article.get_absolute_url() for article in Article.objects.filter(pk__in=spread)]
    terms = Term.objects.in_use().of_kind("topic").most_used_first()[:5]
    return {
        "article": articles,
        "home": ["/"],
        "archive": ["/archive/"],
        "year": ["/archive/2024/"],
        # Months that hold ten of the first 500 articles: their pages are full at both counts.
        "month": ["/archive/2024/05/", "/archive/2022/08/"],
        # A kind whose names all stand in either archive: the same page at both counts.
        "terms of a kind": ["/by/topic/"],
        "term": [term.get_absolute_url() for term in terms],
    }


def _latency(client: Client, paths: list[str]) -> float:
    """What nine in ten requests take at least, after a first round that fills all caches: the cost of the
    page, without what else the machine is doing."""
    for path in paths:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")
    times = []
    for turn in range(_ROUNDS):
        started = time.perf_counter()
        client.get(paths[turn % len(paths)])
        times.append(time.perf_counter() - started)
    return quantiles(times, n=10)[0]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
