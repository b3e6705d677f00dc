"""Which files an archive keeps, told by their first bytes: what a server says of them counts for nothing."""

HEAD_BYTES = 64

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    # Frames of MPEG 1 and 2, layer III, without a tag before them.
    *((bytes((0xFF, second)), "mp3") for second in (0xFA, 0xFB, 0xF2, 0xF3)),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
# ISO/IEC 14496-12, section 4.3: the brands of a file type box.
_BRANDS = (
    ("avif", {b"avif", b"avis"}),
    ("m4a", {b"M4A ", b"M4B "}),
    ("mp4", {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"M4V ", b"avc1", b"dash"}),
)
_MATROSKA = b"\x1aE\xdf\xa3"


def extension_of(head: bytes) -> str:
    """The extension for a file that begins with `head`, its first HEAD_BYTES, or an empty text where it is
    none that is kept. SVG is none: it can hold scripts."""
    if head[4:8] == b"ftyp":
        return _branded(head)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[:4] == _MATROSKA:
        return "webm" if b"webm" in head else ""
    return next((extension for beginning, extension in _BEGINNINGS if head.startswith(beginning)), "")


def _branded(head: bytes) -> str:
    end = min(int.from_bytes(head[:4]), len(head))
    # The major brand, its version, the compatible ones.
    brands = {head[8:12], *(head[start : start + 4] for start in range(16, end, 4))}
    return next((extension for extension, known in _BRANDS if brands & known), "")
