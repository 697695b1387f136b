"""The sandbox without HTTP: workspaces over their store, their timers, their webhooks, the clock."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..engine.model.effects import Effects, Notice, NoticeReceiver
from ..storage.errors import NotKept
from ..storage.opening import open_state
from ..storage.store import IN_MEMORY, Store
from ..webhooks.delivery import OF_CALLS, Delivery
from .clock import Clock
from .due import DueWork
from .faults import Faults
from .limits import ServiceLimits
from .webhook_dispatcher import WebhookDispatcher
from .workspaces import Workspaces

if TYPE_CHECKING:
    from ..storage.telephony import StoredVoice
    from .telephony import Telephony

DEFAULT_LIMITS = ServiceLimits()

log = logging.getLogger(__name__)


class LoadedState(NamedTuple):
    """What a start reads from the store: the workspaces, what was to be delivered, the skipped milliseconds, the newest
    instant that anything has happened at, and the voice side, None where there were no calls and no numbers yet."""

    workspaces: Workspaces
    open_deliveries: list[Delivery]
    clock_offset: int
    newest_instant: int
    voice: StoredVoice | None

    @classmethod
    def read(cls, store: Store, account_sid: str) -> LoadedState:
        """Read all that; anything may be raised where the state is damaged."""
        offset = int(store.setting("clock_offset", 0))
        voice = _stored_voice(store) if store.has_voice else None
        newest = store.newest_instant()
        if voice is not None:
            newest = max([newest, voice.last_ended, *(entity.date_updated for entity in voice.entities)])
        return cls(Workspaces(store, account_sid), store.open_deliveries(), offset, newest, voice)


class Service:
    """Everything that belongs to one account of the sandbox: a world of its own.

    data: the folder of its state, None for one in memory; account_sid and auth_token: what clients must present and
    webhooks are signed with; api_keys: secrets by the SIDs of API keys, which clients may present instead. limits: how
    long it waits, and how much it keeps; clock: the machine's, unless told otherwise; durable: what it has acknowledged
    survives a power cut, too. `notice` says in a sentence what
    a start found amiss, None where there was nothing. `unread` counts parameters that a client sent and nothing read,
    by operation and name. `when_emptied` holds what is called when all that is in it is forgotten, or let go of. Raises
    NotKept when the state cannot be opened now.
    """

    def __init__(
        self,
        data: Path | None,
        account_sid: str,
        auth_token: str,
        limits: ServiceLimits = DEFAULT_LIMITS,
        clock: Clock | None = None,
        api_keys: Mapping[str, str] | None = None,
        durable: bool = False,
    ):
        self.account_sid, self.auth_token, self.limits = account_sid, auth_token, limits
        self.api_keys = api_keys or {}
        self.store, state, self.notice = open_state(
            data / "sandbox.sqlite3" if data else IN_MEMORY, lambda store: LoadedState.read(store, account_sid), durable
        )
        self.workspaces = state.workspaces
        self._left_over = [one for one in state.open_deliveries if one.kind not in OF_CALLS]
        self.clock = clock or Clock()
        self.clock.begin_at(state.clock_offset, state.newest_instant)
        self.unread: Counter[tuple[str, str]] = Counter()
        self.when_emptied: list[Callable[[], None]] = []
        self.faults = Faults()
        self.dispatcher = WebhookDispatcher(self.workspaces, self.faults, auth_token, self.clock.now, limits)
        self.faults.on_taken_back = self._wake_webhooks
        self.workspaces.after_commit = self._committed
        self.workspaces.can_redirect = self._can_redirect
        self._telephony: Telephony | None = None
        self.due = DueWork(self.clock, self.store, self.workspaces, lambda: self._telephony, limits)
        if data:
            self.due.next_sweep = 0  # at the start, where there is anything
        of_calls = [one for one in state.open_deliveries if one.kind in OF_CALLS]
        if state.voice:
            self._telephony = self._begun(state.voice, of_calls)
        if self.workspaces.placing_calls():
            self.telephony.give_up_interrupted()

    def _committed(self, workspace_sid: str, effects: Effects, deliveries: list[Delivery]) -> None:
        """Tell those who listen, and let webhooks and phone calls begin, now that what calls for them is kept."""
        if (engine := self.workspaces.engines.get(workspace_sid)) is not None:
            self.due.note(engine.next_due())
        if effects.notices:
            _tell(effects.notices)
        self.dispatcher.start(deliveries)
        for request in effects.call_requests:
            self.telephony.place(workspace_sid, request)
        if self._telephony:
            self._telephony.noted(effects)

    def _can_redirect(self, call_sid: str) -> bool:
        return self._telephony is not None and self._telephony.engine.can_redirect(call_sid)

    def send_again(self, delivery: Delivery) -> Delivery:
        """Deliver a webhook once more, and give the new delivery, which has begun. Raises TaskRouterError."""
        return (self.telephony if delivery.kind in OF_CALLS else self.dispatcher).send_again(delivery)

    def _wake_webhooks(self) -> None:
        self.dispatcher.wake()
        if self._telephony:
            self._telephony.webhooks.wake()

    def reset(self) -> None:
        """Forget every workspace, event, delivery, alert and fault, and set clock and options right again."""
        self.store.clear()
        self.faults.clear()
        self.dispatcher.abandon()
        if self._telephony:
            self._telephony.abandon()
        self.unread.clear()
        self.clock.reset()
        self.notice, self.due.next_sweep = None, 0
        self.workspaces.load()
        if self._telephony:
            self._telephony.begin(_stored_voice(self.store))
        self._emptied()

    def _emptied(self) -> None:
        for call in self.when_emptied:
            call()

    # ---- the voice side ------------------------------------------------------------------------------------------

    @property
    def telephony(self) -> Telephony:
        """The voice side. Until it is first asked for, a sandbox that has none stored does without, and starts sooner.

        Raises NotKept.
        """
        if self._telephony is None:
            self._telephony = self._begun(_stored_voice(self.store))
        return self._telephony

    def _begun(self, stored: StoredVoice, left_over: Iterable[Delivery] = ()) -> Telephony:
        from .telephony import Telephony

        sender, now = self.dispatcher.sender, self.clock.now
        made = Telephony(self.store, self.workspaces, sender, self.faults, self.account_sid, now, self.limits)
        made.after_commit = lambda: self.due.note(made.engine.next_due())
        made.begin(stored, left_over)
        return made

    # ---- time ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what the last run left over, then fire timers as they come due, until the files of the state are gone.

        Raises NotKept then.
        """
        self.dispatcher.start(self._left_over, max_waiting=len(self._left_over))
        if self._telephony:
            self._telephony.wake()
        while True:
            self.store.check_files()
            try:
                await self.due.wait()
            except NotKept as waiting:  # until another program has done, or there is room again
                log.warning("what is due waits: %s", waiting)
                await asyncio.sleep(self.limits.timer_retry_seconds)
            except Exception:
                log.exception("what is due could not be done")
                await asyncio.sleep(self.limits.timer_retry_seconds)

    def now(self) -> int:
        """Tell the time, in milliseconds since 1970, to a request; what was due has happened. See `DueWork.now`."""
        return self.due.now()

    def tick(self) -> None:
        """Do what is due; see `DueWork.tick`."""
        self.due.tick()

    def advance(self, ms: int) -> None:
        """Move the clock forward and do what falls due on the way; see `DueWork.advance`."""
        self.due.advance(ms)

    async def close(self) -> None:
        """End what is under way, and let go of the state. Raises NotKept where its files are gone."""
        self._emptied()
        if self._telephony:
            await self._telephony.close()
        await self.dispatcher.close()
        self.store.close()


def _tell(notices: list[Notice]) -> None:
    """Tell everybody at once what is for them."""
    told: dict[NoticeReceiver, list[bytes]] = {}
    for receiver, text in notices:
        told.setdefault(receiver, []).append(text)
    for receiver, texts in told.items():
        receiver.tell(texts)


def _stored_voice(store: Store) -> StoredVoice:
    from ..storage.telephony import VoiceStore

    return VoiceStore(store).read()
