"""The checkpoints of notebook 02: one task, accepted by hand."""

from __future__ import annotations

from twilio.rest import Client

from helpers.connection.instances import TaskInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import OPEN_TASK_STATUSES
from helpers.lesson.checkpoints.acceptance import (
    describe_busy_alice,
    describe_reserved_alice,
    find_acceptance,
)
from helpers.lesson.checkpoints.callback_causes import open_reservation
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import (
    GONE_AFTER,
    LOAD_AGAIN,
    WITH_CAST,
    get_resource,
    get_worker,
    get_workflow,
    get_workspace,
)
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.scene import CLICK_IDLE, GO_OFFLINE, NO_ADDRESS, ONCE_MORE, Scene
from helpers.lesson.checkpoints.waiting_causes import explain_pending, find_offered
from helpers.names import QUEUES

LESSON = "02"
ACCEPT = """\
pending = task.reservations.list(reservation_status="pending")

for reservation in pending:
    accepted = reservation.update(reservation_status="accepted")
    print(accepted.worker_name, "has", accepted.reservation_status)
print(len(pending), "reservation(s) were pending")"""
COMPLETE = 'task = task.update(assignment_status="completed", reason="Answered")'
NO_FALLBACK = 'workflow = team.workflow.update(fallback_assignment_callback_url="")'
SAME_LOOP = "The loop that accepts is the one above, once `task` is the urgent task."
AS_ABOVE = "Update the task, as above: its `assignment_status`, with a `reason`."
BY_YOU = "TaskRouter does not take her out of her activity. You do, by an update of `alice`."
URGENT_TASK = f"""\
waits = {{"selected_language": "es", "lesson": "02", "exercise": "urgent"}}
first = {{"workflow_sid": workflow.sid, "attributes": json.dumps(waits)}}
found(tasks, **first) or tasks.create(**first)

settings = {{"workflow_sid": workflow.sid, "attributes": attributes}}
task = tasks.create(**settings, priority=10)
{CLICK_IDLE}
{ACCEPT}
{COMPLETE}
{GO_OFFLINE}
[(one.assignment_status, one.priority) for one in tasks.list()]"""


@checkpoint(
    "The start",
    hints=(
        "Alice must not be available, or the task is hers before you can look.",
        "An activity is changed with `alice.update(activity_sid=...)`.",
        'Alice needs `team.activities["Offline"]`, the workflow an empty `assignment_callback_url`.',
    ),
    solution=f"{GO_OFFLINE}\n{NO_ADDRESS}",
)
def stage(client: Client) -> str:
    """Check that Alice is unavailable, and the workflow has no callback."""
    space = get_workspace(client)
    alice = get_worker(space, "Alice")
    if alice.available:
        raise NotYet(f"Alice is {alice.activity_name}, so she would get the task at once.")
    flow = get_workflow(space)
    if flow.assignment_callback_url:
        raise NotRight(
            f"the workflow still calls {flow.assignment_callback_url}, which may accept before you do.",
            hints=("Notebook 03 gave it this address. On this page it has none.",),
            solution=NO_ADDRESS,
        )
    if flow.fallback_assignment_callback_url:
        raise NotRight(
            f"the workflow still has the fallback URL {flow.fallback_assignment_callback_url}, which may accept before "
            "you do.",
            hints=("Notebook 06 gave it this address. On this page it has none, nor a callback.",),
            solution=f"{NO_ADDRESS}\n{NO_FALLBACK}",
        )
    return f"Alice is {alice.activity_name}, and the workflow has no callback."


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
    scene = Scene.find(client, LESSON)
    task = scene.task
    spanish = get_resource(scene.workspace.task_queues, QUEUES["es"], "queue")
    if task.task_queue_sid != spanish.sid:
        raise NotRight(
            f'the task is in the queue "{task.task_queue_friendly_name}", not in the Spanish one.',
            hints=(LOAD_AGAIN, f"A new configuration does not move a task that waits already. {ONCE_MORE}"),
            solution=WITH_CAST,
        )
    if task.assignment_status == "pending":
        return f'The task is pending in "{spanish.friendly_name}": {_why_it_waits(scene)}.'
    return f"The task waited in the Spanish queue, and is {task.assignment_status} by now."


def _why_it_waits(scene: Scene) -> str:
    """Say in half a sentence why nobody has the task: the members of its queue are away, or at work."""
    members = scene.workspace.workers.list(task_queue_sid=scene.task.task_queue_sid)
    if not any(worker.available for worker in members):
        return "nobody who speaks Spanish is available"
    return str(explain_pending(scene)).rstrip(".")


@checkpoint(
    "Alice is reserved",
    hints=(
        "TaskRouter reserves Alice as soon as she is available. You make her so.",
        "The toggle above changes Alice's activity. Which of the activities is available?",
        "Click Idle. No mouse at hand? The solution does the same.",
    ),
    solution=CLICK_IDLE,
)
def reserved(client: Client) -> str:
    """Check that a reservation for Alice exists (or existed, when the task has moved on)."""
    scene = find_offered(client, LESSON)
    status = scene.task.assignment_status
    if status == "reserved":
        open_reservation(scene)
        return f"The task is reserved for Alice, who {describe_reserved_alice(scene)}."
    find_acceptance(scene)
    return f"Alice was reserved; the task is {status} by now."


@checkpoint(
    "The task is Alice's",
    hints=(
        "A reservation is updated as a worker is: `reservation.update(...)`, inside the loop.",
        "What changes is its `reservation_status`.",
        '`reservation.update(reservation_status="accepted")`.',
    ),
    solution=ACCEPT,
)
def accepted(client: Client) -> str:
    """Check that the task is assigned and Alice Busy (or the task is completed by now)."""
    scene = find_offered(client, LESSON)
    status = scene.task.assignment_status
    if status == "reserved":
        open_reservation(scene)
        describe_reserved_alice(scene)
        again = any(one.reservation_status == "rejected" for one in scene.reservations())
        rejected = " A reservation was rejected, so TaskRouter made another." if again else ""
        raise NotYet(f"the task is reserved for Alice and waits for a yes.{rejected}")
    acceptance = find_acceptance(scene)
    if acceptance and acceptance.by == "callback":
        raise NotRight(
            "the web server of notebook 03 accepted it, and not you: the workflow has its address again.",
            hints=("On this page you decide: the workflow needs no callback.", f"Take the address out. {ONCE_MORE}"),
            solution=NO_ADDRESS,
        )
    if status == "completed":
        return "The task was assigned, and is completed by now."
    return f"The task is {status}, and Alice {describe_busy_alice(scene)}."


@checkpoint(
    "The work is done",
    hints=(
        "Two things remain: the task's status and Alice's activity. TaskRouter changes neither by itself.",
        'A task ends with `task.update(assignment_status="completed", reason=...)`.',
        "Then send Alice to Offline, as at the beginning.",
    ),
    solution=f"{COMPLETE}\n{GO_OFFLINE}",
)
def completed(client: Client) -> str:
    """Check that the task is completed and Alice has left Busy."""
    scene = find_offered(client, LESSON)
    status = scene.task.assignment_status
    if status == "reserved":
        raise NotYet(
            "the task is reserved. Accept it first, then complete it.",
            hints=("Run the cell that accepts the reservation, then the one that completes the task.",),
            solution=ACCEPT,
        )
    if status != "completed":
        raise NotYet(f"the task is {status}. Complete it.")
    alice = get_worker(scene.workspace, "Alice")
    if alice.activity_name == "Busy":
        raise NotRight(
            "the task is completed, but Alice is still Busy: no other task will reach her.",
            hints=("TaskRouter does not take a worker out of Busy. Your program has to.",),
            solution=GO_OFFLINE,
        )
    return f"The task is completed, and Alice is {alice.activity_name}."


@checkpoint(
    "The urgent task",
    hints=(
        "These are the cells of this page once more, from the one that creates the task to the last.",
        "`priority` is a setting of the task, like `workflow_sid`; it does not stand in its attributes.",
        "Create with `tasks.create(**settings, priority=10)`. Then update: `alice` to Idle, the reservation, "
        "the task, and `alice` to Offline.",
    ),
    solution=URGENT_TASK,
)
def urgent_task(client: Client) -> str:
    """Check that a task of this page with a priority is completed, and that Alice has left Busy."""
    space = get_workspace(client)
    tasks = space.tasks.list()
    marked = [one for one in tasks if as_object(one.attributes).get("lesson") == LESSON]
    urgent = [one for one in marked if one.priority]
    if not urgent:
        raise _nothing_urgent(marked, [one for one in tasks if "lesson" not in as_object(one.attributes)])
    task = urgent[-1]  # oldest first: rest-contract.md §10.3
    status = task.assignment_status
    earlier = [one for one in urgent[:-1] if one.assignment_status in OPEN_TASK_STATUSES]
    if status == "pending" and earlier:
        raise NotRight(
            f"urgent tasks of earlier runs of your cell are open, and come before this one: {len(earlier)}.",
            hints=(
                "Each run of the cell creates one more task, and `task` is the last one.",
                "`team.clear_stage()` ends them all. Then run the cell again, with all five steps in it.",
            ),
            solution=f"team.clear_stage()\n{URGENT_TASK}",
        )
    if status == "pending":
        raise explain_pending(Scene(client, space, task))
    if status == "reserved":
        raise NotYet("the urgent task is reserved. Accept its reservation.", hints=(SAME_LOOP,), solution=ACCEPT)
    if status == "canceled":
        raise NotYet(f"the urgent task was canceled ({task.reason or 'no reason given'}): create it once more.")
    if status != "completed":
        raise NotYet(f"the urgent task is {status}. Complete it.", hints=(AS_ABOVE,), solution=COMPLETE)
    alice = get_worker(space, "Alice")
    if alice.available or alice.activity_name == "Busy":
        raise NotYet(
            f"the urgent task is completed, and Alice is still {alice.activity_name}.",
            hints=(BY_YOU,),
            solution=GO_OFFLINE,
        )
    waiting = any(one.assignment_status == "pending" for one in marked if not one.priority)
    first = " The customer who came first still waits." if waiting else ""
    return f"A task with priority {task.priority} is completed, and Alice is {alice.activity_name}.{first}"


def _nothing_urgent(marked: list[TaskInstance], unmarked: list[TaskInstance]) -> Unmet:
    """Say why no task of this page has a priority; marked: the page's tasks, unmarked: of no page, the oldest first."""
    if of_no_page := [one for one in unmarked if one.priority]:
        return NotRight(
            f"your urgent task has the attributes `{of_no_page[-1].attributes}`, without the mark of this page, "
            f'`"lesson": "{LESSON}"`: the page cannot tell it from those of others.',
            hints=(
                "The attributes in `settings` have the mark: `tasks.create(**settings, priority=10)`.",
                "`team.clear_stage(every_task=True)` ends what has no mark, too. Then run the cell again.",
            ),
            solution=f"team.clear_stage(every_task=True)\n{URGENT_TASK}",
        )
    if any("priority" in as_object(one.attributes) for one in marked):
        return NotRight(
            "the priority stands in the task's attributes, which TaskRouter does not read for it: its own is 0."
        )
    first = next((one for one in reversed(marked) if "exercise" in as_object(one.attributes)), None)
    if first is not None and first.assignment_status in ("reserved", "assigned"):
        return NotRight(
            f"the first customer's task is {first.assignment_status}, and no other one has a priority: of two equal "
            "tasks the older one is offered first.",
            hints=(
                "A task keeps its place: only its `priority` puts it before an older one.",
                "`team.clear_stage()` ends both. Run the cell again, with `priority` among the settings.",
            ),
            solution=f"team.clear_stage()\n{URGENT_TASK}",
        )
    return NotYet(f"there is no task of this page with a priority ({GONE_AFTER}).")
