"""The questions of notebook 05b."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "a-busy-phone": Question(
        "Alice is reserved, your server answers `dequeue`, and her phone is busy. What becomes of the reservation?",
        options=(
            "It is canceled, and the task is offered to somebody else",
            "It is rejected, and Alice is Idle again",
            "It stays pending, and the caller goes on waiting",
        ),
        right=2,
        why="A phone that is not answered answers no reservation. TaskRouter waits for your program, or until the "
        "reservation times out.",
    ),
    "the-end-of-a-redirect": Question(
        "The two have hung up. What is the task's status now?",
        options=("`assigned`", "`completed`", "`canceled`"),
        right=0,
        why="After `redirect` the call runs a document of yours, and TaskRouter does not know that it has to do with "
        "the task. Nothing ties its end to the task.",
    ),
    "who-is-left-in-the-room": Question(
        "Suppose your answer had named neither `end_conference_on_exit` nor `end_conference_on_customer_exit`, and Bob "
        "had not listened. Alice hangs up. And the caller?",
        options=(
            "The caller's call ends, too",
            "The caller stays alone in the room",
            "The caller is back in the queue",
        ),
        right=1,
        why="A room goes on as long as somebody is in it, and both are false unless you say otherwise. The task stays "
        "`assigned` until the room ends.",
    ),
}
