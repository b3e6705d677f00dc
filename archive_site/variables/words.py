import json

LONGEST_QUOTATION = 60

BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def as_boolean(text: str) -> bool | None:
    """None where the text is neither: a misspelt word must never count as false."""
    return BOOLEANS.get(text.lower())


def as_text(value: object) -> str:
    """How a typed value is written in the environment; the reverse of parsing it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def quoted(text: str) -> str:
    """A value of no secret variable, for a message. What may hold a password all the same is withheld."""
    if "@" in text:
        return "a text with @ in it"
    shown = text if len(text) <= LONGEST_QUOTATION else f"{text[:LONGEST_QUOTATION]}…"
    return json.dumps(shown, ensure_ascii=False)
