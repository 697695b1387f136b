"""What a learner writes into the exercises, by notebook and by the id of the cell."""

from __future__ import annotations

from helpers.lesson.checkpoints import call_solutions
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP

SOLUTIONS: dict[str, dict[str, str]] = {
    "04-tasks-from-phone-calls": {
        "your-menu": call_solutions.MENU_APP,
        "your-task": call_solutions.TASK_APP,
        "your-second-chance": call_solutions.SECOND_CHANCE_APP,
    },
    "05-dequeue-to-an-agent": {"your-answer": DEQUEUE_APP},
}
