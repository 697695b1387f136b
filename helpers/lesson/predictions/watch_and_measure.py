"""The questions of notebook 09."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "who-waits-longer": Question(
        "There are twice as many English callers as Spanish ones. All three workers speak English, and one of "
        "them also "
        "speaks Spanish. Who has waited longer on average?",
        options=("English callers", "Spanish callers", "Both the same"),
        right=1,
        why="An English caller can talk to anybody who is free. A Spanish one has to wait for Alice, who also talks to "
        "English callers.",
    ),
    "an-event-that-does-not-exist": Question(
        "What happens when you set the filter to `task.cancelled`, spelt with two l?",
        options=(
            "TaskRouter refuses it: there is no such event",
            "TaskRouter corrects the spelling",
            "TaskRouter accepts it, and sends no event for canceled tasks",
        ),
        right=2,
        why="The filter is stored as it is, and no event has that name. The sandbox raises an alert about it; "
        "for live Twilio "
        "nothing of the kind is documented.",
    ),
}
