"""The readers' pages. A view reads its address, asks once and renders."""

from datetime import date
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from articles import listing
from articles.addresses import is_written_as
from articles.http import View, elsewhere, last_modified, moved, public_page
from articles.models import Article, Term, TermKind
from articles.paging import BadCursor, TopOfList
from articles.reading import article_page, tombstone
from articles.visibility import visibility_of
from articles.wording import PLURALS

_ROBOTS = """\
User-agent: *
Disallow: /search/
"""


def paged(view: View) -> View:
    """A made-up cursor is an address that does not exist; the page above all others has its own."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BadCursor as error:
            raise Http404("This place in the list does not exist.") from error
        except TopOfList:
            return elsewhere(request.path)

    return answer


@public_page
@paged
def home(request: HttpRequest) -> HttpResponse:
    page = listing.newest(request.GET, now=timezone.now())
    return render(request, "articles/home.html", {"page": page})


@public_page
def article(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Article.objects.for_reading(), pk=pk)
    visibility = visibility_of(found, now=now)
    if visibility.page == HTTPStatus.NOT_FOUND:
        raise Http404("This article is not public.")
    if visibility.page == HTTPStatus.GONE:
        context = {"tombstone": tombstone(found, now=now)}
        response = render(request, "410.html", context, status=HTTPStatus.GONE)
    elif is_written_as(request, found.get_absolute_url()):
        response = render(request, "articles/article.html", {"page": article_page(found, now=now)})
        last_modified(response, found.updated_at, now=now)
    else:
        return moved(found.get_absolute_url())
    if visibility.robots:
        response.headers["X-Robots-Tag"] = visibility.robots
    return response


@public_page
def articles_root(request: HttpRequest) -> HttpResponse:
    return moved(reverse("articles:archive"))


@public_page
def archive(request: HttpRequest) -> HttpResponse:
    return render(request, "articles/archive.html", {"years": listing.years(now=timezone.now())})


@public_page
def archive_year(request: HttpRequest, year: int) -> HttpResponse:
    now = timezone.now()
    if not 1 <= year <= now.year:
        raise Http404("No such year.")
    address = reverse("articles:archive_year", args=[f"{year:04}"])
    if not is_written_as(request, address):
        return moved(address)
    shelves = listing.year(year, now=now)
    if shelves is None:
        raise Http404("No articles in this year.")
    context = {"year": shelves, "cards": listing.newest_of_year(year, now=now)}
    return render(request, "articles/archive_year.html", context)


@public_page
@paged
def archive_month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    now = timezone.now()
    if not (1 <= year <= now.year and 1 <= month <= 12):
        raise Http404("No such month.")
    address = reverse("articles:archive_month", args=[f"{year:04}", f"{month:02}"])
    if not is_written_as(request, address):
        return moved(address)
    first_day = date(year, month, 1)
    shelf = listing.shelf(first_day, now=now)
    if shelf is None:
        raise Http404("No articles in this month.")
    page = listing.of_month(first_day, request.GET, now=now)
    return render(request, "articles/archive_month.html", {"month": first_day, "shelf": shelf, "page": page})


@public_page
def kinds(request: HttpRequest) -> HttpResponse:
    return moved(reverse("articles:terms", args=[TermKind.TOPIC]))


@public_page
@paged
def terms(request: HttpRequest, kind: str) -> HttpResponse:
    page = listing.terms_of_kind(kind, request.GET, now=timezone.now())
    return render(request, "articles/terms.html", {"heading": PLURALS[kind], "page": page})


@public_page
@paged
def term(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    now = timezone.now()
    known = Term.objects.with_public_articles(now=now).counting_public(now=now)
    found = get_object_or_404(known, kind=kind, slug=slug)
    page = listing.of_term(found, request.GET, now=now)
    return render(request, "articles/term.html", {"term": found, "kinds": PLURALS[kind], "page": page})


@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    return moved(static("articles/favicon.svg"))


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")
