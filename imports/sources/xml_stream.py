"""XML from elsewhere, element by element: what no parser may accept is dropped or refused before it gets
there, and what was read is freed."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from lxml import etree

from imports.faults import DeliveryRefused

# XML 1.0 section 2.2 knows neither these characters nor references to them; systems write them all the same.
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0{0,7}(?:[0-8]|1[124-9]|2\d|3[01])|x0{0,7}(?:[0-8bcef]|1[0-9a-f]|fff[ef]|d[89a-f]..));",
    re.IGNORECASE,
)
# How what was dropped is called among what was skipped.
FORBIDDEN = "forbidden character"

_UNDECLARED_ENTITY = (etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.WAR_UNDECLARED_ENTITY)

_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
# What may be the beginning of one of them, at the end of a block.
_CUT_OFF = re.compile(rb"(?:&|&#\w{0,12}|\xef\xbf?)\Z")
_LONGEST_CUT_OFF = 14

# White space may not stand before the declaration, but does; behind it it keeps the count of lines.
_LATE_DECLARATION = re.compile(rb"\A((?:\xef\xbb\xbf)?)(\s++)(<\?xml\b.*?\?>)", re.DOTALL)
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_LONGEST_PROLOG = 1024 * 1024

# A tag with the text behind or in it takes some 240 bytes as nodes, an attribute 200: what is small in a file
# can be large in memory.
_TAG_BYTES = 240
_ATTRIBUTE_BYTES = 200
_MOST_WEIGHT = 128 * 1024 * 1024
# A text is in memory several times: the parser's, Python's, and what is made of it.
_MOST_BYTES = 32 * 1024 * 1024
_RECORDS_IN_MEMORY = 3
# Below this size between two elements not even nodes alone can do harm, so that they are not counted. Blocks
# are kept until then, also where most of them have been given back: this many at most.
_HARMLESS_BYTES = 1024 * 1024
_MOST_UNWEIGHED = 64


def elements(
    stream: BinaryIO,
    *,
    tags: tuple[str, ...],
    delivery: str,
    on_dropped: Callable[[int], None],
    unread: tuple[str, ...] = (),
    max_record_bytes: int = 0,
) -> Iterator[etree._Element]:
    """Each element with one of `tags` that stands in no other such element, in the order of the
    document. With the next step it is freed: read it at once, and nothing around it but its ancestors.

    `tags` are written as lxml has them: `item`, `{namespace}entry`, `{*}author`. Elements with one of
    `unread`, written out in full, are freed as they come, wherever they stand, with the text behind them;
    one of them may be left, empty. `stream` is UTF-8, whatever the document declares. Comments and
    processing instructions are left out. `on_dropped` is told in the end how many characters were dropped
    because XML forbids them, if there were any. A record somewhat larger than `max_record_bytes` comes
    whole.

    Raises DeliveryRefused when the document is not well-formed, declares a DOCTYPE, or has more between
    two elements than fits into memory; `delivery` is what people call it."""
    most_bytes = max(_MOST_BYTES, _RECORDS_IN_MEMORY * max_record_bytes)
    source = _Cleaned(stream, delivery, most_bytes)
    try:
        for element in _parsed(source, tags, unread):
            source.pass_element()
            yield element
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise DeliveryRefused(f"{delivery} is not well-formed XML{_where(error)}. {_cure(error)}") from error
    if source.dropped:
        on_dropped(source.dropped)


def _parsed(source: "_Cleaned", tags: tuple[str, ...], unread: tuple[str, ...]) -> Iterator[etree._Element]:
    # huge_tree lifts libxml2's limits on long texts and on entities. _Cleaned bounds the one, and without a
    # DOCTYPE there are none of the other; told not to resolve any, lxml has no words for unknown ones.
    events = etree.iterparse(
        source,
        events=("end",),
        tag=tags + unread,
        encoding="utf-8",
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        recover=False,
    )
    emptied = outside = None
    for _, element in events:
        if element.tag in unread:
            # The newest node of the tree is the parser's; the one before it can go.
            _remove(emptied)
            source.give_back(element)
            element.clear(keep_tail=True)
            emptied = element
        # Nearly all stand in the same one, and walking up from each would cost.
        elif element.getparent() is outside or next(element.iterancestors(*tags), None) is None:
            outside = element.getparent()
            yield element


def _remove(element: etree._Element | None) -> None:
    parent = None if element is None else element.getparent()
    if parent is not None:
        parent.remove(element)


def _forget(element: etree._Element) -> None:
    """Without it iterparse keeps the whole tree."""
    element.clear(keep_tail=True)
    parent = element.getparent()
    if parent is not None:
        while parent[0] is not element:
            del parent[0]


def _where(error: etree.XMLSyntaxError) -> str:
    # For a file that just ends libxml2 has no words but these.
    unknown = not error.msg or error.msg.startswith("Unregistered")
    return f": it ends too early, near line {error.lineno}" if unknown else f": {error.msg}"


def _cure(error: etree.XMLSyntaxError) -> str:
    if error.code in _UNDECLARED_ENTITY:
        return (
            "XML knows none of HTML's entities but &amp; &lt; &gt; &quot; and &apos;: write the character "
            "itself or its number, such as &#160; for &nbsp;."
        )
    return "It may have been cut off on its way; fetch or export it again."


def _least_bytes(node: etree._Element) -> int:
    """What an element takes in a file at least, without what is in it but its first text."""
    name = len(node.tag) - node.tag.find("}") - 1
    text, tail = node.text, node.tail
    tags = 2 * name + 5 if text or len(node) else name + 3
    return tags + (len(text.encode()) if text else 0) + (len(tail.encode()) if tail else 0)


def _weight_of(block: bytes) -> int:
    tags = block.count(b"<") - block.count(b"</") - block.count(b"<!")
    return len(block) + tags * _TAG_BYTES + block.count(b"=") * _ATTRIBUTE_BYTES


class _Cleaned:
    """The bytes that the parser may see. `dropped` counts the characters that it may not."""

    def __init__(self, stream: BinaryIO, delivery: str, most_bytes: int) -> None:
        self._stream = stream
        self._delivery = delivery
        self._most_bytes = most_bytes
        self._held_back = b""
        self._size = 0
        self._weight = 0
        self._unweighed: list[bytes] = []
        self.dropped = 0
        self._head = self._checked_prolog()

    def read(self, size: int) -> bytes:
        """Some more bytes than `size` at times; none at the end of the document only."""
        if self._head:
            block, self._head = self._head, b""
            return block
        while block := self._stream.read(size):
            if cleaned := self._clean(block):
                self._weigh(cleaned)
                return cleaned
        rest, self._held_back = self._held_back, b""
        return rest

    def pass_element(self) -> None:
        """What came so far is about to be freed."""
        self._size = self._weight = 0
        self._unweighed.clear()

    def give_back(self, element: etree._Element) -> None:
        """All in `element` is about to be freed. It counts for somewhat less than it took to be read, so
        that nobody can hide what is kept between elements that are not."""
        sizes = [_least_bytes(node) for node in element.iter()]
        self._size -= sum(sizes)
        self._weight -= sum(sizes) + len(sizes) * _TAG_BYTES

    def _clean(self, block: bytes) -> bytes:
        kept = (self._held_back + block).translate(None, _CONTROLS)
        self.dropped += len(self._held_back) + len(block) - len(kept)
        for pattern in (_CONTROL_REFERENCE, _NONCHARACTER):
            kept, times = pattern.subn(b"", kept)
            self.dropped += times
        cut_off = _CUT_OFF.search(kept, max(0, len(kept) - _LONGEST_CUT_OFF))
        end = cut_off.start() if cut_off else len(kept)
        self._held_back = kept[end:]
        return kept[:end]

    def _weigh(self, block: bytes) -> None:
        self._size += len(block)
        self._unweighed.append(block)
        if self._size < _HARMLESS_BYTES and len(self._unweighed) < _MOST_UNWEIGHED:
            return
        self._weight += sum(map(_weight_of, self._unweighed))
        self._unweighed.clear()
        if self._size > self._most_bytes or self._weight > _MOST_WEIGHT:
            raise DeliveryRefused(
                f"{self._delivery} has an element that is too large to be read: it does not end within "
                f"{self._size:,} bytes. Shorten or remove it and try again."
            )

    def _checked_prolog(self) -> bytes:
        """The beginning, which is known to declare no DOCTYPE: entities declared there are a way to
        read files and to fill the memory."""
        head = self._clean(self._stream.read(_LONGEST_PROLOG))
        head = _LATE_DECLARATION.sub(rb"\1\3\2", head)
        root = head[_PROLOG.match(head).end() :][:9]
        if root.upper().startswith(b"<!DOCTYPE"):
            raise DeliveryRefused(
                f"{self._delivery} declares a DOCTYPE, which exports and feeds have no use for; it is "
                "refused. Take the declaration out if you trust the file."
            )
        if not root.startswith(b"<") or root.startswith(b"<!"):
            raise DeliveryRefused(f"{self._delivery} is no XML: it does not begin with an element.")
        return head
