"""Text messages on their way: queued, sent, and delivered or not (voice.md §5.6)."""

from __future__ import annotations

from datetime import UTC, datetime

from .model.effects import Callback
from .model.entities import UNDER_WAY, Message
from .model.state import VoiceState

STEP = 1_000  # milliseconds that a message is queued, and that it is on its way
UNREACHABLE = 30003
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_PAIRS = frozenset("\f^{}\\[~]|€")  # which take the place of two


def segments(body: str) -> int:
    """Count the text messages that a body needs: of 160 letters of GSM-7 or else 70 of UCS-2, fewer where it is cut."""
    if set(body) <= GSM_7 | GSM_7_PAIRS:
        length, whole, part = len(body) + sum(letter in GSM_7_PAIRS for letter in body), 160, 153
    else:
        length, whole, part = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= whole else -(-length // part)


def under_way(state: VoiceState, message: Message) -> None:
    """Let a message go on by and by, also one that was on its way when the sandbox stopped."""
    if message.status in UNDER_WAY:
        state.set_timer(message, "message", STEP)


def go_on(state: VoiceState, message: Message) -> None:
    """Send a message that was queued, or deliver it; a phone that is switched off does not get it."""
    if message.status == "queued":
        message.status, message.date_sent = "sent", state.now
    elif state.phone_at(message.to).behaviour == "unreachable":
        message.status, message.error_code = "undelivered", UNREACHABLE
    else:
        message.status = "delivered"
    state.changed(message)
    under_way(state, message)
    _report(state, message)


def _report(state: VoiceState, message: Message) -> None:
    """Tell the program that has sent a message what has become of it; that it was queued it knows."""
    if not message.status_callback:
        return
    pairs = [
        ("MessageSid", message.sid),
        ("MessageStatus", message.status),
        ("SmsSid", message.sid),
        ("SmsStatus", message.status),
        ("AccountSid", state.account_sid),
        ("From", message.from_address),
        ("To", message.to),
        ("ApiVersion", "2010-04-01"),
    ]
    if message.status not in UNDER_WAY:
        pairs.append(("RawDlrDoneDate", datetime.fromtimestamp(state.now // 1000, UTC).strftime("%y%m%d%H%M")))
    if message.error_code is not None:
        pairs.append(("ErrorCode", str(message.error_code)))
    state.recorder.effects.callbacks.append(
        Callback("message", message.sid, message.status_callback, "POST", tuple(pairs))
    )
