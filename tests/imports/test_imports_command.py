import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from articles.editing import change_article
from articles.models import Article, ArticleRevision
from imports.leases import LEASE, this_holder
from imports.models import Conflict, Item, Reject, Run
from imports.reporting import one_line, repeating, summary
from tests.imports.deliveries import record, write_jsonl
from tests.imports.processes import wait_for

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def kept_handlers() -> Iterator[None]:
    """Commands that run in this process take its signals over."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def say(*words: object) -> Said:
    """What `manage.py imports …` prints and how it ends; times and durations stand as <time> and <s>."""
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("imports", *map(str, words), stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    except CommandError as error:
        code = error.returncode
        err.write(f"CommandError: {error}\n")
    return Said(code, timeless(out.getvalue()), timeless(err.getvalue()))


def timeless(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d UTC)?", "<time>", text)
    return re.sub(r" *[\d,]+\.\d s\b", " <s>", text)


def edit(key: str, *, user: int, **changes: object) -> None:
    article = Article.objects.get(import_items__key=key)
    change_article(
        article.pk,
        expected_version=article.version,
        changes=changes,
        origin=f"editor:{user}",
        reason="",
        now=NOW,
    )


def last_run() -> int:
    return Run.objects.latest("pk").pk


@pytest.fixture
def alice(django_user_model) -> int:
    return django_user_model.objects.create_user("alice").pk


@pytest.fixture
def delivery(tmp_path) -> Callable:
    return lambda *records: write_jsonl(tmp_path / "press.jsonl", *records)


@pytest.fixture
def disputed(bring_in, delivery, alice) -> int:
    """A run that left the conflict of a title and of a body."""
    shared = "A sentence that both of the texts begin with. "
    bring_in(delivery(record("a-1", body=f"<p>{shared}</p>")))
    edit("a-1", user=alice, title="Edited here", body=f"<p>{shared}Mine.</p>")
    return bring_in(delivery(record("a-1", title="Delivered", body=f"<p>{shared}Theirs.</p>"))).run


def test_the_list_has_the_newest_first_and_lines_up(bring_in, delivery):
    bring_in(delivery(record("a-1"), record("a-2"), record("a-3", title=None)))
    bring_in(delivery(record("a-1"), record("a-2", title="Changed")))
    first, second = Run.objects.order_by("pk").values_list("pk", flat=True)
    say("undo", second)
    said = say("list")
    head, rule, *rows = said.out.splitlines()
    user = Run.objects.get(pk=first).started_by
    assert " ".join(head.split()) == (
        "run source state began (UTC) took read created updated unchanged rejected by remark"
    )
    assert set(rule) == {"─"}
    assert [" ".join(row.split()) for row in rows] == [
        f"{second + 1} press finished <time> <s> 1 0 1 0 0 {user} undoes run {second}",
        f"{second} press finished <time> <s> 2 0 1 1 0 {user} undone by run {second + 1}",
        f"{first} press finished with rejects <time> <s> 3 2 0 0 1 {user}",
    ]
    assert len({row.index("<time>") for row in rows}) == 1
    assert (said.code, said.err) == (0, "")


def test_the_list_can_be_bounded_and_be_of_one_source(bring_in, delivery):
    path = delivery(record("a-1"))
    for source in ("press", "blog", "press"):
        bring_in(path, source=source)
    listed = json.loads(say("list", "--json", "--source", "press", "--limit", "1").out)
    assert [(run["source"], run["run"]) for run in listed["runs"]] == [("press", last_run())]


def test_a_list_of_nothing_says_so(transactional_db):
    assert say("list") == (0, "There is no run yet.\n", "")


def test_show_tells_all_of_a_run_and_what_to_type_next(bring_in, delivery):
    path = delivery(record("a-1"), record("a-2", title=None))
    number = bring_in(path, zone="Europe/Berlin").run
    run = Run.objects.get(pk=number)
    assert say("show", number).out.splitlines() == [
        f"Run {number}: import, press, finished with rejects or conflicts",
        f"  by         {run.started_by} on {run.host}, release {run.release}",
        "  began      <time>",
        "  readable   <time>",
        "  ended      <time>",
        f"  input      {path}",
        "  format     jsonl",
        f"  size       {run.input_bytes} bytes ({run.input_bytes} bytes)",
        f"  sha256     {run.input_sha256}",
        "  options    zone: Europe/Berlin",
        "",
        "  read                  2",
        "  created               1",
        "  updated               0",
        "  unchanged             0",
        "  merged                0",
        "  duplicate             0",
        "  rejected              1  1 still open: 1 missing-title",
        "",
        "  took <s> (checking <s>, loading <s>, resolving <s>, indexing <s>)",
        f"  rate       {run.read / sum(run.stage_seconds.values()):,.0f} records/s",
        f"  memory     {run.peak_memory / 1e6:.1f} MB at its peak",
        "  batches    1",
        "",
        "Next:",
        f"  what was turned away   manage.py imports rejects {number}",
        f"  try it again           manage.py imports retry {number}",
        f"  what an undo would do  manage.py imports undo {number} --dry-run",
    ]


def test_show_for_programs_has_the_counts_and_the_next_commands(bring_in, delivery):
    number = bring_in(delivery(record("a-1"), record("a-2", title=None))).run
    say("retry", number)
    shown = json.loads(say("show", number, "--json").out)
    counts = shown["counts"]
    assert counts["read"] == sum(counts.values()) - counts["read"] == 2
    assert shown["rejects"] == {"open": 1, "by_code": {"missing-title": 1}, "dismissed": 0}
    assert shown["followers"] == [{"run": number + 1, "kind": "retry", "state": "finished_with_rejects"}]
    assert shown["next"][0] == f"manage.py imports rejects {number}"


def test_a_run_is_named_by_its_number_or_as_the_last_of_a_source(bring_in, delivery):
    path = delivery(record("a-1"))
    press, blog = bring_in(path, source="press").run, bring_in(path, source="blog").run
    assert json.loads(say("show", "last", "--json").out)["run"] == blog
    assert json.loads(say("show", "last", "--source", "press", "--json").out)["run"] == press


@pytest.mark.parametrize("word", ["0", "99999999999999999999", "first", "-"])
def test_an_unknown_run_is_answered_with_those_that_there_are(bring_in, delivery, word):
    number = bring_in(delivery(record("a-1"))).run
    expected = f"CommandError: There is no run {word!r}; the newest are {number}, or say last.\n"
    assert say("show", word) == (2, "", expected)


def test_without_any_run_there_is_nothing_to_show(transactional_db):
    expected = "CommandError: There is no run of the source 'blog' yet; import something first.\n"
    assert say("show", "last", "--source", "blog") == (2, "", expected)


def test_rejects_are_a_table_with_their_lines_and_reasons(bring_in, delivery):
    number = bring_in(delivery(record("a-1", title=None), record("a-2", title=5), "nonsense")).run
    said = say("rejects", number)
    assert said.out.splitlines()[2:] == [
        "   1  a-1  missing-title  the record has no title",
        "   2  a-2  bad-type       title must be a string, not a number",
        f"   3       not-json       {Reject.objects.get(ordinal=3).message}",
        "3 shown of 3 open (1 bad-type, 1 missing-title, 1 not-json), 3 rejected in all.",
        f"Mend them:   manage.py imports rejects {number} --export rejects-{number}.jsonl",
        f"Try again:   manage.py imports retry {number}",
        f"Let go:      manage.py imports rejects {number} --dismiss",
    ]
    one = say("rejects", number, "--code", "bad-type", "--json")
    assert [reject["key"] for reject in json.loads(one.out)["rejects"]] == ["a-2"]


def test_a_run_without_rejects_says_so(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    assert say("rejects", number).out == f"Run {number} rejected nothing.\n"


def test_what_a_delivery_holds_gives_a_terminal_no_orders(bring_in, delivery):
    number = bring_in(delivery(record("a\x1b[2J\u202e", title=None))).run
    said = say("rejects", number)
    assert "a [2J" in said.out
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out


def test_rejects_are_exported_mended_and_tried_again(bring_in, delivery, tmp_path):
    number = bring_in(delivery(record("a-1"), record("a-2", title=None), record("a-3", title=None))).run
    file = tmp_path / "rejects of press.jsonl"
    said = say("rejects", number, "--export", file)
    assert (said.code, said.out) == (0, "")
    assert said.err.splitlines() == [
        f"{file} has 2 records. Mend what stands under record or text, then:",
        f"manage.py imports retry {number} --from '{file}'",
    ]
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["line"], line["key"], line["code"]) for line in lines] == [
        (2, "a-2", "missing-title"),
        (3, "a-3", "missing-title"),
    ]
    lines[0]["record"]["title"] = "Mended"
    file.write_text(json.dumps(lines[0]))
    retried = say("retry", number, "--from", file, "--json")
    assert (retried.code, json.loads(retried.out)["counts"]["created"]) == (0, 1)
    assert Article.objects.get(import_items__key="a-2").title == "Mended"
    assert [reject["key"] for reject in json.loads(say("rejects", number, "--json").out)["rejects"]] == [
        "a-3"
    ]


def test_an_export_to_standard_output_is_lines_of_json_and_nothing_else(bring_in, delivery):
    number = bring_in(delivery(record("a-1", title=None), record("a-2", title=5))).run
    said = say("rejects", number, "--export", "-", "--code", "bad-type")
    assert [json.loads(line)["key"] for line in said.out.splitlines()] == ["a-2"]
    assert (said.code, said.err) == (0, "")
    refused = say("rejects", number, "--export", "-", "--json")
    sentence = "--json and --export - both want standard output."
    assert (refused.code, refused.err) == (2, f"CommandError: {sentence}\n")
    assert json.loads(refused.out)["error"] == sentence


def test_an_export_overwrites_nothing_and_leaves_nothing_half_written(bring_in, delivery, tmp_path):
    number = bring_in(delivery(record("a-1", title=None))).run
    file = tmp_path / "mended.jsonl"
    file.write_text("hours of work")
    refused = say("rejects", number, "--export", file)
    message = f"CommandError: {file} is there already, perhaps mended; name another file, or remove it.\n"
    assert refused == (2, "", message)
    assert file.read_text() == "hours of work"
    absent = tmp_path / "absent" / "rejects.jsonl"
    expected = f"CommandError: {absent} cannot be written: No such file or directory.\n"
    assert say("rejects", number, "--export", absent) == (2, "", expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mended.jsonl", "press.jsonl"]


def test_a_record_of_which_only_the_beginning_is_kept_is_told_when_it_is_exported(
    bring_in, delivery, tmp_path
):
    number = bring_in(delivery(record("a-1", title=None, body="x" * 1_100_000))).run
    said = say("rejects", number, "--export", tmp_path / "rejects.jsonl")
    assert said.err.startswith("1 record came longer than what is kept, and cannot be mended here.\n")


def test_a_retry_where_nothing_is_open_changes_nothing_and_says_so(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    said = say("retry", number)
    words = f"Run {number} has no rejects that are still open; there is nothing to retry.\n"
    assert (said.code, said.out + said.err) == (0, words)
    assert json.loads(say("retry", number, "--json").out) == {"run": number, "open": 0}
    assert Run.objects.count() == 1


def test_a_file_of_mended_records_that_is_not_there_is_refused(bring_in, delivery, tmp_path):
    number = bring_in(delivery(record("a-1", title=None))).run
    expected = f"CommandError: {tmp_path}/absent cannot be read: No such file or directory.\n"
    assert say("retry", number, "--from", tmp_path / "absent") == (2, "", expected)


def test_a_retry_that_fails_again_leads_to_its_own_rejects(bring_in, delivery):
    number = bring_in(delivery(record("a-1", title=None))).run
    said = say("retry", number)
    assert (said.code, said.err.splitlines()[-1]) == (
        3,
        f"Rejects:    manage.py imports rejects {last_run()}",
    )


def test_open_conflicts_are_shown_side_by_side_from_where_they_differ(disputed):
    body, title = Conflict.objects.order_by("field")
    article = Article.objects.get().pk
    assert say("conflicts", disputed).out.splitlines() == [
        line
        for conflict, was, here, delivered in sorted(
            [
                (body.pk, "…e texts begin with. </p>", "…e texts begin with. Mine.</p>",
                 "…e texts begin with. Theirs.</p>"),
                (title.pk, "Pooling connections without regret", "Edited here", "Delivered"),
            ]
        )
        for line in (
            f"{conflict}  {'body' if conflict == body.pk else 'title'} of article {article}: Edited here",
            f"  was        {was}",
            f"  here       {here}",
            f"  delivered  {delivered}",
        )
    ] + [
        "2 shown of 2 open conflicts; until decided, the text here stands.",
        f"Take the delivered:  manage.py imports conflicts --take {min(body.pk, title.pk)}",
        f"Keep what is here:   manage.py imports conflicts --keep {min(body.pk, title.pk)}",
    ]  # fmt: skip


def test_conflicts_are_decided_one_by_one_or_all_of_a_run(disputed):
    title = Conflict.objects.get(field="title")
    assert say("conflicts", "--take", title.pk) == (0, "", "The delivery was taken in 1 conflict.\n")
    article = Article.objects.get()
    revision = ArticleRevision.objects.latest("version")
    assert (article.title, revision.origin) == ("Delivered", "job:imports-conflicts")
    assert say("conflicts", "--keep-all", disputed).err == "The text here stays in 1 conflict.\n"
    assert Article.objects.get().body == article.body
    assert dict(Conflict.objects.values_list("field", "state")) == {"title": "taken", "body": "kept"}
    assert say("conflicts") == (0, "No conflict is open.\n", "")
    assert say("conflicts", "--take-all", disputed).err == "No conflict is open; nothing changed.\n"


def test_a_conflict_that_is_decided_already_stays_as_it_is(disputed):
    title = Conflict.objects.get(field="title").pk
    say("conflicts", "--keep", title)
    said = say("conflicts", "--take", title, "--json")
    assert (said.code, json.loads(said.out)) == (0, {"count": 0, "settled": 1, "refused": []})
    assert Article.objects.get().title == "Edited here"


def test_a_mistyped_conflict_decides_nothing(disputed):
    ids = list(Conflict.objects.order_by("pk").values_list("pk", flat=True))
    said = say("conflicts", "--take", *ids, "999")
    expected = (
        "CommandError: There is no conflict 999, so nothing was decided; imports conflicts lists those that "
        "are open.\n"
    )
    assert said == (2, "", expected)
    assert Conflict.objects.filter(state="open").count() == 2


def test_a_delivered_value_that_does_not_fit_stays_open(disputed):
    title = Conflict.objects.get(field="title")
    Conflict.objects.filter(pk=title.pk).update(incoming={"title": "x" * 10_000})
    said = say("conflicts", "--take", title.pk)
    assert said.code == 3
    assert f"Conflict {title.pk} stays open: " in said.err
    assert Conflict.objects.get(pk=title.pk).state == "open"


def test_an_undo_tells_what_it_takes_back_and_what_it_leaves(bring_in, delivery, alice):
    number = bring_in(delivery(record("a-1"), record("a-2"))).run
    edit("a-2", user=alice, title="Edited here")
    article = Article.objects.get(import_items__key="a-2").pk
    planned = say("undo", number, "--dry-run")
    left = [
        "  taken back            1",
        "  left alone            1  changed since by somebody else",
        f"  article {article}, changed by alice: Edited here",
    ]
    title = f"Dry run, nothing was written: an undo of run {number}"
    assert (planned.code, planned.out, planned.err.splitlines()) == (3, "", [title, *left])
    assert Run.objects.count() == 1
    done = say("undo", number)
    assert (done.code, done.err.splitlines()) == (3, [f"Run {number + 1} undid run {number}", *left])
    states = dict(Article.objects.values_list("import_items__key", "status"))
    assert states == {"a-1": "withdrawn", "a-2": "published"}


def test_an_undo_for_programs(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    said = say("undo", number, "--json")
    assert (said.code, json.loads(said.out)) == (
        0,
        {
            "run": number + 1,
            "undone": number,
            "state": "finished",
            "restored": 1,
            "left_alone": {"count": 0, "articles": []},
            "exit": 0,
        },
    )


def held_by(run: int, **holder: object) -> None:
    """As if a process were at work on the run, or had died at it."""
    Run.objects.filter(pk=run).update(
        state="loading", holder={**this_holder().as_dict(), **holder}, lease_until=timezone.now() + LEASE
    )


def test_a_run_whose_process_died_is_canceled_for_good(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    held_by(number, started="1")
    assert say("cancel", number) == (0, "", f"Run {number} is canceled; what it committed stays.\n")
    assert (Run.objects.get().state, Article.objects.get().status) == ("canceled", "published")
    assert say("undo", number).code == 0


def test_a_run_at_work_is_asked_to_stop(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    held_by(number)
    assert say("undo", number).code == 2
    said = say("cancel", number, "--json")
    assert (said.code, json.loads(said.out)) == (0, {"run": number, "state": "loading", "answer": "asked"})
    assert Run.objects.get().cancel_asked


def test_a_run_that_is_over_cannot_be_canceled_and_says_so(bring_in, delivery):
    number = bring_in(delivery(record("a-1"))).run
    said = say("cancel", number)
    assert said == (0, "", f"Run {number} was over before (finished); nothing changed.\n")
    assert Run.objects.get().state == "finished"


def test_the_page_of_an_undo_lists_what_it_left_alone(bring_in, delivery, alice):
    number = bring_in(delivery(record("a-1"))).run
    edit("a-1", user=alice, title="Edited here")
    say("undo", number)
    article = Article.objects.get().pk
    assert f"  left alone  article {article}, changed by alice: Edited here" in say("show", "last").out


def test_the_summary_names_what_is_open_and_what_to_type(bring_in, delivery, alice):
    bring_in(delivery(record("a-1")))
    edit("a-1", user=alice, title="Edited here")
    result = bring_in(delivery(record("a-1", title="Delivered"), record("a-2", title=None)))
    assert timeless(summary(result)).splitlines() == [
        f"Run {result.run}: press, finished_with_rejects, <s>",
        "  read                  2",
        "  created               0",
        "  updated               0",
        "  unchanged             0",
        "  merged                1",
        "  duplicate             0",
        "  rejected              1",
        "  conflicts             1  fields that editors changed too; their text stands",
        f"Rejects:    manage.py imports rejects {result.run}",
        f"Conflicts:  manage.py imports conflicts {result.run}",
    ]


def test_a_run_is_repeated_by_the_command_that_asked_for_it(bring_in, delivery):
    path = delivery(record("a-1"))
    bring_in(path)
    number = bring_in(path, zone="Europe/Berlin", delete_missing=True, max_missing=0.125).run
    run = Run.objects.get(pk=number)
    assert repeating(run) == (
        f"manage.py import {run.input_name} --source press --delete-missing --max-missing 12.5% "
        "--zone Europe/Berlin"
    )


def test_a_line_is_shortened_and_cleaned():
    assert one_line("two\n lines\x07 and\ttabs", most=13) == "two lines an…"


def test_media_tells_what_came_of_the_files(transactional_db):
    said = say("media", "--json")
    expected = {"requeued": 0, "queued": 0, "stored": 0, "gone": 0, "failed": 0, "postponed": 0}
    assert (said.code, json.loads(said.out), said.err) == (0, expected, "")


def test_on_a_narrow_terminal_every_figure_stays_whole(bring_in, delivery, monkeypatch):
    bring_in(delivery(record("a-1")))
    Run.objects.update(read=12_345_678, unchanged=12_345_677)
    monkeypatch.setenv("COLUMNS", "40")
    out = StringIO()
    call_command("imports", "list", stdout=out, force_color=True)
    assert "12,345,678" in out.getvalue()
    assert "…" not in out.getvalue()
    assert "\x1b[32mfinished" in out.getvalue()


def test_colors_are_for_terminals_alone(bring_in, delivery):
    bring_in(delivery(record("a-1")))
    assert "\x1b" not in say("list").out


def test_an_answer_on_a_terminal_is_not_red_like_an_error(manage_environment):
    terminal, end = os.openpty()
    command = [sys.executable, "manage.py", "imports", "gc", "--dry-run"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=manage_environment, stderr=end, timeout=60, check=True)
    os.close(end)
    assert os.read(terminal, 1000).startswith(b"Would remove ")
    os.close(terminal)


@pytest.mark.parametrize("words", [(), ("list", "--limit", "0"), ("conflicts", "--take", "x"), ("undo",)])
def test_a_command_that_cannot_be_understood_ends_with_2(manage, words):
    done = manage("imports", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.faults
def test_an_undo_is_stopped_by_a_signal_and_the_same_command_goes_on(bring_in, delivery, manage, start):
    number = bring_in(delivery(*(record(f"a-{index}") for index in range(2000)))).run
    withdrawn = Article.objects.filter(status="withdrawn")
    stopped = start("imports", "undo", number, "--json")
    wait_for(withdrawn.exists)
    stopped.send_signal(signal.SIGTERM)
    out, err = stopped.communicate(timeout=30)
    expected = "CommandError: Stopped. What was committed stays; the same command goes on from there.\n"
    assert (stopped.returncode, err) == (143, expected)
    assert json.loads(out)["next"][0] == f"manage.py imports undo {number}"
    assert 0 < withdrawn.count() < 2000
    done = manage("imports", "undo", number, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["restored"] == 2000
    assert set(Article.objects.values_list("status", "version")) == {("withdrawn", 2)}


@pytest.mark.faults
def test_a_run_whose_process_is_gone_is_told_with_the_command_that_goes_on(start, delivery):
    path = delivery(*(record(f"a-{index}") for index in range(3000)))
    process = start("import", path, "--source", "press", IMPORT_BATCH_RECORDS="50")
    wait_for(Item.objects.exists)
    assert json.loads(say("show", "last", "--json").out)["abandoned"] is False
    process.kill()
    process.wait()
    shown = json.loads(say("show", "last", "--json").out)
    assert (shown["state"], shown["abandoned"]) == ("loading", True)
    assert shown["next"][0] == f"manage.py import {path} --source press"
    assert "its process is gone" in say("list").out
