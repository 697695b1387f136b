"""What a store would hold of the engine's resources, and all that decides on what an engine does next."""

from __future__ import annotations

import json
from typing import Any

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Entity, WorkerChannel
from taskrouter_sandbox.engine.rules import queue_members
from taskrouter_sandbox.storage.resources import write_resource


def state_of(entity: Entity) -> dict[str, Any]:
    """A resource's stored state, by the stored names."""
    return json.loads(write_resource(entity)[1])


def picture(engine: WorkspaceEngine) -> dict[str, Any]:
    """All of an engine that decides on what it does next."""
    state = engine.state
    tables = {kind: list(table.values()) for kind, table in state.tables.items() if kind is not WorkerChannel}
    tables[WorkerChannel] = [each for worker in state.workers.values() for each in worker.channels.values()]
    assert set(state.worker_channels.values()) == set(tables[WorkerChannel])
    return {
        "resources": {kind.__name__: [state_of(entity) for entity in table] for kind, table in tables.items()},
        "deadlines": state.timers.live(),
        "fired": fired(state),
        "names": state.unique_names,
        "waiting": {q.sid: [task.sid for task in q.waiting] for q in state.task_queues.values()},
        "ready": {
            (q.sid, channel): [w.sid for w in queue_members.ready_list(state, q, channel)]
            for q in state.task_queues.values()
            for channel in state.task_channels
        },
        "members": {q.sid: set(q.members) for q in state.task_queues.values()},
        "listed": {w.sid: w.listed for w in state.workers.values()},
        "direct": {sid: set(tasks) for sid, tasks in state.direct.items() if tasks},
        "demands": {t.sid: t.demand for t in state.tasks.values()},
    }


def fired(state) -> list[str]:
    """Whose deadlines come, in order."""
    live = state.timers.live()
    heap = sorted(entry for entry in state.timers._heap if live.get(entry[2]) == entry[0])
    return list(dict.fromkeys(sid for _, _, sid in heap))
