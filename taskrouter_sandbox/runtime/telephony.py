"""The voice side at work: commands, and what follows from them once they are kept (see `voice_unit`)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from msgspec.structs import replace

from ..engine.model.effects import Alert, CallRequest, Effects
from ..engine.model.entities import Reservation
from ..engine.model.errors import TaskRouterError
from ..storage.errors import NotKept
from ..storage.store import Store
from ..storage.telephony import StoredVoice, VoiceStore
from ..voice.engine import VoiceEngine
from ..voice.model.effects import (
    Fetch,
    FetchFailure,
    FetchReply,
    OrderRefused,
    TaskCommand,
    VoiceEffects,
)
from ..voice.model.entities import Behaviour, Call, Conference, Message, Phone
from ..voice.model.options import VoiceOptions
from ..webhooks.delivery import OF_CALLS, Delivery, DeliveryFailure, Outcome, without_password
from ..webhooks.fetcher import WebhookExchange
from ..webhooks.sender import Sender
from .faults import Faults
from .limits import ServiceLimits
from .phone_leases import PhoneLeases
from .records import Records
from .task_orders import TaskOrders
from .voice_steps import Steps
from .voice_unit import VoiceUnit
from .voice_webhooks import INTERRUPTED, VoiceWebhooks
from .workspaces import Workspaces

FIRST_NUMBER = "+15005550006"
SEEDED = "voice_number_seeded"
FAILED, BAD_CALLBACK, BAD_CONFERENCE_CALLBACK = 12400, 15003, 16011
OUTCOMES = {
    "run": Outcome("done", "the call runs it"),
    "void": Outcome("too-late", "too late: the call has ended, or runs something else"),
}

log = logging.getLogger(__name__)


class Telephony:
    """The calls of the account, and what they have to do with TaskRouter, with web servers and with the store.

    Every command goes through `apply`; what it ordered of TaskRouter, its status callbacks and its requests for
    documents begin afterwards, in this order, as soon as the loop is free.

    now: tells the time, in milliseconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        sender: Sender,
        faults: Faults,
        account_sid: str,
        now: Callable[[], int],
        limits: ServiceLimits,
    ):
        self.store, self.now = store, now
        self.orders = TaskOrders(workspaces)
        self.webhooks = VoiceWebhooks(sender, faults, now, self._answered, self._over)
        self.webhooks.keep_again = lambda delivery: store.keep_again(delivery, now())
        self.after_commit: Callable[[], None] = lambda: None
        self._steps = Steps(limits.timer_retry_seconds)
        self.wake, self.catch_up = self._steps.wake, self._steps.catch_up
        self._unit = VoiceUnit(store, account_sid, now, self._steps, self._kept, self._begin_again)
        self.webhooks.tell = self._unit.asked
        self.apply, self.look = self._unit.apply, self._unit.look
        self._leases = PhoneLeases()

    def begin(self, stored: StoredVoice, left_over: Iterable[Delivery] = ()) -> None:
        """Take over what was stored: calls that were going on have failed, and what was ordered is made good.

        left_over: deliveries that were under way. Of these, status callbacks are sent again. Raises NotKept.
        """
        self._unit.begin(stored)
        for delivery in left_over:
            if delivery.kind == "status":
                self._steps.append(partial(self.webhooks.report, delivery))
            else:
                delivery.outcome = INTERRUPTED
                self._unit.finished(delivery)
        for order in stored.orders:
            instead = self.orders.after_a_kill(order)
            if instead is None:
                self._steps.append(partial(self._carry_out, order))
            else:
                self._unit.carried_out(order.sid)
                self._unit.order(instead)
        now = self.now()
        self.apply(now, lambda engine: engine.recover(now))
        if not self.store.setting(SEEDED, False):
            self.apply(now, lambda engine: engine.numbers.create(now, FIRST_NUMBER))
            self.store.keep_setting(SEEDED, True)

    def give_up_interrupted(self) -> None:
        """Let the instructions fail whose call nobody places any more, as the sandbox was stopped meanwhile."""
        self._steps.extend(partial(self._carry_out, order) for order in self.orders.interrupted())
        self.wake()

    @property
    def engine(self) -> VoiceEngine:
        """The calls that go on, with the numbers, queues and phones."""
        return self._unit.engine

    @property
    def voice_store(self) -> VoiceStore:
        """Where all that is kept."""
        return self._unit.voice_store

    @property
    def calls(self) -> Records[Call]:
        """All calls, those that have ended among them."""
        return self._unit.calls

    @property
    def conferences(self) -> Records[Conference]:
        """All conferences, those that are over among them."""
        return self._unit.conferences

    @property
    def messages(self) -> Records[Message]:
        """All messages."""
        return self._unit.messages

    @property
    def options(self) -> VoiceOptions:
        """How calls are read where the sources leave it open, and how long things take."""
        return self.engine.state.options

    def set_options(self, **readings: str | int) -> None:
        """Read from now on in another way what the sources leave open; see `VoiceOptions`. Raises NotKept."""
        options = replace(self.options, **readings)
        self.voice_store.keep_options(options)
        self.engine.state.options = options

    # ---- what follows when a command is kept ---------------------------------------------------------------------

    def _kept(self, effects: VoiceEffects, fetches: list[tuple[Fetch, Delivery]], reports: list[Delivery]) -> None:
        """Let begin what a command calls for, now that it is kept."""
        self._steps.extend(partial(self._carry_out, order) for order in effects.task_commands)
        if fetches or reports:
            self._steps.append(partial(self.webhooks.begin, fetches, reports))
        ended = [sid for sid in effects.ended if isinstance(effects.changed[sid], Call)]
        if ended:
            self._steps.append(partial(self.webhooks.ended, ended))
        self.wake()
        self.after_commit()

    def _begin_again(self) -> None:
        """Go back to what the store knows, as after a kill: what cannot be written now never can.

        Calls that were going on have failed then, with an alert; in nobody's way stands what they have changed.
        """
        log.exception("calls begin again, since what they have changed cannot be kept")
        self.abandon()
        self.begin(self.voice_store.read(), [one for one in self.store.open_deliveries() if one.kind in OF_CALLS])

    def tick(self, now: int) -> None:
        """Do what is due."""
        self.apply(now, lambda engine: engine.advance(now))

    def set_phone(self, address: str, behaviour: Behaviour, seconds: int, for_seconds: int | None) -> Phone:
        """Let a phone behave so from the next call on.

        seconds: after which it answers, or rejects; for_seconds: after which it behaves as before, 0 for at once, None
        for never. What a phone was told for good takes precedence. Gives how it behaves now. Raises NotKept.
        """

        def as_before() -> Phone:
            return self.apply(self.now(), lambda engine: engine.people.as_before(self.now(), address))

        now = self.now()
        if for_seconds is None:
            return self.apply(now, lambda engine: engine.people.set_phone(now, address, behaviour, seconds))
        self._leases.end(address)
        if for_seconds == 0:
            return as_before()
        self._leases.begin(address, for_seconds, as_before)
        return self.apply(now, lambda engine: engine.people.set_phone_for_now(now, address, behaviour, seconds))

    # ---- TaskRouter ----------------------------------------------------------------------------------------------

    def place(self, workspace_sid: str, order: CallRequest) -> None:
        """Begin a call that an instruction asks for; returns at once."""
        self._steps.append(partial(self._instruct, workspace_sid, order))
        self.wake()

    def noted(self, effects: Effects) -> None:
        """Look at what a workspace has changed: a phone that rings for a reservation which is over is to stop."""
        if not self.engine.state.live and not self._steps:
            return
        for entity in (*effects.changed.values(), *effects.deleted.values()):
            if isinstance(entity, Reservation):
                status = "canceled" if entity.sid in effects.deleted else entity.reservation_status
                if status != "pending":
                    self._steps.append(partial(self._reservation_changed, entity.sid, status))
        self.wake()

    def _instruct(self, workspace_sid: str, request: CallRequest) -> None:
        now, order = self.now(), self.orders.instruction(workspace_sid, request)
        if order is not None:
            named = (order.parameters.get("call_sid"), order.task_attributes.get("call_sid"))
            self._unit.act(now, lambda engine: engine.instruct(now, order), [str(sid) for sid in named if sid])

    def _reservation_changed(self, sid: str, status: str) -> None:
        now = self.now()
        self._unit.act(now, lambda engine: engine.reservation_changed(now, sid, status))

    def _carry_out(self, order: TaskCommand) -> None:
        self._unit.check_writable()
        now = self.now()
        try:
            outcome = self.orders.carry_out(now, order)
        except NotKept:
            raise
        except Exception:
            log.exception("an order of the voice side: %s", order)
            outcome = OrderRefused(FAILED, "The sandbox failed here; its log says why.")
        self._unit.carried_out(order.sid)
        self._unit.do_once(now, lambda engine: engine.ordered(now, order.sid, outcome))

    # ---- requests ------------------------------------------------------------------------------------------------

    def send_again(self, delivery: Delivery) -> Delivery:
        """Deliver a status callback once more, and give the new delivery. Raises TaskRouterError for a document."""
        if delivery.kind == "voice":
            text = "asked for a document of a call, which has gone on since: no answer to it would count."
            what = "Dial again, or move the call by Calls(sid).update(url=...)."
            raise TaskRouterError(f"Delivery {delivery.number} {text} {what}")
        again = self.store.keep_again(delivery, self.now())
        self.webhooks.report(again)
        return again

    def _answered(self, fetch: Fetch, delivery: Delivery, exchange: WebhookExchange) -> None:
        """Go on with a call as the answer to its request says."""
        failure, answer = exchange.failure, exchange.answer
        if failure is None:
            last = exchange.attempts[-1]
            told = FetchReply(last.status or 0, exchange.content_type, answer.body, answer.url, last.redirected)
        else:
            told = FetchFailure(failure.code, f"{without_password(fetch.url)}: {failure.text}")
        self._steps.append(partial(self._go_on, fetch.sid, delivery, told))
        self.wake()

    def _go_on(self, fetch_sid: str, delivery: Delivery, told: FetchReply | FetchFailure) -> None:
        now = self.now()

        def go_on(engine: VoiceEngine) -> None:
            use = engine.fetched(now, fetch_sid, told)
            if delivery.outcome is None:
                why = told.text if isinstance(told, FetchFailure) else "its answer is no document that can be run"
                delivery.outcome = OUTCOMES.get(use) or Outcome("failed", f"failed: {why}")
                self._unit.finished(delivery)

        self._unit.act(now, go_on)

    def _over(self, delivery: Delivery, failure: DeliveryFailure | None) -> None:
        """Keep the end of a request whose answer does not matter, and say why it has failed."""
        alert = None
        if failure is not None:
            code, level, what = failure.code, "error", ""
            if delivery.kind == "status" and not delivery.subject_sid.startswith("SM"):
                of_conference = delivery.subject_sid.startswith("CF")
                code = BAD_CONFERENCE_CALLBACK if of_conference else BAD_CALLBACK
                level, what = "error" if of_conference else "warning", "The callback "
            text = f"{what}{without_password(delivery.url)}{' failed' if what else ''}: {failure.text}"
            alert = Alert(code, level, text, delivery.subject_sid, delivery.number)
        self._unit.finished(delivery, alert)
        self._steps.append(self._unit.keep)
        self.wake()

    def abandon(self) -> None:
        """Give up what is under way."""
        self.webhooks.abandon()
        self._steps.clear()
        self._leases.clear()
        self._unit.forget()

    async def close(self) -> None:
        """Give up what is under way, and wait until it has ended."""
        self._steps.clear()
        await self.webhooks.close()
        self.abandon()
