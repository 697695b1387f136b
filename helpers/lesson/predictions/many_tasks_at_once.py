"""The questions of notebook 08."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "four-tasks-for-alice": Question(
        "Three `chat` tasks and one `voice` task arrive. Alice has capacity 1 in each channel. For how many "
        "tasks is she "
        "reserved at once?",
        options=("One", "Two: a chat and the call", "Four"),
        right=1,
        why="Each channel has its own capacity, so she is offered one task of each. The other two chats wait.",
    ),
    "a-task-is-wrapping": Question(
        "Alice can have three chats, and one of her three is `wrapping` now. What happens to the fourth chat?",
        options=(
            "It waits: a task that is wrapping still uses capacity",
            "Alice is reserved for it, because only two customers still talk to her",
            "She is reserved for it as soon as she has chosen Available again",
        ),
        right=0,
        why="`pending`, `accepted` and `wrapping` reservations use capacity. It is free again when the task is "
        "completed.",
    ),
    "the-slower-one": Question(
        "Alice and Bob are both reserved for the same task, and one of them accepts. What happens to the other "
        "reservation?",
        options=("It stays pending", "It is canceled", "It is rescinded"),
        right=2,
        why="TaskRouter takes the slower reservation back: it is `rescinded`. `canceled` is for a callback that "
        "failed, or a "
        "task that was canceled.",
    ),
}
