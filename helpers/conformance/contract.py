"""What every client relies on: errors, versions, pages, names, dates, events (rest-contract.md, behaviour.md §4)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from helpers.conformance.check_context import CheckContext
from helpers.conformance.checks import check

DATED = (
    *("task_date_created", "task_queue_entered_date", "task_virtual_start_time", "task_version"),
    *("worker_version", "reservation_version"),
)


@check("rest-contract.md §11.2", "What does not exist is answered 404 with code 20404, also under another's path.")
def unknown(context: CheckContext) -> None:
    for missing in (
        context.workspace.tasks("WT" + "0" * 32),
        context.workspace.workers("WK" + "0" * 32),
        context.workspace.task_queues("WQ" + "0" * 32),
        context.client.taskrouter.v1.workspaces("WS" + "0" * 32),
    ):
        context.refused(missing.fetch, 404, 20404, "was not found")


@check("rest-contract.md §11.2", "A wrong token is answered 401 with code 20003.")
def wrong_token(context: CheckContext) -> None:
    answer = context.raw("GET", context.workspace.url, auth=(context.client.username, "not-the-token"))
    context.answered(answer, 401, 20003)


@check("rest-contract.md §11.2", "A verb that an address does not know is answered 405 with code 20004.")
def wrong_verb(context: CheckContext) -> None:
    answer = context.raw("PUT", context.workspace.url)
    context.answered(answer, 405, 20004)


@check("rest-contract.md §1.1", "A task's ETag is its version; a change under another one is refused: 412, 20412.")
def versions(context: CheckContext) -> None:
    task = context.task(context.simple())
    old = context.version(task)
    task.update(priority=1, if_match=old)
    context.holds(context.version(task) != old, f"the ETag stays {old} after a change")
    context.refused(lambda: task.update(priority=2, if_match=old), 412, 20412)
    context.becomes("the priority", lambda: task.fetch().priority, 1)


@check("rest-contract.md §1.1", "A worker's version is counted in the same way.")
def worker_versions(context: CheckContext) -> None:
    worker = context.worker("one", available=False)
    old = context.version(worker)
    worker.update(attributes="{}", if_match=old)
    context.refused(lambda: worker.update(attributes='{"late": 1}', if_match=old), 412, 20412)
    context.becomes("the attributes", lambda: worker.fetch().attributes, "{}")


@check("rest-contract.md §2.2", "Pages follow one another by token and hold each thing once.")
def pages(context: CheckContext) -> None:
    made = [context.worker(str(number), available=False).sid for number in range(5)]
    listed = context.workspace.workers.list(target_workers_expression=f'check == "{context.name}"', page_size=2)
    context.same("the number of workers on the pages", len(listed), 5)
    context.same("the workers on the pages", {worker.sid for worker in listed}, set(made))


@check("rest-contract.md §2.2", "A page by its number alone is refused: 400, 40153.")
def absolute_paging(context: CheckContext) -> None:
    answer = context.raw("GET", f"{context.workspace.url}/Workers", params={"Page": 1, "PageSize": 1})
    context.answered(answer, 400, 40153)


@check("behaviour.md §2.1", "Attributes come back as they were sent: nested, with every letter.")
def round_trip(context: CheckContext) -> None:
    attributes = {"name": "Zoë ✓ 漢字 \U0001f600", "deep": {"list": [1, 2.5, True, None, {"a": 'b/c\\d"e'}]}, "": ""}
    task = context.task(context.simple(), attributes=attributes)
    context.same("the attributes", json.loads(task.fetch().attributes), attributes)


@check("rest-contract.md §12", "Attributes that are no JSON, or longer than 4,096 characters, are refused: 400.")
def bad_attributes(context: CheckContext) -> None:
    workflow, create = context.simple(), context.workspace.tasks.create
    long = json.dumps({"long": "x" * 4096})
    context.refused(lambda: create(workflow_sid=workflow.sid, attributes="{not json"), 400)
    context.refused(lambda: create(workflow_sid=workflow.sid, attributes=long), 400)


@check("rest-contract.md §9.2", "A worker's name is taken for every spelling in upper and lower case: 400, 20001.")
def worker_names(context: CheckContext) -> None:
    worker = context.worker("one", available=False)
    create = context.workspace.workers.create
    context.refused(lambda: create(friendly_name=worker.friendly_name.upper()), 400, 20001)


@check("rest-contract.md §9.4", "A queue's name can be given once: 400, 20001.")
def queue_names(context: CheckContext) -> None:
    context.queue("twin")
    context.refused(lambda: context.queue("twin"), 400, 20001, "already exists")


@check("behaviour.md §2.3", "Whether an activity is available is fixed: another value is ignored with 200.")
def availability_is_fixed(context: CheckContext) -> None:
    activity = context.activity(f"{context.name}")
    answer = context.raw("POST", activity.url, data={"Available": "true"})
    context.same("the status", answer.status_code, 200)
    context.same("available", activity.fetch().available, False)


@check("rest-contract.md §8", "A worker who can take tasks cannot be deleted; one who is away can.")
def worker_deletion(context: CheckContext) -> None:
    worker = context.worker("one")
    context.refused(worker.delete, 400)
    context.go(worker, "Offline")
    worker.delete()
    context.refused(worker.fetch, 404, 20404)


@check("rest-contract.md §8", "A workflow with waiting tasks cannot be deleted.")
def workflow_deletion(context: CheckContext) -> None:
    workflow = context.simple()
    task = context.task(workflow)
    context.refused(workflow.delete, 400)
    task.delete()
    workflow.delete()
    context.refused(workflow.fetch, 404, 20404)


@check("rest-contract.md §8", "The workspace's default activity cannot be deleted.")
def activity_deletion(context: CheckContext) -> None:
    context.refused(context.workspace.activities(context.workspace.default_activity_sid).delete, 400)


@check("rest-contract.md §8", "A task can be deleted while it is reserved, once; the event says so.")
def task_deletion(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    context.reserved(task)
    task.delete()
    context.refused(task.delete, 404, 20404)
    context.events(task, "task.deleted")


@check("behaviour.md §2.1", "A virtual start time in the future is refused: 400.")
def no_future(context: CheckContext) -> None:
    task = context.task(context.simple())
    tomorrow = task.date_created + timedelta(days=1)  # by the clock of the service, not of this machine
    context.refused(lambda: task.update(virtual_start_time=tomorrow), 400, None, "future")


@check("rest-contract.md §10", "Tasks are found by status, by several statuses, and by queue.")
def task_lists(context: CheckContext) -> None:
    one, two = context.queue("one"), context.queue("two")
    canceled = context.task(context.workflow({"queue": one.sid})).update(assignment_status="canceled", reason="x")
    waiting = context.task(context.workflow({"queue": two.sid}))

    def listed(**filters: Any) -> set[str]:
        return {task.sid for task in context.workspace.tasks.list(**filters)} & {canceled.sid, waiting.sid}

    context.same("the pending ones", listed(assignment_status=["pending"]), {waiting.sid})
    context.same("pending and canceled", listed(assignment_status=["pending", "canceled"]), {waiting.sid, canceled.sid})
    context.same("those of the queue", listed(task_queue_sid=two.sid), {waiting.sid})
    context.same("those of a queue that is not there", listed(task_queue_name="nowhere"), set())


@check("rest-contract.md §1", "Dates have whole seconds, so that clients read them as dates.")
def dates(context: CheckContext) -> None:
    task = context.task(context.simple()).fetch()
    context.holds(isinstance(task.date_created, datetime), f"date_created reads {task.date_created!r}")
    context.holds(isinstance(task.date_updated, datetime), f"date_updated reads {task.date_updated!r}")


@check("behaviour.md §4.4", "The events of a task come in the order of what happened.")
def event_order(context: CheckContext) -> None:
    worker = context.worker("one", available=False)
    task = context.task(context.simple())
    context.go(worker, "Available")
    context.accept(task)
    task.update(assignment_status="completed", reason="done")
    first = ("workflow.target-matched", "task.created", "task-queue.entered", "workflow.entered")
    types = context.events(task, *first, "reservation.created", "reservation.accepted", "task.completed")
    context.same("the first four", set(types[:4]), set(first))
    rest = [one for one in types if one in ("reservation.created", "reservation.accepted", "task.completed")]
    context.same("the rest", rest, ["reservation.created", "reservation.accepted", "task.completed"])


@check(
    "behaviour.md §4.3", "An event of a reservation has the dates and versions of its task, as text, and its workspace."
)
def event_fields(context: CheckContext) -> None:
    context.worker("one")
    task = context.task(context.simple())
    context.reserved(task)

    def told() -> list[dict]:
        return _data(context, task_sid=task.sid, event_type="reservation.created")

    data = context.until(told, lambda: "there is no reservation.created")[0]
    missing = [name for name in DATED if not str(data.get(name, "")).isdecimal()]
    context.holds(
        not missing, f"these are no whole numbers: {', '.join(f'{one}={data.get(one)!r}' for one in missing)}"
    )
    context.same("the SID of the workspace", data.get("workspace_sid"), context.workspace.sid)
    created = int(task.date_created.timestamp())
    context.same("when the task was created", int(data["task_date_created"]), created)


@check("behaviour.md §4.5", "A change of activity has an event that names the old one and the new one.")
def activity_event(context: CheckContext) -> None:
    worker = context.worker("one", available=False)
    context.go(worker, "Available")

    def told() -> list[dict]:
        return _data(context, worker_sid=worker.sid, event_type="worker.activity.update")

    data = context.until(told, lambda: "there is no worker.activity.update")[0]
    names = (data.get("worker_previous_activity_name"), data.get("worker_activity_name"))
    context.same("the names in the event", names, ("Offline", "Available"))


def _data(context: CheckContext, **filters: str) -> list[dict]:
    """Give the data of the events that filters find, the newest first."""
    events = context.workspace.events.list(**filters)
    return [one.event_data if isinstance(one.event_data, dict) else json.loads(one.event_data) for one in events]
