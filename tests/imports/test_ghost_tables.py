import json
import tracemalloc
from contextlib import closing

import pytest

from imports.faults import DeliveryRefused
from imports.sources.ghost import FORMAT
from imports.sources.ghost_tables import Relations
from imports.sources.json_reader import JsonReader
from tests.imports.deliveries import OPTIONS, read_all
from tests.imports.ghost_exports import POST, TABLES, export


def test_secrets_are_kept_nowhere():
    secret = "open-sesame"
    loot = {
        "settings": [{"key": "private_key", "value": secret}, {"key": "session_secret", "value": secret}],
        "users": [{**user, "password": secret, "email": secret, "bio": secret} for user in TABLES["users"]],
        "members": [{"id": "m1", "email": secret, "name": secret}],
        "api_keys": [{"id": "k1", "secret": secret}],
        "sessions": [{"id": "s1", "session_data": secret}],
        "posts_meta": [{**TABLES["posts_meta"][0], "frontmatter": secret}],
    }
    hidden = {"codeinjection_head": secret, "codeinjection_foot": secret, "email_recipient_filter": secret}
    document = export({**POST, **hidden}, {**POST, **hidden, "title": {"a": 1}}, **loot)
    broken = json.dumps({**POST, **hidden, "codeinjection_foot": f'"{secret}"'}).replace("null", "nil")
    text = json.dumps(document).replace('"posts": [', f'"posts": [{broken}, ')
    raws = read_all("ghost", text)
    assert [raw.fault.code if raw.fault else "" for raw in raws] == ["not-json", "", "bad-type"]
    assert secret not in repr(raws)
    assert secret not in repr(FORMAT.to_values(raws[1].raw, OPTIONS))


@pytest.mark.parametrize(
    "broken", ['{"key": "private_key", "value": "open-sesame', '{"key": open-sesame}}', '{"open-sesame" "x"}']
)
def test_a_refusal_quotes_no_secret(broken):
    document = json.dumps(export(POST, users=["open-sesame"]))
    for text in (document, f'{{"data": {{"posts": [], "settings": [{broken}'):
        with pytest.raises(DeliveryRefused) as refusal:
            read_all("ghost", text)
        assert "open-sesame" not in str(refusal.value)


def test_a_broken_row_of_a_small_table_is_a_refusal():
    document = json.dumps(export(POST, users=[{"id": 1, "name": 2}]), indent=1)
    with pytest.raises(DeliveryRefused) as refusal:
        read_all("ghost", document)
    line = next(number for number, text in enumerate(document.splitlines()) if '"name": 2' in text) - 1
    assert str(refusal.value) == (
        f"delivery has a broken row in its table users, near line {line}: the row is not as it should be: "
        "Expected `str | null`, got `int` - at `$.name`. Correct that row, or export again."
    )


@pytest.mark.parametrize("text", ["{}", '{"db": []}', '{"data": {"tags": []}}', '{"db": [1], "data": 2}'])
def test_a_document_without_posts_is_refused(text):
    with pytest.raises(DeliveryRefused, match="has no table of posts, so it is no Ghost export"):
        read_all("ghost", text)


def test_memory_does_not_grow_with_the_small_tables(tmp_path):
    links = [{"post_id": f"{number:024x}", "tag_id": "t1", "sort_order": 0} for number in range(60_000)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(export(POST, posts_tags=links)))
    with path.open("rb") as stream, closing(Relations()) as relations:
        tracemalloc.start()
        relations.collect(JsonReader(stream, name="delivery", limit=10_000), delivery="delivery")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert relations.tags_of(links[-1]["post_id"]) == [("Databases", "databases", "public")]
    # A few blocks; as tuples the rows alone would take more than twice as much.
    assert peak < 5_000_000
