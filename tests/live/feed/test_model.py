"""The model: whatever way the events come, it says what TaskRouter says."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from helpers import skip, transfer
from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES, OPEN_TASK_STATUSES
from helpers.live.feed import rest_reader
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.model import Model, ModelLimits


def what_counts(model: Model) -> dict:
    """What a person sees of it, without times of reading."""
    whole = model.snapshot()
    tasks = {
        sid: (each["status"], each["queue"], each["priority"], each["attributes"])
        for sid, each in whole["tasks"].items()
        if each["status"] in OPEN_TASK_STATUSES
    }
    held = {
        (each["task"], each["worker"], each["status"])
        for each in whole["reservations"].values()
        if each["status"] in HELD_RESERVATION_STATUSES
    }
    workers = {sid: (each["name"], each["activity"], each["attributes"]) for sid, each in whole["workers"].items()}
    return {"tasks": tasks, "held": held, "workers": workers, "queues": sorted(whole["task_queues"])}


def a_busy_day(client, team, task) -> None:
    """Offers accepted, rejected, timed out and canceled; tasks completed; a worker hired and one dismissed."""
    place, idle = team.workspace, team.activities["Idle"].sid
    first, _second, third = task(), task(priority=5), task("en")
    team.alice.update(activity_sid=idle)
    for status in ("rejected", "accepted"):
        (offer,) = [
            offer
            for each in place.tasks.list()
            for offer in each.reservations.list()
            if offer.worker_sid == team.alice.sid and offer.reservation_status == "pending"
        ]
        offer.update(reservation_status=status)
    team.bob.update(activity_sid=idle)
    skip(minutes=21)
    carol = place.workers.create(friendly_name="Carol", attributes='{"languages": ["en"]}', activity_sid=idle)
    (offer,) = third.reservations.list(reservation_status="pending")
    offer.update(reservation_status="accepted")
    third.update(assignment_status="completed", reason="done")
    carol.update(attributes='{"languages": ["en", "de"]}')
    dave = place.workers.create(friendly_name="Dave", attributes="{}")
    dave.delete()
    task("en").update(assignment_status="canceled", reason="gone")
    first.fetch()
    passed_on(place, team, carol)


def passed_on(place, team, carol) -> None:
    """What Alice has is passed on: Bob does not take it, Carol does, and Alice is done with her part."""
    (hers,) = [r for each in place.tasks.list(assignment_status="assigned") for r in each.reservations.list()
               if (r.worker_sid, r.reservation_status) == (team.alice.sid, "accepted")]  # fmt: skip
    mine = place.tasks(hers.task_sid)

    def offered(worker):
        (offer,) = mine.reservations.list(reservation_status="pending", worker_sid=worker.sid)
        return offer

    transfer(hers, team.bob)
    offered(team.bob).update(reservation_status="rejected")
    transfer(hers, team.bob).cancel()
    transfer(hers, carol)
    offered(carol).update(reservation_status="accepted")
    hers.update(reservation_status="completed")
    (theirs,) = mine.reservations.list(reservation_status="accepted")
    transfer(theirs, team.english, mode="COLD")
    theirs.update(reservation_status="completed")  # of the queue that the task has left


@pytest.fixture
def day(client, team, task) -> tuple[Model, list[TaskRouterEvent], Model]:
    """What was read before the day, the events of the day, and what is read after it."""
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    before = Model()
    rest_reader.read_all(place, before)
    a_busy_day(client, team, task)
    events = [TaskRouterEvent.from_rest(each) for each in place.events.list(minutes=60)]
    after = Model()
    rest_reader.read_all(place, after)
    return before, sorted(events, key=lambda each: each.order_key), after


def test_events_in_order_lead_to_what_a_read_says(day):
    model, events, after = day
    for event in events:
        model.apply(event)
    assert what_counts(model) == what_counts(after)


@pytest.mark.parametrize("seed", range(5))
def test_events_that_come_twice_and_in_any_order_lead_there_too(day, seed):
    model, events, after = day
    chance = random.Random(seed)
    mixed = [*events, *events[: len(events) // 2]]
    chance.shuffle(mixed)
    unknown = {each.sid for each in events if not model.seen(each.sid)}
    assert sum(model.apply(event) for event in mixed) == len(unknown) > 20
    assert what_counts(model) == what_counts(after)


def test_an_event_that_is_known_changes_nothing(day):
    model, events, _after = day
    for event in events:
        model.apply(event)
    tracker = model.track_changes()
    assert tracker.changes() is None  # whoever begins takes the whole
    assert not any(model.apply(event) for event in events)
    assert tracker.changes() == {}


def test_changes_are_what_makes_one_state_of_another(day):
    model, events, _after = day
    tracker, other = model.track_changes(), model.track_changes()
    tracker.changes()
    copy = model.snapshot()
    for event in events:
        model.apply(event)
        for collection, entities in tracker.changes().items():
            for sid, entity in entities.items():
                if entity is None:
                    copy[collection].pop(sid, None)
                else:
                    copy[collection][sid] = entity
    assert copy == model.snapshot()
    assert other.changes() is None  # what one was told, the other was not
    other.end()
    model.apply(TaskRouterEvent("EV1", "task-queue.created", model.newest, "WQ1"))
    assert other.changes() == {}


def test_what_is_not_known_is_read_again(client, team):
    model = Model()
    sids = {"task": "WT1", "task_queue": "WQ1", "workflow": "WW1", "worker": "WK1", "reservation": "WR1"}
    data = {f"{name}_sid": sid for name, sid in sids.items()}
    model.apply(TaskRouterEvent("EV1", "reservation.created", 1000, "WR1", data=data))
    assert model.take_stale() == {("task_queues", ""), ("workflows", ""), ("workers", "WK1")}
    assert model.take_stale() == set()


def test_the_blink_is_in_the_trail_and_in_the_spans(client, team, task):
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    model = Model()
    rest_reader.read_all(place, model)
    waiting = task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    (offer,) = waiting.reservations.list()
    offer.update(reservation_status="accepted")
    rest_reader.read_events(place, model)
    names = {each["sid"]: each["name"] for each in model.activities.values()}
    alice = model.workers[team.alice.sid]
    assert [names[each["activity"]] for each in alice["trail"]] == ["Offline", "Idle", "Reserved"]
    assert names[alice["activity"]] == "Busy"
    mine = [each for each in model.spans.values() if each.get("worker") == team.alice.sid]
    activities = sorted((each["from"], each["to"] or 2**60) for each in mine if each["kind"] == "activity")
    assert all(before[1] == after[0] for before, after in pairwise(activities))
    still = {each["kind"]: each["to"] is None for each in mine if each["kind"] != "activity"}
    assert still == {"offer": False, "work": True}
    assert [each["end"] for each in model.spans.values() if each["kind"] == "wait"] == ["assigned"]


def test_a_worker_who_comes_later_has_an_activity_from_the_start_to_the_end(client, team):
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    model = Model()
    rest_reader.read_all(place, model)

    def spans(worker: str) -> list[tuple[str | None, bool]]:
        return [(each.get("activity"), each["to"] is None) for each in model.spans.values() if each["worker"] == worker]

    carla = team.workspace.workers.create("Carla")
    rest_reader.read_events(place, model)
    assert spans(carla.sid) == [(team.activities["Offline"].sid, True)]
    carla.update(activity_sid=team.activities["Busy"].sid)
    rest_reader.read_events(place, model)
    assert spans(carla.sid) == [(team.activities["Offline"].sid, False), (team.activities["Busy"].sid, True)]
    carla.update(activity_sid=team.activities["Offline"].sid)
    carla.delete()
    rest_reader.read_events(place, model)
    assert [still for _, still in spans(carla.sid)] == [False, False, False]


def test_a_worker_who_is_first_named_by_a_reservation_has_the_activity_that_is_read(client, team):
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    model = Model()
    rest_reader.read_again(place, model, "workers", team.alice.sid)
    assert [each.get("activity") for each in model.spans.values()] == [team.alice.activity_sid]


def test_the_path_names_filter_and_queue(client, team, task):
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    model = Model()
    rest_reader.read_all(place, model)
    created = task()
    rest_reader.read_events(place, model)
    mine = model.tasks[created.sid]
    (workflow,) = model.workflows.values()
    assert mine["filter"] == "Language - Spanish"
    assert mine["filter_expression"] == workflow["filters"][0]["expression"]
    assert workflow["filters"][0]["targets"] == [{"queue": team.spanish.sid}]
    assert mine["queue"] == team.spanish.sid


@pytest.mark.parametrize("form", [{}, {"EventType": "task.created"}, {"EventType": "x", "Timestamp": "soon"}])
def test_a_form_that_is_no_event_is_refused(form):
    with pytest.raises(ValueError):  # noqa: PT011
        TaskRouterEvent.from_form(form)


def test_a_transfer_is_over_though_its_end_comes_late():
    """Of two transfers the end of the first says nothing about the second."""

    def told(type_: str, at: int, transfer: str, status: str) -> TaskRouterEvent:
        data = {"task_sid": "WT1", "task_transfer_sid": transfer, "task_assignment_status": status}
        return TaskRouterEvent(f"EV{at}", type_, at, "WT1", data=data)

    model = Model()
    model.apply(told("task.transfer-initiated", 1, "TT1", "pending"))
    model.apply(told("task.updated", 4, "", "assigned"))
    assert model.tasks["WT1"]["passed"]["sid"] == "TT1"
    model.apply(told("task.transfer-failed", 3, "TT1", "assigned"))
    assert model.tasks["WT1"]["passed"] is None
    model.apply(told("task.transfer-initiated", 6, "TT2", "pending"))
    model.apply(told("task.transfer-canceled", 5, "TT1", "assigned"))
    assert model.tasks["WT1"]["passed"]["sid"] == "TT2"


def test_no_more_is_kept_than_is_allowed():
    model = Model(ModelLimits(events=4, ended_tasks=2, last_events=10))
    for number in range(1, 40):
        data = {"task_sid": f"WT{number}", "task_assignment_status": "canceled"}
        model.apply(TaskRouterEvent(f"EV{number}", "task.canceled", number, f"WT{number}", data=data))
    assert len(model.tasks) <= 4
    assert "WT39" in model.tasks
    assert len(model._memory) <= 11
    assert model.seen("EV39")
    assert not model.seen("EV1")


def test_a_task_that_is_pinned_is_kept():
    model = Model(ModelLimits(ended_tasks=1))
    model.pinned.add("WT1")
    for number in range(1, 9):
        data = {"task_sid": f"WT{number}", "task_assignment_status": "canceled"}
        model.apply(TaskRouterEvent(f"EV{number}", "task.canceled", number, f"WT{number}", data=data))
    assert "WT1" in model.tasks
    assert "WT2" not in model.tasks


def test_a_task_that_is_removed_takes_its_reservations_along():
    model = Model()
    data = {"task_sid": "WT1", "worker_sid": "WK1", "reservation_sid": "WR1"}
    model.apply(TaskRouterEvent("EV1", "reservation.created", 1, "WR1", data=data))
    model.apply(TaskRouterEvent("EV2", "reservation.accepted", 2, "WR1", data=data))
    model.remove_task("WT1")
    assert (model.tasks, model.reservations) == ({}, {})
    assert all(span["to"] == 2 for span in model.spans.values())


def test_workers_stand_in_the_order_of_their_creation_whoever_was_busy_last(client, team):
    """Else they would change places on a board that is made anew."""
    skip(minutes=20)  # the events of their creation are not read any more
    for each in (team.bob, team.alice):
        each.update(activity_sid=team.activities["Idle"].sid)
    model = Model()
    rest_reader.read_all(client.taskrouter.v1.workspaces(team.workspace.sid), model, lambda: None)
    assert [each["name"] for each in model.snapshot()["workers"].values()] == ["Alice", "Bob"]
