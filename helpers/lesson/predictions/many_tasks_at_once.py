"""The questions of notebook 08."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "four-tasks-for-alice": Question(
        "Three tasks of the channel `chat` and one of `voice` come for Alice, whose capacity is 1 for each. For "
        "how many is she reserved at once?",
        options=("One", "Two: a chat and the call", "Four"),
        right=1,
        why="Each channel has a capacity of its own, so she gets one task of each. The other two chats wait.",
    ),
    "a-task-is-wrapping": Question(
        "Alice may chat with three, and one of the three is `wrapping` now. What becomes of the fourth task?",
        options=(
            "It waits: a task that is wrapping still holds its place",
            "Alice is reserved for it, since only two still talk to her",
            "She is reserved for it as soon as she has chosen Available again",
        ),
        right=0,
        why="`pending`, `accepted` and `wrapping` reservations use capacity. The place is free when the task is "
        "completed.",
    ),
    "the-slower-one": Question(
        "Alice and Bob are both reserved for the same task, and one of them accepts. What becomes of the other "
        "reservation?",
        options=("It stays pending", "It is canceled", "It is rescinded"),
        right=2,
        why="`canceled` is for a callback that failed or a task that is gone. Who was too slow has nothing to answer "
        "any more: the reservation is `rescinded`.",
    ),
}
