"""The steps at the phones of a live account: what REST tells of a call, and what follows from it.

REST tells when a call was begun and when it ended, in whole seconds. It does not tell what is heard or pressed, when
the phone was answered, nor who has hung up; what the board infers of these is said to be inferred.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpers.connection.instances import CallInstance
from helpers.connection.times import to_ms
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.live.board.phone_steps import ENDS, Side, Step

TO_THE_SECOND = "REST tells this to the second. What is heard and pressed it does not tell."
INFERRED = (
    "Inferred: REST says that the call was answered, and not when. It is drawn where that was read first, or at the "
    "end of the call, if that came before."
)
WHO = "REST does not tell who has hung up."


def of_live_phone(call: CallInstance, side: Side, task: str, name: str, now: float) -> Iterator[Step]:
    """Make the steps of a call that was fetched.

    name: of its phone; now: milliseconds since 1970 by Twilio's clock, for what is seen and has no time of its own.
    """
    status, is_inbound = str(call.status), call.direction == "inbound"
    phone = str((call._from if is_inbound else call.to) or "")
    detail = [["phone", f"{name} ({phone})"], ["call", str(call.sid)], ["status", status]]
    here, there = (side, "taskrouter") if is_inbound else ("taskrouter", side)

    def step(key: str, at: float, origin: str, to: str, label: str, words: str, sets: str) -> Step:
        return {
            "id": f"phone {call.sid} {key}", "at": at, "from": origin, "to": to, "kind": "phone", "label": label,
            "words": words, "detail": detail, "call": str(call.sid), "task": task, "reservation": None,
            "sets": {str(call.sid): sets},
        }  # fmt: skip

    began = call.start_time or call.date_created
    if began:
        label = f"dials {call.to}" if is_inbound else f"calls {name}"
        yield step("began", to_ms(began), here, there, label, TO_THE_SECOND, "ringing")
    ended = to_ms(call.end_time) if call.end_time and status in ENDS else None
    if status in ("in-progress", "completed"):
        at = min(now, ended) if ended is not None else now
        yield step("answered", at, there, here, "is answered by now", INFERRED, "in-progress")
    if ended is not None and status not in UNANSWERED_CALL_STATUSES:
        words = WHO if status == "completed" else TO_THE_SECOND
        yield step("ended", ended + 1, "taskrouter", side, ENDS[status], words, status)
