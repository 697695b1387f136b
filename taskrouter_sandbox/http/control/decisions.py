"""Why a task went where it went: what was noted at each decision about it, and what would have to change."""

from __future__ import annotations

import json
from typing import Annotated

from msgspec import Meta

from ...engine import WorkspaceEngine
from ...engine.model.entities import Task
from ...engine.model.errors import NotFound
from ...engine.reporting.decision_facts import match_facts, new_decision
from ...engine.rules import deadlines
from ...explanation.answers import Change, DecisionAnswer, TaskAnswer
from ...explanation.changes import Circumstances, find_changes
from ...explanation.explain import explain
from ...explanation.facts import Decision
from ...runtime.change_trials import try_changes
from ...storage import decisions as decision_rows
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters

MOST_CHANGES = 10  # that are tried

control = Registry(control=True)


class FetchTaskWhy(ControlParameters):
    """How many of the newest decisions are told, beside the first one."""

    newest: Annotated[int, Meta(ge=1, le=1_000)] = 20


@control.operation("FetchTaskWhy", "GET", "/tasks/{task_sid}/why", FetchTaskWhy, returns=TaskAnswer)
def why(context: RequestContext, asked: FetchTaskWhy) -> Answer:
    """Tell why a task went where it went: each decision as it was made, and for a waiting task what would change it.

    Of a task that is gone, too, for as long as events are kept.
    """
    service, sid = context.service, context.path["task_sid"]
    service.tick()
    store = service.store
    engine = next((one for one in service.workspaces.engines.values() if sid in one.state.tasks), None)
    workspace_sid = engine.workspace.sid if engine else decision_rows.workspace_of(store.db, sid)
    if workspace_sid is None:
        raise NotFound(
            f"Task {sid[:40]} was not found, nor any decision about it: they are kept as long as events are, "
            f"{service.limits.retention.days} days"
        )
    noted, left_out = decision_rows.of_task(store.db, sid, asked.newest)
    task = engine.state.tasks[sid] if engine else None
    now, changes = None, list[Change]()
    if engine is not None and task is not None and task.assignment_status == "pending":
        now, changes = _now(context, engine, task)
    return Answer(
        TaskAnswer(
            workspace_sid=workspace_sid,
            task_sid=sid,
            status=task.assignment_status if task else None,
            recorded=True,
            notes=_notes(engine, task, noted),
            decisions=[explain(one) for one in noted],
            left_out=left_out,
            now=now,
            changes=changes,
        )
    )


def _now(context: RequestContext, engine: WorkspaceEngine, task: Task) -> tuple[DecisionAnswer, list[Change]]:
    """Tell of a waiting task who could take it at this moment, and what would have to change."""
    state = engine.state
    noted = new_decision(state, state.now, task)
    noted.match = match_facts(state, task, ())
    present = decision_rows.read(decision_rows.to_json(noted))  # in the form in which all others are
    assert present is not None
    circumstances = Circumstances(
        [(one.sid, one.friendly_name) for one in state.activities.values() if one.available],
        {
            worker.sid: [(one.sid, one.reservation_status) for one in worker.open.values()]
            for worker in state.workers.values()
            if worker.open
        },
    )
    changes = find_changes(present, circumstances, MOST_CHANGES)
    try_changes(context.service.workspaces, engine.workspace.sid, context.now, task.sid, changes)
    return explain(present), changes


def _notes(engine: WorkspaceEngine | None, task: Task | None, noted: list[Decision]) -> list[str]:
    if engine is None or task is None:
        return ["The task is gone: this is what was noted while it was there."]
    notes: list[str] = []
    if not noted:
        notes.append("Nothing was noted about this task: it was made before the sandbox noted decisions.")
    if task.assignment_status == "pending":
        seconds = max(0, deadlines.of_task(engine.state, task) - engine.state.now) / 1000
        is_step = deadlines.step_end(task) == deadlines.of_task(engine.state, task)
        then = f"its step ends in {_words(seconds)}" if is_step else f"its timeout cancels it in {_words(seconds)}"
        notes.append(f"If nothing changes, {then}.")
    if task.assignment_status in ("canceled", "completed") and task.reason:
        notes.append(f"The task is {task.assignment_status}: {json.dumps(task.reason)}.")
    return notes


def _words(seconds: float) -> str:
    """Say a length of time in the largest unit that there is more than one of."""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.0f} seconds"
