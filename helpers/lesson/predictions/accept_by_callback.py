"""The questions of notebook 03."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "an-empty-answer": Question(
        "You click Alice to Idle, TaskRouter asks your server, and your server answers `{}`. What becomes of the task, "
        "and of Alice?",
        options=(
            "The task is `assigned`, and Alice is Busy",
            "The task stays `reserved`, and Alice stays Reserved",
            "The task is `pending` again, and Alice goes Offline",
        ),
        right=1,
        why="`{}` is a proper answer without an instruction. It changes nothing: the reservation is still open, and "
        "somebody has to accept it.",
    ),
    "what-is-left-to-do": Question(
        "Your app now answers `accept`. What will you have to run after the click on Idle?",
        options=("The cell that accepts the reservation", "A request to `/accept_reservation`", "Nothing"),
        right=2,
        why="The answer to the callback accepts. Your server is asked about every reservation, so nobody has to send a "
        "request any more.",
    ),
}
