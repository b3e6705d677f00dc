"""What the JSON columns of an article hold. Each function returns what is wrong, as one sentence for the
person who typed it, or an empty text."""

from typing import Any
from urllib.parse import urlsplit

SCORES = ("quality", "freshness", "depth", "clarity")


def fault_in_object(value: Any) -> str:
    return "" if isinstance(value, dict) else "This must be an object: { … } with keys and values."


def fault_in_score(value: Any) -> str:
    if not isinstance(value, dict):
        return fault_in_object(value)
    wrong = [name for name in SCORES if name in value and not _is_score(value[name])]
    return f"{wrong[0]} must be a number from 0 to 100." if wrong else ""


def fault_in_entities(value: Any) -> str:
    fault = _fault_in_objects(value)
    if fault:
        return fault
    nameless = [number for number, entity in enumerate(value, 1) if not _is_filled(entity.get("name"))]
    return f"Entity {nameless[0]} has no “name”, or one that is no text." if nameless else ""


def fault_in_image_sources(value: Any) -> str:
    fault = _fault_in_objects(value)
    if fault:
        return fault
    wrong = [number for number, image in enumerate(value, 1) if not _is_web_address(image.get("url"))]
    return f"The “url” of image {wrong[0]} must begin with http:// or https://." if wrong else ""


def _fault_in_objects(value: Any) -> str:
    if not isinstance(value, list):
        return "This must be a list: [ … ] of objects."
    wrong = [number for number, item in enumerate(value, 1) if not isinstance(item, dict)]
    return f"Item {wrong[0]} of the list must be an object: {{ … }}." if wrong else ""


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_web_address(value: Any) -> bool:
    """True also where there is no address: an image may be credited by its caption alone."""
    if value is None:
        return True
    try:
        parts = urlsplit(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
