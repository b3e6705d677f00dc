"""In which encoding a text is. What is not sure is asked for, with a guess for the person who answers."""

import codecs
import io
import re
from typing import BinaryIO

from charset_normalizer import from_bytes

from imports.faults import DeliveryRefused
from imports.transcoding import UTF_8, UTF_8_MARKED

# Unicode 16.0, section 23.8. The marks of UTF-32 come first: one of them begins like one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, UTF_8_MARKED),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_XML = b"<?xml"
# XML 1.0, section 2.8 and 4.3.3.
_DECLARED = re.compile(rb"""<\?xml[^>]{1,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
# Python counts these as encodings of text, but no text is delivered in them; some take forever.
_NO_ENCODINGS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
# Larger ones take three times as long: their texts come from the system one by one.
_BLOCK = 64 * 1024
_GUESSED_FROM = 16 * 1024
# What texts on the web are in (WHATWG Encoding Standard) that are not in UTF-8. A choice of all the
# encodings there are finds one for every text, and mostly one that nobody uses.
_GUESSES = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2"),
    *("big5", "cp932", "cp949", "euc_jp", "gb18030"),
]
_USUAL = "cp1252"
_MISTAKEN_FOR_USUAL = "cp1250"
_NAMES = {
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "iso8859_2": "iso-8859-2",
    "koi8_r": "koi8-r",
    "euc_jp": "euc-jp",
}


def encoding_of(head: bytes, *, whole: bool, name: str, given: str = "") -> str:
    """Python's name for the encoding of a text that begins with `head`: the one that its byte order mark,
    the person who `given` it, or its XML declaration says, else UTF-8. `whole` says that nothing follows.

    Raises DeliveryRefused when it is none of them, or one that nobody knows."""
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")
    if given:
        return _beside_mark(given, marked, name)
    if marked:
        return marked
    declared = _DECLARED.match(head)
    encoding = _declared(declared[1].decode(), name) if declared else UTF_8
    if encoding != UTF_8 and not _is_belied(encoding, head, whole=whole):
        return encoding
    _Utf8(name).require(head, whole=whole)
    return UTF_8


def strict_utf8(stream: BinaryIO, *, name: str) -> io.BufferedReader:
    """A text that is taken for UTF-8, although nobody said so. What its end cuts is left to the formats,
    which know what is missing.

    The reading raises DeliveryRefused at the first byte that is wrong."""
    return io.BufferedReader(_Strict(stream, name), _BLOCK)


def given_encoding(given: str) -> str:
    """Python's name for the encoding that a person named; UTF-8 where nobody named one. Whether a byte order
    mark stands before a text the text itself tells.

    Raises DeliveryRefused when there is none of that name."""
    encoding = _known(given or UTF_8).removesuffix("-sig")
    if not encoding:
        raise DeliveryRefused(
            f"--encoding {given} is unknown; name one such as windows-1252, utf-16 or shift_jis."
        )
    return encoding


def _beside_mark(given: str, marked: str, name: str) -> str:
    encoding = given_encoding(given)
    family = marked.removesuffix("-sig")
    if not encoding.startswith(family):
        raise DeliveryRefused(
            f"{name} begins with the byte order mark of {family.upper()}, so it is not in {given}; "
            "leave --encoding out."
        )
    return marked or encoding


def _known(name: str) -> str:
    try:
        # Unlike codecs.lookup it knows texts only, and no zip or hexadecimal digits.
        "".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return "" if found in _NO_ENCODINGS else found


def _declared(declared: str, name: str) -> str:
    encoding = _known(declared)
    if not encoding:
        raise DeliveryRefused(
            f"{name} declares the unknown encoding {declared}; name the true one with --encoding."
        )
    # Programs that write strings declare UTF-16 in texts that others then save as UTF-8.
    readable = _XML.decode(encoding, "replace") == _XML.decode()
    return encoding if readable else UTF_8


def _is_belied(encoding: str, head: bytes, *, whole: bool) -> bool:
    """Whether the bytes show that they are UTF-8: where each of them is a character they hardly ever stand
    beside each other so by chance."""
    if len(bytes(range(256)).decode(encoding, "replace")) != 256:
        return False
    try:
        return not codecs.getincrementaldecoder(UTF_8)().decode(head, final=whole).isascii()
    except UnicodeDecodeError:
        return False


class _Utf8:
    """Follows a text block by block to its first byte that is no UTF-8."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder(UTF_8)()
        self._offset = 0

    def require(self, block: bytes, *, whole: bool = False) -> None:
        """`whole` says that the text ends with this block. Raises DeliveryRefused."""
        self._offset += len(block)
        try:
            self._decoder.decode(block, final=whole)
        except UnicodeDecodeError as error:
            # The decoder counts from what it had left over of the block before.
            offset = self._offset - len(error.object) + error.start
            raise DeliveryRefused(
                f"{self._name} is not in UTF-8: the byte at offset {offset} is wrong. "
                f"{_advice(error.object, error.start)}"
            ) from error


class _Strict(io.RawIOBase):
    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._utf8 = _Utf8(name)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        count = self._stream.readinto(memoryview(buffer)[:_BLOCK])
        self._utf8.require(bytes(buffer[:count]))
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def _advice(block: bytes, wrong: int) -> str:
    sample = _around(block, wrong)
    if b"\0" in sample:
        return "It seems to be no text at all; name a text, or one compressed by gzip, zstandard or zip."
    return (
        f"Find out its encoding and name it, perhaps with --encoding {_usual_name(_guess(sample))}; "
        "--encoding utf-8 insists on UTF-8 and leaves the rest to the rules for single records."
    )


def suggested_encoding(text: bytes, *, wrong: int) -> str:
    """What --encoding may be given for a text whose byte at `wrong` is no UTF-8."""
    return _usual_name(_guess(_around(text, wrong)))


def _around(block: bytes, place: int) -> bytes:
    start = max(0, place - _GUESSED_FROM // 2)
    return block[start : start + _GUESSED_FROM]


def _guess(sample: bytes) -> str:
    matches = from_bytes(sample, cp_isolation=_GUESSES)
    best = matches.best()
    if not best:
        return _USUAL
    equal = [match for match in matches if match.chaos == best.chaos]
    if best.encoding == _MISTAKEN_FOR_USUAL and any(_USUAL in match.could_be_from_charset for match in equal):
        return _USUAL
    return best.encoding


def _usual_name(encoding: str) -> str:
    return _NAMES.get(encoding, encoding.replace("cp125", "windows-125"))
