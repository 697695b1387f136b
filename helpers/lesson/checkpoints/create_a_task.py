"""The checkpoints of notebook 02: one task, accepted by hand."""

from __future__ import annotations

from twilio.rest import Client

from helpers.lesson.checkpoints.framework import NotRight, NotYet, checkpoint
from helpers.lesson.checkpoints.lookups import (
    describe_busy_alice,
    explain_pending,
    get_resource,
    get_task,
    get_worker,
    get_workflow,
    get_workspace,
)
from helpers.names import QUEUES

LESSON = "02"


@checkpoint(
    "The stage",
    hints=(
        "Alice must not be available, or the task is hers before you can look.",
        "An activity is changed with `alice.update(activity_sid=...)`.",
        'Alice needs `team.activities["Offline"]`, the workflow an empty `assignment_callback_url`.',
    ),
    solution=(
        'alice = team.alice.update(activity_sid=team.activities["Offline"].sid)\n'
        'workflow = team.workflow.update(assignment_callback_url="")'
    ),
)
def stage(client: Client) -> str:
    """Check that Alice is unavailable, and the workflow calls nobody."""
    space = get_workspace(client)
    alice = get_worker(space, "Alice")
    if alice.available:
        raise NotYet(f"Alice is {alice.activity_name}, so she would get the task at once.")
    flow = get_workflow(space)
    if flow.assignment_callback_url:
        raise NotRight(f"the workflow still calls {flow.assignment_callback_url}, which may accept before you do.")
    return f"Alice is {alice.activity_name}, and the workflow calls nobody."


@checkpoint(
    "The task waits",
    hints=(
        "A task is created with `workspace.tasks.create(workflow_sid=..., attributes=...)`.",
        "The attributes are JSON text. The workflow's filters read `selected_language`.",
        'The attributes are `{"selected_language": "es", "lesson": "02"}`.',
    ),
    solution=(
        'attributes = json.dumps({"selected_language": "es", "lesson": "02"})\n'
        'settings = {"workflow_sid": workflow.sid, "attributes": attributes}\n'
        "task = found(workspace.tasks, **settings) or workspace.tasks.create(**settings)"
    ),
)
def task_waits(client: Client) -> str:
    """Check that the Spanish task is in the Spanish queue (or has moved on from there)."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    spanish = get_resource(space.task_queues, QUEUES["es"], "queue")
    if task.task_queue_sid != spanish.sid:
        raise NotRight(f'the task is in the queue "{task.task_queue_friendly_name}", not in the Spanish one.')
    if task.assignment_status == "pending":
        return f'The task is pending in "{spanish.friendly_name}": nobody who speaks Spanish is available.'
    return f"The task waited in the Spanish queue, and is {task.assignment_status} by now."


@checkpoint(
    "Alice is reserved",
    hints=(
        "TaskRouter reserves Alice as soon as she is available. You make her so.",
        "The toggle above changes Alice's activity. Which of the activities is available?",
        "Click Idle. No mouse at hand? The solution does the same.",
    ),
    solution='alice = alice.update(activity_sid=team.activities["Idle"].sid)',
)
def reserved(client: Client) -> str:
    """Check that a reservation for Alice exists (or existed, when the task has moved on)."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    if task.assignment_status == "pending":
        raise explain_pending(space, task)
    if task.assignment_status != "reserved":
        return f"Alice was reserved; the task is {task.assignment_status} by now."
    names = [one.worker_name for one in task.reservations.list(reservation_status="pending")]
    return f"The task is reserved for {' and '.join(names)}, who is {get_worker(space, 'Alice').activity_name}."


@checkpoint(
    "The task is Alice's",
    hints=(
        "The reservation is a resource of its own, under the task: `task.reservations`.",
        'List those with `reservation_status="pending"`. Accepting one is an update.',
        '`reservation.update(reservation_status="accepted")`.',
    ),
    solution=(
        'for reservation in task.reservations.list(reservation_status="pending"):\n'
        '    reservation.update(reservation_status="accepted")'
    ),
)
def accepted(client: Client) -> str:
    """Check that the task is assigned and Alice Busy (or the task is completed by now)."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    if task.assignment_status == "pending":
        raise explain_pending(space, task)
    if task.assignment_status == "reserved":
        raise NotYet("the task is reserved and waits for a yes. Run the cell that accepts the reservation.")
    if task.assignment_status == "completed":
        return "The task was assigned, and is completed by now."
    return f"The task is {task.assignment_status}, and {describe_busy_alice(space)}."


@checkpoint(
    "The work is done",
    hints=(
        "Two things remain: the task's status and Alice's activity. TaskRouter changes neither by itself.",
        'A task ends with `task.update(assignment_status="completed", reason=...)`.',
        "Then send Alice to Offline, as at the beginning.",
    ),
    solution=(
        'task = task.update(assignment_status="completed", reason="Answered")\n'
        'alice = alice.update(activity_sid=team.activities["Offline"].sid)'
    ),
)
def completed(client: Client) -> str:
    """Check that the task is completed and Alice has left Busy."""
    space = get_workspace(client)
    task = get_task(space, LESSON)
    if task.assignment_status == "pending":
        raise explain_pending(space, task)
    if task.assignment_status != "completed":
        raise NotYet(f"the task is {task.assignment_status}. Accept it first, then complete it.")
    alice = get_worker(space, "Alice")
    if alice.activity_name == "Busy":
        raise NotRight("the task is completed, but Alice is still Busy: no other task will reach her.")
    return f"The task is completed, and Alice is {alice.activity_name}."
