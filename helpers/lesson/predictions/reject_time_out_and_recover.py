"""The questions of notebook 06."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "who-is-next": Question(
        "A worker rejects the task, and the request names no activity for that worker. Who is asked next, and what is "
        "the activity of the one who rejected?",
        options=(
            "The other worker is asked, and the one who rejected is Idle again",
            "The same worker is asked again, because the task is still there",
            "The other worker is asked, and the one who rejected goes Offline",
        ),
        right=0,
        why="TaskRouter offers the task to the next available worker in the queue. Without a "
        "`worker_activity_sid`, the "
        "one who rejected returns to the activity from before the reservation.",
    ),
    "nobody-answers": Question(
        "Alice and Bob are both Idle, and neither is looking at the screen. A reservation lasts ten seconds. What are "
        "their activities after 22 seconds?",
        options=("Both are Idle again", "One is Offline, the other still Reserved", "Both are Offline"),
        right=2,
        why="A worker whose reservation times out moves to the workspace's timeout activity, which is Offline here. "
        "Then the task is offered to the other worker, who does not answer either.",
    ),
    "a-callback-that-fails": Question(
        "The workflow has no fallback URL. What happens to the reservation?",
        options=(
            "It stays pending: somebody can still accept it",
            "It is canceled, and the task is offered again",
            "The task is canceled, and an alert says why",
        ),
        right=1,
        why="TaskRouter got no usable answer, so it cancels the reservation. The task is pending again, and because "
        "both workers are available, it is offered again at once, and your server is asked again.",
    ),
    "which-answers-fail": Question(
        "For which of the eight does TaskRouter ask the fallback?",
        options=(
            "All eight: none of them is right",
            "The wrong content type, the redirect that never ends, and the late one",
            "Only the late one",
        ),
        right=1,
        why="A wrong content type, an error status such as 404 or 500, redirects without end and an answer after more "
        "than five seconds are failures, and so is a server that cannot be reached. The other five count as answers "
        "without an instruction: the reservation stays pending, and only an alert, if there is one, says why. For a "
        "status such as 204, Twilio's documentation allows a failure, too: answer 200.",
    ),
}
