"""`manage.py job`: real processes, in real trouble."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from ops.job_claims import KEPT_RUNS, claim
from ops.job_commands import Ended
from ops.jobs import _record, _showing_life
from ops.models import JobRun, JobState
from tests.ops.severable import Severable

pytestmark = pytest.mark.django_db(transaction=True)


class Jobs:
    """manage.py job on the test database, by a way that can be cut."""

    def __init__(self, way: Severable) -> None:
        self.way = way
        self.environment = {**os.environ, "DATABASE_URL": way.url, "LOG_LEVEL": "ERROR"}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "job", *words],
            cwd=settings.BASE_DIR,
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            with suppress(BrokenPipeError), process:
                pass

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        process = self.start(*words, **environment)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout, stderr

    def shell(self, name: str, script: str) -> tuple[int, str, str]:
        return self.run(name, "--", "sh", "-c", script)

    def begin(self, name: str, script: str, *, before: str = "") -> subprocess.Popen[str]:
        """Started, and its command has come as far as `script`."""
        process = self.start(name, "--", "sh", "-c", f"{before}echo ready; {script}")
        assert process.stdout.readline() == "ready\n"
        return process


@pytest.fixture
def jobs(tmp_path: Path):
    with Severable(connection.settings_dict, folder=tmp_path) as way:
        jobs = Jobs(way)
        yield jobs
        jobs.end()


def ends(name: str) -> list[tuple[str, int | None]]:
    return list(JobRun.objects.filter(name=name).order_by("id").values_list("state", "exit_code"))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_and_exit_code_are_those_of_the_command_and_all_is_recorded(jobs):
    code, stdout, stderr = jobs.shell("nightly", r"printf 'out \377\n'; sleep 0.2; echo err >&2; exit 3")
    assert (code, stdout, stderr) == (3, "out \ufffd\n", "err\n")
    run = JobRun.objects.get()
    assert (run.name, run.state, run.exit_code, run.output) == ("nightly", "ended", 3, "out \\xff\nerr")
    assert run.command == ["sh", "-c", r"printf 'out \377\n'; sleep 0.2; echo err >&2; exit 3"]
    assert run.folder == str(settings.BASE_DIR)
    assert 0.2 <= run.seconds < 5
    assert run.ended_at - run.started_at == timedelta(seconds=run.seconds)
    assert abs(run.started_at - timezone.now()) < timedelta(minutes=1)


def test_words_after_the_dashes_belong_to_the_command(jobs):
    assert jobs.run("a", "--", "echo", "--list", "--", "x") == (0, "--list -- x\n", "")


def test_standard_input_reaches_the_command(jobs):
    process = jobs.start("a", "--", "cat")
    assert process.communicate("hello\n", timeout=60) == ("hello\n", "")


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["no-such-program"], 127, "no-such-program: not found, or the interpreter that it names is not\n"),
        (["/etc/passwd"], 126, "/etc/passwd: cannot be run (Permission denied)\n"),
    ],
)
def test_a_command_that_cannot_be_run_is_recorded_too(jobs, command, code, said):
    assert jobs.run("a", "--", *command) == (code, "", said)
    assert (JobRun.objects.get().exit_code, JobRun.objects.get().output) == (code, said.strip())


@pytest.mark.parametrize("words", [["a"], ["--", "true"], ["a b", "--", "true"], []])
def test_a_job_without_a_name_or_a_command_is_not_started(jobs, words):
    code, stdout, stderr = jobs.run(*words)
    assert (code, stdout) == (2, "")
    assert "Traceback" not in stderr
    assert not JobRun.objects.exists()


def test_a_job_does_not_overlap_itself(jobs):
    first = jobs.begin("nightly", "read line")
    run = JobRun.objects.get()
    code, stdout, stderr = jobs.shell("nightly", "echo no")
    assert (code, stdout) == (5, "")
    assert stderr == (
        f"CommandError: The job nightly runs already: run {run.pk} on {os.uname().nodename}, "
        f"since {run.started_at:%Y-%m-%d %H:%M:%S} UTC; this one was not started.\n"
    )
    assert jobs.shell("another", "exit 0")[0] == 0
    first.communicate("go\n", timeout=60)
    assert first.returncode == 0
    assert jobs.shell("nightly", "exit 0")[0] == 0
    assert ends("nightly") == [("ended", 0), ("ended", 0)]


def test_a_killed_job_takes_its_command_with_it_and_does_not_block_the_next(jobs):
    first = jobs.begin("nightly", "sleep 60 & echo $!; wait")
    grandchild = Path("/proc", first.stdout.readline().strip())
    assert grandchild.exists()
    first.kill()
    first.wait()
    until(lambda: not grandchild.exists())
    began = time.monotonic()
    assert jobs.shell("nightly", "exit 0") == (0, "", "")
    assert time.monotonic() - began < 10
    assert ends("nightly") == [("lost", None), ("ended", 0)]


@pytest.fixture
def hearing_hangups() -> Iterator[None]:
    """Whoever runs these tests may do so under nohup, which children inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hearing_hangups")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_is_recorded(jobs, number):
    # Of the shell itself: one that is just starting another program may keep a signal from it.
    process = jobs.begin("nightly", "read line")
    process.send_signal(number)
    process.wait(timeout=60)
    run = JobRun.objects.get()
    assert (process.returncode, run.exit_code) == (128 + number, 128 + number)
    assert run.remark.startswith(f"Stopped by {number.name} at ")


def test_a_command_may_answer_a_signal_in_its_own_way(jobs):
    process = jobs.begin("nightly", "read line", before="trap 'echo bye; exit 7' TERM; ")
    process.terminate()
    process.wait(timeout=60)
    assert process.stdout.read() == "bye\n"
    assert (process.returncode, JobRun.objects.get().output) == (7, "ready\nbye")


def test_what_a_command_leaves_behind_is_ended_with_it(jobs):
    code, stdout, _ = jobs.shell("nightly", "sleep 60 > /dev/null 2>&1 & echo $!")
    assert code == 0
    until(lambda: not Path("/proc", stdout.strip()).exists())


def test_secrets_of_the_environment_are_passed_on_and_not_kept(jobs):
    words = ["sh", "-c", 'echo "key $SECRET_KEY"', "a-secret-word"]
    code, stdout, _ = jobs.run("a", "--", *words, SECRET_KEY="a-secret-word")
    assert (code, stdout) == (0, "key a-secret-word\n")
    run = JobRun.objects.get()
    assert (run.output, run.command[-1]) == ("key ***", "***")


def test_a_reader_that_leaves_does_not_stop_the_command(jobs):
    process = jobs.begin("nightly", "read line; seq 100000; echo done; exit 4")
    process.stdout.close()
    process.stdin.write("go\n")
    process.stdin.close()
    assert process.wait(timeout=60) == 4
    assert JobRun.objects.get().output.splitlines()[-2:] == ["100000", "done"]


def test_a_database_that_goes_away_does_not_stop_the_command_and_the_end_is_recorded_later(jobs):
    process = jobs.begin("nightly", "read line; echo over")
    jobs.way.sever()
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "over\n"
    assert ends("nightly") == [("running", None)]
    jobs.way.restore()
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, "")
    assert ends("nightly") == [("ended", 0)]


def test_a_record_that_is_lost_is_told(jobs):
    process = jobs.begin("nightly", "read line; echo over; exit 3")
    jobs.way.sever()
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "over\n"
    jobs.way.wait_for_attempts(2)
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    run = JobRun.objects.get()
    assert process.returncode == 3
    assert stderr.startswith(f"The end of run {run.pk} of the job nightly (exit code 3 after ")
    assert stderr.endswith(
        " s) is not recorded: the database does not answer (OperationalError). "
        "Health will tell that it never ended.\n"
    )
    jobs.way.restore()
    assert jobs.shell("nightly", "exit 0")[0] == 0
    assert ends("nightly") == [("lost", None), ("ended", 0)]


def test_without_the_database_nothing_is_started(jobs, tmp_path):
    jobs.way.sever()
    code, stdout, stderr = jobs.shell("nightly", f"touch {tmp_path}/started")
    assert (code, stdout) == (2, "")
    assert stderr.startswith("The database cannot be reached: ")
    assert not (tmp_path / "started").exists()


def a_claim() -> JobRun:
    return claim("nightly", ["true"], say=print)


def test_a_run_shows_that_it_lives(jobs, monkeypatch):
    monkeypatch.setattr("ops.jobs.PULSE_SECONDS", 0.05)
    run = a_claim()
    with _showing_life(run):
        until(lambda: JobRun.objects.get().seen_at > run.seen_at)


def test_a_run_that_was_given_up_records_its_end_all_the_same(jobs):
    run = a_claim()
    JobRun.objects.update(state=JobState.LOST)
    a_claim()
    _record(run, Ended(0, 1.5, "done", ""), give_up=threading.Event(), say=print)
    run.refresh_from_db()
    assert (run.exit_code, run.output) == (0, "done")
    assert run.remark == "The next run began meanwhile, because this one showed no sign of life."
    assert ends("nightly") == [("ended", 0), ("running", None)]


def make_runs(name: str, number: int, **values: object) -> None:
    moment = timezone.now()
    rest = {"command": ["true"], "folder": "/srv", "host": "h", "started_at": moment, "seen_at": moment}
    rest |= {"state": JobState.ENDED, "ended_at": moment, "seconds": 1.0, "exit_code": 0}
    JobRun.objects.bulk_create([JobRun(name=name, **rest | values) for _ in range(number)])


def test_the_last_200_runs_of_a_job_are_kept(jobs):
    make_runs("other", 3)
    make_runs("nightly", KEPT_RUNS + 20)
    jobs.shell("nightly", "exit 9")
    runs = JobRun.objects.filter(name="nightly").order_by("-id")
    assert (runs.count(), runs[0].exit_code) == (KEPT_RUNS, 9)
    assert JobRun.objects.filter(name="other").count() == 3


def test_the_list_tells_the_last_run_of_each_job(jobs):
    make_runs("weekly", 2, exit_code=3, output="one\n[two]\n\n", seconds=3723.4)
    make_runs("nightly", 1)
    code, stdout, _ = jobs.run("--list")
    head, _, *rows = (line.split() for line in stdout.splitlines())
    assert (code, " ".join(head)) == (0, "job run started (UTC) took result host last line")
    assert [[row[0], *row[4:]] for row in rows] == [
        ["nightly", "1.0", "s", "ok", "h"],
        ["weekly", "1:02:03", "exit", "code", "3", "h", "[two]"],
    ]
    told = json.loads(jobs.run("--list", "--json")[1])["jobs"]
    assert [(job["name"], job["exit_code"], job["command"]) for job in told] == [
        ("nightly", 0, ["true"]),
        ("weekly", 3, ["true"]),
    ]
