"""One record of a generated archive, in the archive's own format."""

import hashlib
from typing import Any

from imports.sampling.bodies import Body, write_body
from imports.sampling.particulars import authorship, classification, companions, dates, editorial, oddities
from imports.sampling.sketches import Sketch, sketch

_LETTERS_A_MINUTE = 1250


def sample_record(seed: int, number: int) -> dict[str, Any]:
    """Record `number`, counted from zero, of the archive of `seed`; it depends on nothing else."""
    drawn = sketch(seed, number)
    body = write_body(seed, drawn)
    beside = companions(drawn)
    return {
        **_identity(seed, drawn, body),
        **authorship(drawn),
        **classification(drawn),
        **beside,
        **editorial(drawn, pictured="image_sources" in beside),
        **dates(drawn),
        **_content(drawn, body),
        **oddities(drawn),
    }


def _identity(seed: int, drawn: Sketch, body: Body) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "title": drawn.title,
        "reference": f"SA-{drawn.cast['year']}-{drawn.number + 1:07}",
        "payload": {
            "source_id": f"sample-{drawn.number + 1:07}",
            "generator": "sample",
            "paragraphs": body.paragraphs,
            "scenario": drawn.cast["place"],
            "seed": seed,
        },
    }
    if drawn.path:
        identity["aliases"] = [drawn.path]
    if drawn.number % 10:
        identity["slug"] = drawn.slug
    return identity


def _content(drawn: Sketch, body: Body) -> dict[str, Any]:
    content: dict[str, Any] = {
        "language": drawn.language,
        "body_format": body.format,
        "body": body.text,
        "reading_time": 1 + len(body.text) // _LETTERS_A_MINUTE,
        "hash": hashlib.sha256(body.text.encode()).hexdigest()[:24],
    }
    if body.code_language:
        content["code_language"] = body.code_language
    return content
