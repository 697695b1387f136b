"""Text messages over REST (voice.md §5.6)."""

from __future__ import annotations

from ...engine.model.errors import TaskRouterError
from ..flow import advance
from ..messages import under_way
from ..model.entities import UNDER_WAY, Message
from ..model.state import VoiceState
from .common import NOT_COMPLETE, found

NOT_OURS, TO_ITSELF = 21606, 21266


class Messages:
    """Commands on text messages."""

    def __init__(self, state: VoiceState):
        self.state = state

    def create(self, now: int, *, from_address: str, to: str, body: str, status_callback: str | None = None) -> Message:
        """Send a text from a number of the account. Raises TaskRouterError from any other, and from one to itself.

        status_callback: where it is told that the message was sent, and delivered.
        """
        state = advance(self.state, now)
        if state.number_at(from_address) is None:
            text = (
                f"The 'From' phone number provided ({from_address}) is not a valid message-capable Twilio phone number"
            )
            raise TaskRouterError(f"{text} for this destination/account: send from a number of the account.", NOT_OURS)
        if from_address == to:
            raise TaskRouterError(f"'To' and 'From' numbers cannot be the same: {to}", TO_ITSELF)
        message = Message(
            sid=state.new_sid("SM"),
            date_created=now,
            date_updated=now,
            from_address=from_address,
            to=to,
            body=body,
            status_callback=status_callback,
        )
        state.add(message)
        state.changed(message)
        under_way(state, message)
        return message

    def delete(self, now: int, sid: str) -> None:
        """Forget a message. Raises NotFound, and TaskRouterError while it is on its way."""
        state = advance(self.state, now)
        message = found("Message", sid, state.messages)
        if message.status in UNDER_WAY:
            text = f"Cannot delete this resource before it is complete: message {sid} is {message.status}"
            raise TaskRouterError(text, NOT_COMPLETE)
        del state.messages[sid]
        state.recorder.deleted(message)
