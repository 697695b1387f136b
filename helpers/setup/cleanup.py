"""What the lessons create in an account: the list beforehand, and its removal afterwards.

The lessons work in a workspace of their own, known by its name, and everything in it that is theirs has a name from
`helpers.names`, or, if it is a task, the mark of a lesson or of the board in its attributes. Nothing else is ever
deleted: whatever a person has added there by themselves keeps the workspace alive, and what it uses. A second
workspace, for practice, is deleted as a whole: the page that creates it says that anything may be tried in it.
`python3 -m helpers conformance` marks its workspaces by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpers.conformance.run import CONFORMANCE_WORKSPACE
from helpers.connection import clients
from helpers.connection.error_messages import as_lesson_error, describe_error, is_retryable
from helpers.connection.instances import WorkspaceInstance
from helpers.connection.vocabulary import ENDED_TASK_STATUSES, HELD_RESERVATION_STATUSES, WAITING_TASK_STATUSES
from helpers.consent import is_agreed
from helpers.errors import LessonError
from helpers.lines import in_lines
from helpers.names import (
    ACTIVITIES,
    LANGUAGES,
    OF_EXERCISES,
    PRACTICE_WORKSPACE,
    QUEUES,
    SPARE_ACTIVITIES,
    WORKFLOW,
    WORKSPACE,
    WRAP_UP,
    is_of_a_lesson,
)
from helpers.phone_numbers.restoring import LeftAlone, TakenNumber, taken_numbers

BY_ITSELF = {"Offline", *SPARE_ACTIVITIES}  # activities of every new workspace (rest-contract.md §7)
CHANNELS = {"default", "voice", "video", "sms", "chat", "email", *(f"custom{n}" for n in range(1, 6))}  # likewise
TASKS = "tasks, a few on each run of notebooks 02 to 06, 10 and 12, and those of the board"


@dataclass(frozen=True)
class LessonResource:
    """One thing in the tutorial's workspace: its kind, its name, the instance, and whether a lesson made it."""

    kind: str
    name: str  # of a task, which has none, the SID
    instance: Any
    of_the_lesson: bool

    def __str__(self) -> str:
        words = f"{self.kind} {self.name!r}"
        return f"{words} {_shortened(self.instance.attributes)}" if self.kind == "task" else words


def _shortened(text: str, most: int = 80) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def planned() -> None:
    """Say what the notebooks would create in the configured account, and what of it is there already.

    Creates nothing. Raises LessonError when TaskRouter does not answer.
    """
    client = clients.connect()
    with as_lesson_error():
        spaces = client.taskrouter.v1.workspaces.list(friendly_name=WORKSPACE)
        there = {(one.kind, one.name) for one in lesson_resources(spaces[0])} if spaces else set()
        practice = client.taskrouter.v1.workspaces.list(friendly_name=PRACTICE_WORKSPACE)
        numbers = _numbers_in_words(taken_numbers(client))
    own = f"{WORKSPACE!r} and {PRACTICE_WORKSPACE!r}"
    print(in_lines(f"The notebooks use two workspaces of their own, {own}, and touch nothing outside them."))
    print(f"{'is there' if spaces else 'to create':<10} workspace {WORKSPACE!r}")
    for kind, names in (
        ("activity", (*ACTIVITIES, WRAP_UP)),
        ("worker", LANGUAGES),
        ("task queue", QUEUES.values()),
        ("workflow", [WORKFLOW]),
        *((kind, [name]) for kind, name in OF_EXERCISES.items()),
    ):
        for name in names:
            by_itself = kind == "activity" and name in BY_ITSELF
            state = "is there" if (kind, name) in there else "by itself" if by_itself else "to create"
            print(f"{state:<10} {kind} {name!r}")
    print(
        f"{'is there' if practice else 'to create':<10} workspace {PRACTICE_WORKSPACE!r}, with all that is tried in it"
    )
    for line in (f"{'to create':<10} {TASKS}", *numbers):
        print(in_lines(line, indent=11))
    print("clean_up(), or `python3 -m helpers clean-up`,\nremoves all of it, and gives the number back.")


def _numbers_in_words(taken: list[TakenNumber]) -> list[str]:
    if not taken:
        return [f"{'to use':<10} a number of the account, from notebook 04 on, whose calls go to your server meanwhile"]
    return [f"{'in use':<10} number {one.phone_number}, whose calls went to {one.before}" for one in taken]


def clean_up(*, sure: bool = False) -> None:
    """Delete what the lessons have created in the configured account, after asking; says what it does.

    A number that they have taken gets its webhooks back.

    sure: do not ask. What somebody has added to the tutorial's workspace is left alone, and so are the workspace and
    what that uses; everything else that the lessons made is deleted, Alice and Bob too.
    Raises LessonError when TaskRouter does not answer, or something could not be deleted.
    """
    client = clients.connect()
    with as_lesson_error():
        steps = list(_steps(client))
        if not steps:
            print("There is nothing of the lessons in this account.")
            return
        staying = [step for step in steps if step.needed_by]
        going = [step for step in steps if not step.needed_by]
        if staying:
            print("\nThese are the lessons', and stay as long as something of yours uses them:")
            for step in staying:
                print(f"  {step.what}, for your {step.needed_by}")
        if going:
            print("\nTo be deleted:")
        for step in going:
            print(f"  {step.what}")
        if going and not sure and not is_agreed("Delete this?"):
            print("Nothing was deleted.")
            return
        results = [_take(step) for step in going]
    left = len(staying) + len(results) - results.count("gone")
    if not left:
        return
    users = ", ".join(dict.fromkeys(str(step.needed_by) for step in staying))
    if "later" in results and not users:
        advice = "TaskRouter had no time for it. Clean up again, that is enough"
    else:
        advice = f"end, move or delete {users or 'what you have added and what uses them'}, then clean up again"
    raise LessonError(f"{left} of {len(steps)} could not be deleted: {advice}.")


@dataclass(frozen=True)
class CleanupStep:
    """Something to delete, in words, and the call that does it; needed_by: what is in its way, of a person's own."""

    what: str
    delete: Callable[[], Any]
    needed_by: LessonResource | None = None


def _steps(client: Client) -> Iterator[CleanupStep]:
    for number in taken_numbers(client):
        if number.is_ours:
            what = f"what the lessons have set at {number.phone_number}: its calls go to {number.before} again"
            yield CleanupStep(what, number.put_back)
            continue
        try:
            print(number.put_back())  # that it has gone
        except LeftAlone as changed:
            print(changed)
    space: WorkspaceInstance
    for space in client.taskrouter.v1.workspaces.stream(page_size=200):
        if CONFORMANCE_WORKSPACE.fullmatch(space.friendly_name):
            yield CleanupStep(
                f"workspace {space.friendly_name!r} of a run of the checks, which must be over by now", space.delete
            )
        elif space.friendly_name == PRACTICE_WORKSPACE:
            yield CleanupStep(f"workspace {PRACTICE_WORKSPACE!r} ({space.sid}) with all that is in it", space.delete)
        elif space.friendly_name == WORKSPACE:
            yield from _steps_in(space)


def _steps_in(space: WorkspaceInstance) -> Iterator[CleanupStep]:
    everything = list(lesson_resources(space))
    foreign = [one for one in everything if not one.of_the_lesson]
    if not foreign:
        tasks = sum(one.kind == "task" for one in everything)
        what = f"workspace {WORKSPACE!r} ({space.sid}) with all that is in it, {tasks} task(s) too"
        yield CleanupStep(what, lambda: _delete_whole(space))
        return
    print(f"In the workspace {WORKSPACE!r} these are not the lessons', and stay, and so does the workspace:")
    print("\n".join(f"  {one}" for one in foreign))
    print("What the lessons made in it is deleted, their workers too, unless something of yours uses it.")
    needed_by: dict[str, LessonResource] = {}  # by SID
    for one in everything:  # in the order of `lesson_resources`, each comes before what it uses
        user = needed_by.get(one.instance.sid) if one.of_the_lesson else one
        if user:
            needed_by = dict.fromkeys(_used(one), user) | needed_by
        if one.of_the_lesson and not (one.kind == "activity" and one.name in BY_ITSELF):
            yield CleanupStep(str(one), lambda one=one: _delete(space, one), user)


def _used(one: LessonResource) -> list[str]:
    """Find the SIDs of what cannot be deleted while this is there (rest-contract.md §8), or, of a task, works on it."""
    instance = one.instance
    if one.kind == "task":
        status = instance.assignment_status
        if status in ENDED_TASK_STATUSES:
            return []
        waits = [instance.workflow_sid] if status in WAITING_TASK_STATUSES else []
        held = [] if one.of_the_lesson or status == "pending" else instance.reservations.list()
        workers = [
            reservation.worker_sid
            for reservation in held
            if reservation.reservation_status in HELD_RESERVATION_STATUSES
        ]
        return [*waits, instance.task_queue_sid, *workers]
    if one.kind == "workflow":
        return re.findall(r"\bWQ[0-9a-f]{32}\b", instance.configuration)
    if one.kind == "task queue":
        return [sid for sid in (instance.reservation_activity_sid, instance.assignment_activity_sid) if sid]
    return [instance.activity_sid] if one.kind == "worker" else []


def _delete_whole(space: WorkspaceInstance) -> None:
    """Delete the tutorial's workspace, unless something was added to it while its owner was asked."""
    added = next((one for one in lesson_resources(space) if not one.of_the_lesson), None)
    if added is not None:
        raise LessonError(f"{added} has been added to it meanwhile")
    space.delete()


def _delete(space: WorkspaceInstance, one: LessonResource) -> None:
    if one.kind == "worker":  # only who is away can be deleted (rest-contract.md §8)
        one.instance.update(activity_sid=space.default_activity_sid)
    if one.kind == "activity" and one.instance.sid == space.timeout_activity_sid:
        space.update(timeout_activity_sid=space.default_activity_sid)
    one.instance.delete()


def _take(step: CleanupStep) -> Literal["gone", "kept", "later"]:
    """Delete it, and say what came of it."""
    try:
        step.delete()
        print(f"Deleted: {step.what}.")
    except LessonError as kept:
        print(f"Not deleted: {step.what}, because {kept}.")
        return "kept"
    except TwilioRestException as refused:
        if refused.status != 404:
            print(f"Not deleted: {step.what}, because {describe_error(refused)}.")
            return "later" if is_retryable(refused) else "kept"
        print(f"Gone already: {step.what}.")
    return "gone"


def lesson_resources(space: WorkspaceInstance) -> Iterator[LessonResource]:
    """Give all that is in the tutorial's workspace, in an order in which it can be deleted."""

    def named(kind: str, instances: Iterable[Any], names: Iterable[str]) -> Iterator[LessonResource]:
        for one in instances:
            name = one.friendly_name
            yield LessonResource(kind, name, one, name in names or name == OF_EXERCISES.get(kind))

    for task in space.tasks.stream(page_size=200):
        yield LessonResource("task", task.sid, task, is_of_a_lesson(task.attributes))
    yield from named("workflow", space.workflows.stream(page_size=200), [WORKFLOW])
    yield from named("task queue", space.task_queues.stream(page_size=200), QUEUES.values())
    yield from named("worker", space.workers.stream(page_size=200), LANGUAGES)
    yield from named("activity", space.activities.stream(page_size=200), {*ACTIVITIES, WRAP_UP, *BY_ITSELF})
    for channel in space.task_channels.stream(page_size=200):
        if channel.unique_name not in CHANNELS:
            yield LessonResource("task channel", channel.friendly_name, channel, False)
