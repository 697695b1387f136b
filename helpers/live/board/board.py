"""The board itself: a widget over the feed, the calls, and the callback server."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceInstance

from helpers.callback_server.middleware import EVENTS_PATH, Reply
from helpers.connection import account
from helpers.connection.rest_log import RestCall, on_behalf_of, record
from helpers.errors import LessonError
from helpers.live.board import sequence
from helpers.live.board.actions import Action, action, literal
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.feed import Feed
from helpers.live.widgets.base import front_end, shown
from helpers.live.widgets.callback_log import _row
from helpers.live.widgets.text import clock, with_next_step
from helpers.live.widgets.workspace_view import WorkspaceView
from helpers.sandbox_tools import clock as fast_forward
from helpers.sandbox_tools import debugger
from helpers.sandbox_tools.faults import faults
from helpers.tunnel.expose import expose
from taskrouter_sandbox.control_types import DeliveryRecord

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from helpers.callback_server.server import CallbackServer

FRONT = Path(__file__).parent / "front"
SHARED = ("live.js", "radios.js", "log_rows.js")
OWN = ("store", "parts", "flow", "tasks", "controls", "sequence", "timeline", "log", "board")

STEPS_KEPT = 400
ROWS_KEPT = 200
MADE_KEPT = 6
"""Steps of the sequence view, rows of the log and calls of the controls that are kept."""

AFTER_A_CLICK = {404: "It is not there any more", 429: "Nothing was done: click again in a moment"}
"""What to do about a call that was refused, by its status."""

WITHOUT_SERVER = " Made without your server it shows no webhooks: board(client, workspace, server)."

CLOCKS_DIFFER = 200
"""Milliseconds by which a webhook may seem to arrive before it was sent."""

LOG_EVERY, LOG_EVERY_LIVE = 1.0, 15.0
"""Seconds between two reads of the alerts: of the sandbox, of Twilio."""


def board(client: Client, workspace: WorkspaceInstance | str, server: CallbackServer | None = None) -> Board:
    """See TaskRouter think: the workspace, live, with controls; to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses; its calls from now on appear in the sequence view.
        workspace: the workspace or its SID.
        server: what `serve` returned. With it the board shows the webhooks and your answers, and can be told of
            events by TaskRouter itself: set the workspace's `event_callback_url` to the server's public address
            followed by `/taskrouter-events`. Without it the board asks.
    """
    sid = getattr(workspace, "sid", workspace)
    return shown(("board", sid), lambda: Board(client, sid, server))


class _Whole(traitlets.Any):
    """Whatever is asked for this trait is told what stands now."""


class Board(WorkspaceView):
    """The board. `state` is small and holds what is said; `whole` is everything; between two wholes go changes.

    A change is a message {"kind": "change", "from": revision, "to": revision, "change": {collection: {sid: entity or
    null}}}. A browser that misses one asks for the whole.
    """

    _esm = front_end(*SHARED, *(FRONT / f"{name}.js" for name in OWN))
    _css = front_end("live.css", "radios.css", "log.css", FRONT / "board.css", FRONT / "sequence.css")

    whole = _Whole().tag(sync=True, to_json=lambda _value, widget: widget._everything())

    def __init__(self, client: Client, workspace_sid: str, server: CallbackServer | None) -> None:
        self._steps, self._rows, self._stale, self._ends = {}, {}, {}, []
        self._revision, self._listening, self._whole_due = 0, False, True
        self._next: dict | None = None
        self._log_read_at = float("-inf")
        self._client, self._workspace_sid, self._server = client, workspace_sid, server
        mode = account.current().mode
        super().__init__(
            "Board",
            mode=mode, server=server.url if server else None, how="Asking TaskRouter …", known=False, made=[],
            heard=None, next=None, listens=False, faults=[],
        )  # fmt: skip
        self._join(client, workspace_sid)
        for event in tuple(self._feed.recent):
            self._step(sequence.of_event(event, self._model))
        self._ends += [self._tracker.end, record(client).subscribe(self._called)]
        if server:
            self._ends += [server.log.subscribe(self._exchanged), server.intercept(self._answer_next)]
            self._feed.receive_at(server)
            for exchange in server.log.entries()[-ROWS_KEPT:]:
                self._exchanged(exchange)

    # ---- for whoever holds the board

    def words(self) -> str:
        """The workspace and how many tasks are where."""
        tasks = [task["status"] for task in self._model.snapshot()["tasks"].values()]
        counts = ", ".join(f"{tasks.count(status)} {status}" for status in dict.fromkeys(tasks))
        return f"{self._content['title']}: {counts or 'no task'}. {self._content['how']}"

    def listen(self, public_url: str | None = None) -> str:
        """Have TaskRouter tell the board of events: sets the workspace's `event_callback_url`, and returns it.

        public_url: the callback server's; without it the server is exposed here.
        Raises LessonError when the board was made without a server.
        """
        if self._server is None:
            raise LessonError("Make the board with your server to let it listen: board(client, workspace, server).")
        url = f"{public_url or expose(self._server)}{EVENTS_PATH}"
        self._feed.context.update(event_callback_url=url)
        self._feed.reread()
        return url

    def answer_next(self, instruction: dict | None) -> None:
        """Answer the next assignment callback with this in the place of your app; None: leave it to your app."""
        self._next = instruction
        self._post(next=None if instruction is None else json.dumps(instruction))

    def _end(self) -> None:
        for end in self._ends:
            end()
        super()._end()

    # ---- what happens, on any thread

    def on_attach(self, feed: Feed) -> None:
        """Follow its model."""
        super().on_attach(feed)
        self._model, self._tracker = feed.model, feed.model.track_changes()

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Draw the steps, and what has changed."""
        for event in events:
            self._step(sequence.of_event(event, self._model))
        title = self._model.workspace.get("name", "Board")
        url = self._model.workspace.get("event_callback_url", "")
        server = self._server
        here = server is not None and url == f"{server.public_url or server.url}{EVENTS_PATH}"
        listens = here or self._feed.by_callbacks  # the learner may have a tunnel of his own
        how = self._feed.words() + ("" if self._server else WITHOUT_SERVER)
        self._post(title=title, how=how, known=self._feed.known, listens=listens)

    def on_callback(self, event: TaskRouterEvent) -> None:
        """Draw the webhook itself."""
        self._step(sequence.of_callback(event, max(time.time() + self._feed.ahead, event.at / 1000)))

    def _called(self, call: RestCall) -> None:
        if f"/Workspaces/{self._workspace_sid}" in call.url:
            for step in sequence.of_call(call, self._feed.ahead, self._model):
                self._step(step)
            self._post()

    def _exchanged(self, exchange: Exchange) -> None:
        if exchange.form.get("WorkspaceSid") not in (None, self._workspace_sid):
            return
        exchange = replace(exchange, at=exchange.at + timedelta(seconds=self._feed.ahead))
        for step in sequence.of_exchange(exchange):
            self._step(step)
        with self._lock:
            row = _row(exchange) | {
                "id": f"call {exchange.number}",
                "of": "call",
                "ms_at": exchange.at.timestamp() * 1000,
                "reservation": exchange.form.get("ReservationSid"),
            }
            self._keep(self._rows, "rows", row, ROWS_KEPT)
        self._post()

    def on_refresh(self) -> None:
        """On the reading thread: the alerts, and the sandbox's deliveries and faults."""
        super().on_refresh()
        if time.monotonic() - self._log_read_at < (LOG_EVERY if self._content["mode"] == "sandbox" else LOG_EVERY_LIVE):
            return
        self._log_read_at = time.monotonic()
        rows = [
            _alert_row(each)
            for each in debugger.alerts(self._client)
            if each["more"].get("workspace_sid") in (None, self._workspace_sid)
        ]
        rows += self._delivered(debugger.deliveries())
        self._post(faults=faults.active())
        with self._lock:
            for row in rows:
                if self._rows.get(row["id"]) != row:
                    self._keep(self._rows, "rows", row, ROWS_KEPT)

    def _delivered(self, deliveries: list[DeliveryRecord]) -> list[dict]:
        """Rows of what arrived with the number that it was sent under, and of what did not arrive; newest first."""
        with self._lock:
            arrived = [row for row in self._rows.values() if row["of"] == "call" and row.get("reservation")]
        arrived.sort(key=lambda row: -row["ms_at"])
        rows = []
        for delivery in deliveries:
            sent = delivery["at"] - CLOCKS_DIFFER
            mine = (row for row in arrived if row["reservation"] == delivery["subject_sid"] and row["ms_at"] >= sent)
            row = next(mine, None)
            if row:
                arrived.remove(row)
                rows.append(row | {"delivery": delivery["number"]})
            elif delivery["workspace_sid"] == self._workspace_sid and delivery["outcome"]:
                rows.append(_lost_row(delivery))
        return rows

    def _step(self, step: dict) -> None:
        with self._lock:
            self._keep(self._steps, "steps", step, STEPS_KEPT)

    def _keep(self, kept: dict, collection: str, entity: dict, at_most: int) -> None:
        kept[entity["id"]] = entity
        self._stale.setdefault(collection, {})[entity["id"]] = entity
        while len(kept) > at_most:
            oldest = next(iter(kept))
            del kept[oldest]
            self._stale[collection][oldest] = None

    # ---- what the learner does

    def _asked(self, content: dict) -> None:
        kind = content.get("kind")
        if kind == "whole":
            with self._lock:
                self._listening = self._whole_due = True
            self._post()
        elif kind == "do":
            self._do(content["wish"], content.get("token"))
        else:
            raise LessonError(f"The board does not know what {kind!r} means; reload the page.")

    def _action(self, asked: dict) -> Action:
        what = asked.get("what")
        if what == "skip":
            seconds = float(asked.get("seconds") or 0)
            return Action(f"from helpers import skip\nskip(seconds={seconds:g})", lambda: self._skip(seconds))
        if what == "listen":
            return Action(
                f'client.taskrouter.v1.workspaces("{self._workspace_sid}").update(\n'
                f'    event_callback_url=f"{{public_url}}{EVENTS_PATH}"\n)',
                lambda: f"TaskRouter tells {self.listen()} of every event now.",
            )
        if what == "resend":
            number = int(asked.get("delivery") or 0)
            code = f"from helpers.sandbox_tools.debugger import send_again\nsend_again({number})"
            return Action(code, lambda: f"Delivery {number} is sent again, as number {debugger.send_again(number)}.")
        if what == "fault":
            order = {name: asked[name] for name in ("deliveries", "kind", "operation", "status") if asked.get(name)}
            arguments = ", ".join(f"{name}={literal(value)}" for name, value in order.items())
            return Action(f"from helpers import faults\nfault = faults({arguments})", lambda: self._let_go_wrong(order))
        if what == "faults-off":
            return Action("from helpers import faults\nfaults.all_off()", self._faults_off)
        if what == "next":
            instruction = asked.get("instruction")
            code = f"the_board.answer_next({instruction!r})  # the_board = board(client, workspace, server)"
            return Action(code, lambda: self._next_words(instruction))
        return action(asked, self._feed.context, self._workspace_sid, self._model)

    def _do(self, wish: dict, token: object) -> None:
        at = datetime.now().astimezone() + timedelta(seconds=self._feed.ahead)
        entry = {"token": token, "at": clock(at), "code": "", "outcome": "asked", "said": "", "ms": 0}
        try:
            wanted = self._action(wish)
        except LessonError as error:
            wanted, entry["outcome"], entry["said"] = None, "refused", str(error)
        else:
            entry["code"] = wanted.code
        with self._lock:
            self._post(heard=token, made=_newest([*self._content["made"], entry]))
        if wanted is None:
            return
        self._feed.do(lambda: self._make(wanted, entry))

    def _make(self, wanted: Action, entry: dict) -> None:
        began = time.perf_counter()
        try:
            with on_behalf_of(wanted.who):
                outcome = {"outcome": "done", "said": wanted.act()}
        except Exception as error:
            outcome = {"outcome": "refused", "said": with_next_step(error, AFTER_A_CLICK)}
        outcome["ms"] = round((time.perf_counter() - began) * 1000)
        with self._lock:
            made = [each | outcome if each is entry else each for each in self._content["made"]]
            self._post(made=_newest(made))

    def _skip(self, seconds: float) -> str:
        return f"In the sandbox it is {fast_forward.forward(seconds):%H:%M:%S} now."

    def _let_go_wrong(self, order: dict) -> str:
        said = faults(**order, quiet=True).said
        self._post(faults=faults.active())
        return said

    def _faults_off(self) -> str:
        faults.all_off(quiet=True)
        self._post(faults=[])
        return "Nothing is ordered to go wrong any more."

    def _next_words(self, instruction: dict | None) -> str:
        self.answer_next(instruction)
        return f"The next assignment callback is answered {json.dumps(instruction)}." if instruction is not None else (
            "Your app answers the next assignment callback.")  # fmt: skip

    def _answer_next(self, _path: str, form: dict[str, str]) -> Reply | None:
        """Answer one assignment callback as the learner chose on the board, in the place of the app."""
        if "ReservationSid" not in form or "EventType" in form or form.get("WorkspaceSid") != self._workspace_sid:
            return None
        with self._lock:
            instruction, self._next = self._next, None
        if instruction is None:
            return None
        self._post(next=None)
        return Reply(instruction)

    # ---- what the pump calls, on its thread

    def draw(self, value: dict) -> None:
        """Send what is said, and what has changed since the last drawing."""
        if value != self.state:
            self.state = value
        with self._lock:
            model = self._tracker.changes()
            stale, self._stale = self._stale, {}
            whole = self._whole_due or model is None or not self._listening
            self._whole_due = False
            change = (model or {}) | stale
            if not whole and not change:
                return
            before, self._revision = self._revision, self._revision + 1
        if whole:
            self.send_state("whole")
        else:
            self.send({"kind": "change", "from": before, "to": self._revision, "change": change})

    def _everything(self) -> dict[str, Any]:
        with self._lock:
            if self._feed is None:  # it is being made
                return {}
            return {
                "revision": self._revision,
                **self._model.snapshot(),
                "steps": dict(self._steps),
                "rows": dict(self._rows),
            }


def _newest(made: list[dict]) -> list[dict]:
    """The newest calls, and all that are not answered yet: a control waits for its own."""
    settled = [each for each in made if each["outcome"] != "asked"]
    surplus = settled[: max(0, min(len(settled), len(made) - MADE_KEPT))]
    return [each for each in made if each not in surplus]


def _alert_row(alert: dict[str, Any]) -> dict:
    return {
        "id": f"alert {alert['number']}",
        "of": "alert",
        "ms_at": alert["at"],
        "at": clock(alert["at"]),
        "code": alert["code"],
        "level": alert["level"],
        "text": alert["text"],
        "detail": [[name, text] for name, text in alert["more"].items()],
    }


def _lost_row(delivery: DeliveryRecord) -> dict:
    """An assignment callback that did not come to this server."""
    attempt = (delivery["attempts"] or [{}])[-1]
    at = datetime.fromtimestamp(delivery["at"] / 1000, UTC)
    return {
        "id": f"delivery {delivery['number']}",
        "of": "call",
        "number": delivery["number"],
        "ms_at": delivery["at"],
        "at": f"{clock(at)}.{at.microsecond // 1000:03d}",
        "request": f"POST {delivery['url']}",
        "said": [delivery["outcome"]],
        "signature": "sent by the sandbox, and not to this server",
        "signed": "none",
        "status": attempt.get("status", "no answer"),
        "instruction": None,
        "answer": attempt.get("body", ""),
        "ms": round(attempt.get("seconds", 0) * 1000),
        "error": attempt.get("error"),
        "form": [[name, value] for name, value in delivery["parameters"].items()],
        "delivery": delivery["number"],
        "reservation": delivery["subject_sid"],
    }
