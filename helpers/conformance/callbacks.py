"""What TaskRouter asks, what it does with the answer, and what it reports (behaviour.md §3, §4).

These need a public address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpers.conformance.checks import check
from helpers.conformance.stage import Stage

PARAMETERS = {
    *("AccountSid", "WorkspaceSid", "WorkflowSid", "TaskQueueSid", "WorkerSid", "WorkerAttributes", "TaskSid"),
    *("TaskAttributes", "TaskAge", "TaskPriority", "ReservationSid"),
}
OF_EVERY_EVENT = {
    *("AccountSid", "EventDescription", "EventType", "ResourceSid", "ResourceType", "Sid", "Timestamp"),
    *("TimestampMs", "WorkspaceName", "WorkspaceSid"),
}
FAILURES = "behaviour.md §3.2"


def _asked(stage: Stage, path: str) -> dict[str, str]:
    forms = stage.receiver.forms
    return stage.until(lambda: forms[path], lambda: f"nobody asked at /{path}")[0]


@check(
    "behaviour.md §3.1", "The callback is signed, and brings the eleven parameters about this reservation.", "callbacks"
)
def asked(stage: Stage) -> None:
    url = stage.receiver.answering(stage.name, "{}")
    worker = stage.worker("one")
    task = stage.task(stage.simple(assignment_callback_url=url), attributes={"name": "Zoë & co"})
    reservation = stage.reserved(task)
    form = _asked(stage, stage.name)
    stage.holds(set(form) >= PARAMETERS, f"the parameters {sorted(PARAMETERS - set(form))} are missing")
    sids = (form["TaskSid"], form["WorkerSid"], form["ReservationSid"])
    stage.same("the SIDs", sids, (task.sid, worker.sid, reservation.sid))
    stage.until(lambda: stage.receiver.signatures(stage.name), lambda: "the call is not in the log")
    stage.same("the signatures", set(stage.receiver.signatures(stage.name)), {"valid"})


@check("behaviour.md §3.3", "The answer accept assigns the task.", "callbacks")
def answered_accept(stage: Stage) -> None:
    url = stage.receiver.answering(stage.name, '{"instruction": "accept"}')
    stage.worker("one")
    stage.status(stage.task(stage.simple(assignment_callback_url=url)), "assigned")


@check(
    "behaviour.md §3.3", "The answer reject with an activity sends the worker there; the task waits again.", "callbacks"
)
def answered_reject(stage: Stage) -> None:
    offline = stage.activity("Offline")
    answer = f'{{"instruction": "reject", "activity_sid": "{offline.sid}"}}'
    url = stage.receiver.answering(stage.name, answer)
    worker = stage.worker("one")
    task = stage.task(stage.simple(assignment_callback_url=url))
    _asked(stage, stage.name)
    stage.until(lambda: worker.fetch().activity_sid == offline.sid, lambda: "the worker stays where they were")
    stage.status(task, "pending")


@check(FAILURES, "An empty JSON answer does nothing: the reservation stays pending.", "callbacks")
def answered_nothing(stage: Stage) -> None:
    url = stage.receiver.answering(stage.name, "{}")
    stage.worker("one")
    task = stage.task(stage.simple(assignment_callback_url=url))
    _asked(stage, stage.name)
    stage.stays(task, "reserved")


@check(FAILURES, "When the callback fails, the fallback address is asked, and its answer counts.", "callbacks")
def fallback(stage: Stage) -> None:
    broken = stage.receiver.answering(f"{stage.name}-broken", "no", 500)
    good = stage.receiver.answering(f"{stage.name}-good", '{"instruction": "accept"}')
    stage.worker("one")
    workflow = stage.simple(assignment_callback_url=broken, fallback_assignment_callback_url=good)
    stage.status(stage.task(workflow), "assigned")
    _asked(stage, f"{stage.name}-broken")


@check(FAILURES, "When callback and fallback fail, the reservation is canceled.", "callbacks")
def both_fail(stage: Stage) -> None:
    broken = stage.receiver.answering(stage.name, "no", 500)
    worker = stage.worker("one", available=False)
    task = stage.task(stage.simple(assignment_callback_url=broken))
    stage.go(worker, "Available")
    stage.until(lambda: task.reservations.list(reservation_status="canceled"), lambda: "no reservation is canceled")


@check(FAILURES, "An answer that is not declared as JSON does not count.", "callbacks")
def wrong_type(stage: Stage) -> None:
    text = stage.receiver.answering(f"{stage.name}-text", '{"instruction": "accept"}', kind="text/plain")
    quiet = stage.receiver.answering(f"{stage.name}-quiet", "{}")
    stage.worker("one")
    workflow = stage.simple(assignment_callback_url=text, fallback_assignment_callback_url=quiet)
    task = stage.task(workflow)
    _asked(stage, f"{stage.name}-quiet")
    stage.stays(task, "reserved")


@contextmanager
def _reported(stage: Stage, events_filter: str = "") -> Iterator[list[dict[str, str]]]:
    """Event callbacks of the workspace, as they come, while the block lasts."""
    url = stage.receiver.answering(stage.name, "", 204)
    stage.workspace.update(event_callback_url=url, events_filter=events_filter)
    try:
        yield stage.receiver.forms[stage.name]
    finally:
        stage.workspace.update(event_callback_url="", events_filter="")


@check("behaviour.md §4.2", "Every event is reported, signed, and says what happened to what, and when.", "callbacks")
def events_reported(stage: Stage) -> None:
    with _reported(stage) as forms:
        task = stage.task(stage.simple())
        wanted = {"task.created", "task-queue.entered", "workflow.entered"}
        seen: dict[str, dict[str, str]] = {}

        def there() -> bool:
            seen.update({form["EventType"]: form for form in forms if form.get("TaskSid") == task.sid})
            return wanted <= seen.keys()

        stage.until(there, lambda: f"of {sorted(wanted)} only {sorted(seen)} were reported")
    missing = OF_EVERY_EVENT - set(seen["task.created"])
    stage.holds(not missing, f"task.created lacks {sorted(missing)}")
    about = [seen["task.created"][name] for name in ("ResourceType", "ResourceSid", "TaskAssignmentStatus")]
    stage.same("what task.created is about", about, ["task", task.sid, "pending"])
    stage.same("the signatures", set(stage.receiver.signatures(stage.name)), {"valid"})


@check("behaviour.md §4.1", "EventsFilter chooses which events are reported.", "callbacks")
def events_filtered(stage: Stage) -> None:
    with _reported(stage, "task.created,task.canceled") as forms:
        task = stage.task(stage.simple())
        task.update(assignment_status="canceled", reason="the check is over")
        own: list[str] = []

        def both() -> bool:
            own[:] = [form["EventType"] for form in forms if form.get("TaskSid") == task.sid]
            return len(own) > 1

        stage.until(both, lambda: f"only {[form['EventType'] for form in forms]} were reported")
    stage.same("the reported events", sorted(own), ["task.canceled", "task.created"])
