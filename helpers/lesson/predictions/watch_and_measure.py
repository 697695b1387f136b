"""The questions of notebook 09."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "who-waits-longer": Question(
        "English callers are twice as many, and three workers speak English. One speaks Spanish, and English as well. "
        "Who has waited longer on average?",
        options=("English callers", "Spanish callers", "Both the same"),
        right=1,
        why="An English caller takes whoever is free. A Spanish one has to wait for Alice, who is at work for English "
        "callers, too.",
    ),
    "an-event-that-does-not-exist": Question(
        "What does TaskRouter say to the filter `task.cancelled`, with two l?",
        options=(
            "It refuses it: there is no such event",
            "It corrects the spelling",
            "Nothing, and reports no canceled task",
        ),
        right=2,
        why="The filter is kept as it is, and no event has that name. The sandbox raises an alert; of the live service "
        "nothing of the kind is documented.",
    ),
}
