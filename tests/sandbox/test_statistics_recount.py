"""Statistics of random days, against a naive recount of their events (rest-contract.md §6)."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict

import pytest

from tests.sandbox.statistics_stage import NEVER, Stage, seconds, stage, standing

__all__ = ["stage", "standing"]


def run_a_random_day(stage: Stage, rng: random.Random) -> None:
    """A hundred and twenty things that happen to three queues, five workers and many tasks."""
    queues = [stage.workspace.task_queues.create(n, target_workers=f'"{n}" IN skills') for n in ("es", "en", "fr")]
    queues[1].update(max_reserved_workers=2)
    targets = [{"queue": queues[0].sid, "timeout": 40}, {"queue": queues[1].sid, "timeout": 60}]
    filters = [{"expression": "steps == 1", "targets": targets}]
    steps = stage.flow("Steps", filters=filters, default_filter={"queue": queues[2].sid})
    workers = [
        stage.worker(f"Worker {n}", rng.choice(("Available", "Offline")), skills=rng.sample(["es", "en", "fr"], 2))
        for n in range(5)
    ]
    for _ in range(120):
        stage.skip(rng.randint(1, 20))
        match rng.randrange(10):
            case 0 | 1 | 2 | 3:
                attributes = json.dumps({"steps": rng.randint(0, 1)})
                channel = rng.choice(("default", "voice"))
                stage.task(
                    workflow_sid=rng.choice((steps.sid, stage.workflow.sid)),
                    attributes=attributes,
                    task_channel=channel,
                )
            case 4 | 5:
                rng.choice(workers).update(
                    activity_sid=stage.activity[rng.choice(("Available", "Available", "Offline"))]
                )
            case _:
                tasks = [
                    t for t in stage.workspace.tasks.list() if t.assignment_status not in ("completed", "canceled")
                ]
                if tasks:
                    act_on(stage, rng, rng.choice(tasks))


def act_on(stage: Stage, rng: random.Random, task) -> None:
    match task.assignment_status:
        case "reserved":
            stage.pending(task).update(reservation_status=rng.choice(("accepted", "accepted", "accepted", "rejected")))
        case "assigned" | "wrapping":
            task.update(assignment_status=rng.choice(("wrapping", "completed")), reason="done")
        case "pending" if rng.random() < 0.3:
            task.delete() if rng.random() < 0.5 else task.update(assignment_status="canceled", reason="gone")


COUNTERS = {
    "reservations_created": "reservation.created",
    "reservations_accepted": "reservation.accepted",
    "reservations_rejected": "reservation.rejected",
    "reservations_timed_out": "reservation.timeout",
    "reservations_canceled": "reservation.canceled",
    "reservations_rescinded": "reservation.rescinded",
    "tasks_canceled": "task.canceled",
    "tasks_completed": "task.completed",
    "tasks_deleted": "task.deleted",
    "tasks_timed_out_in_workflow": "workflow.timeout",
}


def lengths(values: list[int]) -> dict[str, int]:
    return seconds(sum(values) // len(values), min(values), max(values), sum(values)) if values else NEVER


def at(event) -> int:
    """The clock moves in whole seconds here; events of one instant are dated a millisecond apart."""
    return event.event_date_ms // 1000


def recount(events: list, belongs) -> dict:
    """The figures of whatever `belongs` is true of, from all events of the workspace, the oldest first."""
    created, entered, in_queue = {}, {}, {}
    found = Counter(dict.fromkeys([*COUNTERS, "tasks_created", "tasks_moved", "queue_entered", "workflow_entered"], 0))
    waits = defaultdict(list)
    for event in events:
        data, task = event.event_data, event.event_data.get("task_sid")
        if event.event_type == "task.created":
            created[task] = at(event)
        if event.event_type == "task-queue.moved":
            found["tasks_moved"] += belongs(data | {"task_queue_sid": in_queue[task]})
        if event.event_type == "task-queue.entered":
            entered[task], in_queue[task] = at(event), data["task_queue_sid"]
        if not belongs(data):
            continue
        for name, type_ in COUNTERS.items():
            found[name] += event.event_type == type_
        found["tasks_created"] += event.event_type == "task.created"
        found["queue_entered"] += event.event_type == "task-queue.entered"
        found["workflow_entered"] += event.event_type == "workflow.entered"
        if event.event_type == "reservation.accepted":
            waits["accepted"].append(at(event) - created[task])
            waits["in_queue"].append(at(event) - entered[task])
        if event.event_type == "task.canceled":
            waits["canceled"].append(at(event) - created[task])
    return dict(found) | {name: waits[name] for name in ("accepted", "in_queue", "canceled")}


def stays(events: list, worker_sid: str, end: int) -> dict[str, list[int]]:
    """How long a worker was in each activity, by its SID."""
    found, since, activity = defaultdict(list), 0, ""
    for event in events:
        if event.event_data.get("worker_sid") != worker_sid:
            continue
        if event.event_type == "worker.created":
            since, activity = at(event), event.event_data["worker_activity_sid"]
        elif event.event_type == "worker.activity.update":
            found[activity].append(at(event) - since)
            since, activity = at(event), event.event_data["worker_activity_sid"]
    if since < end:
        found[activity].append(end - since)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_statistics_equal_a_naive_recount_of_the_events(stage, seed):
    """Whatever happens, the figures are those of the Events list."""
    run_a_random_day(stage, random.Random(seed))
    everything = {"minutes": 600}
    events = list(reversed(stage.workspace.events.list(**everything)))
    assert len({event.event_type for event in events} & set(COUNTERS.values())) >= 8  # it was a day with everything
    queues, flows = stage.workspace.task_queues.list(), stage.workspace.workflows.list()
    subjects = [(stage.workspace, lambda data: True)]
    subjects += [(queue, lambda data, sid=queue.sid: data.get("task_queue_sid") == sid) for queue in queues]
    subjects += [(flow, lambda data, sid=flow.sid: data.get("workflow_sid") == sid) for flow in flows]
    for channel in ({}, {"task_channel": "voice"}):
        for subject, own in subjects:
            heard = (lambda data: data.get("task_channel_unique_name") == "voice") if channel else (lambda data: True)
            expected = recount(events, lambda data, own=own, heard=heard: own(data) and heard(data))
            found = vars(subject.cumulative_statistics().fetch(split_by_wait_time="30", **everything, **channel))
            kind = "queue_entered" if "task_queue_sid" in found else "workflow_entered"
            for name in (*COUNTERS, "tasks_created", "tasks_moved"):
                if name in found:
                    assert found[name] == expected[name], (subject, name)
            assert found.get("tasks_entered", expected[kind]) == expected[kind]
            assert found["wait_duration_until_accepted"] == lengths(expected["accepted"])
            assert found["wait_duration_until_canceled"] == lengths(expected["canceled"])
            if "wait_duration_in_queue_until_accepted" in found:
                assert found["wait_duration_in_queue_until_accepted"] == lengths(expected["in_queue"])
            above = found["split_by_wait_time"]["30"]["above"]
            assert above["reservations_accepted"] == sum(wait > 30 for wait in expected["accepted"])
            assert above["tasks_canceled"] == sum(wait > 30 for wait in expected["canceled"])
    end = int(stage.now.timestamp())
    everybody = defaultdict(list)
    for worker in stage.workspace.workers.list():
        expected = recount(events, lambda data, sid=worker.sid: data.get("worker_sid") == sid)
        found = worker.statistics().fetch(**everything).cumulative
        for name, number in found.items():
            if name in COUNTERS:
                assert number == expected[name], name
        for row in found["activity_durations"]:
            lasted = stays(events, worker.sid, end)[row["sid"]]
            everybody[row["sid"]] += lasted
            assert {name: row[name] for name in NEVER} == lengths(lasted)
    whole = stage.workspace.workers.cumulative_statistics().fetch(**everything)
    for row in whole.activity_durations:
        assert {name: row[name] for name in NEVER} == lengths(everybody[row["sid"]])
