"""The questions of notebook 12."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "another-workers-token": Question(
        "Alice copies her token, puts Bob's SID in the place of her own, and opens a page with it. What happens?",
        options=(
            "She can answer Bob's reservations",
            "TaskRouter refuses the token",
            "She can see Bob's reservations, but not answer them",
        ),
        right=1,
        why="The signature was made over the text with her SID. Whoever changes a letter needs the secret of the API "
        "key for a new one, and that never leaves your server.",
    ),
    "two-windows": Question(
        "Alice's page is open in more than one window, and she accepts in one of them. What do the others show?",
        options=(
            "The reservation, still pending",
            "The reservation, accepted",
            "Nothing: a worker's second window pushes out the first",
        ),
        right=1,
        why="TaskRouter tells each event to all connections of the worker. Only a page that asks for "
        "`closeExistingSessions` ends the others.",
    ),
    "connection-lost": Question(
        "The connection of Alice's page breaks for ten seconds. Meanwhile a customer is offered to her. What does she "
        "see?",
        options=(
            "The offer, once the page is connected again",
            "Nothing: the offer went to a connection that was gone",
            "That she is Offline now",
        ),
        right=0,
        why="The SDK connects again by itself, and then reads worker and open reservations anew. TaskRouter goes on "
        "offering her tasks meanwhile: the loss of a connection changes no activity, unless the page has asked for it.",
    ),
}
