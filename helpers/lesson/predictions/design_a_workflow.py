"""The questions of notebook 07."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "no-filter-is-true": Question(
        "The workflow has one filter, for billing. A task about the weather arrives. What does the sandbox do?",
        options=(
            "It refuses the task",
            "The task waits in no queue until somebody changes the workflow",
            "The task goes to the first queue",
        ),
        right=0,
        why="No filter is true and there is no default filter, so the task would never reach anybody. What live Twilio "
        "does is not documented, and reports disagree. With a default filter, it does not matter.",
    ),
    "after-ten-seconds": Question(
        "Where is the task after ten seconds, and what is its priority?",
        options=(
            "In Billing, with priority 0: a queue keeps its tasks",
            "In Everyone, with priority 0",
            "In Everyone, with priority 5",
        ),
        right=2,
        why="The first step is over, so the task enters the second one, and takes its queue and its priority. "
        "Bob is in "
        "that queue, so he is reserved.",
    ),
    "ordered-by-level": Question(
        "The cell orders by `worker.level ASC`, and Alice and Carla are both available. Who is asked?",
        options=("Alice", "Carla", "Both"),
        right=0,
        why="ASC begins with the lowest number, so the experts stay free for harder questions. `DESC` begins with the "
        "highest.",
    ),
}
