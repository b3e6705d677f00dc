"""Addresses that articles had at their sources."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.http import moved
from articles.models import Article, LegacyPath
from articles.visibility import visibility_of

_LONGEST_PATH = LegacyPath._meta.get_field("path").max_length


class LegacyAddressMiddleware:
    """Redirects an old address to its article. Asks only where no page was found, once, by primary key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in ("GET", "HEAD"):
            return response
        article = article_at(request.path)
        return moved(article.get_absolute_url()) if article else response


def article_at(path: str) -> Article | None:
    """The article whose old address this was, with or without a slash at its end. None too where its page
    would not be found either: a redirect would tell that there is a draft."""
    if len(path) > _LONGEST_PATH or "\0" in path:
        return None
    bare = path.rstrip("/")
    rows = LegacyPath.objects.filter(path__in={path, bare, f"{bare}/"}).select_related("article")
    found = {row.path: row.article for row in rows.only("path", *_ADDRESS_FIELDS)}
    article = found.get(path) or next(iter(found.values()), None)
    if article is None or visibility_of(article, now=timezone.now()).page == HTTPStatus.NOT_FOUND:
        return None
    return article


_ADDRESS_FIELDS = tuple(
    f"article__{name}" for name in ("slug", "status", "published_at", "review_status", "needs_human_review")
)
