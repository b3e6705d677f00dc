"""The formats in which articles come. A format is one module that reads and one that is told here."""

from imports.deliveries import Sight
from imports.faults import DeliveryRefused
from imports.sources import atom, csv_table, ghost, jsonfeed, jsonl, markdown_tree, rss, wxr
from imports.sources.format import Format

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        markdown_tree.FORMAT,
        ghost.FORMAT,
        jsonfeed.FORMAT,
        jsonl.FORMAT,
        wxr.FORMAT,
        atom.FORMAT,
        rss.FORMAT,
        csv_table.FORMAT,
    )
}


def choose_format(name: str, sight: Sight) -> Format:
    """The format called `name`, or with `auto` the one that a delivery shows.

    Raises DeliveryRefused when none fits."""
    if name != "auto":
        return FORMATS[name]
    for form in FORMATS.values():
        if form.recognizes(sight):
            return form
    known = ", ".join(form.title for form in FORMATS.values())
    if not sight.head.strip() and not sight.members:
        raise DeliveryRefused(f"{sight.name} is empty; there is nothing to import.")
    raise DeliveryRefused(f"{sight.name} is in no known format; known are {known}.")
