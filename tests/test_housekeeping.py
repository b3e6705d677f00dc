"""What the service that tidies up daily runs, as far as it can be known without a container engine."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

COMPOSE = (Path(__file__).resolve().parent.parent / "compose.yaml").read_text()
LOOP = re.search(r"^  housekeeping:\n.*?while true; do\n(.*?)^ +done$", COMPOSE, re.MULTILINE | re.DOTALL)[1]
*STEPS, PAUSE = [shlex.split(line) for line in LOOP.splitlines()]
MANAGE = ["python", "manage.py"]


def test_leftovers_of_imports_and_of_tasks_are_removed_once_a_day_as_jobs():
    assert shlex.join(PAUSE) == "sleep 86400"
    assert [step[:3] for step in STEPS] == [[*MANAGE, "job"]] * 2
    names, commands = [step[3] for step in STEPS], [step[step.index("--") + 1 :] for step in STEPS]
    assert len(set(names)) == len(names)
    assert commands == [
        [*MANAGE, "imports", "gc"],
        # Of all queues, as the worker takes them.
        [*MANAGE, "prune_db_task_results", "--queue-name", "*"],
    ]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[3])
def test_each_step_is_a_command_with_options_that_it_has(step: list[str]):
    name, *options = step[step.index("--") + 3 :]
    command = load_command_class(get_commands()[name], name)
    assert vars(command.create_parser("manage.py", name).parse_args(options))
