"""The questions of notebook 04."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "nobody-presses": Question(
        "The caller hears both prompts and presses nothing. What does Twilio do after five seconds?",
        options=(
            "It requests `/enqueue_call` with empty `Digits`",
            "It requests nothing, and goes on after the `Gather`",
            "It requests `/incoming_call` again",
        ),
        right=1,
        why="Without a key there is nothing to send. The document goes on with what stands after the `Gather`; here "
        "nothing does, so the call ends.",
    ),
    "no-route-yet": Question(
        "The caller presses 1, and `/enqueue_call` answers 404. What happens to the call?",
        options=(
            "Twilio asks once more, until there is an answer",
            "The caller hears the menu again",
            "The caller hears that an error has occurred, and the call ends",
        ),
        right=2,
        why="An answer that is not 200 to 299 is error 11200. There is no fallback URL here, so nothing is left to do.",
    ),
    "caller-hangs-up": Question(
        "The caller waits in the queue, and hangs up. What becomes of the task?",
        options=(
            "It stays pending: somebody may call back",
            "It is completed",
            "It is canceled",
        ),
        right=2,
        why="A task that was made by `Enqueue` stands for the call itself. When the call ends before anybody has it, "
        "Twilio cancels the task, and nobody is reserved for a caller who is gone.",
    ),
    "cancel-the-task": Question(
        "And the other way round: you cancel the task over REST while the caller waits. What becomes of the call?",
        options=(
            "Nothing: the caller goes on hearing the music",
            "Twilio hangs up",
            "Twilio puts the caller back into the menu",
        ),
        right=0,
        why="Canceling a task neither ends nor moves the call. The caller would wait for ever for a task that is gone, "
        "so your app has to move the call itself.",
    ),
}
