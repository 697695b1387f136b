"""What TaskRouter asks, what it does with the answer, and what it reports (behaviour.md §3, §4).

These need a public address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpers.conformance.check_context import CheckContext
from helpers.conformance.checks import check

PARAMETERS = {
    *("AccountSid", "WorkspaceSid", "WorkflowSid", "TaskQueueSid", "WorkerSid", "WorkerAttributes", "TaskSid"),
    *("TaskAttributes", "TaskAge", "TaskPriority", "ReservationSid"),
}
OF_EVERY_EVENT = {
    *("AccountSid", "EventDescription", "EventType", "ResourceSid", "ResourceType", "Sid", "Timestamp"),
    *("TimestampMs", "WorkspaceName", "WorkspaceSid"),
}
FAILURES = "behaviour.md §3.2"


def _asked(context: CheckContext, path: str) -> dict[str, str]:
    forms = context.receiver.forms
    return context.until(lambda: forms[path], lambda: f"nobody asked at /{path}")[0]


@check(
    "behaviour.md §3.1", "The callback is signed, and brings the eleven parameters about this reservation.", "callbacks"
)
def asked(context: CheckContext) -> None:
    url = context.receiver.answering(context.name, "{}")
    worker = context.worker("one")
    task = context.task(context.simple(assignment_callback_url=url), attributes={"name": "Zoë & co"})
    reservation = context.reserved(task)
    form = _asked(context, context.name)
    context.holds(set(form) >= PARAMETERS, f"the parameters {sorted(PARAMETERS - set(form))} are missing")
    sids = (form["TaskSid"], form["WorkerSid"], form["ReservationSid"])
    context.same("the SIDs", sids, (task.sid, worker.sid, reservation.sid))
    context.until(lambda: context.receiver.signatures(context.name), lambda: "the call is not in the log")
    context.same("the signatures", set(context.receiver.signatures(context.name)), {"valid"})


@check("behaviour.md §3.3", "The answer accept assigns the task.", "callbacks")
def answered_accept(context: CheckContext) -> None:
    url = context.receiver.answering(context.name, '{"instruction": "accept"}')
    context.worker("one")
    context.status(context.task(context.simple(assignment_callback_url=url)), "assigned")


@check(
    "behaviour.md §3.3", "The answer reject with an activity sends the worker there; the task waits again.", "callbacks"
)
def answered_reject(context: CheckContext) -> None:
    offline = context.activity("Offline")
    answer = f'{{"instruction": "reject", "activity_sid": "{offline.sid}"}}'
    url = context.receiver.answering(context.name, answer)
    worker = context.worker("one")
    task = context.task(context.simple(assignment_callback_url=url))
    _asked(context, context.name)
    context.until(lambda: worker.fetch().activity_sid == offline.sid, lambda: "the worker stays where they were")
    context.status(task, "pending")


@check(FAILURES, "An empty JSON answer does nothing: the reservation stays pending.", "callbacks")
def answered_nothing(context: CheckContext) -> None:
    url = context.receiver.answering(context.name, "{}")
    context.worker("one")
    task = context.task(context.simple(assignment_callback_url=url))
    _asked(context, context.name)
    context.stays(task, "reserved")


@check(FAILURES, "When the callback fails, the fallback address is asked, and its answer counts.", "callbacks")
def fallback(context: CheckContext) -> None:
    broken = context.receiver.answering(f"{context.name}-broken", "no", 500)
    good = context.receiver.answering(f"{context.name}-good", '{"instruction": "accept"}')
    context.worker("one")
    workflow = context.simple(assignment_callback_url=broken, fallback_assignment_callback_url=good)
    context.status(context.task(workflow), "assigned")
    _asked(context, f"{context.name}-broken")


@check(FAILURES, "When callback and fallback fail, the reservation is canceled.", "callbacks")
def both_fail(context: CheckContext) -> None:
    broken = context.receiver.answering(context.name, "no", 500)
    worker = context.worker("one", available=False)
    task = context.task(context.simple(assignment_callback_url=broken))
    context.go(worker, "Available")
    context.until(lambda: task.reservations.list(reservation_status="canceled"), lambda: "no reservation is canceled")


@check(FAILURES, "An answer that is not declared as JSON does not count.", "callbacks")
def wrong_type(context: CheckContext) -> None:
    text = context.receiver.answering(f"{context.name}-text", '{"instruction": "accept"}', kind="text/plain")
    quiet = context.receiver.answering(f"{context.name}-quiet", "{}")
    context.worker("one")
    workflow = context.simple(assignment_callback_url=text, fallback_assignment_callback_url=quiet)
    task = context.task(workflow)
    _asked(context, f"{context.name}-quiet")
    context.stays(task, "reserved")


@contextmanager
def _reported(context: CheckContext, events_filter: str = "") -> Iterator[list[dict[str, str]]]:
    """Receive the event callbacks of the workspace, as they come, while the block lasts."""
    url = context.receiver.answering(context.name, "", 204)
    context.workspace.update(event_callback_url=url, events_filter=events_filter)
    try:
        yield context.receiver.forms[context.name]
    finally:
        context.workspace.update(event_callback_url="", events_filter="")


@check("behaviour.md §4.2", "Every event is reported, signed, and says what happened to what, and when.", "callbacks")
def events_reported(context: CheckContext) -> None:
    with _reported(context) as forms:
        task = context.task(context.simple())
        wanted = {"task.created", "task-queue.entered", "workflow.entered"}
        seen: dict[str, dict[str, str]] = {}

        def there() -> bool:
            seen.update({form["EventType"]: form for form in forms if form.get("TaskSid") == task.sid})
            return wanted <= seen.keys()

        context.until(there, lambda: f"of {sorted(wanted)} only {sorted(seen)} were reported")
    missing = OF_EVERY_EVENT - set(seen["task.created"])
    context.holds(not missing, f"task.created lacks {sorted(missing)}")
    about = [seen["task.created"][name] for name in ("ResourceType", "ResourceSid", "TaskAssignmentStatus")]
    context.same("what task.created is about", about, ["task", task.sid, "pending"])
    context.same("the signatures", set(context.receiver.signatures(context.name)), {"valid"})


@check("behaviour.md §4.1", "EventsFilter chooses which events are reported.", "callbacks")
def events_filtered(context: CheckContext) -> None:
    with _reported(context, "task.created,task.canceled") as forms:
        task = context.task(context.simple())
        task.update(assignment_status="canceled", reason="the check is over")
        own: list[str] = []

        def both() -> bool:
            own[:] = [form["EventType"] for form in forms if form.get("TaskSid") == task.sid]
            return len(own) > 1

        context.until(both, lambda: f"only {[form['EventType'] for form in forms]} were reported")
    context.same("the reported events", sorted(own), ["task.canceled", "task.created"])
