import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.faults import DeliveryRefused, RecordRejected
from tests.imports.deliveries import read_all, record_of
from tests.imports.ghost_exports import POST, export
from tests.imports.test_jsonfeed import ITEM, feed

WHOLE = {
    "ghost": json.dumps(export(POST, {**POST, "uuid": "u-2"})).encode(),
    "jsonfeed": json.dumps(feed(ITEM, {**ITEM, "id": 2})).encode(),
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "url", "_x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
COLUMNS = sorted({*POST, "page", "image", "author_id", "excerpt", "language"})


def read_whole(format_name: str, content: bytes) -> None:
    with suppress(DeliveryRefused):
        for raw in read_all(format_name, content):
            if not raw.fault:
                with suppress(RecordRejected):
                    record_of(format_name, raw.raw)


def encoded(document: object) -> bytes:
    """With what is no JSON strictly, such as NaN or half a surrogate pair, where that is in it."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return json.dumps(document).encode()


@pytest.mark.parametrize("format_name", WHOLE)
@given(start=st.integers(0, 2500), length=st.integers(0, 30), piece=st.binary(max_size=12))
def test_any_bytes_in_a_document_are_records_rejects_or_a_refusal(format_name, start, length, piece):
    content = WHOLE[format_name]
    read_whole(format_name, content[:start] + piece + content[start + length :])


@given(st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=6), VALUES)
def test_any_values_in_a_ghost_export_are_records_rejects_or_a_refusal(changes, users):
    read_whole("ghost", encoded(export({**POST, **changes}, users=users)))


@given(st.dictionaries(st.sampled_from(sorted({*ITEM, "author"})), VALUES, max_size=5), VALUES)
def test_any_values_in_a_feed_are_records_rejects_or_a_refusal(changes, authors):
    read_whole("jsonfeed", encoded(feed({**ITEM, **changes}, authors=authors)))
