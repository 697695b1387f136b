"""Numbers, applications and queues over REST (voice.md §5.1)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import fields

from ...engine.model.errors import NotFound, TaskRouterError
from ..flow import advance
from ..model.entities import Addresses, Application, Call, PhoneNumber, Queue
from ..model.state import VoiceState
from ..model.terms import Method
from ..rooms import queues
from .calls import Calls
from .common import found

FIXED = {"sid", "date_created", "date_updated", "phone_number"}


class Numbers:
    """Commands on the account's numbers. settings: fields of PhoneNumber."""

    def __init__(self, state: VoiceState):
        self.state = state

    def create(self, now: int, phone_number: str, **settings: Any) -> PhoneNumber:
        """Add a number. Raises TaskRouterError when the account has it already."""
        state = advance(self.state, now)
        if state.number_at(phone_number) is not None:
            raise TaskRouterError(f"The account has the number {phone_number} already")
        settings.setdefault("friendly_name", phone_number)
        number = PhoneNumber(
            sid=state.new_sid("PN"), date_created=now, date_updated=now, phone_number=phone_number, **settings
        )
        state.add(number)
        state.changed(number)
        return number

    def update(self, now: int, sid: str, **settings: Any) -> PhoneNumber:
        """Change what becomes of the calls to a number. Raises NotFound."""
        state = advance(self.state, now)
        number = found("IncomingPhoneNumber", sid, state.numbers)
        _set(number, settings)
        state.changed(number)
        return number

    def delete(self, now: int, sid: str) -> None:
        """Give a number back. Raises NotFound."""
        state = advance(self.state, now)
        number = found("IncomingPhoneNumber", sid, state.numbers)
        del state.numbers[sid]
        state.recorder.deleted(number)


class Applications:
    """Commands on the account's applications. settings: fields of Application."""

    def __init__(self, state: VoiceState):
        self.state = state

    def create(self, now: int, **settings: Any) -> Application:
        """Add an application."""
        state = advance(self.state, now)
        application = Application(sid=state.new_sid("AP"), date_created=now, date_updated=now, **settings)
        state.add(application)
        state.changed(application)
        return application

    def update(self, now: int, sid: str, **settings: Any) -> Application:
        """Change an application. Raises NotFound."""
        state = advance(self.state, now)
        application = found("Application", sid, state.applications)
        _set(application, settings)
        state.changed(application)
        return application

    def delete(self, now: int, sid: str) -> None:
        """Delete an application; numbers that name it go back to their own addresses. Raises NotFound."""
        state = advance(self.state, now)
        application = found("Application", sid, state.applications)
        del state.applications[sid]
        state.recorder.deleted(application)


def _set(what: Addresses, settings: dict[str, Any]) -> None:
    """Change the settings of a number or application. Raises TypeError for what it does not have."""
    known = {one.name for one in fields(what)} - FIXED
    for name, value in settings.items():
        if name not in known:
            raise TypeError(f"a {type(what).__name__} has no {name}")
        setattr(what, name, value)


class Queues:
    """Commands on queues and on those who wait there."""

    def __init__(self, state: VoiceState):
        self.state = state

    def create(self, now: int, friendly_name: str, max_size: int = queues.OTHERS) -> Queue:
        """Make a queue. Raises TaskRouterError when the name is in use, or the size not allowed."""
        state = advance(self.state, now)
        self._check(friendly_name, max_size)
        return queues.make(state, friendly_name, max_size)

    def update(self, now: int, sid: str, *, friendly_name: str | None = None, max_size: int | None = None) -> Queue:
        """Change a queue; of a workflow's only the size. Raises NotFound, TaskRouterError."""
        state = advance(self.state, now)
        queue = found("Queue", sid, state.queues)
        if friendly_name == queue.friendly_name:
            friendly_name = None
        if friendly_name is not None and queue.is_of_workflow:
            raise TaskRouterError(f"Queue {sid} is that of a workflow: its name cannot be changed")
        self._check(friendly_name, max_size)
        queue.friendly_name = friendly_name or queue.friendly_name
        queue.max_size = max_size or queue.max_size
        state.changed(queue)
        return queue

    def delete(self, now: int, sid: str) -> None:
        """Delete a queue. Raises NotFound, and TaskRouterError while somebody waits there, or is to."""
        state = advance(self.state, now)
        queue = found("Queue", sid, state.queues)
        dials = [call for call in state.live_calls() if (at := state.dialing(call)) and at.queue_sid == sid]
        coming = [call for call in state.live_calls() if (at := state.enqueuing(call)) and at.queue_sid == sid]
        if queue.waiting or coming or dials or queue.is_of_workflow:
            raise TaskRouterError(f"Queue {sid} is in use: it cannot be deleted")
        del state.queues[sid]
        state.recorder.deleted(queue)

    def members(self, sid: str) -> list[Call]:
        """Give those who wait in a queue, by their place. Raises NotFound."""
        return list(found("Queue", sid, self.state.queues).waiting)

    def take_out(self, now: int, sid: str, call_sid_or_front: str, url: str, method: Method = "POST") -> Call:
        """Move somebody who waits, or whoever is first (`Front`), to another document.

        Raises NotFound, TaskRouterError.
        """
        advance(self.state, now)
        for call in self.members(sid):
            if call_sid_or_front in ("Front", call.sid):
                return Calls(self.state).update(now, call.sid, url=url, method=method)
        raise NotFound(f"Member {call_sid_or_front} was not found in queue {sid}")

    def _check(self, friendly_name: str | None, max_size: int | None) -> None:
        if friendly_name is not None and (
            not 0 < len(friendly_name) <= 64 or queues.find(self.state, friendly_name) is not None
        ):
            raise TaskRouterError(f"FriendlyName {friendly_name!r} is in use, empty, or longer than 64 characters")
        if max_size is not None and not 1 <= max_size <= queues.MOST:
            raise TaskRouterError(f"MaxSize must be a whole number from 1 to {queues.MOST}")
