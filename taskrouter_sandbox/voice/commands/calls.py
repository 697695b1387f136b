"""Calls over REST: made, moved to another document, ended, deleted (voice.md §1.7, §5.1)."""

from __future__ import annotations

from typing import Literal

from ...engine.model.errors import TaskRouterError
from ..calls import documents, legs
from ..flow import advance, move, settle
from ..model.entities import UNANSWERED, Call
from ..model.run import ByApi
from ..model.state import VoiceState
from ..model.terms import Method, StatusCallback
from .common import NOT_COMPLETE, NOT_IN_PROGRESS, check_live, check_url, found


class Calls:
    """Commands on calls."""

    def __init__(self, state: VoiceState):
        self.state = state

    def create(
        self,
        now: int,
        *,
        from_address: str,
        to: str,
        url: str | None = None,
        method: Method = "POST",
        twiml: str | None = None,
        fallback_url: str | None = None,
        fallback_method: Method = "POST",
        status_callback: StatusCallback | None = None,
        timeout: int = 60,
        time_limit: int | None = None,
        recorded: bool = False,
        recording_status_callback: StatusCallback | None = None,
        digits: str = "",
        detects: bool = False,
    ) -> Call:
        """Call somebody; the document counts from when they answer. `url` comes before `twiml`.

        digits: tones that are played first; detects: requests say whether a person has answered.

        Raises TaskRouterError when there is neither, or the address is none.
        """
        if not url and not twiml:
            raise TaskRouterError("Url parameter is required: give Url, or the document itself as Twiml", 21205)
        if url:
            check_url("Url", url)
        state = advance(self.state, now)
        call = legs.make(
            state,
            from_address=from_address,
            to=to,
            purpose=ByApi(url or None, method, None if url else twiml, digits=digits, detects=detects),
            timeout=timeout,
            time_limit=time_limit,
            status_callback=status_callback,
            fallback=(fallback_url, fallback_method) if fallback_url else None,
            recorded=recorded,
            recording_status_callback=recording_status_callback,
        )
        settle(state)
        return call

    def update(
        self,
        now: int,
        sid: str,
        *,
        url: str | None = None,
        method: Method = "POST",
        twiml: str | None = None,
        status: Literal["canceled", "completed"] | None = None,
        fallback_url: str | None = None,
        fallback_method: Method = "POST",
        status_callback: StatusCallback | None = None,
        time_limit: int | None = None,
    ) -> Call:
        """Move a live call to another document, or end it (voice.md §1.7). status_callback: counts with `url` only.

        Raises NotFound, and TaskRouterError (21220) when the call has ended, or is to be moved and nobody has answered.
        """
        state = advance(self.state, now)
        call = found("Call", sid, state.calls)
        if url and twiml:
            raise TaskRouterError("Url and Twiml exclude each other: give one of them")
        if url:
            check_url("Url", url)
        check_live(call, "Cannot redirect." if url or twiml else "")
        if (url or twiml) and (call.status in UNANSWERED and call.direction != "inbound"):
            text = "Unable to update record: Call is not in-progress. Cannot redirect."
            raise TaskRouterError(text, NOT_IN_PROGRESS)
        if fallback_url:
            call.fallback_url, call.fallback_method = fallback_url, fallback_method
        if status_callback is not None and url:
            call.status_callback = status_callback
        if time_limit is not None:
            call.time_limit = time_limit
            if call.answered_at is not None:
                state.set_timer(call, "limit", max(0, call.answered_at + time_limit * 1000 - state.now))
        state.changed(call)
        if status == "completed" or (status == "canceled" and call.status in UNANSWERED):
            state.hang_up(call, "canceled")
        elif url:
            documents.request(state, call, move(state, call), url, method)
        elif twiml:
            documents.given(state, call, move(state, call), twiml)
        settle(state)
        return call

    def delete(self, now: int, sid: str) -> None:
        """Forget a call that has ended. Raises NotFound, and TaskRouterError while it goes on."""
        state = advance(self.state, now)
        call = found("Call", sid, state.calls)
        if call.is_live:
            text = f"Cannot delete this resource before it is complete: call {sid} is {call.status}"
            raise TaskRouterError(text, NOT_COMPLETE)
        del state.calls[sid]
        state.recorder.deleted(call)
