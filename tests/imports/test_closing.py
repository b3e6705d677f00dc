"""What a run closes at its end: rejects of older runs whose records are in by it, however they came."""

import json
import signal
import subprocess
import sys
from io import BytesIO

import pytest
from django.conf import settings

from articles.models import Article
from imports.models import Run
from imports.progress import Progress
from imports.rejects import dismiss
from imports.retrying import export_of, open_rejects, retry_rejects
from imports.reversals import undo_run
from tests.imports.deliveries import record, write_jsonl
from tests.imports.killed import RETRY_BOUNDARIES

QUIET = Progress(visible=False)


@pytest.fixture
def deliver(bring_in, tmp_path):
    def bring(*records, **options) -> Run:
        path = write_jsonl(tmp_path / "press.jsonl", *records)
        return Run.objects.get(pk=bring_in(path, **options).run)

    return bring


def exports(run: Run) -> list[dict]:
    return [json.loads(export_of(reject)) for reject in open_rejects(run)]


def retried(run: Run, *mended: dict) -> Run:
    file = BytesIO("\n".join(map(json.dumps, mended)).encode()) if mended else None
    return Run.objects.get(pk=retry_rejects(run, mended=file, progress=QUIET).run)


def opened(run: Run) -> list[int]:
    return list(run.rejects.filter(closed_by="").order_by("line").values_list("line", flat=True))


def closed(run: Run) -> dict[int, str]:
    return dict(run.rejects.exclude(closed_by="").values_list("line", "closed_by"))


def keyless(title: str) -> dict:
    return record("", title=title, payload={})


def test_a_record_without_a_key_that_comes_in_at_the_third_try_is_open_nowhere(deliver):
    first = deliver(keyless("One"), keyless("Two"), keyless("Three"))
    second = retried(first, exports(first)[2], exports(first)[1])
    third = retried(second, exports(second)[1])
    assert [opened(run) for run in (first, second, third)] == [[1, 2, 3], [2, 3], [2]]
    (entry,) = exports(third)
    entry["record"]["payload"]["source_id"] = "c-3"
    last = retried(third, entry)
    assert Article.objects.get().title == "Two"
    assert [opened(run) for run in (first, second, third)] == [[1, 3], [3], []]
    assert closed(first) == closed(second) == closed(third) == {2: f"import:{last.pk}"}


def test_an_undo_of_the_last_try_opens_what_it_closed_all_the_way_back(deliver):
    first = deliver(keyless("One"))
    second = retried(first)
    (entry,) = exports(second)
    entry["record"]["payload"]["source_id"] = "c-3"
    undo_run(retried(second, entry), progress=QUIET)
    assert [opened(run) for run in (first, second)] == [[1], [1]]


def test_a_key_that_comes_just_as_it_was_before_its_reject_is_open_no_longer(deliver):
    good = [record("a-1"), record("b-2"), record("c-3")]
    deliver(*good)
    broken = deliver(good[0], record("b-2", title=None), record("c-3", title=None), record("d-4", title=None))
    again = deliver(good[0], good[1], record("c-3", title="Mended"))
    assert (again.unchanged, again.updated) == (2, 1)
    assert (opened(broken), closed(broken)) == ([4], dict.fromkeys([2, 3], f"import:{again.pk}"))


def test_a_key_that_is_broken_still_stays_open(deliver):
    deliver(record("a-1"), record("b-2"))
    first = deliver(record("a-1"), record("b-2", title=None))
    second = deliver(record("a-1"), record("b-2", title=None), record("c-3"))
    assert [opened(run) for run in (first, second)] == [[2], [2]]


def test_a_run_that_a_limit_stopped_has_closed_what_it_holds(deliver):
    records = [record(f"a-{number}") for number in range(10)]
    deliver(*records)
    broken = deliver(*records[1:], record("a-0", title=None))
    stopped = deliver(*records[:5], delete_missing=True)
    assert (stopped.state, closed(broken)) == ("stopped", {10: f"import:{stopped.pk}"})


def test_an_undo_opens_only_those_whose_records_went_out_with_it(deliver):
    first = deliver(record("a-1", title=None), record("b-2", title=None))
    second = deliver(record("a-1", title="Two"), record("b-2"))
    deliver(record("a-1", title="Newer"))
    undo_run(second, progress=QUIET)
    assert (opened(first), closed(first)) == ([2], {1: f"import:{second.pk}"})


def test_what_was_dismissed_is_closed_for_good(deliver):
    run = deliver(record("a-1", title=None), record("b-2", title=None), record("c-3", title=5))
    assert dismiss(run, code="bad-type", who="ada") == 1
    assert dismiss(run, code="bad-type", who="bob") == 0
    assert [entry["key"] for entry in exports(run)] == ["a-1", "b-2"]
    later = deliver(record("a-1"), record("b-2"), record("c-3"))
    brought = f"import:{later.pk}"
    assert closed(run) == {1: brought, 2: brought, 3: "ada"}
    undo_run(later, progress=QUIET)
    assert (opened(run), closed(run)) == ([1, 2], {3: "ada"})


def test_a_dismissal_by_nobody_in_particular_closes_too(deliver):
    run = deliver(record("a-1", title=None))
    dismiss(run, who="")
    assert closed(run) == {1: "nobody known"}


def manage(environment: dict[str, str], boundary: str, *words: object) -> int:
    process = subprocess.run(
        [sys.executable, "-m", "tests.imports.killed", boundary, *map(str, words)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        timeout=60,
    )
    return process.returncode


@pytest.mark.faults
@pytest.mark.parametrize("boundary", RETRY_BOUNDARIES)
def test_a_retry_that_is_killed_closes_what_came_in_when_the_same_command_goes_on(
    deliver, manage_environment, tmp_path, boundary
):
    run = deliver(record("a-1"), keyless("Two"), keyless("Three"))
    (entry, _) = exports(run)
    entry["record"]["payload"]["source_id"] = "b-2"
    mended = tmp_path / "mended.jsonl"
    mended.write_text(json.dumps(entry))
    command = ("imports", "retry", run.pk, "--from", mended)
    assert manage(manage_environment, boundary, *command) == -signal.SIGKILL
    retry = Run.objects.latest("pk")
    assert (retry.state == "finished", opened(run)) in [(False, [2, 3]), (True, [3])]
    assert manage(manage_environment, "nowhere", *command) == 0
    assert (opened(run), closed(run)[2]) == ([3], f"import:{retry.pk}")
