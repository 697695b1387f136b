"""The parameters of voice requests and of status callbacks (voice.md §1.3, §1.6)."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from ..model.entities import Call, CallStatus, Queue
from ..model.state import VoiceState
from ..model.terms import Parameters

GEOGRAPHY = ("City", "State", "Zip", "Country")
SIP_CODES: dict[CallStatus, str] = {"completed": "200", "busy": "486", "canceled": "487", "no-answer": "487"}
EVENTS = ("initiated", "ringing", "answered", "completed")


def is_number(address: str) -> bool:
    """Tell whether an address is a telephone number rather than that of a client or of SIP (voice.md §1.2)."""
    return address.removeprefix("+").isdigit()


def standard(state: VoiceState, call: Call) -> Parameters:
    """Give the parameters that every request for a call carries, as the call is now (voice.md §1.3).

    A call from the telephone network has 27; nothing is known about where an address is that is no number.
    """
    pairs = [
        ("AccountSid", state.account_sid),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", call.sid),
        ("CallStatus", call.status),
        ("Direction", call.direction),
        ("From", call.from_address),
        ("To", call.to),
        ("Caller", call.from_address),
        ("Called", call.to),
    ]
    if is_number(call.from_address) and is_number(call.to):
        pairs += [(f"{side}{part}", "") for side in ("From", "To", "Caller", "Called") for part in GEOGRAPHY]
    if call.direction == "inbound" and is_number(call.from_address):
        token: dict[str, Any] = {"parentCallInfoToken": f"sandbox.{call.sid}", "identityHeaderTokens": []}
        pairs += [("CallToken", quote(json.dumps(token))), ("StirVerstat", "TN-Validation-Passed-A")]
    if call.answered_by:
        pairs.append(("AnsweredBy", call.answered_by))
    if call.parent_call_sid:
        pairs.append(("ParentCallSid", call.parent_call_sid))
    return tuple(pairs)


def task_attributes(state: VoiceState, call: Call) -> dict[str, str]:
    """Give the 24 attributes of a call that `Enqueue` puts into its task; never `call_status` (voice.md §3.1)."""
    known = {
        "call_sid": call.sid,
        "account_sid": state.account_sid,
        "api_version": "2010-04-01",
        "direction": call.direction,
        "from": call.from_address,
        "to": call.to,
        "caller": call.from_address,
        "called": call.to,
    }
    sides = ("from", "to", "caller", "called")
    return known | {f"{side}_{part.lower()}": "" for side in sides for part in GEOGRAPHY}


def queue(state: VoiceState, call: Call) -> Parameters:
    """Give what requests for a waiting document say of the queue, as it is now (voice.md §2.4)."""
    waiting = state.waiting(call)
    if waiting is None:
        return ()
    line = state.queues[waiting.queue_sid]
    return (
        ("QueuePosition", str(line.waiting.index(call) + 1)),
        ("QueueSid", line.sid),
        ("QueueTime", str((state.now - waiting.since) // 1000)),
        ("AvgQueueTime", str(average_wait(state, line))),
        ("CurrentQueueSize", str(len(line.waiting))),
        ("MaxQueueSize", str(line.max_size)),
    )


def average_wait(state: VoiceState, line: Queue) -> int:
    """Compute for how many seconds those who wait now have waited (voice.md §5.2); 0 when nobody waits."""
    since = [waiting.since for call in line.waiting if (waiting := state.waiting(call)) is not None]
    return sum(state.now - one for one in since) // (1000 * len(since)) if since else 0


def status_callback(state: VoiceState, call: Call) -> Parameters:
    """Give the parameters of a call's next status callback (voice.md §1.6)."""
    pairs = [
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(call.reported)),
        ("Timestamp", rfc_2822(state.now)),
    ]
    if not call.is_live:
        seconds = talk_seconds(call)
        pairs += [("CallDuration", str(seconds)), ("Duration", str(math.ceil(seconds / 60)))]
        if code := SIP_CODES.get(call.status):
            pairs.append(("SipResponseCode", code))
        if call.recording:
            pairs += [
                ("RecordingSid", call.recording),
                ("RecordingUrl", recording_url(state, call.recording)),
                ("RecordingDuration", str(seconds)),
            ]
    return standard(state, call) + tuple(pairs)


def talk_seconds(call: Call, now: int | None = None) -> int:
    """Compute the whole seconds from a call's answer to its end, or until `now`; 0 if nobody has answered."""
    end = call.end_time if call.end_time is not None else now
    return 0 if call.answered_at is None or end is None else (end - call.answered_at) // 1000


def recording_url(state: VoiceState, sid: str) -> str:
    """Give the address of a recording; the sandbox keeps no sound, so nothing is there."""
    return f"https://api.twilio.com/2010-04-01/Accounts/{state.account_sid}/Recordings/{sid}"


def rfc_2822(milliseconds: int) -> str:
    """Write a time as callbacks do: `Fri, 18 Oct 2019 17:00:00 +0000`."""
    return format_datetime(datetime.fromtimestamp(milliseconds // 1000, UTC))
