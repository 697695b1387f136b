"""The unit of work of the voice side: a command, and what it changed kept, or tried again where that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ..engine.model.effects import Alert
from ..engine.model.entities import Entity
from ..storage.ended import MOST_REQUESTS, Ended
from ..storage.errors import NotKept
from ..storage.store import Store
from ..storage.telephony import StoredVoice, VoiceStore
from ..voice.engine import VoiceEngine
from ..voice.model.effects import Fetch, TaskCommand, VoiceEffects
from ..voice.model.entities import Call, Conference, Message, VoiceRequest
from ..webhooks.delivery import Delivery
from .records import Records
from .sids import new_sid
from .voice_steps import Steps
from .voice_webhooks import deliveries

T = TypeVar("T")
E = TypeVar("E", bound=Entity)

log = logging.getLogger(__name__)


class VoiceUnit:
    """The calls of the account, over the store that they are kept in. What has ended is there alone.

    There is one writer, the event loop. now: tells the time, in milliseconds since 1970; kept: told of the effects of a
    command when they are kept, with the requests for documents and the status callbacks that they call for; broken:
    called when what has changed can never be kept; it must begin again.
    """

    def __init__(
        self,
        store: Store,
        account_sid: str,
        now: Callable[[], int],
        steps: Steps,
        kept: Callable[[VoiceEffects, list[tuple[Fetch, Delivery]], list[Delivery]], None],
        broken: Callable[[], None],
    ):
        self.store, self.account_sid, self.now, self.steps = store, account_sid, now, steps
        self.kept, self.broken = kept, broken
        self.begin(StoredVoice.nothing())

    def begin(self, stored: StoredVoice) -> None:
        """Take over what was stored, and forget all else."""
        self.engine = VoiceEngine(self.account_sid, new_sid, stored.options, stored.entities)
        self.voice_store = VoiceStore(self.store)
        self.forget()

    def forget(self) -> None:
        """Keep nothing of what was not kept so far."""
        self._unkept, self._carried_out = VoiceEffects(), list[str]()
        self._finished, self._asked = list[Delivery](), dict[str, list[VoiceRequest]]()

    # ---- what there is -------------------------------------------------------------------------------------------

    @property
    def calls(self) -> Records[Call]:
        """The account's calls."""
        return self._records(Call, self.engine.state.calls, self.voice_store.calls)

    @property
    def conferences(self) -> Records[Conference]:
        """The account's conferences."""
        return self._records(Conference, self.engine.state.conferences, self.voice_store.conferences)

    @property
    def messages(self) -> Records[Message]:
        """The account's messages."""
        return self._records(Message, self.engine.state.messages, self.voice_store.messages)

    def _records(self, kind: type[E], there: dict[str, E], ended: Ended[E]) -> Records[E]:
        """Put together what goes on, what has ended and could not be kept so far, and the rest."""
        if self._unkept.ended:
            unkept = {sid: self._unkept.changed[sid] for sid in self._unkept.ended}
            there = there | {sid: entity for sid, entity in unkept.items() if isinstance(entity, kind)}
        return Records(there, ended, self.voice_store.numbers)

    def _find_ended(self, sids: Iterable[str]) -> Iterator[Entity]:
        state = self.engine.state
        for sid in sids:
            if sid not in state.calls and sid not in state.conferences and sid not in state.messages:
                entity = self._unkept.changed.get(sid) or self.voice_store.ended(sid)
                if entity is not None:
                    yield entity

    # ---- the unit of work ----------------------------------------------------------------------------------------

    def apply(self, now: int, command: Callable[[VoiceEngine], T], about: Iterable[str] = ()) -> T:
        """Do something at `now` (milliseconds), keep what it changed, and give what the command gives.

        about: SIDs of calls and conferences that it names, which may have ended. A command that says no, by a
        TaskRouterError, which is passed on, has changed nothing, but what was due by then has happened. Raises NotKept
        when nothing can be kept now, and does nothing then.
        """
        self.check_writable()
        return self._do(now, command, about)

    def look(self, now: int) -> VoiceEngine:
        """Give calls as they are at `now`: all that was due has happened, unless nothing can be kept now."""
        due = self.engine.next_due()
        if due is None or due > now:
            self.engine.advance(now)
            return self.engine
        try:
            self.apply(now, lambda engine: engine.advance(now))
        except NotKept as waiting:
            if waiting.reason == "gone":
                raise
            log.warning("what is due waits: %s", waiting)
        return self.engine

    def act(self, now: int, command: Callable[[VoiceEngine], None], about: Iterable[str] = ()) -> None:
        """Do something as a step, which waits while nothing can be kept."""
        self.check_writable()
        self.do_once(now, command, about)

    def do_once(self, now: int, command: Callable[[VoiceEngine], None], about: Iterable[str] = ()) -> None:
        """Do something; where it cannot be kept now, that is tried again, and not the command."""
        try:
            self._do(now, command, about)
        except NotKept as waiting:
            log.warning("calls wait: %s", waiting)
            self.steps.append_first(self.keep)

    def check_writable(self) -> None:
        """Keep what could not be kept before. Raises NotKept where that is still so."""
        if self._unkept or self._carried_out or self._finished:
            self.keep()
        with self.store.transaction():
            pass

    def _do(self, now: int, command: Callable[[VoiceEngine], T], about: Iterable[str]) -> T:
        """Do something, and keep it; where that fails now, it is kept with the next command."""
        try:
            with self.engine.knowing(self._find_ended(about)):
                return command(self.engine)
        finally:
            self._keep(now)

    def keep(self) -> None:
        """Keep what is not kept yet. Raises NotKept."""
        self._keep(self.now())

    def _keep(self, now: int) -> None:
        effects = self._unkept = _joined(self._unkept, self.engine.drain())
        if not effects and not self._carried_out and not self._finished:
            return
        documents, reports = deliveries(effects.fetches, effects.callbacks)
        try:
            self.voice_store.write(effects, self._carried_out, now, reports + documents, self._finished, self._asked)
        except NotKept:
            raise
        except Exception:
            self.broken()
            raise
        self.forget()
        self.kept(effects, list(zip(effects.fetches, documents, strict=True)), reports)

    # ---- what is kept with the next command ----------------------------------------------------------------------

    def finished(self, delivery: Delivery, alert: Alert | None = None) -> None:
        """Keep the end of a delivery, and the alert that it gives rise to."""
        self._finished.append(delivery)
        if alert is not None:
            self._unkept.alerts.append(alert)

    def order(self, commands: Iterable[TaskCommand]) -> None:
        """Keep orders to TaskRouter, which are carried out then."""
        self._unkept.task_commands += commands

    def carried_out(self, order_sid: str) -> None:
        """Forget an order."""
        self._carried_out.append(order_sid)

    def asked(self, call_sid: str, request: VoiceRequest) -> None:
        """Note a request that was made for a call, for whoever looks at it. A conference does not tell of any."""
        call = self.engine.state.calls.get(call_sid)
        if call is not None:
            call.requests.append(request)
            del call.requests[:-MOST_REQUESTS]
        elif call_sid.startswith("CA"):
            self._asked.setdefault(call_sid, []).append(request)


def _joined(first: VoiceEffects, second: VoiceEffects) -> VoiceEffects:
    """Put together what was not kept yet and what came after it."""
    changed = {sid: one for sid, one in (first.changed | second.changed).items() if sid not in second.deleted}
    return VoiceEffects(
        changed,
        (first.ended | second.ended) - second.deleted.keys(),
        first.deleted | second.deleted,
        first.task_commands + second.task_commands,
        first.callbacks + second.callbacks,
        first.fetches + second.fetches,
        first.alerts + second.alerts,
    )
