"""The questions of notebook 02."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "where-it-waits": Question(
        "In which queue will the Spanish task wait? And would it help if Bob were available?",
        options=(
            "In the Spanish queue, and Bob would not help",
            "In the Spanish queue, until Bob or Alice is available",
            "In the English queue, if Bob is the only one available",
        ),
        right=0,
        why="The workflow's filters look at the task and at nobody's activity, so the task goes to the Spanish queue. "
        "That queue takes only workers who have `es` among their languages, and Bob has not.",
    ),
    "alice-becomes-idle": Question(
        "What will change when Alice becomes Idle?",
        options=("Only Alice", "Only the task", "Both the task and Alice"),
        right=2,
        why="TaskRouter reserves her for the task at once: the task is `reserved`, and her activity goes on from Idle "
        "to Reserved.",
    ),
    "the-reservation-is-accepted": Question(
        "The reservation is accepted. What is the task's status then, and Alice's activity?",
        options=("`accepted`, and Reserved", "`assigned`, and Busy", "`assigned`, and Idle"),
        right=1,
        why="Reservations are accepted, tasks are assigned. The queue's assignment activity, which is Busy, says where "
        "Alice is moved to.",
    ),
    "the-task-is-completed": Question(
        "You complete the task. What is Alice's activity then?",
        options=("Idle, ready for the next task", "Offline", "Still Busy"),
        right=2,
        why="TaskRouter moves a worker into work, and not out of it. Your application decides what comes next.",
    ),
}
