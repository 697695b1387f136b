"""A TaskRouter and a voice side to try stories on, with a virtual clock and no network.

Both engines are the real ones. What the voice side asks of TaskRouter is carried out here in its order, as the runtime
does; documents come from a dictionary of addresses, or from functions of the parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from taskrouter_sandbox.engine.model.effects import Alert, CallRequest
from taskrouter_sandbox.engine.model.entities import Reservation, Task, Worker
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.storage.voice_forms import FORMS
from taskrouter_sandbox.voice.engine import VoiceEngine
from taskrouter_sandbox.voice.model import effects as voice
from taskrouter_sandbox.voice.model.entities import Call, Conference, has_ended
from taskrouter_sandbox.voice.model.options import VoiceOptions
from taskrouter_sandbox.voice.model.terms import InstructionOrder
from tests.engine.stage import Phones, routing
from tests.engine.stage import Stage as TaskRouterStage

ACCOUNT = "AC" + "0" * 32
NUMBER, CALLER, AGENT, OTHER_AGENT = "+15005550006", "+15005550100", "+15005550111", "+15005550122"
BASE = "https://app.example.com"
XML = "application/xml"
Page = str | bytes | voice.FetchReply | voice.FetchFailure | None | Callable[[dict[str, str]], Any]


def twiml(content: str) -> str:
    """A document with these verbs."""
    return f"<Response>{content}</Response>"


class Stage:
    """A number, a workflow, and Alice, who can be called.

    pages: what is under which path; a path that is not there answers 404, one with None does not answer until
    `answer`. fetches, callbacks, commands, alerts: all so far; instruction: what the assignment callback says.
    """

    def __init__(self, multi: bool = False, options: VoiceOptions | None = None, **pages: Page) -> None:
        self.router = TaskRouterStage(multi)
        numbers = count(1)
        self.engine = VoiceEngine(ACCOUNT, lambda letters: f"{letters}{next(numbers):032x}", options or VoiceOptions())
        self.router.state.surroundings = Phones(self.engine.can_redirect)
        self.state = self.engine.state
        self.pages: dict[str, Page] = {f"/{name}": page for name, page in pages.items()}
        self.fetches: list[voice.Fetch] = []
        self.callbacks: list[voice.Callback] = []
        self.commands: list[voice.TaskCommand] = []
        self.alerts: list[Alert] = []
        self.unanswered: list[voice.Fetch] = []
        self.stored: dict[str, str] = {}  # what is kept, by SID
        self.ended: dict[str, Call | Conference] = {}  # what has ended, and is not deleted: the engine knows it no more
        self.connected: set[str] = set()  # reservations that were accepted as their calls came together
        self.instruction: dict[str, Any] | None = None
        self.wrap_up = self.router.activity("WrapUp")
        self.alice = self.worker("Alice", AGENT)
        self.workflow = self.router.workflow(
            default=self.router.queue(), name="Calls", assignment_callback_url=f"{BASE}/assignment"
        )
        self.number = self.engine.numbers.create(
            self.now,
            NUMBER,
            voice_url=f"{BASE}/incoming",
            status_callback=f"{BASE}/status",
        )
        self.work()

    @property
    def now(self) -> int:
        return self.router.now

    def worker(self, name: str, contact_uri: str | None, **attributes: Any) -> Worker:
        if contact_uri is not None:
            attributes["contact_uri"] = contact_uri
        return self.router.worker(name, **attributes)

    # what people, REST and time do

    def dial(self, from_address: str = CALLER, to: str = NUMBER) -> Call:
        return self.do(self.engine.people.dial, from_address, to)

    def press(self, call: Call, digits: str) -> None:
        self.do(self.engine.people.press, call.sid, digits)

    def say(self, call: Call, words: str) -> None:
        self.do(self.engine.people.say, call.sid, words)

    def answer(self, call: Call) -> None:
        self.do(self.engine.people.answer, call.sid)

    def reject(self, call: Call) -> None:
        self.do(self.engine.people.reject, call.sid)

    def hang_up(self, call: Call) -> None:
        self.do(self.engine.people.hang_up, call.sid)

    def phone(self, address: str, behaviour: Any = "by-hand", seconds: int = 2) -> None:
        self.do(self.engine.people.set_phone, address, behaviour, seconds)

    def update(self, call: Call, **how: Any) -> None:
        self.do(self.engine.calls.update, call.sid, **how)

    def reply(self, path: str, page: Page) -> None:
        """Answer the oldest request of a path that was left open."""
        fetch = next(one for one in self.unanswered if path_of(one.url) == path)
        self.unanswered.remove(fetch)
        self._answer(fetch, page)
        self.work()

    def do(self, command: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.engine.knowing(self.ended[one] for one in arguments if one in self.ended):
            done = command(self.now, *arguments, **more)
        self.work()
        return done

    def pass_(self, seconds: float = 0) -> None:
        """Let time go by, each thing at its own time."""
        until = self.now + round(seconds * 1000)
        while True:
            due = min((one for one in (self.engine.next_due(), self.router.engine.next_due()) if one), default=until)
            self.router.now = min(max(due, self.now), until)
            self.router.engine.advance(self.now)
            self.engine.advance(self.now)
            self.work()
            if due > until or (due == until and not self._is_due(until)):
                return

    def _is_due(self, now: int) -> bool:
        dues = (self.engine.next_due(), self.router.engine.next_due())
        return any(due is not None and due <= now for due in dues)

    # what the runtime does

    def work(self) -> None:
        """Carry effects out until there are none."""
        while True:
            effects, routed = self.engine.drain(), self.router.engine.drain()
            if not effects and not routed:
                return
            self.alerts += effects.alerts + routed.alerts
            for sid, entity in effects.changed.items():
                if sid in effects.ended:
                    self.ended[sid] = entity
                if not has_ended(entity) or sid in self.ended:
                    self.stored[sid] = FORMS[type(entity).__name__].write(entity)
            for sid in effects.deleted:
                del self.stored[sid]
                self.ended.pop(sid, None)
            self.router.events += routed.events
            for entity in (*routed.changed.values(), *routed.deleted.values()):
                if isinstance(entity, Reservation):
                    status = "canceled" if entity.sid in routed.deleted else entity.reservation_status
                    self.engine.reservation_changed(self.now, entity.sid, status)
            for command in effects.task_commands:
                self.commands.append(command)
                self.carry(command)
            self.callbacks += effects.callbacks
            for fetch in effects.fetches:
                self.fetches.append(fetch)
                self._answer(fetch, self.pages.get(path_of(fetch.url), voice.FetchFailure(11200, "HTTP status 404")))
            for request in routed.call_requests:
                self._instruct(request)
            for callback in routed.assignment_callbacks:
                if self.instruction is not None:
                    self.instruct(self.router.state.reservations[callback.reservation_sid], **self.instruction)

    def carry(self, command: voice.TaskCommand) -> None:
        """Carry an order out, and tell the outcome."""
        outcome = self._carry_out(command)
        if isinstance(command, voice.Connect) and isinstance(outcome, voice.Carried):
            self.connected.add(command.reservation_sid)
        self.engine.ordered(self.now, command.sid, outcome)

    def instruct(self, reservation: Reservation, instruction: str, **said: Any) -> None:
        try:
            self.router.engine.reservations.instruct(self.now, reservation, instruction, said)
        except TaskRouterError as error:
            self.alerts.append(Alert(error.code, "error", error.text, reservation.sid))

    def _instruct(self, request: CallRequest) -> None:
        reservation = self.router.state.reservations[request.reservation_sid]
        task = self.router.state.tasks[reservation.task_sid]
        order = InstructionOrder(
            request.instruction,
            reservation.sid,
            task.sid,
            reservation.worker_sid,
            request.parameters,
            task.parsed_attributes,
        )
        named = (order.parameters.get("call_sid"), order.task_attributes.get("call_sid"))
        with self.engine.knowing(self.ended[sid] for sid in {*named} if sid in self.ended):
            self.engine.instruct(self.now, order)

    def _answer(self, fetch: voice.Fetch, page: Page) -> None:
        if callable(page):
            page = page(dict(fetch.parameters))
        if page is None:
            self.unanswered.append(fetch)
            return
        if isinstance(page, str):
            page = page.encode()
        if isinstance(page, bytes):
            page = voice.FetchReply(200, XML, page, fetch.url)
        self.engine.fetched(self.now, fetch.sid, page)

    def _carry_out(self, command: voice.TaskCommand) -> voice.Outcome:
        try:
            return self._carried(command)
        except TaskRouterError as error:
            return voice.OrderRefused(14222 if isinstance(command, voice.CreateVoiceTask) else error.code, error.text)

    def _carried(self, command: voice.TaskCommand) -> voice.Outcome:
        router, state, now = self.router.engine, self.router.state, self.now
        match command:
            case voice.CreateVoiceTask():
                if command.workflow_sid not in state.workflows:
                    return voice.OrderRefused(14220, "no such Workflow")
                voice_channel = next(c for c in state.task_channels.values() if c.unique_name == "voice")
                task = router.tasks.create(
                    now,
                    workflow_sid=command.workflow_sid,
                    attributes=command.attributes,
                    priority=command.priority,
                    timeout=command.timeout,
                    task_channel=voice_channel.sid,
                )
                return voice.TaskMade(task.sid)
            case voice.CancelTask():
                task = state.tasks.get(command.task_sid)
                if task is not None and task.assignment_status in ("pending", "reserved"):
                    router.tasks.update(now, task, assignment_status="canceled", reason=command.reason)
            case voice.FindReservation():
                reservation = state.reservations.get(command.reservation_sid)
                if reservation is None:
                    return voice.OrderRefused(20404, "no such reservation")
                task = state.tasks[reservation.task_sid]
                return voice.ReservationFound(
                    reservation.reservation_status, task.sid, task.parsed_attributes.get("call_sid")
                )
            case voice.Dialed():
                router.reservations.dialed(
                    now, state.get(Reservation, command.reservation_sid), command.worker_call_sid
                )
            case voice.Connect():
                reservation = state.get(Reservation, command.reservation_sid)
                router.reservations.connected(now, reservation, command.conference, command.post_work_activity_sid)
            case voice.CallFailed():
                reservation = state.get(Reservation, command.reservation_sid)
                router.reservations.call_failed(now, reservation, command.text, command.code, command.cancels)
            case voice.CallEnded():
                router.reservations.call_ended(now, state.get(Reservation, command.reservation_sid))
        return voice.Carried()

    # what there is

    def unkept(self) -> dict[str, str]:
        """What is not kept as it is."""
        state = self.state
        tables = (state.calls, state.numbers, state.queues, state.conferences, state.phones, self.ended)
        there = [one for table in tables for one in table.values()]
        now = {one.sid: FORMS[type(one).__name__].write(one) for one in there}
        return {sid: kept for sid, kept in now.items() if self.stored.get(sid) != kept}

    @property
    def calls(self) -> list[Call]:
        """All calls, in the order of their creation."""
        ended = [one for one in self.ended.values() if isinstance(one, Call)]
        return sorted([*self.state.calls.values(), *ended], key=lambda call: call.sid)

    @property
    def rooms(self) -> list[Conference]:
        """All conferences, in the order of their creation."""
        ended = [one for one in self.ended.values() if isinstance(one, Conference)]
        return sorted([*self.state.conferences.values(), *ended], key=lambda room: room.sid)

    @property
    def last_call(self) -> Call:
        return self.calls[-1]

    @property
    def task(self) -> Task:
        return next(reversed(self.router.state.tasks.values()))

    @property
    def reservation(self) -> Reservation:
        return next(reversed(self.router.state.reservations.values()))

    @property
    def room(self) -> Conference:
        return self.rooms[-1]

    def activity_of(self, worker: Worker) -> str:
        return self.router.state.activity_of(worker).friendly_name

    def requests(self, path: str) -> list[dict[str, str]]:
        """The parameters of every request to a path."""
        return [dict(one.parameters) for one in self.fetches if path_of(one.url) == path]

    def reports(self, path: str) -> list[dict[str, str]]:
        """The parameters of every callback to a path."""
        return [dict(one.parameters) for one in self.callbacks if path_of(one.url) == path]

    def codes(self) -> list[int]:
        return [alert.code for alert in self.alerts]

    def heard(self, call: Call) -> list[str]:
        return [caption.text for caption in call.captions]

    def orders(self, kind: type) -> list[Any]:
        return [one for one in self.commands if isinstance(one, kind)]


def path_of(url: str) -> str:
    return url.removeprefix(BASE).partition("?")[0]


__all__ = ["AGENT", "BASE", "CALLER", "NUMBER", "OTHER_AGENT", "Stage", "json", "routing", "twiml"]
