"""The checkpoints of notebook 09: a morning that was played, shorter waits, and a filter of events."""

from __future__ import annotations

from statistics import fmean

from twilio.rest import Client

from helpers.connection.instances import WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.framework import NotRight, NotYet, checkpoint
from helpers.lesson.checkpoints.lookups import find_by_name, is_live
from helpers.lesson.checkpoints.practice import get_practice_workspace

LESSON = "09"
HOURS = 10  # whose events are looked at
ENOUGH = 10  # answered customers of a language in a morning
PLAY = 'play(morning="first")'
SECOND_MORNING = """\
carla = everybody["Carla"].update(attributes=json.dumps({"languages": ["en", "es"]}))

if current().mode == "sandbox":
    play(morning="second")"""
FILTER = 'workspace = workspace.update(events_filter="task.canceled,reservation.timeout")'
WANTED = ("task.canceled", "reservation.timeout")


def waits_of(space: WorkspaceInstance) -> dict[str, list[float]]:
    """List how long the Spanish customers of each morning have waited until they were answered, in seconds."""
    came: dict[str, tuple[str, int]] = {}
    answered: dict[str, int] = {}
    for event in space.events.list(minutes=HOURS * 60, page_size=1000):
        if event.event_type == "task.created":
            attributes = as_object(event.event_data["task_attributes"])
            if attributes.get("lesson") == LESSON and attributes.get("selected_language") == "es":
                came[event.event_data["task_sid"]] = str(attributes.get("morning")), int(event.event_date_ms)
        elif event.event_type == "reservation.accepted":
            answered[event.event_data["task_sid"]] = int(event.event_date_ms)
    waits: dict[str, list[float]] = {}
    for sid, (morning, at) in came.items():
        if sid in answered:
            waits.setdefault(morning, []).append((answered[sid] - at) / 1000)
    return waits


def _no_morning() -> NotYet:
    if is_live():
        return NotYet("no morning was played: that needs a clock that can be put forward, which only the sandbox has.")
    return NotYet("no morning was played.", hints=("Run the cell with `play`.",), solution=PLAY)


@checkpoint("A morning is over", hints=("Run the cell with `play`, and wait for its end.",), solution=PLAY)
def morning(client: Client) -> str:
    """Check that a morning was played to its end."""
    space = get_practice_workspace(client)
    first = waits_of(space).get("first", [])
    if len(first) < ENOUGH:
        raise _no_morning()
    return f"Spanish customers who were answered: {len(first)}. What they have waited is in the events."


@checkpoint(
    "Shorter waits",
    hints=(
        "Attributes are updated as a whole: `carla.update(attributes=json.dumps(...))`.",
        "Carla's languages are `en` and `es`. Then the morning is played again, under another name.",
    ),
    solution=SECOND_MORNING,
)
def shorter_waits(client: Client) -> str:
    """Check that Carla speaks Spanish and Spanish customers of the second morning have waited less."""
    space = get_practice_workspace(client)
    carla = find_by_name(space.workers, "Carla")
    waits = waits_of(space)
    if carla is None or len(waits.get("first", [])) < ENOUGH:
        raise _no_morning()
    attributes = as_object(carla.attributes)
    languages = attributes.get("languages")
    if not isinstance(languages, list):
        raise NotRight(
            f"Carla's attributes are `{carla.attributes}`: her languages are no list any more.",
            hints=("Her queue asks `languages HAS`, so `languages` is a list.",),
            solution=SECOND_MORNING,
        )
    queue = find_by_name(space.task_queues, "es")
    members = [one.friendly_name for one in space.workers.list(task_queue_sid=queue.sid)] if queue else []
    if "Carla" not in members:
        raise NotYet(
            f"Carla speaks {', '.join(map(str, languages)) or 'nothing'}, so the Spanish queue is without her."
        )
    if "en" not in languages:
        raise NotRight(
            "Carla speaks Spanish now, and has forgotten her English.",
            hints=("An update replaces the attributes as a whole: name both languages.",),
            solution=SECOND_MORNING,
        )
    if len(waits.get("second", [])) < ENOUGH:
        raise NotYet(
            "Carla speaks Spanish, and the second morning was not played.",
            hints=('`play(morning="second")`.',),
            solution='play(morning="second")',
        )
    before, after = fmean(waits["first"]), fmean(waits["second"])
    if after >= before:
        raise NotRight(
            f"Spanish customers waited {before:.0f} s in the first morning and {after:.0f} s in the second.",
            hints=("Did Carla learn Spanish before the second morning, and was she available? Play it once more.",),
            solution=SECOND_MORNING,
        )
    return f"Spanish customers waited {before:.0f} s on average in the first morning, and {after:.0f} s in the second."


@checkpoint(
    "Only what matters",
    hints=("The setting is the workspace's: `workspace.update(events_filter=...)`.", "The two names, with a comma."),
    solution=FILTER,
)
def events_filter(client: Client) -> str:
    """Check that the workspace reports canceled tasks and reservations that timed out, and nothing else."""
    named = [name.strip() for name in (get_practice_workspace(client).events_filter or "").split(",") if name.strip()]
    if not named:
        raise NotYet("the workspace has no filter, so it reports everything.")
    missing = [name for name in WANTED if name not in named]
    unknown = [name for name in named if name not in WANTED]
    if unknown and missing:
        raise NotRight(
            f"`{unknown[0]}` is not what you were asked for, and `{missing[0]}` is missing.",
            hints=("Compare letter by letter: TaskRouter says *canceled*, with one l.",),
            solution=FILTER,
        )
    if missing:
        raise NotRight(f"`{missing[0]}` is missing.", hints=("Both go into one text.",), solution=FILTER)
    if unknown:
        raise NotRight(f"`{unknown[0]}` is reported, too.", hints=("Only the two are wanted.",), solution=FILTER)
    return "TaskRouter will report canceled tasks and reservations that nobody answered, and nothing else."
