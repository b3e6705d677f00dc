"""The admin as a person in a browser meets it: the addresses, the forms and what comes back."""

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.editing import create_article
from articles.models import Article
from tests.factories import PUBLISHED_AT as NOW


def written(title: str = "Slow queries", **values: Any) -> Article:
    return create_article(values={"title": title, "body": "<p>Text</p>", **values}, now=NOW)


def listing(name: str, **query: Any) -> str:
    return reverse(f"admin:{name}_changelist", query=query or None)


def page_of(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def titles_in(html: str) -> list[str]:
    return re.findall(r'class="field-title"><a[^>]*>([^<]*)<', html)


def form_of(client: Client, address: str) -> dict[str, str]:
    """What a browser would send back if the form were saved as it was opened."""
    form = client.get(address).context["adminform"].form
    data: dict[str, str] = {}
    for bound in form:
        data |= _sent(bound)
    return data


def _sent(bound: Any) -> dict[str, str]:
    widget, value = bound.field.widget, bound.value()
    if hasattr(widget, "widgets"):
        parts = widget.decompress(value)
        shown = [part.format_value(item) or "" for part, item in zip(widget.widgets, parts, strict=True)]
        return {f"{bound.html_name}_{number}": text for number, text in enumerate(shown)}
    if isinstance(value, bool):
        return {bound.html_name: "on"} if value else {}
    text = widget.format_value(value)
    text = text[0] if isinstance(text, list) else text
    # Browsers send CR LF for every end of line of a text area.
    return {bound.html_name: str(text or "").replace("\n", "\r\n")}


def saved(client: Client, article: Article, **typed: str) -> Any:
    data = form_of(client, page_of(article))
    return client.post(page_of(article), {**data, **typed, "_continue": "1"})


def chief() -> Client:
    """May do everything."""
    return logged_in(User.objects.create_user("ada", is_staff=True, is_superuser=True))


def editor(*codenames: str) -> Client:
    """May do what these permissions name."""
    user = User.objects.create_user("erin", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return logged_in(user)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def neighbor(page: Any, rel: str) -> str:
    """The address of the next or previous page of a list, or an empty text."""
    found = re.search(rf'<a href="([^"]*)" rel="{rel}"', page.text)
    return page.request["PATH_INFO"] + unescape(found[1]) if found else ""
