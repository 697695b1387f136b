"""The questions of notebook 06."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "who-is-next": Question(
        "A worker rejects, and nobody says where that worker is to be then. Who is asked next, and what becomes of the "
        "one who has rejected?",
        options=(
            "The other one is asked, and who has rejected is Idle again",
            "The same one again, for the task is still there",
            "The other one is asked, and who has rejected goes Offline",
        ),
        right=0,
        why="TaskRouter offers the task to the next worker of the queue who is available. Without a "
        "`worker_activity_sid` who has rejected goes back to the activity of before.",
    ),
    "nobody-answers": Question(
        "Alice and Bob are both Idle, and neither looks at the screen. A reservation lasts ten seconds. Where are the "
        "two after twenty?",
        options=("Both are Idle again", "One is Offline, the other still Reserved", "Both are Offline"),
        right=2,
        why="Whose reservation times out goes to the workspace's timeout activity, here Offline, and the task goes on "
        "to the next worker, who does not answer either.",
    ),
    "a-callback-that-fails": Question(
        "The workflow has no fallback address. What becomes of the reservation?",
        options=(
            "It stays pending: somebody can still accept it",
            "It is canceled, and the task is offered again",
            "The task is canceled, and an alert says why",
        ),
        right=1,
        why="Nobody has answered, so TaskRouter cancels the reservation. The task is pending again, and as "
        "both workers are available, it is offered again, and your server asked again.",
    ),
}
