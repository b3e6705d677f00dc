import pytest

from imports.faults import RecordRejected
from imports.sources.format import ReadOptions
from tests.imports.deliveries import record_of, wxr, wxr_item
from tests.imports.wordpress_items import LOCAL, NONE, dated, only_record, read


def published(*items: str, zone: str = "UTC") -> str | None:
    """When the last of the items was published."""
    options = ReadOptions(max_record_bytes=100_000, delivery="delivery", zone=zone)
    moment = record_of("wxr", read(wxr(*items))[-1].raw, options).published_at
    return moment and moment.isoformat()


def test_a_scheduled_post_keeps_its_date_in_the_future():
    made = only_record(wxr_item("7", status="future", date="2090-01-01 00:00:00"))
    assert (made.draft, made.published_at.year) == (False, 2090)


def test_a_draft_without_a_date_has_none():
    made = only_record(wxr_item("7", status="draft", date="0000-00-00 00:00:00"))
    assert (made.draft, made.published_at) == (True, None)


def test_local_time_is_read_as_far_from_utc_as_in_the_item_before():
    before = dated("1", local="2012-07-06 05:30:00", gmt="2012-07-06 00:00:00")
    assert published(before, dated("7", local=LOCAL, gmt=NONE)) == "2012-07-07T04:50:30+00:00"


def test_local_time_is_read_in_the_zone_that_was_named():
    assert published(dated("7", local=LOCAL, gmt=NONE), zone="Europe/Berlin") == "2012-07-07T08:20:30+00:00"


def test_a_zone_that_was_named_goes_before_the_item_before():
    before = dated("1", local="2012-01-06 01:00:00", gmt="2012-01-06 00:00:00")
    moment = published(before, dated("7", local=LOCAL, gmt=NONE), zone="Europe/Berlin")
    assert moment == "2012-07-07T08:20:30+00:00"


@pytest.mark.parametrize(
    "gmt", ["2012-07-01 00:00:01", "2011-07-06 00:00:00", NONE, "never", "2012-07-06T00:00:00Z"]
)
def test_a_distance_from_utc_that_no_place_has_is_none(gmt):
    before = dated("1", local="2012-07-06 05:30:00", gmt=gmt)
    assert published(before, dated("7", local=LOCAL, gmt=NONE)) == "2012-07-07T10:20:30+00:00"


@pytest.mark.parametrize(
    ("feed", "moment"),
    [
        ("Sat, 07 Jul 2012 10:20:30 +0200", "2012-07-07T08:20:30+00:00"),
        ("Sat, 07 Jul 2012 10:20:30 -0000", "2012-07-07T10:20:30+00:00"),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("", None),
    ],
)
def test_the_feed_s_date_counts_where_there_is_no_other(feed, moment):
    assert published(dated("7", local=NONE, gmt="-0001-11-30 00:00:00", feed=feed)) == moment


@pytest.mark.parametrize("name", ["wp:post_date_gmt", "wp:post_modified_gmt"])
@pytest.mark.parametrize("date", ["2012-02-30 10:00:00", "10000-01-01 00:00:00", "yesterday"])
def test_an_impossible_date_rejects_the_item(name, date):
    item = wxr_item("7", more=f"<{name}>{date}</{name}>")
    with pytest.raises(RecordRejected, match="the item's date is none") as rejected:
        only_record(item)
    assert rejected.value.code == "bad-date"


def test_the_last_change_is_told():
    item = wxr_item("7", more="<wp:post_modified_gmt>2013-02-03 04:05:06</wp:post_modified_gmt>")
    assert only_record(item).updated_at.isoformat() == "2013-02-03T04:05:06+00:00"
