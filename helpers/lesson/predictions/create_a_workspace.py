"""The questions of notebook 01."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "a-new-workspace": Question(
        "What is in a workspace that was only just created?",
        options=("Nothing", "A worker and a queue to try it with", "Some activities"),
        right=2,
        why="Activities are what every worker needs, so TaskRouter begins with a few of its own: Offline, Available "
        "and Unavailable. Workers, queues and workflows are yours to create.",
    ),
    "the-first-activity": Question(
        "In which activity do Alice and Bob begin?",
        options=("Offline", "Idle", "None, until somebody chooses one"),
        right=0,
        why="Every worker has an activity, always. New ones get the workspace's default activity, and you set that "
        "to Offline.",
    ),
    "who-is-in-the-queue": Question(
        "Both workers are Offline. Whom does TaskRouter count into the two queues?",
        options=(
            "Nobody, until somebody is available",
            "Alice into both, Bob into the English one",
            "Both workers into both queues",
        ),
        right=1,
        why="The expression alone decides who belongs to a queue. Activity plays no part in it.",
    ),
    "a-misspelt-attribute": Question(
        "What does TaskRouter say to the expression with the misspelt attribute?",
        options=(
            "It refuses it: no worker has such an attribute",
            "It asks whether you meant `languages`",
            "It says nothing, and finds nobody",
        ),
        right=2,
        why="It checks the grammar of an expression, not its names: you might give workers that attribute tomorrow.",
    ),
}
