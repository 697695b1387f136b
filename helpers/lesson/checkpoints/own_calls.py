"""What the learner's own requests have come to, also those that were refused, of which the service keeps nothing.

They are read from what the client keeps: in the sandbox since `connect()`, on a live account since a board was opened.
"""

from __future__ import annotations

import re

from twilio.rest import Client

from helpers.connection.rest_log import RecordingHttpClient, RestCall


def own_calls(client: Client, address: str, *parameters: str) -> list[RestCall] | None:
    """List the `POST` requests of a client that were answered, the oldest first; None where nothing is kept of it.

    address: a regular expression for the end of the address; parameters: names that the request has sent.
    """
    http_client = client.http_client
    if not isinstance(http_client, RecordingHttpClient):
        return None
    return [
        call
        for call in http_client.calls.entries()
        if call.method == "POST"
        and call.status
        and re.search(rf"{address}$", call.url)
        and all(name in call.parameters for name in parameters)
    ]
