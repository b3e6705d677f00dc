"""What pages cost, uncached, at 500 and at 200,000 articles: queries, and how the latency grows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Term
from tests.benchmarks.archives import bring_in, empty_tables, sample
from tests.benchmarks.figures import Figure

SMALL, LARGE = 500, 200_000
_TURNS, _ROUNDS = 10, 40
_ARTICLE_QUERIES, _LIST_QUERIES = 6, 4


def measure() -> list[Figure]:
    settings.ALLOWED_HOSTS = ["testserver"]
    # A month of 500 articles holds a handful: with this size the lists are full at both counts, and the
    # comparison is of archives, not of emptier pages with fuller ones.
    settings.PAGE_SIZE = 3
    large = connection.settings_dict["NAME"]
    with _second_database(f"{large}_small") as small:
        archives = {name: _Archive(name, count) for name, count in ((large, LARGE), (small, SMALL))}
        # Turn by turn: a machine's speed drifts, and both archives are to meet the same.
        for _ in range(_TURNS):
            for archive in archives.values():
                archive.measure()
        return _figures(archives[large], archives[small])


def _figures(large: "_Archive", small: "_Archive") -> list[Figure]:
    figures = []
    for page in large.pages:
        most = _ARTICLE_QUERIES if page == "article" else _LIST_QUERIES
        ratio = large.latency(page) / small.latency(page)
        more = large.queries[page] - small.queries[page]
        figures += [
            Figure(f"{page}: at {LARGE:,} articles", large.latency(page) * 1000, "ms"),
            Figure(f"{page}: latency at {LARGE:,} ÷ at {SMALL}", ratio, "×", 1.3, at_least=False),
            Figure(f"{page}: queries", large.queries[page], "", most, at_least=False),
            Figure(f"{page}: queries more than at {SMALL}", more, "", 0, at_least=False),
        ]
    return figures


@contextmanager
def _second_database(name: str) -> Iterator[str]:
    first = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    _switch_to(name)
    call_command("migrate", verbosity=0)
    try:
        yield name
    finally:
        _switch_to(first)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _switch_to(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


class _Archive:
    """A database with so many articles, and what its pages took."""

    def __init__(self, database: str, count: int) -> None:
        self._database = database
        self._client = Client()
        _switch_to(database)
        if Article.objects.count() != count:
            empty_tables()
            bring_in(sample(count))
        self.pages = _pages()
        self.queries = {page: _queries(self._client, paths[0]) for page, paths in self.pages.items()}
        self._times: dict[str, list[float]] = {page: [] for page in self.pages}

    def measure(self) -> None:
        _switch_to(self._database)
        for page, paths in self.pages.items():
            self._times[page] += _times(self._client, paths)

    def latency(self, page: str) -> float:
        """What nine in ten requests take at least: the page, without what else the machine is doing."""
        return quantiles(self._times[page], n=10)[0]


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


def _times(client: Client, paths: list[str]) -> list[float]:
    """Of _ROUNDS requests, after one for each path that fills all caches."""
    for path in paths:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")
    times = []
    for turn in range(_ROUNDS):
        started = time.perf_counter()
        client.get(paths[turn % len(paths)])
        times.append(time.perf_counter() - started)
    return times


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
