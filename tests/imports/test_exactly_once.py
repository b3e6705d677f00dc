"""However often a run is killed: the tables are in the end those of a run that nobody disturbed."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from articles.models import Reference
from imports.models import DONE, Attachment, Run, RunKind
from tests.imports.killed import BOUNDARIES, UNDO_BOUNDARIES
from tests.imports.scenes import (
    Scene,
    die,
    finish,
    first_delivery,
    first_export,
    second_delivery,
    second_export,
)
from tests.imports.written import behind, written

KILLS = 30
_UNDISTURBED: dict[str, dict[str, list[str]]] = {}


@pytest.fixture
def make_scene(manage_environment) -> Iterator[Callable[[Path, Path], Scene]]:
    scenes = []

    def make(first: Path, second: Path) -> Scene:
        scenes.append(Scene(manage_environment, first, second))
        return scenes[-1]

    yield make
    for process in (process for scene in scenes for process in scene.processes):
        process.kill()
        process.communicate()


@pytest.fixture
def scene(make_scene, tmp_path) -> Scene:
    made = make_scene(first_delivery(tmp_path / "first.jsonl"), second_delivery(tmp_path / "second.jsonl"))
    made.set_up()
    return made


@pytest.fixture
def exports(make_scene, tmp_path) -> Scene:
    made = make_scene(first_export(tmp_path / "first.xml"), second_export(tmp_path / "second.xml"))
    made.set_up()
    return made


def undisturbed(scene: Scene, name: str, *work: Callable[[], None]) -> dict[str, list[str]]:
    """What the work comes to when nobody disturbs it; the same for many tests, so it is done once."""
    if name not in _UNDISTURBED:
        for step in work:
            step()
        _UNDISTURBED[name] = written()
        scene.set_up()
    return _UNDISTURBED[name]


def assert_as(expected: dict[str, list[str]]) -> None:
    assert written() == expected
    assert behind() == []


@pytest.fixture
def as_delivered(scene) -> dict[str, list[str]]:
    return undisturbed(scene, "delivered", lambda: finish(scene.deliver()))


@pytest.fixture
def as_undone(scene) -> dict[str, list[str]]:
    return undisturbed(scene, "undone", lambda: finish(scene.deliver()), lambda: finish(scene.undo(), code=0))


@pytest.fixture
def as_exported(exports) -> dict[str, list[str]]:
    return undisturbed(exports, "exported", lambda: finish(exports.deliver(), code=0))


def test_an_undisturbed_delivery_leaves_something_in_every_table(as_delivered, as_exported):
    empty = {name for name, rows in as_delivered.items() if not rows and not as_exported[name]}
    # What waits for the index is worked off, and files come into their queue when they are asked for.
    assert empty == {"articles_searchpending", "articles_mediafile"}


@pytest.mark.faults
def test_thirty_kills_at_random_moments_change_nothing(scene, as_delivered):
    moments = random.Random(20_26)  # noqa: S311 - only to spread the moments, the same ones each time
    kills = 0
    while kills < KILLS:
        scene.set_up()
        kills += kill_until_finished(scene.deliver, RunKind.IMPORT, moments)
        assert_as(as_delivered)


@pytest.mark.faults
def test_an_undo_that_is_killed_at_random_moments_comes_to_the_same(scene, as_undone):
    moments = random.Random(20_27)  # noqa: S311 - as above
    finish(scene.deliver())
    kills = kill_until_finished(scene.undo, RunKind.UNDO, moments)
    assert kills
    assert_as(as_undone)


def kill_until_finished(start: Callable[[], subprocess.Popen], kind: RunKind, moments: random.Random) -> int:
    """Starts it and kills it until it has come to its end; returns how often it was killed."""
    kills = 0
    while not is_finished(kind):
        process = start()
        wait_until_taken_over(process)
        # On a busy machine longer each time, so that it comes to an end there too.
        time.sleep(moments.uniform(0, 0.7) ** 2 * (1 + kills / 10))
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    return kills


def is_finished(kind: RunKind) -> bool:
    last = Run.objects.latest("pk")
    return last.pk > 1 and last.kind == kind and last.state in DONE


def wait_until_taken_over(process: subprocess.Popen) -> None:
    """Until the process has taken a run over; a kill before that is one that did nothing."""
    until = time.monotonic() + 30
    before = newest_claim()
    while process.poll() is None and time.monotonic() < until:
        if newest_claim() != before:
            return
        time.sleep(0.01)


def newest_claim() -> tuple[int, int]:
    return Run.objects.values_list("pk", "token").latest("pk")


@pytest.mark.faults
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_at_a_boundary_changes_nothing(scene, as_delivered, boundary):
    die(scene.deliver(boundary=boundary))
    finish(scene.deliver())
    assert_as(as_delivered)


@pytest.mark.faults
def test_an_undo_that_is_killed_at_each_boundary_in_turn_comes_to_the_same(scene, as_undone):
    finish(scene.deliver())
    for boundary in UNDO_BOUNDARIES:
        die(scene.undo(boundary=boundary))
    finish(scene.undo(), code=0)
    assert_as(as_undone)


@pytest.mark.faults
def test_an_export_with_files_that_is_killed_at_boundaries_in_turn_comes_to_the_same(exports, as_exported):
    assert Attachment.objects.count() == 60
    for boundary in ("before the first COMMIT", "between two batches", "while resolving"):
        die(exports.deliver(boundary=boundary))
    finish(exports.deliver(), code=0)
    assert_as(as_exported)
    assert Attachment.objects.count() == 100
    assert Reference.objects.filter(kind="attachment").count() == 90
