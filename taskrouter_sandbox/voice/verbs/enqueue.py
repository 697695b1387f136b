"""Enqueue and Leave: the task, the waiting, and every way out of the queue (voice.md §2.4, §3)."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, cast

from ...language.strict_json import made_otherwise, read_json
from ..calls import documents, lifecycle, parameters
from ..model.effects import CreateVoiceTask, OrderRefused, Outcome, TaskMade
from ..model.entities import Call, Queue
from ..model.run import Enqueuing, Frame, Silence, Waiting
from ..model.state import VoiceState
from ..model.terms import Parameters
from ..rooms import queues
from ..twiml.document import Verb
from . import attributes

WORKFLOW = re.compile("WW[0-9a-f]{32}")
LONGEST_NAME = 64
TOO_SHORT, TOO_LONG, FULL, NO_WORKFLOW, NO_JSON = 14204, 14205, 14207, 14220, 14221
MUSIC = Verb("Play", {"loop": "0"}, "waiting music", (), 0)


class _Faulty(ValueError):
    """An Enqueue that cannot be carried out. code: Twilio's."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Put a call into a queue, and order its task if it comes with a workflow."""
    try:
        name = _name(verb)
        task = _task(state, call, verb) if "workflowSid" in verb.attributes else None
    except _Faulty as error:
        lifecycle.note_error(state, call, error.code, str(error))
        return _out(state, call, frame, verb, "error")
    queue = queues.find(state, name) or queues.make(state, name, attributes.whole(verb, "maxQueueSize", 0))
    if queues.is_full(state, queue):
        text = f"The queue {name} is full: {queue.max_size} calls wait."
        state.recorder.alert(FULL, text, call.sid, "warning")
        return _out(state, call, frame, verb, "queue-full")
    if task is None:
        return _wait(state, call, frame, verb, queue, None)
    frame.activity = Enqueuing(verb, queue.sid, task.sid)
    state.order(task, partial(_task_made, command=task))
    return None


def _name(verb: Verb) -> str:
    if "workflowSid" in verb.attributes:
        sid = verb.attributes["workflowSid"]
        if not WORKFLOW.fullmatch(sid):
            raise _Faulty(NO_WORKFLOW, f"Enqueue's workflowSid {sid!r} is no SID of a Workflow (WW...).")
        return sid
    name = " ".join(verb.text.split())
    if not name:
        raise _Faulty(TOO_SHORT, "Enqueue names no queue: write its name between the tags, or give a workflowSid.")
    if len(name) > LONGEST_NAME:
        raise _Faulty(TOO_LONG, f"Enqueue names a queue by {len(name)} characters; {LONGEST_NAME} are allowed.")
    return name


def _task(state: VoiceState, call: Call, verb: Verb) -> CreateVoiceTask:
    """Work out the task of an Enqueue: what the application says, and the attributes of the call, which win."""
    node = next((child for child in verb.children if child.name in ("Task", "TaskAttributes")), None)
    said: dict[str, Any] = {}
    if node is not None and node.text.strip():
        if wanted := made_otherwise(node.text):
            raise _Faulty(NO_JSON, f"The text of Task is not {wanted}.")
        try:
            _, read = read_json(node.text)
        except ValueError as error:
            raise _Faulty(NO_JSON, f"The text of Task is not JSON: {error}.") from None
        if not isinstance(read, dict):
            raise _Faulty(NO_JSON, "The text of Task is no JSON object: write {...} with the task's attributes.")
        said = cast("dict[str, Any]", read)
    every = said | parameters.task_attributes(state, call)
    priority, timeout = (
        (attributes.whole(node, "priority", 0), attributes.whole(node, "timeout", 86_400)) if node else (0, 86_400)
    )
    return CreateVoiceTask(
        state.new_sid("CM"),
        call.sid,
        verb.attributes["workflowSid"],
        json.dumps(every, ensure_ascii=False),
        priority,
        timeout,
    )


def _task_made(state: VoiceState, outcome: Outcome, command: CreateVoiceTask) -> None:
    """Let the caller wait, as the task is there. A task for nobody is canceled: the caller has gone meanwhile."""
    call = state.calls.get(command.call_sid)
    enqueuing = state.enqueuing(call)
    if call is None or enqueuing is None or enqueuing.order_sid != command.sid:
        if isinstance(outcome, TaskMade):
            state.cancel_task(outcome.task_sid, "hangup")
        return
    frame, verb = call.frames[0], enqueuing.verb
    if isinstance(outcome, TaskMade):
        _wait(state, call, frame, verb, state.queues[enqueuing.queue_sid], outcome.task_sid)
    else:
        assert isinstance(outcome, OrderRefused)
        lifecycle.note_error(state, call, outcome.code, outcome.text)
        _out(state, call, frame, verb, "error")


def _wait(state: VoiceState, call: Call, frame: Frame, verb: Verb, queue: Queue, task_sid: str | None) -> None:
    """Wait from now on, with music or the document of `waitUrl`."""
    frame.activity = Waiting(verb, queue.sid, state.now, task_sid)
    call.task_sid = task_sid
    state.changed(call)
    queue.waiting.append(call)
    state.changed(queue)
    lifecycle.note(state, call, "Enqueue", f"waits, number {len(queue.waiting)} in the queue {queue.friendly_name}")
    play(state, call)
    state.waits(call)


def play(state: VoiceState, call: Call) -> None:
    """Begin what a waiting call hears."""
    main, waiting = call.frames[0], state.waiting(call)
    assert waiting is not None
    url = waiting.verb.attributes.get("waitUrl")
    if url == "":
        return
    frame = Frame("wait", verbs=(MUSIC,))
    call.frames.append(frame)
    if url is None:
        return state.go_on(call)
    try:
        frame.url = documents.resolve(main, url)
    except documents.BadAddress as error:
        return documents.fail(state, call, frame, error.code, str(error), url)
    frame.restart = frame.url, documents.method_of(waiting.verb, "waitUrlMethod")
    return documents.request(state, call, frame, *frame.restart)


def played(state: VoiceState, call: Call, frame: Frame) -> None:
    """Begin again at the end of a waiting document: the same address is requested, for ever."""
    if frame.restart is not None:
        return documents.request(state, call, frame, *frame.restart)
    frame.activity = Silence()  # the built-in music, which nobody need hear of again
    return None


# out of the queue


def failed(state: VoiceState, call: Call) -> None:
    """End the waiting, as its document cannot be had, or is faulty (voice.md §1.5)."""
    _leave(state, call, "error")


def leave(state: VoiceState, call: Call) -> None:
    """Leave the queue by `Leave`."""
    _leave(state, call, "leave")


def _leave(state: VoiceState, call: Call, result: str) -> None:
    waiting = state.waiting(call)
    assert waiting is not None
    queues.leave(state, call, waiting)
    state.cancel_task(waiting.task_sid, result)
    _out(state, call, call.frames[0], waiting.verb, result, waiting)


def bridge_over(state: VoiceState, call: Call, frame: Frame, waiting: Waiting) -> None:
    """Go on with a caller who has talked: the other side has gone."""
    _out(state, call, frame, waiting.verb, "bridged", waiting)


def abandon(state: VoiceState, call: Call, frame: Frame, waiting: Waiting, moved: bool, keeps_task: bool) -> None:
    """Leave the queue as the caller hangs up or is moved elsewhere; the task that waits is canceled (voice.md §3.4).

    keeps_task: the task goes on without the queue.
    """
    was_bridged = waiting.left_at is not None
    queues.leave(state, call, waiting)
    if was_bridged:
        result = "redirected-from-bridged" if moved else "bridged"
    else:
        result = "redirected" if moved else "hangup"
        if not keeps_task:
            state.cancel_task(waiting.task_sid, result)
    documents.notify(state, call, frame, waiting.verb, _result(result, waiting))


def abandon_early(state: VoiceState, call: Call, frame: Frame, enqueuing: Enqueuing, moved: bool) -> None:
    """Do the same before the task was made: it is canceled as soon as it is (voice.md §2.4)."""
    result = "redirected" if moved else "system-error"
    documents.notify(state, call, frame, enqueuing.verb, _result(result, None))


def _out(state: VoiceState, call: Call, frame: Frame, verb: Verb, result: str, waiting: Waiting | None = None) -> None:
    documents.action_or_next(state, call, frame, verb, _result(result, waiting))


def _result(result: str, waiting: Waiting | None) -> Parameters:
    pairs = [("QueueResult", result)]
    if waiting is not None and waiting.left_at is not None:
        pairs += [("QueueSid", waiting.queue_sid), ("QueueTime", str((waiting.left_at - waiting.since) // 1000))]
    return tuple(pairs)
