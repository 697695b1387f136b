"""The checkpoints of notebook 11: why Spanish callers wait, and the cheapest way to answer them in time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twilio.rest import Client

import helpers
from helpers.connection.error_messages import describe_error
from helpers.errors import LessonError
from helpers.lesson.checkpoints.framework import NotRight, NotYet, checkpoint
from helpers.lesson.snapshots import starting_point
from helpers.lines import as_sentence
from taskrouter_sandbox import snapshot

if TYPE_CHECKING:
    from helpers.rehearsals import Rehearsal, SummaryRow, TaskRecord

LESSON, REPLICATIONS = "11", 20
WITHIN, GOAL, LEAST = 60, 0.87, 0.8  # seconds; of Spanish callers, and of English ones
AN_HOUR, A_COURSE = 25, 400  # what they cost
SPEAK_SPANISH = ("Alice", "Diego")
LUNCH = (12 * 3600, 13 * 3600)
CAUSES = ("few", "taken", "lunch", "workflow")
CAUSE = 'suspect = "lunch"'
WRITE_MONDAY = "Run the cell that writes `monday` again, as the page has it."
FIX = "better_team, better_day = centre, monday(Alice=11, Diego=14)"


def _written(name: str) -> Any:
    """Give what the learner's notebook has under a name. Raises NotYet."""
    value = getattr(sys.modules["__main__"], name, None)
    if value is None:
        raise NotYet(f"there is no `{name}` yet. Run the cells of this page from the top.")
    return value


def _look(client: Client) -> None:
    """Say as every checkpoint does when TaskRouter cannot be reached; a rehearsal of a snapshot would not notice."""
    client.taskrouter.v1.workspaces.list(limit=1)


def _rehearse(client: Client, team: snapshot.Snapshot, day: Any) -> Rehearsal:
    """Play a day. Raises NotRight with the sentence of what is wrong in it."""
    try:
        return helpers.rehearse(client, team, day, replications=REPLICATIONS)  # imported when it is used
    except LessonError as error:
        raise NotRight(f"it cannot be rehearsed: {as_sentence(str(error).splitlines()[0])}") from None
    except (AttributeError, TypeError) as error:  # a snapshot's field has become something else, such as None
        raise NotRight(f"it cannot be rehearsed: {describe_error(error)}.") from None


def _monday() -> dict[str, Any]:
    """Call the page's `monday`. Raises NotRight where the learner has put something else under its name."""
    monday = _written("monday")
    try:
        day = monday()
    except Exception as error:
        raise NotRight(f"`monday()` fails with {describe_error(error)}.", hints=(WRITE_MONDAY,)) from None
    if not isinstance(day, dict) or not isinstance(day.get("shifts"), list) or "classes" not in day:
        raise NotRight("`monday()` gives no day any more.", hints=(WRITE_MONDAY,))
    return day


def _before(client: Client) -> Rehearsal:
    return _rehearse(client, _centre(), _monday())


def _centre() -> snapshot.Snapshot:
    return snapshot.load(starting_point(LESSON))


def _row(rehearsal: Rehearsal, language: str) -> SummaryRow:
    """Give the figures of a class of callers. Raises NotRight where the learner's `monday` has it no more."""
    row = next((each for each in rehearsal.summary(within=WITHIN) if each.class_name == language), None)
    if row is None:
        raise NotRight(f"`monday()` has no class of callers {language} any more.", hints=(WRITE_MONDAY,))
    return row


def _in_time(rehearsal: Rehearsal, language: str) -> float:
    return _row(rehearsal, language).service_level or 0.0


def _is_late(task: TaskRecord) -> bool:
    return task.wait > WITHIN


def _spanish(rehearsal: Rehearsal) -> list[TaskRecord]:
    return [each for each in rehearsal.tasks if each.class_name == "Spanish"]


def _came_at_lunch(task: TaskRecord) -> bool:
    return LUNCH[0] <= task.came < LUNCH[1]


def _few(rehearsal: Rehearsal) -> str:
    others = [each for each in _spanish(rehearsal) if not _came_at_lunch(each)]
    share = 1 - sum(map(_is_late, others)) / max(1, len(others))
    return (
        f"of those who did not come between 12:00 and 13:00, {share:.0%} waited a minute at most. Two workers are "
        "enough, while they are at work."
    )


def _taken(rehearsal: Rehearsal) -> str:
    english = [each for each in rehearsal.tasks if each.class_name == "English" and each.worker]
    taken = sum(each.worker in SPEAK_SPANISH for each in english)
    return f"of {len(english):,} English calls that were answered, Alice and Diego took {taken:,}."


def _workflow(rehearsal: Rehearsal) -> str:
    calls = _spanish(rehearsal)
    at_once = sum(each.steps[0].entered == each.came and each.queues == ["Spanish"] for each in calls)
    return (
        f"{at_once:,} of {len(calls):,} Spanish calls were in the queue Spanish from their first moment on: the "
        "workflow makes nobody wait."
    )


FACTS: Mapping[str, Callable[[Rehearsal], str]] = {"few": _few, "taken": _taken, "workflow": _workflow}


@checkpoint(
    "Why they wait",
    hints=(
        "In which hour did most of those come who waited long?",
        "Look at the plot: who is on duty then, and what do the shifts of Alice and Diego say?",
    ),
    solution=CAUSE,
)
def why_they_wait(client: Client) -> str:
    """Check which cause the learner suspects, and tell what a rehearsal says about it."""
    _look(client)
    said = str(_written("suspect")).strip().lower()
    if said == "?":
        raise NotYet('you suspect nothing yet: put one of the four words into `suspect`, as in `suspect = "few"`.')
    if said not in CAUSES:
        raise NotRight(f"`suspect` is `{said}`, and none of the four words.", hints=(f"`{'`, `'.join(CAUSES)}`",))
    before = _before(client)
    if said != "lunch":
        raise NotRight(FACTS[said](before))
    late = [each for each in _spanish(before) if _is_late(each)]
    at_lunch = sum(map(_came_at_lunch, late))
    day = _monday()
    day["shifts"] = [{"worker": name, "from": "09:00", "to": "17:00"} for name in SPEAK_SPANISH] + [
        each for each in day["shifts"] if each["worker"] not in SPEAK_SPANISH
    ]
    without = _in_time(_rehearse(client, _centre(), day), "Spanish")
    return (
        f"Of {len(late):,} Spanish callers who waited longer than a minute, {at_lunch:,} came between 12:00 and 13:00, "
        f"when Alice and Diego are both at lunch. Without this lunch, {without:.0%} would have been answered in time, "
        f"instead of {_in_time(before, 'Spanish'):.0%}."
    )


@checkpoint(
    "The cheapest fix",
    hints=(
        "Lunch at another hour costs nothing: `monday(Alice=..., Diego=...)`.",
        "From 12:00 to 14:00 most Spanish callers come, and one worker is not enough for them.",
    ),
    solution=FIX,
)
def cheapest_fix(client: Client) -> str:
    """Rehearse the learner's team and day; name what is wrong with them, or what would be cheaper."""
    _look(client)
    team, day = _written("better_team"), _written("better_day")
    if not isinstance(team, snapshot.Snapshot) or not isinstance(day, dict):
        raise NotRight("`better_team` is to be a snapshot, as `centre` is, and `better_day` what `monday()` gives.")
    whole_team, whole_day = _centre(), _monday()
    if team == whole_team and day == whole_day:
        raise NotYet("nothing is changed yet.")
    if day.get("classes") != whole_day["classes"]:
        raise NotRight("other people come to your day. The callers stay as they are; change shifts or the team.")
    before, after = _rehearse(client, whole_team, whole_day), _rehearse(client, team, day)
    for name, spans in after.duty.items():
        if name in before.duty and _hours({name: spans}) > _hours({name: before.duty[name]}):
            raise NotRight(
                f"{name} has no lunch any more, or a longer day.", hints=("Let everybody work seven hours.",)
            )
    spanish, english = _in_time(after, "Spanish"), _in_time(after, "English")
    figures = (
        f"{spanish:.0%} of the Spanish callers are answered within a minute (before: {_in_time(before, 'Spanish'):.0%})"
    )
    if spanish < GOAL:
        raise NotRight(f"{figures}, and the goal is {GOAL:.0%}. {_where(after)}")
    if english < LEAST:
        raise NotRight(f"{figures}, but only {english:.0%} of the English ones.")
    if cost := _cost(team, whole_team, before, after):
        raise NotRight(f"{figures}, and it costs {cost:,}. It can be done for nothing.")
    return f"{figures[0].upper()}{figures[1:]}, and it costs nothing."


def _where(after: Rehearsal) -> str:
    """Say in which hour most are late, and how many who speak Spanish are there."""
    late = [int(each.came // 3600) for each in _spanish(after) if _is_late(each)]
    hour = max(sorted(set(late)), key=late.count)
    speak = {each.friendly_name for each in after.workspace.workers if "es" in _languages(each.attributes)}
    there = sum(
        any(start <= hour * 3600 < end for start, end in spans) for name, spans in after.duty.items() if name in speak
    )
    who = {0: "nobody who speaks Spanish is", 1: "one worker who speaks Spanish is"}.get(
        there, f"{there} who speak Spanish are"
    )
    return f"Most of those who wait longer come between {hour}:00 and {hour + 1}:00, when {who} on duty."


def _hours(duty: Mapping[str, list[tuple[float, float]]]) -> float:
    return sum(end - start for spans in duty.values() for start, end in spans) / 3600


def _cost(team: snapshot.Snapshot, whole: snapshot.Snapshot, before: Rehearsal, after: Rehearsal) -> int:
    """Add up what is more than before: hours of work, and languages that somebody has learnt."""
    knew = {each.friendly_name: _languages(each.attributes) for each in whole.workers}
    learnt = (
        _languages(each.attributes) - knew[each.friendly_name] for each in team.workers if each.friendly_name in knew
    )
    courses = sum(map(len, learnt))
    return round(max(0.0, _hours(after.duty) - _hours(before.duty)) * AN_HOUR) + courses * A_COURSE


def _languages(attributes: Mapping[str, Any]) -> set[str]:
    """Give what a worker speaks, by their attributes; nothing where these name no list."""
    spoken = attributes.get("languages")
    return set(map(str, spoken)) if isinstance(spoken, list) else set()
