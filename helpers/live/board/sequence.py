"""The steps of the sequence view: every call, webhook, instruction and change of state as an arrow between two lanes.

A step: `id`, `at` (milliseconds since 1970 by TaskRouter's clock), `from` and `to` (lanes), `kind`, `label`, `words`
(what it means), `detail` (pairs; or `like`, the step that has them), `task`, `worker`, `reservation`, `call`, and
`sets` {SID of a task, a worker or a call: its new state} for the replay.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import TASK_STATUS_AFTER
from helpers.live.board.voice_request_steps import of_voice_request, voice_parameters
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.model import Model
from helpers.live.widgets.call_row import instruction_of

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from helpers.connection.rest_log import RestCall

LANES = {
    "caller": "caller",
    "code": "your code",
    "taskrouter": "TaskRouter",
    "server": "callback server",
    "worker": "worker",
    "agent": "agent",
}
PHONE_LANES = ("caller", "agent")
KINDS = ("call", "answer", "read", "result", "webhook", "instruction", "state", "event", "phone")
"""Where steps begin and end, by the words above each lane; the lanes that are there for phone calls; and the kinds of
steps: the drawing has them from here."""

MEANING = {
    "task.created": "The task exists now. The workflow decides where it goes.",
    "workflow.target-matched": "This is the first filter that matches the task's attributes. It names the queue.",
    "task-queue.entered": "The task waits in this queue, by priority and then by age.",
    "task-queue.moved": "The task moves to another queue: its target timed out, or it is transferred.",
    "task-queue.timeout": "No worker accepted the task before the target's timeout.",
    "workflow.entered": "The workflow has taken the task over.",
    "workflow.timeout": "The last target timed out: the task leaves the workflow.",
    "workflow.skipped": "Every target was skipped: the task leaves the workflow.",
    "reservation.created": "TaskRouter reserves this worker for the task and asks the assignment callback what to do.",
    "reservation.accepted": "The reservation was accepted: the task is assigned to this worker.",
    "reservation.rejected": "The reservation was rejected. The task is pending again, and is routed anew.",
    "reservation.timeout": "Nobody answered in time: the worker goes to the timeout activity, the task waits again.",
    "reservation.canceled": "The reservation was canceled: the task or the transfer ended, or the callback failed.",
    "reservation.rescinded": "Another worker accepted the task first.",
    "reservation.completed": "The work on this reservation is finished, and its capacity is free again.",
    "reservation.wrapup": "The conversation has ended and the worker is wrapping up: the capacity stays in use.",
    "reservation.failed": "The only worker it was meant for could not be reserved in time.",
    "task.updated": "The task's attributes, priority or status changed.",
    "task.transfer-initiated": "A worker transfers the task. In a WARM transfer that worker keeps it meanwhile.",
    "task.transfer-attempt-failed": "This attempt failed; the queue's other workers are asked.",
    "task.transfer-failed": "The transfer failed: the task returns to the worker, or is routed again.",
    "task.transfer-canceled": "The transfer was canceled, and the task returns to the worker.",
    "task.transfer-completed": "The task has been transferred. Each worker completes their own reservation.",
    "task.wrapup": "The task is wrapping up; it still has to be completed.",
    "task.completed": "The work is done. The worker's activity is not changed by that.",
    "task.canceled": "The task was canceled before anybody finished it.",
    "worker.activity.update": "An activity says what a worker is doing, and whether the worker can receive tasks.",
    "worker.created": "A new worker starts in the workspace's default activity.",
}
LABELS = {
    "reservation.created": "reservation created",
    "reservation.accepted": "reservation accepted: task assigned",
    "task.transfer-attempt-failed": "transfer attempt failed",
    "task.transfer-failed": "transfer failed",
    "task.transfer-canceled": "transfer canceled",
    "task.transfer-completed": "transfer complete",
}
MAKES_TASK = ("workflow.target-matched", "task.created")
BY_WORKERS = ("task.transfer-initiated", "task.transfer-canceled")  # what a worker's browser asks for
INSTRUCTIONS = {
    "accept": "Your server accepts the reservation for this worker. No further call is needed.",
    "reject": "Your server rejects the reservation; the task returns to its queue.",
    "dequeue": "Twilio is to call this worker's phone, and to connect it with the caller when it is answered.",
    "call": "Twilio is to call this worker's phone, and to run the TwiML of another address there.",
    "redirect": "The caller's call is to run the TwiML of another address.",
    "conference": "Twilio is to call this worker's phone, and to bring worker and caller together in a conference.",
    "": "No instruction: the reservation stays pending until somebody accepts it by REST, or it times out.",
}


def of_event(event: TaskRouterEvent, model: Model) -> dict:
    """Make the step of a change of state, as TaskRouter reports it."""
    data = event.data
    on_worker = event.type.startswith(("worker.", "reservation."))
    sets: dict[str, str] = {}
    task, worker = data.get("task_sid"), data.get("worker_sid")
    if task and (status := TASK_STATUS_AFTER.get(event.type) or data.get("task_assignment_status")):
        sets[task] = status
    if worker and data.get("worker_activity_name"):
        sets[worker] = data["worker_activity_name"]
    return {
        "id": event.sid,
        "at": event.at + event.order_key[1] / 1000,
        "from": "worker" if event.type in BY_WORKERS else "taskrouter",
        "to": "worker" if on_worker else "taskrouter",
        "kind": "state",
        "label": _state_label(event, model),
        "type": event.type,
        "words": MEANING.get(event.type, event.description or event.type),
        "detail": [[name, str(value)] for name, value in data.items()],
        "task": task,
        "worker": worker,
        "sets": sets,
        "reservation": data.get("reservation_sid"),
        "call": as_object(data.get("task_attributes")).get("call_sid") if event.type in MAKES_TASK else None,
    }


def _state_label(event: TaskRouterEvent, model: Model) -> str:
    data = event.data
    if event.type == "worker.activity.update":
        return f"{data.get('worker_previous_activity_name', '?')} → {data.get('worker_activity_name', '?')}"
    if event.type == "task-queue.entered":
        return f"task waits in {data.get('task_queue_name', 'a queue')}"
    if event.type == "workflow.target-matched":
        return f"filter “{data.get('workflow_filter_name', 'default')}” matches"
    if event.type == "task.transfer-initiated":
        return f"{data.get('transfer_mode', '')} transfer to {_named(data.get('transfer_to', '?'), model)}".strip()
    return LABELS.get(event.type, event.type)


def of_callback(event: TaskRouterEvent, seconds: float) -> dict:
    """Make the step of the delivery of an event callback. seconds: since 1970 by TaskRouter's clock."""
    return {
        "id": f"callback {event.sid}",
        "at": seconds * 1000,
        "from": "taskrouter",
        "to": "server",
        "kind": "event",
        "label": f"event {event.type}",
        "words": "An event callback: TaskRouter tells your server what has happened, and expects no instruction.",
        "like": event.sid,
        "task": event.data.get("task_sid"),
        "worker": event.data.get("worker_sid"),
        "sets": {},
    }


def of_call(call: RestCall, ahead: float, model: Model) -> list[dict]:
    """Make the two steps of a REST call: the request and its answer.

    ahead: seconds by which TaskRouter's clock is ahead of this machine's.
    """
    lane = {"callback server": "server", "worker": "worker"}.get(call.who, "code")
    path = urlsplit(call.url).path.removeprefix("/v1/Workspaces/").removesuffix(".json")
    sids = re.findall(r"\b(?:WT|WK)[0-9a-f]{32}\b", f"{call.url} {call.answer[:4000]}")
    task = next((sid for sid in sids if sid.startswith("WT")), None)
    worker = next((sid for sid in sids if sid.startswith("WK")), None)
    phone_call = re.search(r"/Calls/(CA[0-9a-f]{32})", call.url)
    common = {"task": task, "worker": worker, "call": phone_call and phone_call[1], "sets": {}}
    sent = ", ".join(f"{name}={_named(_plain(value), model)}" for name, value in call.parameters.items())
    asked = {
        "id": f"call {call.number}",
        "at": (call.at + ahead) * 1000,
        "from": lane,
        "to": "taskrouter",
        "kind": "read" if call.method == "GET" else "call",
        "label": f"{call.method} {_resource(path)}{f'  {sent}' if sent else ''}",
        "words": "This REST call only reads."
        if call.method == "GET"
        else "This REST call changes something. Its effects may begin before the answer arrives.",
        "detail": [["address", call.url], *[[name, _plain(value)] for name, value in call.parameters.items()]],
        **common,
    }
    answered = {
        "id": f"answer {call.number}",
        "at": (call.at + call.seconds + ahead) * 1000,
        "from": "taskrouter",
        "to": lane,
        "kind": "result" if call.method == "GET" else "answer",
        "label": f"{call.status or 'no answer'}",
        "words": "The call worked." if 200 <= call.status < 300 else "TaskRouter refused; the message says why.",
        "detail": [["status", str(call.status)], ["after", f"{call.seconds * 1000:.1f} ms"], ["body", call.answer]],
        **common,
    }
    return [asked, answered]


def of_exchange(exchange: Exchange) -> list[dict]:
    """Make the steps of a request to the callback server, and of what it answered."""
    if parameters := voice_parameters(exchange):
        return of_voice_request(exchange, parameters)
    form = exchange.form
    asked_by_taskrouter = "ReservationSid" in form
    at = exchange.at.timestamp() * 1000
    other = "taskrouter" if asked_by_taskrouter else "code"
    common = {
        "task": form.get("TaskSid"),
        "worker": form.get("WorkerSid"),
        "reservation": form.get("ReservationSid"),
        "sets": {},
    }
    instruction = instruction_of(exchange) or ""
    words = "The assignment callback: a worker is reserved, and your server is asked what to do. It has five seconds."
    asked = {
        "id": f"request {exchange.number}",
        "at": at,
        "from": other,
        "to": "server",
        "kind": "webhook",
        "label": f"{exchange.method} {exchange.path}",
        "words": words if asked_by_taskrouter else "This request to your server did not come from TaskRouter.",
        "detail": [["signature", exchange.signature], *[[name, value] for name, value in form.items()]],
        **common,
    }
    said = instruction or "no instruction"
    answered = {
        "id": f"instruction {exchange.number}",
        "at": at + exchange.seconds * 1000,
        "from": "server",
        "to": other,
        "kind": "instruction",
        "label": f"{exchange.status} {said if asked_by_taskrouter else ''}".strip(),
        "words": exchange.error
        or (
            INSTRUCTIONS.get(instruction, f"Your server says {instruction}.") if asked_by_taskrouter else "Its answer."
        ),
        "detail": [
            ["status", str(exchange.status)],
            ["after", f"{exchange.seconds * 1000:.1f} ms"],
            ["body", exchange.answer],
        ],
        **common,
    }
    return [asked, answered]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _named(value: str, model: Model) -> str:
    """Give a SID as the name of what it stands for, and anything else as it is."""
    known = (model.activities, model.workers, model.task_queues, model.workflows, model.task_channels)
    for collection in known:
        if value in collection:
            return str(collection[value]["name"])
    return re.sub(r"\b([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})\b", r"\1…\2", value)


def _resource(path: str) -> str:
    """Shorten a path to what the call is about, such as `Workers/WK…9f3a`."""
    parts = [re.sub(r"^([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})$", r"\1…\2", part) for part in path.split("/")[1:]]
    return "/".join(parts[-2:]) if parts else "Workspaces"
