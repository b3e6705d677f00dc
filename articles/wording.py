"""The words in which readers meet the domain's names."""

import re

from articles.models import TermKind

PLURALS = {
    TermKind.TOPIC: "Topics",
    TermKind.STACK: "Stack",
    TermKind.TOOL: "Tools",
    TermKind.LANGUAGE: "Languages",
    TermKind.TAG: "Tags",
    TermKind.ENTITY: "Entities",
}


_ACRONYMS = {"ai": "AI", "api": "API", "css": "CSS", "html": "HTML", "id": "ID", "js": "JS", "json": "JSON",
             "sql": "SQL", "uri": "URI", "url": "URL", "xml": "XML"}  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_IN_LABEL = re.compile(r"[_\s-]+")


def label(key: str) -> str:
    """`source_id` or `sourceId`, as a person would write it: Source ID."""
    words = _NOT_IN_LABEL.sub(" ", _HUMP.sub(" ", key)).split()
    written = " ".join(_ACRONYMS.get(word.lower(), word) for word in words)
    return written[:1].upper() + written[1:]
