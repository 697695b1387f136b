"""The names of everything that the lessons build in an account, and how their tasks are marked."""

from __future__ import annotations

from typing import Any

from helpers.connection.json_text import as_object

WORKSPACE = "TaskRouter Tutorial"
PRACTICE_WORKSPACE = "TaskRouter Practice"
"""The multitasking workspace of the later lessons, in which learners may do what they like."""

WORKFLOW = "Incoming Customer Care Requests"

ACTIVITIES = {"Offline": False, "Idle": True, "Busy": False, "Reserved": False}
"""The activities of the lessons' workspace, and whether each is available."""

WRAP_UP = "WrapUp"
"""The activity that the lessons about phones add: not available, for an agent after a call."""

SPARE_ACTIVITIES = ("Available", "Unavailable")
"""Activities of every new workspace (rest-contract.md §7) that the lessons delete from theirs."""

LANGUAGES = {"Alice": ["en", "es"], "Bob": ["en"]}
"""The workers, and the languages of each."""

QUEUES = {"es": "Customer Care Requests - Spanish", "en": "Customer Care Requests - English"}
"""The task queues by the language that they are for."""

OF_EXERCISES = {
    "worker": "Carla",
    "task queue": "Customer Care Requests - French",
    "activity": "Missed a task",
}
"""What learners add to the lessons' workspace in the exercises of 01 and 06."""

RESERVATION_TIMEOUT = 1200
"""Seconds that a reservation lasts in the lessons' workflow (behaviour.md §1.1)."""

LESSONS = ("02", "03", "04", "05", "05b", "06", "07", "08", "09", "10", "12")
"""The numbers of the lessons that create tasks: each carries its lesson's as `lesson` in the attributes."""


ON_BOARD = {"made_on": "board"}
"""What a board adds to the attributes of the tasks that it creates in the lessons' workspace."""

WRITTEN_IN_12 = {"waited", "rejected_because"}
"""What the exercises of notebook 12 add to the attributes of a task."""


def is_of_a_lesson(attributes: str | None) -> bool:
    """Tell from a task's attributes, as JSON text, whether the lessons created it: in a cell, or on their board.

    So did they when nothing is left but what an exercise of notebook 12 has written, in place of adding it.
    """
    given = as_object(attributes)
    return given.get("lesson") in LESSONS or given.items() >= ON_BOARD.items() or are_replaced(given)


def are_replaced(attributes: dict[str, Any]) -> bool:
    """Tell whether an exercise of notebook 12 has replaced all attributes of a task, in place of adding to them."""
    return bool(attributes) and attributes.keys() <= WRITTEN_IN_12
