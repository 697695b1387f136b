"""Eight kernels on one workspace, each in the way of the others: `python -m tests.endurance.people [rounds] [seed]`.

Two of them have a callback server and a board, two click the same worker, one plays notebook 02, one clears the stage,
one cleans up, one ends the sandbox. Whatever a cell meets must be said in one sentence, never in a traceback. After
each round all are quiet, one takes the callbacks over, and everybody must say of the workspace what is so.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random

from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellExecutionError

from helpers import sandbox
from tests.arguments import whole_numbers
from tests.notebooks.conftest import Run, running

TOGGLE = "toggle.choose({!r}); toggle.wait_until_drawn(); print(toggle.words())"
CLEAR = "team.clear_stage()"
CREATE = "task = found(workspace.tasks, **settings) or workspace.tasks.create(**settings)"
ACCEPT = "for one in task.reservations.list(reservation_status='pending'): one.update(reservation_status='accepted')"
COMPLETE = "task.fetch().assignment_status == 'assigned' and task.update(assignment_status='completed', reason='Done')"
LOAD = "team = cast(client); workspace, alice = team.workspace, team.alice"
CLEAN_UP = "from helpers import clean_up; clean_up(sure=True)"
ASKED = "requests.get(f'{server.url}/create-task', timeout=10).json()"
HERE = "team.workflow.update(assignment_callback_url=f'{public_url}/assignment_callback')"
STOP = "from helpers import sandbox; sandbox.stop(); client.taskrouter.v1.workspaces.list() and None"

ROLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    *(("03-accept-by-callback", "toggle-alice", (HERE, ASKED, "check.callback_url(client)", LOAD, CLEAR)),) * 2,
    *(("02-create-a-task", "toggle-alice", (TOGGLE.format("Idle"), TOGGLE.format("Offline"), LOAD)),) * 2,
    ("02-create-a-task", "create-task", (CREATE, ACCEPT, COMPLETE, "check.accepted(client)", LOAD)),
    ("02-create-a-task", "create-task", (CLEAR, "check.stage(client)", LOAD)),
    ("02-create-a-task", "create-task", (CLEAN_UP, LOAD, LOAD, "check.reserved(client)")),
    ("02-create-a-task", "create-task", (STOP, LOAD, CREATE, "check.task_waits(client)")),
)
"""The notebook of each kernel, the cell up to which it is run at first, and what it does then."""


def say(run: Run, source: str) -> str:
    """Run a cell: what it says. Raises AssertionError where that is a traceback."""
    try:
        return run.code(source)
    except CellExecutionError as error:
        return sentence(error)


def sentence(error: CellExecutionError) -> str:
    """Give the sentence in which a cell has failed, as one line. Raises AssertionError where it is a traceback."""
    _, marker, said = str(error).rpartition("LessonError: ")
    assert marker, str(error)
    assert "Traceback" not in str(error), str(error)
    return " ".join(said.split())


@contextmanager
def kernels() -> Iterator[list[Run]]:
    """Start the kernel of each role."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(name)) for name, _, _ in ROLES]


def at_once(work: Sequence[Callable[[], None]]) -> None:
    """Do all of it at the same time, each on a thread. Raises what the first of them raises."""
    failures: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:
            failures.append(error)
        finally:
            ensure_event_loop().close()  # that of this thread, on which it has asked its kernel

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def storm(runs: list[Run], steps: int, seed: int, said: Counter[str]) -> None:
    """Let every kernel do so many things of its role, all at once."""

    def act(number: int) -> None:
        random = Random(f"{seed} {number}")
        for _ in range(steps):
            source = random.choice(ROLES[number][2])
            said[say(runs[number], source)[:60]] += 1

    at_once([lambda number=number: act(number) for number in range(len(runs))])


def begin(run: Run, last: str) -> None:
    """Run a notebook from the top, again where somebody has been in the way."""
    for tries_left in range(5, -1, -1):
        try:
            run.up_to(last)
            return
        except CellExecutionError as error:
            sentence(error)
            if not tries_left:
                raise


def begin_all(runs: list[Run]) -> None:
    """Run all the notebooks from the top at the same time, each up to its role's cell."""
    at_once([lambda run=run, last=last: begin(run, last) for run, (_, last, _) in zip(runs, ROLES, strict=True)])


def agree(runs: list[Run]) -> None:
    """Let the second callback server take the callbacks over, and everybody look: each says what is so."""
    first, second, *others = runs
    begin(first, "toggle-alice")
    begin(second, "toggle-alice")
    assert second.cell("check-callback-url").startswith("✔ ")
    taken = first.cell("check-callback-url")
    assert taken.startswith("✘ "), taken
    assert "the callback server of another notebook answers: it has taken the callbacks over from yours" in taken
    first.until("'Event callbacks go to the callback server of another notebook' in the_board.words()")
    second.until("'Event callbacks arrive at your server' in the_board.words()")
    for run in others:
        assert 'in workspace "TaskRouter Tutorial"' in say(run, LOAD)
    for run, activity in zip(runs[2:4], ("Idle", "Offline"), strict=True):
        begin(run, "toggle-alice")
        run.code(f"alice.update(activity_sid=team.activities[{activity!r}].sid)")
    spaces = {run.code("team.workspace.sid") for run in runs}
    assert len(spaces) == 1, spaces
    said = {run.code("check.stage(client)") for run in others}
    assert len(said) == 1, said
    for run in runs[2:4]:
        run.until("toggle.confirmed == 'Offline'")


def main(rounds: int, seed: int) -> None:
    began, said = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKROUTER_SANDBOX_DIR"] = os.environ["TASKROUTER_TUNNEL_DIR"] = folder
        try:
            with kernels() as runs:
                begin_all(runs)
                for number in range(rounds):
                    storm(runs, 12, seed + number, said)
                    agree(runs)
                    print(f"{number + 1} rounds, {said.total()} cells, {time.monotonic() - began:.0f} s", flush=True)
        finally:
            sandbox.stop()
    for words, times in said.most_common(40):
        print(times, words)


if __name__ == "__main__":
    main(*whole_numbers(__doc__, rounds=20, seed=0))
