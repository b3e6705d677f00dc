"""Old addresses of articles that come in a second time."""

import pytest
from django.test import Client

from articles.models import Article
from imports.models import Run
from imports.progress import Progress
from imports.reversals import undo_run
from tests.imports.deliveries import record, write_jsonl

OLD = "/2012/05/pools/"


def where_it_leads(client: Client) -> str:
    return client.get(OLD).headers["Location"]


@pytest.fixture
def path(tmp_path):
    return write_jsonl(tmp_path / "press.jsonl", record("a-1", aliases=[OLD]))


def test_an_old_address_leads_to_the_first_article_that_claims_it(bring_in, path, client):
    for source in ("one", "other"):
        bring_in(path, source=source)
    first = Article.objects.order_by("pk").first()
    assert where_it_leads(client) == first.get_absolute_url()


def test_a_delivery_under_the_right_name_takes_its_addresses_over_when_the_wrong_one_is_undone(
    bring_in, path, client
):
    wrong = Run.objects.get(pk=bring_in(path, source="wrong").run)
    undo_run(wrong, progress=Progress(visible=False))
    bring_in(path, source="right")
    assert where_it_leads(client) == Article.objects.get(status="published").get_absolute_url()
