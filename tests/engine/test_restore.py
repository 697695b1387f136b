"""A workspace that is brought back from what was stored of it goes on exactly as it would have.

`machine.py` does this in the middle of everything else; here are the cases that are easy to get wrong.
"""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.storage.resources import read_resource, write_resource
from tests.engine.stage import Stage, filter_, routing, step
from tests.engine.stored import state_of


class Kept:
    """What a store would hold of a stage, and the stage's engine brought back from it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.rows = stage, {}
        for entity in (stage.engine.workspace, *(e for table in stage.state.tables.values() for e in table.values())):
            self.rows[entity.sid] = write_resource(entity)

    def bring_back(self) -> None:
        workspace, *contents = (read_resource(*row) for row in self.rows.values())
        new_sid = self.stage.engine.state.new_sid
        self.stage.engine = WorkspaceEngine(workspace, "AC" + "0" * 32, new_sid, contents)
        self.stage.state = self.stage.engine.state


def brought_back(stage: Stage) -> None:
    Kept(stage).bring_back()


def test_deadlines_survive():
    stage = Stage()
    stage.workflow(filter_("1==1", step(stage.queue(), timeout=20)), task_reservation_timeout=10)
    stage.worker("Alice")
    sid = stage.task().sid
    stage.pass_(5)
    due = stage.engine.next_due()
    brought_back(stage)
    assert stage.engine.next_due() == due
    stage.pass_(5)
    assert stage.state.tasks[sid].assignment_status == "pending"
    assert stage.where(next(iter(stage.state.workers.values()))) == "Offline"
    brought_back(stage)
    stage.pass_(10)
    assert stage.state.tasks[sid].assignment_status == "canceled"
    brought_back(stage)
    stage.pass_(300)
    assert not stage.state.tasks


def test_a_configuration_that_would_be_refused_now_is_still_followed():
    """It was taken by an earlier version; what that one did not read is left out."""
    stage = Stage()
    queue = stage.queue()
    workflow = stage.workflow(filter_("a == 1", step(queue)), default=queue)
    old = {"queue": queue.sid, "timeout": 0, "known_worker_sid": "task.w", "known_worker_friendly_name": "task.n"}
    default = {"queue": queue.sid, "priority": 7, "expression": "a ==", "task_queue_sid": "WQ"}
    text = json.dumps({"task_routing": {"filters": [filter_("a == 1", old, {"task_queue_sid": "WQ", "timeout": 5.7})]}})
    workflow.configuration = text[:-2] + f', "default_filter": {json.dumps(default)}' + "}}"
    workflow.revisions = [workflow.configuration]
    worker = stage.worker("Alice")
    brought_back(stage)
    assert stage.who(stage.task(attributes={"a": 1, "w": worker.sid})) == ["Alice"]
    assert stage.task().priority == 7


def test_turns_of_tasks_and_workers_survive():
    stage = Stage(multi=True)
    stage.workflow(default=stage.queue())
    for name in ("Alice", "Bob"):
        stage.worker(name)
    stage.cancel(stage.task())  # Alice has had one
    for worker in stage.state.workers.values():
        stage.move(worker, stage.offline)
    sids = [stage.task(priority=p).sid for p in (0, 5, 0)]
    brought_back(stage)
    for worker in stage.state.workers.values():
        stage.move(worker, stage.state.activities[stage.idle.sid])
    assert [stage.who(stage.state.tasks[sid]) for sid in sids] == [["Bob"], ["Alice"], []]


def test_a_single_tasking_worker_that_was_set_free_stays_free():
    stage = Stage()
    stage.workflow(default=stage.queue())
    alice = stage.worker("Alice")
    stage.accept(stage.task())
    stage.move(alice, stage.offline)
    stage.move(alice, stage.idle)
    brought_back(stage)
    assert stage.who(stage.task()) == ["Alice"]


def test_a_task_goes_on_by_the_revision_it_came_under():
    stage = Stage()
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    workflow = stage.workflow(filter_("1==1", step(q1, timeout=5), step(q2, timeout=5)))
    sid = stage.task().sid
    stage.engine.workflows.update(stage.now, workflow, configuration='{"task_routing":{"filters":[]}}')
    brought_back(stage)
    stage.pass_(5)
    assert stage.in_queue(stage.state.tasks[sid]) == "Q2"


@pytest.mark.parametrize("status", ["assigned", "completed"])
@pytest.mark.parametrize("then", ["edited twice", "deleted"])
def test_what_is_told_of_a_known_agent(then: str, status: str):
    """§5.4: the same with and without a restart, also when its workflow is not what it was."""

    def told(restart: bool) -> str | None:
        stage = Stage(multi=True)
        known = filter_("1==1", step(stage.queue(), known_worker_sid="task.agent"))
        workflow = stage.workflow(known)
        sid = stage.task(attributes={"agent": stage.worker("Alice").sid}).sid
        stage.accept(stage.state.tasks[sid])
        if status == "completed":
            stage.complete(stage.state.tasks[sid])
        if then == "deleted":
            stage.engine.workflows.delete(stage.now, workflow)
        else:
            for name in ("second", "third"):
                configuration = routing(known | {"filter_friendly_name": name})
                stage.engine.workflows.update(stage.now, workflow, configuration=configuration)
        if restart:
            brought_back(stage)
        stage.forget()
        stage.engine.tasks.update(stage.now, stage.state.tasks[sid], priority=3)
        return stage.event("task.updated").data.get("KnownWorkerSid")

    assert told(restart=True) == told(restart=False)
    assert (told(restart=True) is None) is (then == "deleted")


def test_an_ended_task_whose_workflow_and_queue_are_gone():
    stage = Stage()
    queue = stage.queue()
    workflow = stage.workflow(default=queue)
    stage.cancel(stage.task())
    stage.engine.workflows.delete(stage.now, workflow)
    stage.engine.task_queues.delete(stage.now, queue)
    brought_back(stage)
    stage.pass_(300)
    assert not stage.state.tasks


def test_what_was_stored_by_an_earlier_version_can_be_read():
    """Fields that are newer than the store take their defaults."""
    stage = Stage()
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    sid = stage.task().sid
    kept = Kept(stage)
    newer = {"worker_activity_sid", "holds_worker", "timed_out", "re_evaluated_from", "has_new_attributes"}
    for row, (kind, text) in kept.rows.items():
        kept.rows[row] = kind, json.dumps({k: v for k, v in json.loads(text).items() if k not in newer})
    kept.bring_back()
    assert stage.who(stage.state.tasks[sid]) == ["Alice"]


def test_a_channel_is_stored_once_it_has_changed_and_is_the_same_before():
    stage = Stage(multi=True)
    stage.engine.drain()
    alice = stage.worker("Alice")
    assert list(stage.engine.drain().changed) == [alice.sid]
    later = stage.engine.task_channels.create(stage.now + 1, friendly_name="Later", unique_name="later")
    voice = next(one for one in alice.channels.values() if one.task_channel_sid != later.sid)
    stage.engine.worker_channels.update(stage.now + 2, voice, capacity=3)
    assert set(stage.engine.drain().changed) == {later.sid, voice.sid, alice.sid}
    kept = Kept(stage)
    for channel in alice.channels.values():
        if channel is not voice:
            del kept.rows[channel.sid]
    kept.bring_back()
    restored = stage.state.workers[alice.sid].channels
    assert [state_of(one) for one in restored.values()] == [state_of(one) for one in alice.channels.values()]
    assert set(stage.state.worker_channels) == {one.sid for one in restored.values()}
