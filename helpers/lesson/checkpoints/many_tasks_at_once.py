"""The checkpoints of notebook 08: channels, capacity, wrapping, and several reservations for one task."""

from __future__ import annotations

from collections import Counter

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkerInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms
from helpers.lesson.checkpoints.framework import Missing, NotRight, NotYet
from helpers.lesson.checkpoints.lookups import find_by_name
from helpers.lesson.checkpoints.needs import checkpoint_in_practice
from helpers.lesson.checkpoints.practice import BEGIN, get_practice_workspace, missing_in_practice, tasks_of

LESSON = "08"
checkpoint = checkpoint_in_practice(worker=("Alice", "Bob"), queue=("Everyone",), workflow=("To everyone",))
CHANNELS = ("chat", "voice")
CHANNEL_AGAIN = 'workspace.task_channels.create(friendly_name="{title}", unique_name="{name}")'
CAPACITY = """\
chat = alice.worker_channels("chat").update(capacity=3)
time.sleep(1)

statuses(tasks)"""
OPEN_VOICE = 'alice.worker_channels("voice").update(available=True)\n'
BATCH = """\
reset()
queue = queue.update(max_reserved_workers=2)

for worker in (alice, bob):
    worker.update(activity_sid=activities["Available"])
tasks = new_tasks("chat")
[(one.worker_name, one.reservation_status) for one in tasks[0].reservations.list()]"""
ACCEPT_ONE = """\
for reservation in tasks[0].reservations.list(reservation_status="pending")[:1]:
    reservation.update(reservation_status="accepted")"""
FOUR_TASKS = """\
reset()
alice = alice.update(activity_sid=activities["Available"])
tasks = new_tasks("chat", "chat", "chat", "voice")"""
WRAP_UP = """\
tasks[0].update(assignment_status="wrapping", reason="Notes to write")
tasks += new_tasks("chat")"""


def _workspace(client: Client) -> WorkspaceInstance:
    """Give the practice workspace.

    Raises NotYet when there is none or a task channel of the page was deleted, NotRight when it is single-tasking.
    """
    space = get_practice_workspace(client)
    if not space.multi_task_enabled:
        raise NotRight(
            "the workspace is single-tasking.",
            hints=("Switch it with `workspace.update(multi_task_enabled=True)`.",),
            solution="workspace = workspace.update(multi_task_enabled=True)",
        )
    there = [one.unique_name for one in space.task_channels.list()]
    if missing := [name for name in CHANNELS if name not in there]:
        raise Missing(
            f"the workspace has no task channel `{missing[0]}` any more.",
            hints=("Create it once more: each worker has it then, with a capacity of 1.", BEGIN),
            solution="\n".join(CHANNEL_AGAIN.format(title=name.title(), name=name) for name in missing),
        )
    return space


def _worker(space: WorkspaceInstance, name: str) -> WorkerInstance:
    worker: WorkerInstance | None = find_by_name(space.workers, name)
    if worker is None:
        raise missing_in_practice("worker", name)
    return worker


def _open_tasks(space: WorkspaceInstance) -> list[TaskInstance]:
    """List the tasks of this lesson that have not ended, the oldest first. Raises NotYet when there is none."""
    ended = ("completed", "canceled")
    tasks = [task for task, _ in tasks_of(space, LESSON) if task.assignment_status not in ended]
    if not tasks:
        raise NotYet("there is no open task from this page.", hints=("Run the cell that creates the tasks.",))
    return tasks


def _held(tasks: list[TaskInstance]) -> Counter[str]:
    """Count by channel the tasks that somebody is reserved for, or has."""
    return Counter(one.task_channel_unique_name for one in tasks if one.assignment_status != "pending")


def _require_available(worker: WorkerInstance) -> None:
    if not worker.available:
        raise NotYet(
            f"{worker.friendly_name} is {worker.activity_name}, so nothing is offered to her.",
            hints=("Run the cell that makes her available and creates the tasks.",),
            solution=FOUR_TASKS,
        )


@checkpoint(
    "Two at once",
    hints=("Each channel of a worker has a capacity of its own.", "The first cell of this part sets each to 1."),
    solution=FOUR_TASKS,
)
def two_at_once(client: Client) -> str:
    """Check that Alice has a chat and a call, and that the other chats wait or have been given to her since."""
    space = _workspace(client)
    alice = _worker(space, "Alice")
    tasks = _open_tasks(space)
    _require_available(alice)
    held = _held(tasks)
    chat = alice.worker_channels("chat").fetch()
    if not held["voice"] and not alice.worker_channels("voice").fetch().available:
        raise NotRight(
            "her `voice` channel is not available, so the call is not offered to her.",
            hints=(
                "A later cell closes it. Run the cell that looks at Alice's channels, then the one with the tasks.",
            ),
            solution=OPEN_VOICE + FOUR_TASKS,
        )
    if not held["voice"]:
        raise NotYet("the call has not been offered to her yet. Run this cell again.", hints=("Wait a moment.",))
    if held["chat"] > 1 and chat.configured_capacity == 1:
        return "Alice has accepted more than one chat since then."
    if held["chat"] > 1:
        return (
            f"Alice has the call and {held['chat']} chats, because her capacity for chat is {chat.configured_capacity}."
        )
    waiting = sum(one.assignment_status == "pending" for one in tasks)
    return f"Alice is reserved for a chat and for the call, and is {alice.activity_name}. {waiting} tasks are waiting."


@checkpoint(
    "Three chats",
    hints=(
        "Update the worker channel as you update anything else: `.update(capacity=...)`.",
        "Then run `statuses(tasks)`.",
    ),
    solution=CAPACITY,
)
def capacity(client: Client) -> str:
    """Check that Alice can chat with three and phone with one."""
    space = _workspace(client)
    alice = _worker(space, "Alice")
    channels = {one.task_channel_unique_name: one for one in alice.worker_channels.list()}
    chat, voice = channels["chat"].configured_capacity, channels["voice"].configured_capacity
    if voice != 1:
        raise NotRight(
            f"Alice can have {voice} calls at once.",
            hints=("The channel `voice` keeps capacity 1.",),
            solution=f'alice.worker_channels("voice").update(capacity=1)\n{CAPACITY}',
        )
    others = [name for name, one in channels.items() if name != "chat" and one.configured_capacity == 3]
    if chat == 1 and others:
        raise NotRight(
            f"the channel `{others[0]}` has capacity 3, and `chat` still has 1.",
            hints=("You name the channel in `alice.worker_channels(...)`.",),
            solution=f'alice.worker_channels("{others[0]}").update(capacity=1)\n{CAPACITY}',
        )
    if chat == 1:
        raise NotYet("her capacity for chat is still 1.")
    if chat != 3:
        raise NotRight(f"her capacity for chat is {chat}, not 3.", hints=("The capacity is a number: `capacity=3`.",))
    if not channels["chat"].available:
        raise NotRight(
            "her chat channel is not available, so no chat reaches her.",
            hints=("It was available before: `available=True`.",),
            solution=f'alice.worker_channels("chat").update(available=True)\n{CAPACITY}',
        )
    return f"Alice can chat with three at once, and has {_held(_open_tasks(space))['chat']} chats."


def _was_held(space: WorkspaceInstance) -> bool:
    """Tell by the events of the last hour whether a chat waited until another one, which was wrapping, was completed.

    What was before the newest call does not count: the page was begun again since.
    """
    held, waiting, wrapping = False, set(), set()
    events = space.events.list(minutes=60, page_size=1000)
    events.reverse()  # newest first: rest-contract.md §10.9
    for event in sorted(events, key=event_ms):
        kind, told = event.event_type, event.event_data
        if as_object(told.get("task_attributes")).get("lesson") != LESSON:
            continue
        sid, channel = told["task_sid"], told.get("task_channel_unique_name")
        if kind == "task.created" and channel == "voice":
            held, waiting, wrapping = False, set(), set()
        elif kind == "task.created" and channel == "chat":
            waiting.add(sid)
        elif kind in ("reservation.created", "task.canceled"):
            waiting.discard(sid)
        elif kind == "task.wrapup" and channel == "chat":
            wrapping.add(sid)
        elif kind == "task.completed" and sid in wrapping:
            held = held or bool(waiting)
    return held


@checkpoint(
    "Wrapping holds the place",
    hints=(
        "First, all three chats must be accepted.",
        "Then one of them is set to wrapping, and a fourth customer comes.",
    ),
    solution=WRAP_UP,
)
def wrapping(client: Client) -> str:
    """Check that one chat is wrapping and another one waits for its place, or did so until it was completed."""
    space = _workspace(client)
    _worker(space, "Alice")
    chats = [one for one, _ in tasks_of(space, LESSON) if one.task_channel_unique_name == "chat"]
    of = Counter(one.assignment_status for one in chats)
    if not of["wrapping"] and _was_held(space):
        return "One chat was wrapping, and the next one waited until that was completed. By now it is over."
    _open_tasks(space)
    if not of["wrapping"]:
        raise NotYet("no chat is wrapping.", hints=("Accept the chats, then run the cell that wraps one up.",))
    limit = _worker(space, "Alice").worker_channels("chat").fetch().configured_capacity or 0
    if not of["pending"] and limit > 3:
        raise NotRight(
            f"nothing waits: her capacity for chat is {limit}.", hints=("It should be 3.",), solution=CAPACITY
        )
    if not of["pending"]:
        raise NotYet("no chat is waiting. Run the cell above again.")
    return f"{of['assigned']} chats are assigned, {of['wrapping']} is wrapping, and the next one waits."


@checkpoint(
    "Two are asked",
    hints=("The setting is the queue's: `queue.update(...)`.", "`max_reserved_workers=2`, before the task is created."),
    solution=f"{BATCH}\n{ACCEPT_ONE}",
)
def rescinded(client: Client) -> str:
    """Check that two workers were reserved for one task, and one of them has it."""
    space = _workspace(client)
    task = _open_tasks(space)[-1]
    statuses = {one.worker_name: one.reservation_status for one in task.reservations.list()}
    if "rescinded" in statuses.values():
        has = next((name for name, status in statuses.items() if status == "accepted"), "nobody")
        slower = next(name for name, status in statuses.items() if status == "rescinded")
        return f"{has} has the task, and {slower}'s reservation is rescinded."
    queue = space.task_queues(task.task_queue_sid).fetch()
    if len(statuses) > 1:
        raise NotYet("both are reserved, but nobody has accepted yet.", solution=ACCEPT_ONE, hints=("Accept one.",))
    if queue.max_reserved_workers == 1:
        raise NotYet("the queue asks one worker at a time.")
    away = [name for name in ("Alice", "Bob") if not _worker(space, name).available]
    if away:
        raise NotRight(
            f"{' and '.join(away)} is not available, so only one could be asked.",
            hints=("Both must be available before the task is created.",),
            solution=f"{BATCH}\n{ACCEPT_ONE}",
        )
    raise NotRight(
        "the queue asks two workers now, but did not when the task was created.",
        hints=("Set it first: `reset()` sets it back to 1, so it belongs after that.",),
        solution=f"{BATCH}\n{ACCEPT_ONE}",
    )
