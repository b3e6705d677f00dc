"""Reads what a page says out of its HTML."""

import re


def text_of(html: str) -> str:
    """The words of a page's main part, on one line."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def titles_in(html: str) -> list[str]:
    return re.findall(r'<h2 class="card-title[^>]*><a[^>]*>([^<]*)</a>', html)


def ids_in(html: str) -> list[int]:
    """Of the articles that a list shows, in its order."""
    return [int(pk) for pk in re.findall(r'class="u-url" href="/articles/(\d+)/', html)]
