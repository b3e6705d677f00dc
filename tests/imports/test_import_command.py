import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from articles.models import Article, SearchDocument, SearchPending
from imports.models import Item, Run
from tests.imports.deliveries import record, write_jsonl
from tests.imports.processes import Start, wait_for


def test_json_is_one_object_on_standard_output_and_nothing_else(manage, tmp_path):
    done = manage(
        "import", write_jsonl(tmp_path / "press.jsonl", record("a-1")), "--source", "press", "--json"
    )
    printed = json.loads(done.stdout)
    assert printed.pop("seconds") > 0
    assert printed == {
        "run": Run.objects.get().pk,
        "source": "press",
        "state": "finished",
        "resumed": False,
        "counts": {
            "read": 1,
            "created": 1,
            "updated": 0,
            "unchanged": 0,
            "merged": 0,
            "duplicate": 0,
            "rejected": 0,
        },
        "conflicts": 0,
        "renamed": 0,
        "missing": 0,
        "skipped": {},
        "notes": [],
        "exit": 0,
    }
    assert (done.returncode, done.stderr) == (0, "")


def test_people_read_a_table_on_standard_error(manage, tmp_path):
    done = manage("import", write_jsonl(tmp_path / "press.jsonl", record("a-1"), record("a-2", title=None)))
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"Run {Run.objects.get().pk}: default, finished_with_rejects, ")
    assert lines[1:8] == [
        "  read                  2",
        "  created               1",
        "  updated               0",
        "  unchanged             0",
        "  merged                0",
        "  duplicate             0",
        "  rejected              1",
    ]
    assert (done.returncode, done.stdout) == (3, "")


def test_a_delivery_may_come_on_standard_input(manage, tmp_path):
    content = write_jsonl(tmp_path / "press.jsonl", record("a-1")).read_text()
    done = manage("import", "-", "--json", input=content)
    assert (done.returncode, json.loads(done.stdout)["counts"]["created"]) == (0, 1)


def test_a_delivery_may_come_through_a_named_pipe(manage, tmp_path):
    content = write_jsonl(tmp_path / "press.jsonl", record("a-1")).read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    done = manage("import", pipe, "--json")
    writer.join()
    assert (done.returncode, json.loads(done.stdout)["counts"]["created"]) == (0, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# A readme\n", "is in no known format; known are "),
        ("", "is empty; there is nothing to import."),
    ],
)
def test_what_is_no_delivery_gets_one_sentence_and_exit_2(manage, tmp_path, content, message):
    path = tmp_path / "delivery"
    path.write_text(content)
    done = manage("import", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"CommandError: {path} {message}")
    assert done.stderr.count("\n") == 1


def test_a_missing_file_gets_one_sentence_and_exit_2(manage, tmp_path):
    done = manage("import", tmp_path / "absent.jsonl")
    expected = f"CommandError: {tmp_path}/absent.jsonl cannot be read: No such file or directory.\n"
    assert (done.returncode, done.stderr) == (2, expected)


def test_an_odd_source_name_is_refused(manage, tmp_path):
    done = manage("import", tmp_path / "x", "--source", "a b")
    expected = "CommandError: --source takes up to 100 letters, digits, - and _.\n"
    assert (done.returncode, done.stderr) == (2, expected)


@pytest.fixture
def large_delivery(tmp_path):
    return write_jsonl(tmp_path / "large.jsonl", *(record(f"a-{number}") for number in range(3000)))


@pytest.fixture
def start_import(start: Start, large_delivery: Path) -> Start:
    """In small batches so that there is time to disturb it."""
    words = ("import", large_delivery, "--source", "press", "--json")
    return lambda: start(*words, IMPORT_BATCH_RECORDS="50")


def tables() -> list[tuple]:
    fields = ("import_items__key", "title", "body", "version", "topic_path", "status")
    return list(Article.objects.order_by("import_items__key").values_list(*fields))


@pytest.mark.faults
def test_a_run_that_was_killed_is_completed_by_the_same_command(start_import, manage):
    killed = start_import()
    wait_for(lambda: Item.objects.count() >= 500)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert 500 <= Item.objects.count() < 3000
    done = start_import()
    output, errors = done.communicate(timeout=60)
    assert (done.returncode, errors) == (0, "")
    printed = json.loads(output)
    assert (printed["resumed"], printed["counts"]["created"], printed["counts"]["read"]) == (True, 3000, 3000)
    assert len(set(tables())) == Article.objects.count() == SearchDocument.objects.count() == 3000
    assert not SearchPending.objects.exists()
    run = Run.objects.get()
    assert (run.state, run.resumed, run.token) == ("finished", 1, 3)


@pytest.mark.faults
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_a_run_between_two_batches_and_the_command_goes_on(start_import, number, code):
    stopped = start_import()
    wait_for(lambda: Item.objects.count() >= 100)
    stopped.send_signal(number)
    _, errors = stopped.communicate(timeout=30)
    message = "CommandError: Stopped. What was committed stays; the same command goes on from there.\n"
    assert (stopped.returncode, errors) == (code, message)
    run = Run.objects.get()
    assert (run.state, run.created) == ("paused", Item.objects.count())


@pytest.mark.faults
def test_a_second_run_of_a_source_is_told_who_holds_it(start_import, manage, large_delivery):
    holder = start_import()
    wait_for(lambda: Item.objects.exists())
    # However slow the second one starts, the first one is still at it.
    holder.send_signal(signal.SIGSTOP)
    done = manage("import", large_delivery, "--source", "press")
    run = Run.objects.get()
    assert done.returncode == 5
    expected = f"Run {run.pk} holds the source 'press': process {holder.pid} on {run.host}, since "
    assert done.stderr.startswith(f"CommandError: {expected}")
    assert done.stderr.endswith("Wait for it to end, or cancel it, then try again.\n")


@pytest.mark.faults
def test_no_worker_outlives_a_killed_run(start_import):
    killed = start_import()
    wait_for(lambda: Item.objects.exists())
    workers = children_of(killed.pid)
    assert workers
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    wait_for(lambda: not any(is_running(pid) for pid in workers))


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")
