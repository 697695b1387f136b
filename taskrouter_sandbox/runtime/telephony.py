"""The unit of work of the voice side: a command, what it changed kept, then its orders, callbacks and requests."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from ..engine.model.effects import Alert, CallRequest, Effects
from ..engine.model.entities import Reservation
from ..storage.errors import NotKept
from ..storage.store import Store
from ..storage.telephony import StoredVoice
from ..voice.engine import VoiceEngine
from ..voice.model.effects import (
    Callback,
    CreateTask,
    Failure,
    Fetch,
    Refused,
    Reply,
    TaskCommand,
    VoiceEffects,
)
from ..voice.model.entities import Call
from ..voice.model.options import VoiceOptions
from ..webhooks.delivery import without_password
from ..webhooks.sender import Sender
from ..webhooks.voice_fetcher import Exchange, VoiceFetcher
from .limits import ServiceLimits
from .sids import new_sid
from .task_orders import TaskOrders
from .workspaces import Workspaces

FIRST_NUMBER = "+15005550006"
SEEDED = "voice_number_seeded"
ORDERLY_SECONDS = 2.0  # that a status callback waits at most for the one before it
MOST_REQUESTS = 100  # of a call that `requests` tells
MOST_TOLD = 1_000  # calls whose requests are told
FAILED = 12400
FAILED_CALLBACK = {"conference": 16011}  # by kind; otherwise 15003

T = TypeVar("T")

log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A request that was made for a call. at: milliseconds; status: None where no answer came; problem: in words."""

    at: int
    method: str
    url: str
    status: int | None
    problem: str | None


class Telephony:
    """The calls of the account, over the store that they are kept in.

    There is one writer, the event loop. Every command goes through `apply`; what it ordered of TaskRouter, its status
    callbacks and its requests for documents begin afterwards, in this order, as soon as the loop is free.

    now: tells the time, in milliseconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        sender: Sender,
        account_sid: str,
        now: Callable[[], int],
        limits: ServiceLimits,
    ):
        self.store, self.account_sid, self.now, self.limits = store, account_sid, now, limits
        self.orders = TaskOrders(workspaces)
        self.fetcher = VoiceFetcher(sender)
        self.after_commit: Callable[[], None] = lambda: None
        self.requests: dict[str, deque[Asked]] = {}
        self._steps: deque[Callable[[], None]] = deque()
        self._is_awake = False
        self._unkept = VoiceEffects()
        self._carried_out: list[str] = []
        self._running: set[asyncio.Task[None]] = set()
        self._fetching: Counter[str] = Counter()
        self._last_report: dict[str, asyncio.Task[None]] = {}
        self.engine = VoiceEngine(account_sid, new_sid)

    def begin(self, stored: StoredVoice) -> None:
        """Take over what was stored: calls that were going on have failed, and what was ordered is made good."""
        self.engine = VoiceEngine(self.account_sid, new_sid, stored.options, stored.entities)
        for order in stored.orders:
            if isinstance(order, CreateTask):
                self._carried_out.append(order.sid)  # its call has failed
            else:
                self._steps.append(partial(self._carry_out, order))
        now = self.now()
        self.apply(now, lambda engine: engine.recover(now))
        self._steps += [partial(self._carry_out, order) for order in self.orders.interrupted()]
        if not self.store.setting(SEEDED, False):
            self.apply(now, lambda engine: engine.numbers.create(now, FIRST_NUMBER))
            self.store.keep_setting(SEEDED, True)

    @property
    def options(self) -> VoiceOptions:
        """How calls are read where the sources leave it open, and how long things take."""
        return self.engine.state.options

    def set_options(self, **readings: str | int) -> None:
        """Read from now on in another way what the sources leave open; see `VoiceOptions`. Raises NotKept."""
        options = replace(self.options, **readings)
        self.store.keep_voice_options(options)
        self.engine.state.options = options

    # ---- the unit of work ----------------------------------------------------------------------------------------

    def apply(self, now: int, command: Callable[[VoiceEngine], T]) -> T:
        """Do something at `now` (milliseconds), keep what it changed, and give what the command gives.

        A command that says no, by a TaskRouterError, which is passed on, has changed nothing, but what was due by then
        has happened. Raises NotKept when it cannot be kept now; it is kept with the next command then.
        """
        try:
            return command(self.engine)
        finally:
            self._keep(now)

    def _keep(self, now: int) -> None:
        effects = _joined(self._unkept, self.engine.drain())
        self._unkept = effects
        if not effects and not self._carried_out:
            return
        self.store.write_voice(effects, self._carried_out, now)
        self._unkept, self._carried_out = VoiceEffects(), []
        self._steps += [partial(self._carry_out, order) for order in effects.task_commands]
        ended = [sid for sid, each in effects.changed.items() if isinstance(each, Call) and not each.is_live]
        if effects.callbacks or effects.fetches or ended:
            self._steps.append(partial(self._begin, effects.callbacks, effects.fetches, ended))
        self.wake()
        self.after_commit()

    def wake(self) -> None:
        """Do what is left to do as soon as the event loop is free; without one, once there is one."""
        if self._steps and not self._is_awake:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._is_awake = True
            loop.call_soon(self._work)

    def _work(self) -> None:
        """Do one step, and let others have their turn before the next."""
        self._is_awake = False
        if not self._steps:
            return
        step = self._steps.popleft()
        try:
            step()
        except NotKept as waiting:
            log.warning("calls wait: %s", waiting)
            self._steps.appendleft(step)
            asyncio.get_running_loop().call_later(self.limits.timer_retry_seconds, self.wake)
            return
        except Exception:
            log.exception("a step of the voice side")
        self.wake()

    def tick(self, now: int) -> None:
        """Do what is due, and forget old calls."""
        self.apply(now, lambda engine: engine.advance(now))
        calls, most = self.engine.state.calls, self.limits.retention.calls
        if len(calls) > most:
            old = [call.sid for call in calls.values() if not call.is_live][: len(calls) - most]
            self.apply(now, lambda engine: [engine.calls.delete(now, sid) for sid in old])

    # ---- TaskRouter ----------------------------------------------------------------------------------------------

    def place(self, workspace_sid: str, order: CallRequest) -> None:
        """Begin a call that an instruction asks for; returns at once."""
        self._steps.append(partial(self._instruct, workspace_sid, order))
        self.wake()

    def noted(self, effects: Effects) -> None:
        """Look at what a workspace has changed: a phone that rings for a reservation which is over is to stop."""
        if not self.engine.state.live and not self._steps:
            return
        for entity in effects.changed.values():
            if isinstance(entity, Reservation) and entity.reservation_status != "pending":
                self._steps.append(partial(self._reservation_changed, entity.sid, entity.reservation_status))
        self.wake()

    def _instruct(self, workspace_sid: str, request: CallRequest) -> None:
        now, order = self.now(), self.orders.instruction(workspace_sid, request)
        if order is not None:
            self.apply(now, lambda engine: engine.instruct(now, order))

    def _reservation_changed(self, sid: str, status: str) -> None:
        now = self.now()
        self.apply(now, lambda engine: engine.reservation_changed(now, sid, status))

    def _carry_out(self, order: TaskCommand) -> None:
        now = self.now()
        try:
            outcome = self.orders.carry_out(now, order)
        except NotKept:
            raise
        except Exception:
            log.exception("an order of the voice side: %s", order)
            outcome = Refused(FAILED, "The sandbox failed here; its log says why.")
        self._carried_out.append(order.sid)
        self.apply(now, lambda engine: engine.ordered(now, order.sid, outcome))

    # ---- requests ------------------------------------------------------------------------------------------------

    def _begin(self, callbacks: list[Callback], fetches: list[Fetch], ended: list[str]) -> None:
        """Let callbacks and requests begin."""
        for callback in callbacks:
            previous = self._last_report.get(callback.subject_sid)
            self._last_report[callback.subject_sid] = task = self._run(self._report(callback, previous))
            task.add_done_callback(partial(self._reported, callback.subject_sid))
        for fetch in fetches:
            self._fetching[fetch.call_sid] += 1
            self._run(self._fetch(fetch))
        for sid in ended:
            if not self._fetching[sid]:
                self._forget(sid)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _fetch(self, fetch: Fetch) -> None:
        """Ask for a document, and go on with the call."""
        exchange = await self.fetcher.fetch(fetch.call_sid, fetch.url, fetch.method, fetch.parameters)
        self._tell(fetch.call_sid, fetch.method, fetch.url, exchange)
        failure, answer = exchange.failure, exchange.answer
        if fetch.purpose == "document":
            status = exchange.attempts[-1].status or 0
            reply = Reply(status, exchange.content_type, answer.body, answer.url)
            told = reply if failure is None else Failure(failure.code, f"{without_password(fetch.url)}: {failure.text}")
            self._steps.append(partial(self._fetched, fetch.sid, told))
        elif failure is not None:
            self._alert(failure.code, f"{without_password(fetch.url)}: {failure.text}", fetch.call_sid)
        self._fetching[fetch.call_sid] -= 1
        call = self.engine.state.calls.get(fetch.call_sid)
        if not self._fetching[fetch.call_sid] and (call is None or not call.is_live):
            self._forget(fetch.call_sid)
        self.wake()

    def _fetched(self, sid: str, answer: Reply | Failure) -> None:
        now = self.now()
        self.apply(now, lambda engine: engine.fetched(now, sid, answer))

    async def _report(self, callback: Callback, previous: asyncio.Task[None] | None) -> None:
        """Send a status callback, after the one before it unless that takes long."""
        if previous is not None:
            await asyncio.wait([previous], timeout=ORDERLY_SECONDS)
        exchange = await self.fetcher.report(callback.url, callback.method, callback.parameters)
        self._tell(callback.subject_sid, callback.method, callback.url, exchange)
        if exchange.failure is not None:
            text = f"The callback {without_password(callback.url)} failed: {exchange.failure.text}"
            self._alert(FAILED_CALLBACK.get(callback.kind, 15003), text, callback.subject_sid)

    def _reported(self, subject_sid: str, task: asyncio.Task[None]) -> None:
        if self._last_report.get(subject_sid) is task:
            del self._last_report[subject_sid]

    def _tell(self, sid: str, method: str, url: str, exchange: Exchange) -> None:
        """Note a request, for whoever looks at the call."""
        if sid not in self.requests:
            self.requests[sid] = deque(maxlen=MOST_REQUESTS)
            if len(self.requests) > MOST_TOLD:
                del self.requests[next(iter(self.requests))]
        problem = exchange.failure.text if exchange.failure else None
        asked = Asked(self.now(), method, without_password(url), exchange.attempts[-1].status, problem)
        self.requests[sid].append(asked)

    def _alert(self, code: int, text: str, subject_sid: str) -> None:
        level = "warning" if code == 15003 else "error"
        self._unkept.alerts.append(Alert(code, level, text, subject_sid))
        self._steps.append(lambda: self._keep(self.now()))
        self.wake()

    def _forget(self, call_sid: str) -> None:
        self.fetcher.forget(call_sid)
        del self._fetching[call_sid]

    def abandon(self) -> None:
        """Give up what is under way."""
        for task in self._running:
            task.cancel()
        self._steps.clear()
        self._last_report.clear()
        self._fetching.clear()
        self.requests.clear()
        self.fetcher.forget_all()
        self._unkept, self._carried_out = VoiceEffects(), []

    async def close(self) -> None:
        """Give up what is under way, and wait until it has ended."""
        running = list(self._running)
        self.abandon()
        await asyncio.gather(*running, return_exceptions=True)


def _joined(first: VoiceEffects, second: VoiceEffects) -> VoiceEffects:
    """Put together what was not kept yet and what came after it."""
    changed = {sid: one for sid, one in (first.changed | second.changed).items() if sid not in second.deleted}
    return VoiceEffects(
        changed,
        first.deleted | second.deleted,
        first.task_commands + second.task_commands,
        first.callbacks + second.callbacks,
        first.fetches + second.fetches,
        first.alerts + second.alerts,
    )
