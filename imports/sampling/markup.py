"""The same article as HTML, as Markdown and as plain text. What comes in is a template already, whose
words hold nothing that would have to be escaped; only listings do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from imports.sampling.vocabulary.shapes import Listing


@dataclass(frozen=True, slots=True)
class Markup:
    """`code`, `strong` and `link` stand within a sentence; the others make a block of the body."""

    name: str
    code: Callable[[str], str]
    strong: Callable[[str], str]
    link: Callable[[str, str], str]
    heading: Callable[[str], str]
    paragraph: Callable[[str], str]
    quote: Callable[[str], str]
    items: Callable[[Sequence[str]], str]
    table: Callable[[Sequence[Sequence[str]]], str]
    listing: Callable[[Listing], str]


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def _html_listing(listing: Listing) -> str:
    code = escape(listing.code, quote=False)
    return f'<pre><code class="language-{listing.language}">{code}</code></pre>\n'


HTML = Markup(
    name="html",
    code=lambda text: f"<code>{text}</code>",
    strong=lambda text: f"<strong>{text}</strong>",
    link=lambda text, path: f'<a href="{path}">{text}</a>',
    heading=lambda text: f"<h2>{text}</h2>\n",
    paragraph=lambda text: f"<p>{text}</p>\n",
    quote=lambda text: f"<blockquote><p>{text}</p></blockquote>\n",
    items=lambda texts: f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>\n",
    table=_html_table,
    listing=_html_listing,
)


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return "\n".join(lines) + "\n\n"


MARKDOWN = Markup(
    name="markdown",
    code=lambda text: f"`{text}`",
    strong=lambda text: f"**{text}**",
    link=lambda text, path: f"[{text}]({path})",
    heading=lambda text: f"## {text}\n\n",
    paragraph=lambda text: f"{text}\n\n",
    quote=lambda text: f"> {text}\n\n",
    items=lambda texts: "".join(f"- {text}\n" for text in texts) + "\n",
    table=_markdown_table,
    listing=lambda listing: f"```{listing.language}\n{listing.code}\n```\n\n",
)


def _indented(listing: Listing) -> str:
    return "".join(f"    {line}\n" for line in listing.code.splitlines()) + "\n"


def _text_table(rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"{' / '.join(filter(None, row))}\n" for row in rows) + "\n"


TEXT = Markup(
    name="text",
    code=lambda text: text,
    strong=lambda text: text,
    link=lambda text, path: f"{text} ({path})",
    heading=lambda text: f"{text}\n\n",
    paragraph=lambda text: f"{text}\n\n",
    quote=lambda text: f'"{text}"\n\n',
    items=lambda texts: "".join(f"* {text}\n" for text in texts) + "\n",
    table=_text_table,
    listing=_indented,
)

MARKUPS = {markup.name: markup for markup in (HTML, MARKDOWN, TEXT)}
