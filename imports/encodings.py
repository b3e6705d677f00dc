"""In which encoding a text is. What is not sure is asked for, with a guess for the person who answers."""

import codecs
import re

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
    if declared and (encoding := _declared(declared[1].decode(), name)) != UTF_8:
        return encoding
    _require_utf8(head, whole=whole, name=name)
    return UTF_8


def given_encoding(given: str) -> str:
    """Python's name for the encoding that a person named; UTF-8 where nobody named one.

    Raises DeliveryRefused when there is none of that name."""
    encoding = _known(given or UTF_8)
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


def _require_utf8(head: bytes, *, whole: bool, name: str) -> None:
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head, final=whole)
    except UnicodeDecodeError as error:
        raise DeliveryRefused(
            f"{name} is not in UTF-8: the byte at offset {error.start} is wrong. {_advice(head, error.start)}"
        ) from error


def _advice(head: bytes, offset: int) -> str:
    if b"\0" in head:
        return "It seems to be no text at all; name a text, or one compressed by gzip, zstandard or zip."
    start = max(0, offset - _GUESSED_FROM // 2)
    guess = _guess(head[start : start + _GUESSED_FROM])
    return (
        f"Find out its encoding and name it, perhaps with --encoding {_usual_name(guess)}; --encoding utf-8 "
        "insists on UTF-8 and leaves the rest to the rules for single records."
    )


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
