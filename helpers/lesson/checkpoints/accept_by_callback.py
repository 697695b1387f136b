"""The checkpoints of notebook 03: a callback that accepts."""

from __future__ import annotations

from urllib.parse import urlsplit

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.lesson.checkpoints.framework import NotRight, NotYet, checkpoint
from helpers.lesson.checkpoints.lookups import (
    describe_busy_alice,
    explain_pending,
    get_task,
    get_worker,
    get_workflow,
    get_workspace,
    is_live,
    raise_if_reservations_canceled,
)
from helpers.tunnel import callback_urls

LESSON = "03"
PATH = "/assignment_callback"
DEADLINE = 5_000  # ms that a callback has for its answer: behaviour.md §3.2
BY_HAND = 500  # ms: nobody who reads and clicks is faster, and no callback on this machine is slower
BY_HAND_LIVE = 2_000  # ms: callbacks go through the internet there


@checkpoint(
    "The callback address",
    hints=(
        "The workflow knows where to ask: its `assignment_callback_url`.",
        "The address is the public one of your server, and the path that your app answers.",
        '`f"{public_url}/assignment_callback"`.',
    ),
    solution='workflow = workflow.update(assignment_callback_url=f"{public_url}/assignment_callback")',
)
def callback_url(client: Client) -> str:
    """Check that the workflow's callback address has the app's path, and a host that TaskRouter can reach."""
    url = get_workflow(get_workspace(client)).assignment_callback_url
    if not url:
        raise NotYet("the workflow has no `assignment_callback_url`, so TaskRouter asks nobody.")
    parts = urlsplit(url)
    if parts.path != PATH:
        raise NotRight(f"the workflow calls {url}, but your app answers at the path `{PATH}`.")
    if is_live() and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        raise NotRight(f"live Twilio cannot reach {parts.hostname}: only `expose(server)` has the public address.")
    if is_live() and url.removesuffix(PATH) not in callback_urls.latest():
        raise NotRight(f"the workflow calls {url}, and `expose(server)` gave out another address: use `public_url`.")
    return f"TaskRouter will ask {url} about every reservation."


@checkpoint(
    "An empty answer",
    hints=(
        "The task waits for somebody who speaks Spanish. Alice is the only one.",
        "Click Idle: TaskRouter reserves Alice and asks your server.",
        "If the reservation was canceled, your server could not answer: run the cells from `serve` on again.",
    ),
    solution='alice = alice.update(activity_sid=team.activities["Idle"].sid)',
)
def no_instruction(client: Client) -> str:
    """Check that the task is reserved and stays so, because the callback gave no instruction."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    if task.assignment_status == "pending":
        raise explain_pending(space, task)
    if task.assignment_status == "reserved":
        raise_if_reservations_canceled(task)
    else:
        delay = _ms_to_accept(space, task)
        if delay is not None and delay < (BY_HAND_LIVE if is_live() else BY_HAND):
            raise NotRight(
                f"the reservation was accepted {delay} ms after it was made, so your server already says accept. "
                "Run the cell whose app answers `{}` again, then the cell that creates the task."
            )
        return f"The reservation waited until somebody accepted it; the task is {task.assignment_status} now."
    alice = get_worker(space, "Alice")
    return f"The task is reserved, Alice is {alice.activity_name}, and nothing more will happen by itself."


@checkpoint(
    "Accepted on request",
    hints=(
        "Your app has a route for this: `GET /accept_reservation`.",
        "It needs `task_sid` and `reservation_sid`, and the callback brought both: see the log.",
        "The cell above sends the request for every reservation that is pending. Run it after the click.",
    ),
    solution=(
        'for reservation in task.reservations.list(reservation_status="pending"):\n'
        '    query = {"task_sid": task.sid, "reservation_sid": reservation.sid}\n'
        '    requests.get(f"{server.url}/accept_reservation", params=query)'
    ),
)
def accepted_by_request(client: Client) -> str:
    """Check that the task is assigned and Alice Busy, whoever said so."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    _is_assigned(space, task, "the task is reserved and waits for a yes. Run the cell above.")
    if task.assignment_status == "completed":
        return "The task was assigned, and is completed by now."
    return f"The task is {task.assignment_status}, and {describe_busy_alice(space)}."


@checkpoint(
    "Accepted by callback",
    hints=(
        "The task waits for Alice, Alice waits for your click.",
        "If it stays reserved, the app that runs still answers `{}`: run the cell with the new app.",
        'The answer is `{"instruction": "accept"}`, as JSON, within five seconds.',
    ),
    solution=(
        '@app.post("/assignment_callback")\n'
        "def assignment_callback():\n"
        '    return {"instruction": "accept"}\n\n\n'
        "server = serve(app, port=8080)"
    ),
)
def accepted_by_callback(client: Client) -> str:
    """Check that the task is assigned within the callback's five seconds, and Alice is Busy."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    alice = get_worker(space, "Alice")
    _is_assigned(
        space,
        task,
        f"Alice is {alice.activity_name} and nobody accepted: your server answered without an instruction. "
        "Run the cell with the new app, then the cell that creates the task.",
    )
    if task.assignment_status == "completed":
        return "The task was assigned, and is completed by now."
    delay = _ms_to_accept(space, task)
    if delay is not None and delay > DEADLINE:
        raise NotRight(
            f"the reservation was accepted after {delay / 1000:.0f} seconds, so it was done by hand: a callback "
            "has five seconds."
        )
    after = "" if delay is None else f" {delay} ms after the reservation"
    return f"The task is assigned{after}, and {describe_busy_alice(space)}. Nobody ran a cell."


def _is_assigned(space: WorkspaceInstance, task: TaskInstance, if_reserved: str) -> None:
    if task.assignment_status == "pending":
        raise explain_pending(space, task)
    if task.assignment_status == "reserved":
        raise_if_reservations_canceled(task)
        raise NotYet(if_reserved)


def _ms_to_accept(space: WorkspaceInstance, task: TaskInstance) -> int | None:
    """Count the milliseconds from the creation of the accepted reservation to its acceptance; None when unknown."""
    events = space.events.list(task_sid=task.sid)
    accepted = next((event for event in events if event.event_type == "reservation.accepted"), None)
    if accepted is None:
        return None
    for event in events:
        if event.event_type == "reservation.created" and event.resource_sid == accepted.resource_sid:
            return int(accepted.event_date_ms) - int(event.event_date_ms)
    return None
