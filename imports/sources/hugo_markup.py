"""What Hugo and Zola add to Markdown, put into plain Markdown as far as that needs no site around it."""

import re
from html import escape
from posixpath import dirname, normpath
from urllib.parse import unquote

from imports.sources.jekyll_markup import post_path
from imports.sources.markdown_tags import TagReader
from imports.sources.page_names import below_content, path_address

# A shortcode: {{< name … >}}, or {{% name … %}}. Written {{</* name */>}} it stands for itself.
_SHORTCODE = re.compile(
    r"\{\{(?P<open>[<%])(?P<escaped>/\*)?(?P<given>[^{}]{1,2000}?)(?:\*/)?(?P<close>[>%])\}\}"
)
_NAME = re.compile(r"\s*(/?[\w-]+)")
_ARGUMENT = re.compile(r"(?:([\w-]+)=)?(?:\"((?:[^\"\\]|\\.)*+)\"|`([^`]*+)`|([^\s\"`]+))")
_MARKDOWN_FILE = re.compile(r"[^#?]+\.(?:md|markdown|mdown|mkd)(?=[#?]|$)", re.IGNORECASE)
# In Markdown's links, in their definitions and in HTML.
_LINK = re.compile(
    r"(\]\([ \t]*<?|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?|\bhref=[\"']?)([^\s()<>\"'{}]++)",
    re.MULTILINE | re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_VIDEO = re.compile(r"[\w-]{1,64}")


def linked_markdown(body: str, *, path: str) -> str:
    """Shortcodes for pictures, videos, listings and links become Markdown or HTML; all others stay.
    Links to other Markdown files lead to `path_address`; `path` is the file's own."""
    if "{{<" in body or "{{%" in body:
        body = _Shortcodes(body, path).text(_SHORTCODE)
    if ".m" not in body.lower():
        return body
    return _LINK.sub(lambda link: link[1] + _address_of_link(link[2], path), body)


def _address_of_link(link: str, path: str) -> str:
    named = _MARKDOWN_FILE.match(link)
    if not named or _ELSEWHERE.match(link):
        return link
    file = unquote(named[0])
    from_top = file.startswith(("@/", "/"))
    address = _address(file.lstrip("@/") if from_top else f"{dirname(below_content(path))}/{file}")
    return f"{address}{link[named.end() :]}" if address else link


def _address(file: str) -> str:
    """Where the file is found by its path within the content; empty where that leads out of it."""
    file = normpath(file.lstrip("/"))
    if file.startswith("..") or file == ".":
        return ""
    return path_address(file) or post_path(file)


class _Shortcodes(TagReader):
    def __init__(self, body: str, path: str) -> None:
        super().__init__(body)
        self._path = path

    def replaced(self, found: re.Match[str]) -> str:
        if found["escaped"]:
            return f"{{{{{found['open']}{found['given']}{found['close']}}}}}"
        named = _NAME.match(found["given"])
        name = named[1] if named else ""
        if name == "/highlight":
            return self.closed(found)
        arguments = _arguments(found["given"][named.end() :]) if named else {}
        if name == "highlight":
            return self.opened(found, language=arguments.get("0", ""))
        if name in ("ref", "relref"):
            return _reference(arguments.get("path") or arguments.get("0", ""), self._path) or found[0]
        make = _HTML_OF.get(name)
        return make(arguments) or found[0] if make else found[0]


def _arguments(given: str) -> dict[str, str]:
    """Those without a name are called by their places: "0", "1"."""
    found = {}
    for place, (name, quoted, raw, bare) in enumerate(_ARGUMENT.findall(given)):
        found[name or str(place)] = re.sub(r"\\(.)", r"\1", quoted) if quoted else raw or bare
    return found


def _reference(target: str, path: str) -> str:
    """Hugo looks for a bare name beside the page first, and for a path from the top."""
    file, mark, anchor = target.partition("#")
    if not file:
        return mark + anchor
    beside = file.startswith(".") or "/" not in file
    address = _address(f"{dirname(below_content(path))}/{file}" if beside else file)
    return f"{address}{mark}{anchor}" if address else ""


def _figure(arguments: dict[str, str]) -> str:
    source = arguments.get("src") or arguments.get("0")
    if not source:
        return ""
    told = [arguments.get("title"), arguments.get("caption")]
    caption = " ".join(" ".join(text.split()) for text in told if text)
    image = f'<img src="{escape(source)}" alt="{escape(arguments.get("alt", ""))}">'
    if link := arguments.get("link"):
        image = f'<a href="{escape(link)}">{image}</a>'
    return f"<figure>{image}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>"


def _youtube(arguments: dict[str, str]) -> str:
    video = arguments.get("id") or arguments.get("0", "")
    return f"<https://www.youtube.com/watch?v={video}>" if _VIDEO.fullmatch(video) else ""


_HTML_OF = {"figure": _figure, "youtube": _youtube}
