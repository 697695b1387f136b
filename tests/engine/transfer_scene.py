"""Alice has accepted a task that she may pass on, in both kinds of workspace."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.entities import Reservation, Task, Transfer
from taskrouter_sandbox.engine.rules import transitions
from tests.engine.stage import Stage, filter_, step


@pytest.fixture(params=[False, True], ids=["single", "multi"])
def stage(request) -> Stage:
    return Stage(multi=request.param)


def assigned(stage: Stage, **settings) -> Task:
    """Alice has accepted a task that came to her through a workflow; Bob, in the same queue, has not come yet."""
    queue = stage.queue("Support")
    stage.workflow(filter_("1==1", step(queue)), task_reservation_timeout=20, assignment_callback_url="http://x/")
    stage.worker("Alice")
    task = stage.task(**settings)
    stage.accept(task)
    stage.forget()
    return task


def worker(stage: Stage, name: str):
    return next(w for w in stage.state.workers.values() if w.friendly_name == name)


def transfer(stage: Stage, task: Task, to, **settings) -> Transfer:
    return stage.engine.transfers.create(stage.now, held_by_alice(stage, task), to.sid, **settings)


def held_by_alice(stage: Stage, task: Task) -> Reservation:
    return next(r for r in task.reservations.values() if r.worker_sid == worker(stage, "Alice").sid)


def offer(task: Task) -> Reservation:
    (reservation,) = transitions.offers(task)
    return reservation


def finish(stage: Stage, reservation: Reservation, status: str) -> None:
    stage.engine.reservations.wrap_up_or_complete(stage.now, reservation, status)
