"""The questions of notebook 07."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "no-filter-is-true": Question(
        "The workflow has a filter for bills and nothing else. A task about the weather comes. What does the "
        "sandbox do?",
        options=(
            "It refuses the task",
            "The task waits in no queue, until somebody changes the workflow",
            "The task goes to the first queue",
        ),
        right=0,
        why="No filter is true, and there is no default filter, so nobody could ever get the task. What the live "
        "service does is not documented, and reports disagree. With a default filter the question does not come up.",
    ),
    "after-ten-seconds": Question(
        "Ten seconds later, where is the task, and what is its priority?",
        options=(
            "In Billing, with priority 0: a queue keeps its tasks",
            "In Everyone, with priority 0",
            "In Everyone, with priority 5",
        ),
        right=2,
        why="The first step is over, so the task enters the second one: its queue, and its priority. There Bob is a "
        "member, and he is reserved.",
    ),
    "ordered-by-level": Question(
        "The cell orders by `worker.level ASC`, and both are available. Who is asked?",
        options=("Alice", "Carla", "Both"),
        right=0,
        why="ASC begins with the smallest number: simple questions go to those who know less, and the experts stay "
        "free. `DESC` begins with the best.",
    ),
}
