"""The checkpoint of notebook 00."""

from __future__ import annotations

from twilio.rest import Client

from helpers.lesson.checkpoints.framework import checkpoint
from helpers.lesson.checkpoints.lookups import is_live


@checkpoint(
    "TaskRouter answers",
    hints=(
        "Run the cell with `client = connect()` again, then this one.",
        "The sandbox needs nothing from you. Live, put TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN into `.env`.",
        "`python3 -m helpers doctor` in a terminal names what is missing and the command that repairs it.",
    ),
    solution="client = connect()\ncheck.connection(client)",
)
def connection(client: Client) -> str:
    """Check that TaskRouter answers a call with these credentials."""
    workspaces = client.taskrouter.v1.workspaces.list()
    place = "Live Twilio" if is_live() else "The sandbox"
    count = len(workspaces)
    return f"{place} answers, and this account has {count} workspace{'' if count == 1 else 's'}."
