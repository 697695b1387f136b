"""What the board's controls do: for each type of action the call that it makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from helpers.callback_server.middleware import EVENTS_PATH
from helpers.errors import LessonError
from helpers.live.feed.model import Model
from helpers.live.feed.rest_reader import put_reservation, put_task
from helpers.live.widgets.actions import Action, required, set_activity, workspace_code
from helpers.names import ON_BOARD, WORKSPACE
from helpers.sandbox_tools import clock, debugger, emptying
from helpers.sandbox_tools.faults import faults

END_REASONS = {"completed": "Done", "canceled": "Canceled on the board"}
DECISIONS_SHOWN = 6  # of those about a task, the newest
FAULT_SETTINGS = ("deliveries", "kind", "operation", "status")


class BoardInterface(Protocol):
    """What the actions need of a board."""

    workspace_sid: str

    @property
    def place(self) -> WorkspaceContext:
        """The workspace, as the twilio client reaches it."""
        ...

    @property
    def model(self) -> Model:
        """What is known of the workspace."""
        ...

    def listen(self) -> str:
        """Have TaskRouter tell the board of events; gives the address."""
        ...

    def answer_next(self, instruction: dict[str, Any] | None) -> None:
        """Answer the next assignment callback with this in the place of the app."""
        ...

    def explain(self, task_sid: str, newest: int) -> None:
        """Say why a task went where it went: the first decision about it and the newest ones."""
        ...

    def show_faults(self) -> None:
        """Say what is ordered to go wrong now."""
        ...


Asked = Mapping[str, Any]


def board_action(asked: Asked, board: BoardInterface) -> Action:
    """Make the action that the browser asks for. Raises LessonError for one that is not known or lacks something."""
    make = ACTIONS.get(asked.get("type", ""))
    if make is None:
        raise LessonError(f"The board has no control {asked.get('type')!r}.")
    return make(asked, board)


def literal(value: object) -> str:
    """Write a value as Python, with double quotes where that needs no escapes."""
    plain = isinstance(value, str) and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else repr(value)


def _set_activity(asked: Asked, board: BoardInterface) -> Action:
    return set_activity(asked, board.place, board.workspace_sid, board.model)


def _create_task(asked: Asked, board: BoardInterface) -> Action:
    workflow, text = required(asked, "workflow", "attributes")
    try:
        attributes = json.loads(text)
    except ValueError as error:
        advice = 'write them as in {"selected_language": "es"}'
        raise LessonError(f"The attributes are not JSON ({error}): {advice}.") from None
    if isinstance(attributes, dict) and board.model.workspace.get("name") == WORKSPACE:
        attributes |= ON_BOARD  # so that a lesson that clears its stage knows it
    settings: dict[str, Any] = {"workflow_sid": workflow, "attributes": json.dumps(attributes, ensure_ascii=False)}
    if asked.get("priority") not in (None, "", 0, "0"):
        try:
            settings["priority"] = int(asked["priority"])
        except ValueError:
            raise LessonError(
                "The priority must be a whole number, such as 5; tasks with a higher priority come first."
            ) from None
    if asked.get("channel"):
        settings["task_channel"] = asked["channel"]
    arguments = "\n".join(f"    {name}={literal(value)}," for name, value in settings.items())

    def run() -> str:
        at = board.model.newest
        task = board.place.tasks.create(**settings)
        put_task(board.model, task, at)
        return f"TaskRouter has created task {task.sid}."

    return Action(f"{workspace_code(board.workspace_sid)}workspace.tasks.create(\n{arguments}\n)", run)


def _update_reservation(asked: Asked, board: BoardInterface) -> Action:
    task, sid, status = required(asked, "task", "reservation", "status")

    def run() -> str:
        at = board.model.newest
        updated = board.place.tasks(task).reservations(sid).update(reservation_status=status)
        put_reservation(board.model, updated, at)
        return f"The reservation is {updated.reservation_status}."

    code = (
        f'{workspace_code(board.workspace_sid)}reservation = workspace.tasks("{task}").reservations("{sid}")\n'
        f'reservation.update(reservation_status="{status}")'
    )
    return Action(code, run, "worker")


def _update_task(asked: Asked, board: BoardInterface) -> Action:
    sid, status = required(asked, "task", "status")
    settings = {"assignment_status": status}
    if status in END_REASONS:
        settings["reason"] = END_REASONS[status]
    arguments = ", ".join(f'{name}="{value}"' for name, value in settings.items())

    def run() -> str:
        at = board.model.newest
        updated = board.place.tasks(sid).update(**settings)
        put_task(board.model, updated, at)
        return f"The task is {updated.assignment_status}."

    return Action(f'{workspace_code(board.workspace_sid)}workspace.tasks("{sid}").update({arguments})', run)


def _explain_task(asked: Asked, board: BoardInterface) -> Action:
    (sid,) = required(asked, "task")

    def run() -> str:
        board.explain(sid, DECISIONS_SHOWN)
        return "Why it went there stands above the tasks."

    return Action(f'from helpers import why\nwhy(client, "{sid}", "{board.workspace_sid}")', run)


def _skip(asked: Asked, _board: BoardInterface) -> Action:
    seconds = float(asked.get("seconds") or 0)
    code = f"from helpers import skip\nskip(seconds={seconds:g})"
    return Action(code, lambda: f"It is now {clock.advance(seconds):%H:%M:%S} in the sandbox.")


def _answer_next(asked: Asked, board: BoardInterface) -> Action:
    instruction = asked.get("instruction")

    def run() -> str:
        board.answer_next(instruction)
        if instruction is None:
            return "Your app will answer the next assignment callback."
        return f"The next assignment callback will be answered with {json.dumps(instruction)}."

    return Action(f"the_board.answer_next({instruction!r})  # the_board = board(client, workspace, server)", run)


def _inject_fault(asked: Asked, board: BoardInterface) -> Action:
    order = {name: asked[name] for name in FAULT_SETTINGS if asked.get(name)}
    arguments = ", ".join(f"{name}={literal(value)}" for name, value in order.items())

    def run() -> str:
        said = faults(**order, quiet=True).said
        board.show_faults()
        return said

    return Action(f"from helpers import faults\nfault = faults({arguments})", run)


def _clear_faults(_asked: Asked, board: BoardInterface) -> Action:
    def run() -> str:
        faults.all_off(quiet=True)
        board.show_faults()
        return "All faults are off."

    return Action("from helpers import faults\nfaults.all_off()", run)


def _start_over(_asked: Asked, _board: BoardInterface) -> Action:
    def run() -> str:
        emptying.empty()
        return "The sandbox is empty. Run this notebook again from the top."

    return Action("from helpers import start_over\nstart_over()", run)


def _resend_webhook(asked: Asked, _board: BoardInterface) -> Action:
    (delivery,) = required(asked, "delivery")
    number = int(delivery)
    code = f"from helpers.sandbox_tools.debugger import send_again\nsend_again({number})"
    return Action(code, lambda: f"Delivery {number} was sent again, as number {debugger.send_again(number)}.")


def _receive_events(_asked: Asked, board: BoardInterface) -> Action:
    code = (
        f'client.taskrouter.v1.workspaces("{board.workspace_sid}").update(\n'
        f'    event_callback_url=f"{{public_url}}{EVENTS_PATH}"\n)'
    )
    return Action(code, lambda: f"TaskRouter now sends every event to {board.listen()}.")


ACTIONS: dict[str, Callable[[Asked, BoardInterface], Action]] = {
    "set-activity": _set_activity,
    "create-task": _create_task,
    "update-reservation": _update_reservation,
    "update-task": _update_task,
    "explain-task": _explain_task,
    "skip": _skip,
    "answer-next": _answer_next,
    "inject-fault": _inject_fault,
    "clear-faults": _clear_faults,
    "start-over": _start_over,
    "resend-webhook": _resend_webhook,
    "receive-events": _receive_events,
}
"""By the type that the browser names."""
