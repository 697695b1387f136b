"""The checkpoints of notebook 09: a morning that was played, shorter waits, and a filter of events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, NamedTuple

from twilio.rest import Client

from helpers.connection.instances import WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms
from helpers.connection.vocabulary import OPEN_TASK_STATUSES
from helpers.lesson.checkpoints.framework import Missing, NotRight, NotYet, checkpoint
from helpers.lesson.checkpoints.lookups import find_by_name, is_live
from helpers.lesson.checkpoints.needs import missing_of_practice
from helpers.lesson.checkpoints.practice import BEGIN, get_practice_workspace, tasks_of

LESSON = "09"
HOURS = 10  # whose events are looked at
ENOUGH = 10  # answered customers of a language in a morning
SPOKEN = frozenset(("es", "en"))  # by the customers
TELL_LANGUAGES = ("worker.created", "worker.attributes.update")
NEW_START = "A new morning"
"""The reason with which the page ends what is open when a morning begins."""
LULL = 600_000
"""Milliseconds without a customer that part two runs of a morning: each ends with thirty steps of twenty seconds."""
SERVICE_LEVEL = """\
def service_level(rows, seconds):
    quick = [row for row in rows if row["waited"] is not None and row["waited"] <= seconds]
    return len(quick) / max(1, len(rows))


for language in ("es", "en"):
    split = statistics_of(language).split_by_wait_time["45"]
    everyone = max(1, sum(split["below"].values()) + sum(split["above"].values()))
    theirs = split["below"]["reservations_accepted"] / everyone
    mine = service_level([row for row in first if row["language"] == language], 45)
    print(f"{language}: TaskRouter {theirs:.0%}, mine {mine:.0%}")"""
PLAY = 'play(morning="first")'
SECOND_MORNING = """\
carla = everybody["Carla"].update(attributes=json.dumps({"languages": ["en", "es"]}))

if current().mode == "sandbox":
    play(morning="second")"""
ENGLISH_ALONE = 'everybody["Carla"].update(attributes=json.dumps({"languages": ["en"]}))'
CARLA_AGAIN = """\
languages = json.dumps({"languages": ["en"]})
carla = workers.create(friendly_name="Carla", attributes=languages)
everybody["Carla"] = carla.update(activity_sid=free.sid)"""
QUEUE_AGAIN = """\
queues["es"] = kinds.create(friendly_name="es", target_workers='languages HAS "es"')
filters[0]["targets"] = [{"queue": queues["es"].sid}]
workflow = workflow.update(configuration=json.dumps({"task_routing": {"filters": filters}}))"""
FILTER = 'workspace = workspace.update(events_filter="task.canceled,reservation.timeout")'
FOUR_WAITS = (10.0, 20.0, 90.0, None)  # of customers: two answered within a minute, one later, one never
LEVELS = {
    0.5: "",
    0.667: "your function leaves out the customers who gave up. They count, too: divide by all rows.",
    0.75: "your function counts the customers who gave up as answered.",
    2.0: "your function counts the customers. Divide by the number of all rows to get their share.",
    50.0: "your function gives percent. Give the share as a number from 0 to 1; `:.0%` shows it as percent.",
}
"""What is wrong with a function that gives this for `FOUR_WAITS` and a minute; of the right one nothing."""
WANTED = ("task.canceled", "reservation.timeout")


class Customer(NamedTuple):
    """A customer of a morning. at: when; languages: those that the learning worker spoke then, None when unknown."""

    task_sid: str
    at: int
    is_spanish: bool
    languages: frozenset[str] | None


@dataclass
class Mornings:
    """The newest run of each morning, as the events tell it.

    customers: by morning; answered: the time, by task; sent_away: the tasks that a new start has ended.
    """

    customers: dict[str, list[Customer]] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    sent_away: set[str] = field(default_factory=set)
    languages: frozenset[str] | None = None

    @classmethod
    def of(cls, space: WorkspaceInstance, learner: str = "") -> Mornings:
        """Read the events. learner: the SID of a worker who learns Spanish between the mornings."""
        mornings = cls()
        before: set[str] = set()  # mornings whose next customer is one of another run
        for event in sorted(space.events.list(minutes=HOURS * 60, page_size=1000), key=event_ms):
            told, at = event.event_data, event_ms(event)
            if event.event_type == "task.created":
                mornings._came(told["task_sid"], at, as_object(told["task_attributes"]), before)
            elif event.event_type == "reservation.accepted":
                mornings.answered.setdefault(told["task_sid"], at)
            elif NEW_START in (told.get("task_canceled_reason"), told.get("task_completed_reason")):
                mornings.sent_away.add(told["task_sid"])
                before.update(mornings.customers)
            elif event.event_type in TELL_LANGUAGES and told["worker_sid"] == learner:
                languages = as_object(told["worker_attributes"]).get("languages")
                mornings.languages = SPOKEN & frozenset(map(str, languages if isinstance(languages, list) else []))
        return mornings

    def _came(self, sid: str, at: int, attributes: dict[str, Any], before: set[str]) -> None:
        if attributes.get("lesson") != LESSON:
            return
        morning = str(attributes.get("morning"))
        run = self.customers.setdefault(morning, [])
        if run and (morning in before or at - run[-1].at >= LULL):
            run.clear()
        before.discard(morning)
        run.append(Customer(sid, at, attributes.get("selected_language") == "es", self.languages))

    def waits(self) -> dict[str, list[float]]:
        """List how long the Spanish customers of each morning have waited until they were answered, in seconds.

        Of a second morning only those who came while the learning worker spoke the languages of now.
        """
        return {
            morning: [
                (self.answered[one.task_sid] - one.at) / 1000
                for one in run
                if one.is_spanish
                and one.task_sid in self.answered
                and (morning != "second" or one.languages == self.languages)
            ]
            for morning, run in self.customers.items()
        }


_find_missing = missing_of_practice(worker=("Alice", "Bob", "Carla"), queue=("es", "en"), workflow=("By language",))


def _no_morning(client: Client) -> NotYet:
    if is_live():
        return NotYet(
            "no morning was played: that needs a clock that can be skipped forward, which only the sandbox has."
        )
    if lacking := _find_missing(client):
        return Missing(f"no morning was played: {lacking}", hints=lacking.hints, solution=lacking.solution)
    return NotYet("no morning was played.", hints=("Run the cell with `play`.",), solution=PLAY)


def _require_the_end(space: WorkspaceInstance, mornings: Mornings, morning: str) -> None:
    """Raise NotYet where customers of a morning's newest run are still there, or were, since it was interrupted."""
    run = {one.task_sid for one in mornings.customers.get(morning, ())}
    still = sum(
        task.assignment_status in OPEN_TASK_STATUSES and attributes.get("morning") == morning
        for task, attributes in tasks_of(space, LESSON)
    )
    if left := still or len(run & mornings.sent_away):
        play = f'play(morning="{morning}")'
        when = "are still there" if still else "were still there when it was left"
        text = f"the {morning} morning was not played to its end: {left} of its customers {when}."
        raise NotYet(text, hints=(f"Play it once more, and wait for its end: `{play}`.",), solution=play)


@checkpoint("A morning is over", hints=("Run the cell with `play`, and wait for its end.",), solution=PLAY)
def morning(client: Client) -> str:
    """Check that a morning was played to its end."""
    space = get_practice_workspace(client)
    mornings = Mornings.of(space)
    _require_the_end(space, mornings, "first")
    first = mornings.waits().get("first", [])
    if len(first) < ENOUGH:
        raise _no_morning(client)
    return f"{len(first)} Spanish customers were answered. The events tell how long they waited."


@checkpoint(
    "A service level",
    hints=(
        "Count the rows whose `waited` is at most `seconds`, and divide by the number of all rows.",
        "`waited` is `None` for customers who gave up. They count as customers who were not answered.",
    ),
    solution=SERVICE_LEVEL,
)
def service_level(client: Client) -> str:
    """Try the learner's function on customers whose service level is known, and name the usual mistakes."""
    get_practice_workspace(client)
    written = getattr(sys.modules["__main__"], "service_level", None)
    if not callable(written):
        raise NotYet("there is no function `service_level` yet.", hints=("Run the cell that defines it.",))
    share = _share(written, 60)
    if not share:
        raise NotYet("your function always gives 0 or nothing.")
    if share not in LEVELS:
        raise NotRight(
            f"of four customers who waited 10, 20 and 90 seconds or gave up, two were answered within 60: that is 0.5, "
            f"and your function gives {share:g}."
        )
    if LEVELS[share]:
        raise NotRight(LEVELS[share])
    if _share(written, 15) != 0.25:
        raise NotRight("your function is right for 60 seconds only.", hints=("Compare with `seconds`.",))
    if _share(written, 60, (0.0,)) != 1:
        raise NotRight(
            "your function leaves out a customer who waited 0 seconds, and was answered.",
            hints=("0 counts as false, as `None` does: compare with `is not None`.",),
        )
    return (
        "Your function counts everybody, and those who gave up as not answered. Compare its figures with TaskRouter's."
    )


def _share(
    written: Callable[[list[dict[str, object]], int], object],
    seconds: int,
    waits: tuple[float | None, ...] = FOUR_WAITS,
) -> float:
    """Ask the learner's function about customers. Raises NotRight when it fails, or gives no number."""
    rows: list[dict[str, object]] = [{"at": 0, "language": "es", "waited": waited} for waited in waits]
    try:
        answer = written(rows, seconds)
    except Exception as error:
        raise NotRight(
            f"your function fails with {type(error).__name__}: {error}.",
            hints=("`waited` is `None` for customers who gave up: look at that first.",),
            solution=SERVICE_LEVEL,
        ) from None
    if answer is not None and not isinstance(answer, (int, float)):
        raise NotRight(f"your function gives a {type(answer).__name__}, and not a number.")
    return round(answer or 0, 3)


@checkpoint(
    "Shorter waits",
    hints=(
        "An update replaces all attributes: `carla.update(attributes=json.dumps(...))`.",
        "Carla's languages are `en` and `es`. Then play the morning again, under another name.",
    ),
    solution=SECOND_MORNING,
)
def shorter_waits(client: Client) -> str:
    """Check that Carla speaks Spanish and Spanish customers of the second morning have waited less."""
    space = get_practice_workspace(client)
    carla = find_by_name(space.workers, "Carla")
    mornings = Mornings.of(space, carla.sid if carla else "")
    waits = mornings.waits()
    if len(waits.get("first", [])) < ENOUGH:
        raise _no_morning(client)
    if carla is None:
        raise Missing(
            "there is no worker Carla in the workspace any more.",
            hints=(
                "Run the cell that creates the workers. Then she learns Spanish, and the second morning is played.",
            ),
            solution=CARLA_AGAIN,
        )
    attributes = as_object(carla.attributes)
    languages = attributes.get("languages")
    if languages is None:
        raise NotRight(
            f"Carla's attributes are `{carla.attributes}`: there is no `languages` any more.",
            hints=("Her queue uses `languages HAS`, so the name must be `languages`.",),
            solution=SECOND_MORNING,
        )
    if not isinstance(languages, list):
        raise NotRight(
            f"Carla's attributes are `{carla.attributes}`: her languages are not a list any more.",
            hints=("Her queue uses `languages HAS`, so `languages` must be a list.",),
            solution=SECOND_MORNING,
        )
    queue = find_by_name(space.task_queues, "es")
    if queue is None:
        raise Missing(
            'there is no queue "es" for the Spanish customers any more.', hints=(BEGIN,), solution=QUEUE_AGAIN
        )
    members = [one.friendly_name for one in space.workers.list(task_queue_sid=queue.sid)]
    if "Carla" not in members:
        raise NotYet(f"Carla speaks {', '.join(map(str, languages)) or 'nothing'}, so she is not in the Spanish queue.")
    if "en" not in languages:
        raise NotRight(
            "Carla speaks Spanish now, but no longer English.",
            hints=("An update replaces all attributes: name both languages.",),
            solution=SECOND_MORNING,
        )
    if len(waits.get("second", [])) < ENOUGH:
        raise NotYet(
            "Carla speaks Spanish, but the second morning was not played since then.",
            hints=('`play(morning="second")`.',),
            solution='play(morning="second")',
        )
    _require_the_end(space, mornings, "second")
    if any("es" in (one.languages or ()) for one in mornings.customers["first"]):
        raise NotRight(
            "the first morning was played again when Carla spoke Spanish already, so the second has nothing to be "
            "compared with.",
            hints=("Let her speak English alone, and play the first morning. Then do this exercise once more.",),
            solution=f"{ENGLISH_ALONE}\n{PLAY}\n{SECOND_MORNING}",
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
    "Only two events",
    hints=(
        "The setting is the workspace's: `workspace.update(events_filter=...)`.",
        "One text with the two names, separated by a comma.",
    ),
    solution=FILTER,
)
def events_filter(client: Client) -> str:
    """Check that the workspace reports canceled tasks and reservations that timed out, and nothing else."""
    named = [name.strip() for name in (get_practice_workspace(client).events_filter or "").split(",") if name.strip()]
    if not named:
        raise NotYet("the workspace has no filter, so it sends every event.")
    if any(" " in name for name in named):
        raise NotRight("there is a comma missing between the names.", hints=(f"`{','.join(WANTED)}`",), solution=FILTER)
    missing = [name for name in WANTED if name not in named]
    unknown = [name for name in named if name not in WANTED]
    if unknown and missing:
        raise NotRight(
            f"`{unknown[0]}` is not one of the two, and `{missing[0]}` is missing.",
            hints=("Compare letter by letter: TaskRouter writes *canceled*, with one l.",),
            solution=FILTER,
        )
    if missing:
        raise NotRight(f"`{missing[0]}` is missing.", hints=("Put both names into one text.",), solution=FILTER)
    if unknown:
        raise NotRight(f"`{unknown[0]}` is sent, too.", hints=("Name only the two.",), solution=FILTER)
    return "TaskRouter will send these two types of event, and no others."
