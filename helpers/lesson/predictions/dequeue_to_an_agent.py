"""The questions of notebook 05."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "while-it-rings": Question(
        "Alice's phone rings, and she has not answered yet. What is the task's status?",
        options=(
            "`pending`: nobody has the task",
            "`reserved`: the reservation is open until she answers",
            "`assigned`: your server's answer has accepted",
        ),
        right=1,
        why="`dequeue` accepts the reservation at the moment in which the two are connected, not before. Until then "
        "the caller hears the music, and may still hang up.",
    ),
    "the-call-is-over": Question(
        "You hang up Alice's phone. What is the task's status then, and Alice's activity?",
        options=(
            "`assigned`, and Busy: you have to complete the task",
            "`completed`, and Idle: the next caller, please",
            "`completed`, and WrapUp",
        ),
        right=2,
        why="In a single-tasking workspace a task that is a call ends with the call, and Alice goes to the activity "
        "that `post_work_activity_sid` names.",
    ),
    "the-call-in-a-multitasking-workspace": Question(
        "The same call in a multitasking workspace: what is the task's status when the call is over?",
        options=(
            "`wrapping`, until your program completes it",
            "`completed`, as here",
            "`assigned`, as if she still talked",
        ),
        right=0,
        why="The end of the call moves task and reservation to `wrapping`, which goes on using Alice's capacity. Your "
        "program has to complete them. Her activity does not change while she works: she stays Idle.",
    ),
}
