"""What a match looks at, noted so that it can be explained afterwards: the facts, not what follows from them.

A decision notes the workers of a small workspace all together. Of a large one it notes those that count: who was
chosen, who would have been next, and others of the queue; it costs the same whatever the size of the workspace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from msgspec import Raw, json

from ...explanation.facts import Decision, FilterFacts, MatchFacts, WorkerFacts
from ..model.entities import FAILED, Task, TaskQueue, Worker
from ..model.known_worker import named_worker
from ..model.state import State

MOST_WORKERS = 20
MOST_FILTERS = 40

to_json = json.Encoder().encode


def new_decision(state: State, now: int, task: Task) -> Decision:
    """Make the record of a decision, with nothing but its task."""
    return Decision(task.sid, now, _json(task.attributes), task.priority, state.options.missing_attribute)


def _json(text: str) -> Any:
    """Let a text that is JSON stand in the record as it is."""
    return Raw(text.encode())


def match_facts(state: State, task: Task, chosen: Sequence[Worker]) -> MatchFacts:
    """Note what there is to see for a waiting task, before anything is changed. chosen: whom the match has found."""
    queue, target, channel_sid = state.queue_of(task), task.target, task.task_channel_sid
    channel, demand, transfer = state.task_channels[channel_sid], task.demand, task.transfer
    expression, order_by = target.expression_text if target.expression else None, target.order_by
    wanted = demand.worker if demand is not None else None
    workers, members = _worth_noting(state, queue, channel_sid, chosen, wanted), queue.members
    facts = MatchFacts(
        queue.sid,
        queue.friendly_name,
        queue.target_workers,
        queue.max_reserved_workers,
        expression,
        order_by.text if order_by else None,
        target.known_worker_text,
        wanted,
        task.ignore_capacity or transfer is not None,
        transfer is not None,
        channel.unique_name,
        channel.channel_optimized_routing,
        state.workspace.multi_task_enabled,
        [worker.sid for worker in chosen],
        len(state.workers),
        len(members),
        [_noted(state, worker, channel_sid) for worker in workers],
        [],
    )
    if len(members) < len(state.workers):
        facts.outside = [place for place, worker in enumerate(workers) if worker.sid not in members]
    if "channel" in (expression or "") or (order_by and "channel" in order_by.text):
        facts.channels = [state.names_of_worker(worker)["channel"] for worker in workers]
    if task.attempts:
        facts.failures = Counter(r.worker_sid for r in task.reservations.values() if r.reservation_status in FAILED)
    if transfer is not None:
        facts.at_work = [r.worker_sid for r in task.open.values() if r.reservation_status == "accepted"]
    return facts


def _noted(state: State, worker: Worker, channel_sid: str) -> Any:
    """Put down what there is to see of a worker, in JSON; it holds until anything of that changes."""
    if worker.noted is not None and (found := worker.noted.get(channel_sid)) is not None:
        return found
    own, activity = worker.channels[channel_sid], state.activities[worker.activity_sid]
    facts = WorkerFacts(
        worker.sid,
        worker.friendly_name,
        _json(worker.attributes),
        activity.sid,
        activity.friendly_name,
        activity.available,
        channel_sid in worker.listed,
        own.available,
        own.configured_capacity,
        own.used,
        not state.workspace.multi_task_enabled and any(r.holds_worker for r in worker.open.values()),
        worker.last_reserved,
        own.last_reserved,
        worker.number,
    )
    if worker.noted is None:
        worker.noted = {}
    worker.noted[channel_sid] = made = Raw(to_json(facts))
    return made


def _worth_noting(
    state: State, queue: TaskQueue, channel_sid: str, chosen: Sequence[Worker], wanted: tuple[str, str] | None
) -> list[Worker]:
    """Choose the workers to note: all of them, or those that count."""
    if len(state.workers) <= MOST_WORKERS:
        return list(state.workers.values())
    named = named_worker(state, wanted) if wanted else None
    ready = queue.ready.get(channel_sid, ())
    first = [*([named] if named else ()), *chosen, *ready[: MOST_WORKERS // 3]]
    others = chain(islice(queue.members.values(), MOST_WORKERS), islice(state.workers.values(), MOST_WORKERS))
    return list(dict.fromkeys(chain(first, others)))[:MOST_WORKERS]


def asked_filters(state: State, task: Task, start: int) -> tuple[list[FilterFacts], int]:
    """Note the filters that were asked, from that one on until the one that the task is in; and how many are left out.

    Of many the last ones are noted.
    """
    configuration = state.configuration_of(task)
    assert configuration is not None
    last = len(configuration.filters) if task.filter_index < 0 else task.filter_index + 1
    begin = max(start, last - MOST_FILTERS)
    found = [
        FilterFacts(index, one.name or "", one.expression.text)
        for index, one in enumerate(configuration.filters[begin:last], begin)
    ]
    if task.filter_index < 0 and configuration.default:
        found.append(FilterFacts(task.filter_index, configuration.default.name or "", "1==1"))
    return found, begin - start
