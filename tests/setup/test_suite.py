"""How the tests themselves run: what stays together, which ports they choose, how long they wait."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.setup import environment
from tests.ports import unused_port
from tests.suite import CORES, MOST_WORKERS, TOGETHER, TOGETHER_IN_FOLDER, TogetherScheduling
from tests.waiting import wait_for


def test_the_files_that_stay_together_are_there():
    assert [file for file in TOGETHER if not (environment.ROOT / file).is_file()] == []
    assert [folder for folder in TOGETHER_IN_FOLDER if not (environment.ROOT / folder).is_dir()] == []


def test_tests_that_share_something_go_to_one_worker_and_others_alone():
    split = TogetherScheduling._split_scope
    lab, setup, other = (
        "tests/setup/test_lab.py::a",
        "tests/setup/test_setup.py::b",
        "tests/engine/test_events.py::c[x]",
    )
    assert split(None, lab) == split(None, setup) != split(None, other) == other
    one, another = "tests/browser/test_pages.py::d", "tests/browser/test_widgets.py::e"
    assert split(None, one) == split(None, another) != one
    rehearsed, searched = "tests/simulation/test_rehearsal.py::f", "tests/simulation/test_search.py::g"
    assert split(None, rehearsed) == split(None, searched) not in (rehearsed, split(None, one))


class Worker:
    """What a scheduler asks of a worker. given: the numbers of the tests that it was given."""

    shutting_down = False
    gateway = SimpleNamespace(id="a worker")

    def __init__(self) -> None:
        self.given: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.mark.parametrize("number", [1, 2, 3, 6, 8])
def test_some_workers_begin_at_the_end(number):
    """Where tests wait; and all of them are given out."""
    workers = [Worker() for _ in range(number)]
    computing, waiting = workers[:CORES][: (number + 1) // 2], workers[min(CORES, (number + 1) // 2) :]
    config = pytest.Config.fromdictargs({"tx": [f"{len(workers)}*popen"]}, [])
    scheduler = TogetherScheduling(config)
    tests = [f"tests/engine/test_{number}.py::a" for number in range(20 * len(workers))]
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, tests)
    scheduler.schedule()
    assert [worker.given[0] for worker in computing] == list(range(len(computing)))
    assert [worker.given[0] for worker in waiting] == [len(tests) - 1 - place for place in range(len(waiting))]
    done = dict.fromkeys(workers, 0)
    while any(done[worker] < len(worker.given) for worker in workers):
        for worker in workers:
            if done[worker] < len(worker.given):
                done[worker] += 1
                scheduler.mark_test_complete(worker, worker.given[done[worker] - 1])
    assert sorted(number for worker in workers for number in worker.given) == list(range(len(tests)))
    assert all(worker.shutting_down for worker in workers)


TESTS = environment.ROOT / "tests"
PROGRAMS = {"ngrok_agent.py", "ngrok_edge.py", "make_version_0.py"}
"""Files that are no tests: each runs by itself, without the rest of the suite."""

WAITING = "acquire join result settimeout wait"  # with the limit as the first argument, or by name
ASKING = (
    "HTTPConnection NotebookClient ask check_output communicate create_connection delete execute_interactive get "
    "get_iopub_msg get_shell_msg options patch post put request run urlopen wait_for_ready wait_procs"
)


def fixed_limits(file: Path) -> Iterator[str]:
    """The calls that wait for a fixed time of a second or more. A shorter one is meant to run out."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).rpartition(".")[2]
        limits = [word.value for word in call.keywords if word.arg == "timeout" and name in (WAITING + ASKING).split()]
        limits += call.args[:1] if name in WAITING.split() else []
        limits += call.args[1:2] if ast.unparse(call.func) == "asyncio.wait_for" else []
        if any(isinstance(limit, ast.Constant) and float(limit.value or 0) >= 1 for limit in limits):
            yield f"{file.relative_to(TESTS)}:{call.lineno}: {ast.unparse(call)}"


def test_every_limit_grows_with_the_patience():
    """On a machine four times slower all of them are four times longer: `patience()` sees to it."""
    files = [file for file in TESTS.rglob("*.py") if file.name not in PROGRAMS]
    assert [call for file in files for call in fixed_limits(file)] == []


def test_a_port_is_chosen_once_and_not_from_those_that_systems_hand_out():
    ports = [unused_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(1024 < port < 32_768 for port in ports)


def test_a_wait_ends_with_the_first_true_value_or_says_what_it_waited_for():
    values = iter(["", "", "there"])
    assert wait_for(lambda: next(values)) == "there"
    with pytest.raises(AssertionError, match=r"the dawn did not come true within \S+ s; last: \[\]"):
        wait_for(list, seconds=0.01, what="the dawn")


def test_there_are_more_workers_than_cores(pytestconfig):
    workers = pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig)
    assert workers == min(CORES + 4, MOST_WORKERS)
