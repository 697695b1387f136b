"""What every client relies on: errors, versions, pages, names, dates, events (rest-contract.md, behaviour.md §4)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from helpers.conformance.checks import check
from helpers.conformance.stage import Stage


@check("rest-contract.md §11.2", "What does not exist is answered 404 with code 20404, also under another's path.")
def unknown(stage: Stage) -> None:
    for missing in (
        stage.workspace.tasks("WT" + "0" * 32),
        stage.workspace.workers("WK" + "0" * 32),
        stage.workspace.task_queues("WQ" + "0" * 32),
        stage.client.taskrouter.v1.workspaces("WS" + "0" * 32),
    ):
        stage.refused(missing.fetch, 404, 20404, "was not found")


@check("rest-contract.md §11.2", "A wrong token is answered 401 with code 20003.")
def wrong_token(stage: Stage) -> None:
    answer = stage.raw("GET", stage.workspace.url, auth=(stage.client.username, "not-the-token"))
    stage.answered(answer, 401, 20003)


@check("rest-contract.md §11.2", "A verb that an address does not know is answered 405 with code 20004.")
def wrong_verb(stage: Stage) -> None:
    answer = stage.raw("PUT", stage.workspace.url)
    stage.answered(answer, 405, 20004)


@check("rest-contract.md §1.1", "A task's ETag is its version; a change under another one is refused: 412, 20412.")
def versions(stage: Stage) -> None:
    task = stage.task(stage.simple())
    old = stage.version(task)
    task.update(priority=1, if_match=old)
    stage.holds(stage.version(task) != old, f"the ETag stays {old} after a change")
    stage.refused(lambda: task.update(priority=2, if_match=old), 412, 20412)
    stage.becomes("the priority", lambda: task.fetch().priority, 1)


@check("rest-contract.md §1.1", "A worker's version is counted in the same way.")
def worker_versions(stage: Stage) -> None:
    worker = stage.worker("one", available=False)
    old = stage.version(worker)
    worker.update(attributes="{}", if_match=old)
    stage.refused(lambda: worker.update(attributes='{"late": 1}', if_match=old), 412, 20412)
    stage.becomes("the attributes", lambda: worker.fetch().attributes, "{}")


@check("rest-contract.md §2.2", "Pages follow one another by token and hold each thing once.")
def pages(stage: Stage) -> None:
    made = [stage.worker(str(number), available=False).sid for number in range(5)]
    listed = stage.workspace.workers.list(target_workers_expression=f'check == "{stage.name}"', page_size=2)
    stage.same("the number of workers on the pages", len(listed), 5)
    stage.same("the workers on the pages", {worker.sid for worker in listed}, set(made))


@check("rest-contract.md §2.2", "A page by its number alone is refused: 400, 40153.")
def absolute_paging(stage: Stage) -> None:
    answer = stage.raw("GET", f"{stage.workspace.url}/Workers", params={"Page": 1, "PageSize": 1})
    stage.answered(answer, 400, 40153)


@check("behaviour.md §2.1", "Attributes come back as they were sent: nested, with every letter.")
def round_trip(stage: Stage) -> None:
    attributes = {"name": "Zoë ✓ 漢字 \U0001f600", "deep": {"list": [1, 2.5, True, None, {"a": 'b/c\\d"e'}]}, "": ""}
    task = stage.task(stage.simple(), attributes=attributes)
    stage.same("the attributes", json.loads(task.fetch().attributes), attributes)


@check("rest-contract.md §12", "Attributes that are no JSON, or longer than 4,096 characters, are refused: 400.")
def bad_attributes(stage: Stage) -> None:
    workflow, create = stage.simple(), stage.workspace.tasks.create
    long = json.dumps({"long": "x" * 4096})
    stage.refused(lambda: create(workflow_sid=workflow.sid, attributes="{not json"), 400)
    stage.refused(lambda: create(workflow_sid=workflow.sid, attributes=long), 400)


@check("rest-contract.md §9.2", "A worker's name is taken for every spelling in upper and lower case: 400, 20001.")
def worker_names(stage: Stage) -> None:
    worker = stage.worker("one", available=False)
    create = stage.workspace.workers.create
    stage.refused(lambda: create(friendly_name=worker.friendly_name.upper()), 400, 20001)


@check("rest-contract.md §9.4", "A queue's name can be given once: 400, 20001.")
def queue_names(stage: Stage) -> None:
    stage.queue("twin")
    stage.refused(lambda: stage.queue("twin"), 400, 20001, "already exists")


@check("behaviour.md §2.3", "Whether an activity is available is fixed: another value is ignored with 200.")
def availability_is_fixed(stage: Stage) -> None:
    activity = stage.activity(f"{stage.name}")
    answer = stage.raw("POST", activity.url, data={"Available": "true"})
    stage.same("the status", answer.status_code, 200)
    stage.same("available", activity.fetch().available, False)


@check("rest-contract.md §8", "A worker who can take tasks cannot be deleted; one who is away can.")
def worker_deletion(stage: Stage) -> None:
    worker = stage.worker("one")
    stage.refused(worker.delete, 400)
    stage.go(worker, "Offline")
    worker.delete()
    stage.refused(worker.fetch, 404, 20404)


@check("rest-contract.md §8", "A workflow with waiting tasks cannot be deleted.")
def workflow_deletion(stage: Stage) -> None:
    workflow = stage.simple()
    task = stage.task(workflow)
    stage.refused(workflow.delete, 400)
    task.delete()
    workflow.delete()
    stage.refused(workflow.fetch, 404, 20404)


@check("rest-contract.md §8", "The workspace's default activity cannot be deleted.")
def activity_deletion(stage: Stage) -> None:
    stage.refused(stage.workspace.activities(stage.workspace.default_activity_sid).delete, 400)


@check("rest-contract.md §8", "A task can be deleted while it is reserved, once; the event says so.")
def task_deletion(stage: Stage) -> None:
    stage.worker("one")
    task = stage.task(stage.simple())
    stage.reserved(task)
    task.delete()
    stage.refused(task.delete, 404, 20404)
    stage.events(task, "task.deleted")


@check("behaviour.md §2.1", "A virtual start time in the future is refused: 400.")
def no_future(stage: Stage) -> None:
    task = stage.task(stage.simple())
    tomorrow = task.date_created + timedelta(days=1)  # by the clock of the service, not of this machine
    stage.refused(lambda: task.update(virtual_start_time=tomorrow), 400, None, "future")


@check("rest-contract.md §10", "Tasks are found by status, by several statuses, and by queue.")
def task_lists(stage: Stage) -> None:
    one, two = stage.queue("one"), stage.queue("two")
    canceled = stage.task(stage.workflow({"queue": one.sid})).update(assignment_status="canceled", reason="x")
    waiting = stage.task(stage.workflow({"queue": two.sid}))

    def listed(**filters: Any) -> set[str]:
        return {task.sid for task in stage.workspace.tasks.list(**filters)} & {canceled.sid, waiting.sid}

    stage.same("the pending ones", listed(assignment_status=["pending"]), {waiting.sid})
    stage.same("pending and canceled", listed(assignment_status=["pending", "canceled"]), {waiting.sid, canceled.sid})
    stage.same("those of the queue", listed(task_queue_sid=two.sid), {waiting.sid})
    stage.same("those of a queue that is not there", listed(task_queue_name="nowhere"), set())


@check("rest-contract.md §1", "Dates have whole seconds, so that clients read them as dates.")
def dates(stage: Stage) -> None:
    task = stage.task(stage.simple()).fetch()
    stage.holds(isinstance(task.date_created, datetime), f"date_created reads {task.date_created!r}")
    stage.holds(isinstance(task.date_updated, datetime), f"date_updated reads {task.date_updated!r}")


@check("behaviour.md §4.4", "The events of a task come in the order of what happened.")
def event_order(stage: Stage) -> None:
    worker = stage.worker("one", available=False)
    task = stage.task(stage.simple())
    stage.go(worker, "Available")
    stage.accept(task)
    task.update(assignment_status="completed", reason="done")
    first = ("workflow.target-matched", "task.created", "task-queue.entered", "workflow.entered")
    types = stage.events(task, *first, "reservation.created", "reservation.accepted", "task.completed")
    stage.same("the first four", set(types[:4]), set(first))
    rest = [one for one in types if one in ("reservation.created", "reservation.accepted", "task.completed")]
    stage.same("the rest", rest, ["reservation.created", "reservation.accepted", "task.completed"])


@check("behaviour.md §4.5", "A change of activity has an event that names the old one and the new one.")
def activity_event(stage: Stage) -> None:
    worker = stage.worker("one", available=False)
    stage.go(worker, "Available")

    def told() -> list[dict]:
        events = stage.workspace.events.list(worker_sid=worker.sid, event_type="worker.activity.update")
        return [one.event_data if isinstance(one.event_data, dict) else json.loads(one.event_data) for one in events]

    data = stage.until(told, lambda: "there is no worker.activity.update")[0]
    names = (data.get("worker_previous_activity_name"), data.get("worker_activity_name"))
    stage.same("the names in the event", names, ("Offline", "Available"))
