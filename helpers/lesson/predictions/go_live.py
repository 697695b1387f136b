"""The questions of notebook 10."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "signed-with-what": Question(
        "Your program makes its requests with an API key. With what does Twilio sign the requests to your server?",
        options=("With the secret of that API key", "With the auth token", "With a key that it tells you beforehand"),
        right=1,
        why="Webhooks belong to the account and not to one of your programs. So a server that checks signatures needs "
        "the auth token, whatever it makes its own requests with.",
    ),
    "another-address": Question(
        "The signature fits the address that TaskRouter has called. For which of these is it right as well: the same "
        "with `https` in place of `http`, or with a query behind it?",
        options=("For both: only the parameters are signed", "For the one with `https`", "For neither"),
        right=2,
        why="The whole address is signed, with scheme, host and query. This is why checks fail behind a proxy, which "
        "calls your app by another address.",
    ),
}
