"""The questions of notebook 10."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "signed-with-what": Question(
        "Your program makes its requests with an API key. What does Twilio use to sign its requests to your server?",
        options=(
            "With the secret of that API key",
            "With the auth token",
            "With a key that Twilio sends you beforehand",
        ),
        right=1,
        why="Webhooks belong to the account, not to one of your programs. So a server that checks signatures needs "
        "the auth token, whatever credentials it uses for its own requests.",
    ),
    "another-address": Question(
        "The signature is right for the address that TaskRouter called. Is it also right for the same address "
        "with `https` "
        "instead of `http`, or with `?page=1` added?",
        options=("For both: only the parameters are signed", "For the one with `https`", "For neither"),
        right=2,
        why="The whole address is signed, with scheme, host and query. This is why checks fail behind a proxy, which "
        "calls your app by another address.",
    ),
}
