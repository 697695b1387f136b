"""The unit of work: what a command does is kept as a whole or not at all, whoever gives it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.effects import Alert
from taskrouter_sandbox.engine.model.errors import NotFound, TaskRouterError
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.workspaces import Workspaces
from taskrouter_sandbox.storage.store import Store
from taskrouter_sandbox.webhooks.delivery import Delivery, Outcome
from tests.sandbox.conftest import Reply
from tests.waiting import patience

ACCOUNT = "AC" + "0" * 32
NOW = 1_767_225_600_000


def with_a_team(engine: WorkspaceEngine) -> str:
    """A queue, a workflow whose callbacks go to `http://here/`, and Alice, who is free: the workspace's SID."""
    queue = engine.task_queues.create(NOW, friendly_name="Q")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    engine.workflows.create(
        NOW, friendly_name="Flow", configuration=configuration, assignment_callback_url="http://here/"
    )
    idle = next(each for each in engine.state.activities.values() if each.available)
    engine.workers.create(NOW, friendly_name="Alice", attributes="{}", activity_sid=idle.sid)
    return engine.workspace.sid


@pytest.fixture
def space(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Workspaces with one in it, and what was begun after each unit."""
    store = Store(tmp_path / "sandbox.sqlite3")
    workspaces = Workspaces(store, ACCOUNT)
    begun: list[Delivery] = []
    workspaces.after_commit = lambda sid, effects, deliveries: begun.extend(deliveries)
    sid = workspaces.create(NOW, with_a_team, friendly_name="One")
    yield SimpleNamespace(path=tmp_path / "sandbox.sqlite3", workspaces=workspaces, store=store, sid=sid, begun=begun)
    store.close()


def stored(space: SimpleNamespace) -> dict[str, Any]:
    """What another process would read: resources, events, and the deliveries with their outcomes."""
    db = sqlite3.connect(space.path)
    try:
        return {
            "resources": db.execute("SELECT sid, state FROM resource ORDER BY sid").fetchall(),
            "events": db.execute("SELECT count(*) FROM event").fetchone()[0],
            "outcomes": [row[0] for row in db.execute("SELECT outcome FROM delivery ORDER BY number")],
            "alerts": [row[0] for row in db.execute("SELECT code FROM alert ORDER BY number")],
        }
    finally:
        db.close()


def in_memory(space: SimpleNamespace) -> dict[str, str]:
    """What the engine has: friendly names of workers, statuses of tasks."""
    state = space.workspaces.engines[space.sid].state
    return {
        e.sid: getattr(e, "friendly_name", None) or e.assignment_status
        for e in [*state.workers.values(), *state.tasks.values()]
    }


def a_task(engine: WorkspaceEngine) -> str:
    return engine.tasks.create(NOW, attributes="{}").sid


def refused(engine: WorkspaceEngine) -> None:
    """Change much, note something, and say no."""
    engine.workers.create(NOW, friendly_name="Bob", attributes="{}")
    engine.tasks.create(NOW, attributes="{}")
    engine.alert(Alert(40001, "error", "noted", engine.workspace.sid))
    raise TaskRouterError("no")


def test_a_command_and_what_it_calls_for_are_kept_together(space):
    task = space.workspaces.apply(space.sid, NOW, a_task)
    (delivery,) = space.begun
    assert (delivery.kind, delivery.url, delivery.number) == ("assignment", "http://here/", 1)
    assert task in dict(stored(space)["resources"])
    assert stored(space)["outcomes"] == [None]


class TestRefusal:
    def test_it_keeps_what_was_noted_and_nothing_else(self, space):
        before, had = stored(space), in_memory(space)
        with pytest.raises(TaskRouterError, match="no"):
            space.workspaces.apply(space.sid, NOW, refused)
        assert stored(space) == before | {"alerts": [40001]}
        assert in_memory(space) == had
        assert space.begun == []
        space.workspaces.apply(space.sid, NOW, a_task)  # and the workspace goes on
        assert len(space.begun) == 1

    def test_it_keeps_what_time_has_brought(self, space):
        space.workspaces.apply(space.sid, NOW, a_task)
        with pytest.raises(TaskRouterError):
            space.workspaces.apply(space.sid, NOW + 121_000, refused)
        db = sqlite3.connect(space.path)
        statuses = db.execute(
            "SELECT json_extract(state, '$.reservation_status') FROM resource WHERE kind = 'Reservation'"
        )
        assert statuses.fetchall() == [("timeout",)]
        db.close()

    def test_of_a_new_workspace_it_keeps_nothing(self, space):
        before = stored(space)
        with pytest.raises(TaskRouterError):
            space.workspaces.create(NOW, refused, friendly_name="Two")
        assert stored(space) == before
        assert list(space.workspaces.engines) == [space.sid]


class TestFailure:
    """Here the database itself refuses to write: a trigger is no part of the code."""

    @pytest.fixture
    def broken(self, space: SimpleNamespace) -> Callable[[str], None]:
        """Let every write of that kind fail, until `mended`."""

        def break_(what: str) -> None:
            space.store.db.execute(f"CREATE TEMP TRIGGER broken BEFORE {what} BEGIN SELECT RAISE(ABORT, 'broken'); END")

        return break_

    def test_in_the_command(self, space):
        def fails(engine: WorkspaceEngine) -> None:
            engine.tasks.create(NOW, attributes="{}")
            raise ZeroDivisionError

        before, had = stored(space), in_memory(space)
        with pytest.raises(ZeroDivisionError):
            space.workspaces.apply(space.sid, NOW, fails)
        assert (stored(space), in_memory(space)) == (before, had)

    @pytest.mark.parametrize("what", ["INSERT ON event", "INSERT ON resource", "INSERT ON delivery"])
    def test_while_it_is_kept(self, space, broken, what):
        before, had = stored(space), in_memory(space)
        broken(what)
        with pytest.raises(sqlite3.IntegrityError):
            space.workspaces.apply(space.sid, NOW, a_task)
        assert (stored(space), in_memory(space)) == (before, had)
        space.store.db.execute("DROP TRIGGER broken")
        assert space.workspaces.apply(space.sid, NOW, a_task) in dict(stored(space)["resources"])

    def test_of_an_answer_s_end_undoes_its_effect(self, space, broken):
        space.workspaces.apply(space.sid, NOW, a_task)
        (delivery,) = space.begun
        before, had = stored(space), in_memory(space)

        def accept(engine: WorkspaceEngine) -> None:
            engine.reservations.accept(NOW, engine.state.reservations[delivery.subject_sid])
            delivery.outcome = Outcome("done", "accepted")

        broken("UPDATE ON delivery")
        with pytest.raises(sqlite3.IntegrityError):
            space.workspaces.apply(space.sid, NOW, accept, delivery)
        assert (stored(space), in_memory(space)) == (before, had)
        space.store.db.execute("DROP TRIGGER broken")
        space.workspaces.apply(space.sid, NOW, accept, delivery)
        assert stored(space)["outcomes"] == ["accepted"]
        assert list(in_memory(space).values()) == ["Alice", "assigned"]

    def test_of_a_deletion_leaves_the_workspace(self, space, broken):
        before = stored(space)
        broken("DELETE ON resource")
        with pytest.raises(sqlite3.IntegrityError):
            space.workspaces.apply(space.sid, NOW, lambda engine: engine.delete(NOW))
        assert stored(space) == before
        assert list(space.workspaces.engines) == [space.sid]
        space.store.db.execute("DROP TRIGGER broken")
        space.workspaces.apply(space.sid, NOW, lambda engine: engine.delete(NOW))
        with pytest.raises(NotFound):
            space.workspaces.apply(space.sid, NOW, a_task)

    def test_after_which_sqlite_goes_back_by_itself(self, space):
        """As it does when the disk is full: the worker who was to be deleted is the same row as before."""
        bob = space.workspaces.apply(space.sid, NOW, lambda engine: engine.workers.create(NOW, friendly_name="Bob").sid)
        db = space.store.db
        db.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
        before = stored(space)
        with pytest.raises(sqlite3.IntegrityError, match="full"):
            space.workspaces.apply(space.sid, NOW, lambda engine: engine.workers.delete(NOW, engine.state.workers[bob]))
        assert stored(space) == before
        db.execute("DROP TRIGGER full")
        space.workspaces.apply(
            space.sid, NOW, lambda engine: engine.workers.update(NOW, engine.state.workers[bob], attributes='{"a":1}')
        )
        assert [sid for sid, _ in stored(space)["resources"]].count(bob) == 1


def test_going_back_reads_one_workspace_only(space):
    other = space.workspaces.create(NOW, with_a_team, friendly_name="Two")
    read: list[str] = []
    space.store.db.set_trace_callback(read.append)
    engine = space.workspaces.engines[other]
    space.workspaces.reload(space.sid)
    space.store.db.set_trace_callback(None)
    assert read
    assert all(space.sid in statement for statement in read)
    assert space.workspaces.engines[other] is engine


KILLED = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from taskrouter_sandbox.runtime.service import Service
    from tests.sandbox.test_workspaces import ACCOUNT, NOW, with_a_team

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    async def main():
        service = Service(Path(sys.argv[1]), ACCOUNT, "token")
        sid = service.workspaces.create(NOW, with_a_team, friendly_name="One")
        flow = next(iter(service.workspaces.engines[sid].state.workflows.values()))
        now = service.clock.now()
        service.workspaces.apply(sid, now, lambda e: e.workflows.update(now, flow, assignment_callback_url=sys.argv[2]))
        service.store.db.create_function("die", 0, die)
        service.store.db.execute(f"CREATE TEMP TRIGGER end AFTER {sys.argv[3]} BEGIN SELECT die(); END")
        service.workspaces.apply(sid, now, lambda e: e.tasks.create(now, attributes="{}"))
        await service.dispatcher.drain()

    asyncio.run(main())
"""


@pytest.mark.parametrize(
    "moment", ["UPDATE ON delivery", 'UPDATE ON resource WHEN new.state LIKE \'%"reservation_status":"accepted"%\'']
)
def test_a_kill_between_an_answer_s_effect_and_its_delivery_s_end_leaves_neither(tmp_path, receiver, moment):
    """The process ends by SIGKILL in the middle of the transaction, wherever that is; the webhook is sent again."""
    receiver.replies["/"] = Reply(body='{"instruction": "accept"}')
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), receiver.url + "/", moment]
    run = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=patience(60))
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert len(receiver.requests) == 1
    store = Store(tmp_path / "sandbox.sqlite3")
    (workspace,) = store.workspaces()
    statuses = [e.reservation_status for e in store.contents(workspace.sid) if e.sid.startswith("WR")]
    (delivery,) = store.open_deliveries()
    assert (statuses, delivery.attempts) == (["pending"], [])
    store.close()


@pytest.mark.parametrize("change", ["clock", "options", "reset"])
def test_what_the_control_plane_cannot_keep_does_not_happen(tmp_path, change):
    service = Service(tmp_path, ACCOUNT, "token")
    service.faults.order(1, operation="*", status=500)
    had = service.clock.offset, service.workspaces.options, service.faults.active
    service.store.keep_setting("any", 1)
    verb = "DELETE" if change == "reset" else "INSERT"
    service.store.db.execute(
        f"CREATE TEMP TRIGGER broken BEFORE {verb} ON setting BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        {
            "clock": lambda: service.advance(1000),
            "options": lambda: service.workspaces.set_options(NOW, empty_answer="failed"),
            "reset": service.reset,
        }[change]()
    assert (service.clock.offset, service.workspaces.options, service.faults.active) == had
    service.store.close()
