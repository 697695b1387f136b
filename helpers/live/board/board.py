"""The board itself: a widget over the feed, the calls, and the callback server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import traitlets
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from helpers.callback_server.middleware import EVENTS_PATH, InterceptorReply
from helpers.callback_server.other_kernels import other_kernel_at
from helpers.connection.clients import mode_of
from helpers.connection.instances import WorkspaceInstance
from helpers.connection.rest_log import RestCall, record
from helpers.decisions.why import why
from helpers.errors import LessonError
from helpers.live.board import sequence
from helpers.live.board.board_actions import board_action
from helpers.live.board.calls import BoardCalls
from helpers.live.board.log_rows import LogRows
from helpers.live.board.recent import Recent
from helpers.live.feed import call_feed
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.feed import Feed
from helpers.live.feed.model import Model
from helpers.live.widgets.actions import Action, ActionView
from helpers.live.widgets.base import front_end, replace_previous
from helpers.live.widgets.workspace_view import WorkspaceView
from helpers.sandbox_tools import debugger
from helpers.sandbox_tools.faults import faults
from helpers.tunnel.expose import expose

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from helpers.callback_server.server import CallbackServer

OWN_COLLECTIONS = ("steps", "rows", "calls")
"""What the board keeps besides the model's collections."""

STEPS_KEPT = 400
"""Steps of the sequence view that are kept."""

AFTER_AN_ACTION = {404: "It no longer exists", 429: "Nothing was done: click again in a moment"}
"""What to do about a call that was refused, by its status."""

WITHOUT_SERVER = " To show webhooks it needs your server: board(client, workspace, server)."

LOG_EVERY, LOG_EVERY_LIVE = 1.0, 15.0
"""Seconds between two reads of the alerts: of the sandbox, of Twilio."""


def board(client: Client, workspace: WorkspaceInstance | str, server: CallbackServer | None = None) -> Board:
    """Show the workspace, live, with controls; to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses; its calls from now on appear in the sequence view.
        workspace: the workspace or its SID.
        server: what `serve` returned. With it the board shows the webhooks and your answers, and can be told of
            events by TaskRouter itself: set the workspace's `event_callback_url` to the server's public address
            followed by `/taskrouter-events`. Without it the board asks.
    """
    sid = getattr(workspace, "sid", workspace)
    return replace_previous(("board", sid), lambda: Board(client, sid, server), lambda old: old.is_over(client, server))


class _Snapshot(traitlets.Any):
    """A trait whose value is made when it is sent."""


class Board(ActionView[Feed], WorkspaceView):
    """The board. `state` is small and holds what is said; `snapshot` is everything; between two snapshots go changes.

    A change is a message {"kind": "change", "from": revision, "to": revision, "change": {collection: {sid: entity or
    null}}}. A browser that misses one asks for a snapshot with {"kind": "snapshot"}.
    """

    _esm, _css = front_end("board")
    next_steps = AFTER_AN_ACTION

    snapshot = _Snapshot().tag(sync=True, to_json=lambda _value, widget: widget._everything())

    def __init__(self, client: Client, workspace_sid: str, server: CallbackServer | None) -> None:
        self._steps, self._rows, self._ends = Recent(STEPS_KEPT), LogRows(workspace_sid), []
        self._revision, self._listening, self._snapshot_due = 0, False, True
        self._next: dict | None = None
        self._log_read_at = float("-inf")
        self._told_at, self._taken_by = "", None
        self._client, self.workspace_sid, self._server = client, workspace_sid, server
        super().__init__(
            "Board",
            mode=mode_of(client), server=server.url if server else None, how="Asking TaskRouter …", known=False,
            next=None, listens=False, faults=[], why=None,
        )  # fmt: skip
        self._join(client, workspace_sid)
        self._happened(self.feed.recent)
        self._ends += [self._tracker.end, record(client).subscribe(self._called)]
        if self._content["mode"] == "sandbox":
            self._ends.append(call_feed.join(client, self._calls))
        if server:
            self._ends += [server.log.subscribe(self._exchanged), server.intercept(self._answer_next)]
            self.feed.receive_at(server)
            for exchange in server.log.entries():
                self._exchanged(exchange)

    # ---- for whoever holds the board, and for its actions

    def is_over(self, client: Client, server: CallbackServer | None) -> bool:
        """Tell whether this board is over the very client and the very callback server."""
        return self._client is client and self._server is server

    @property
    def place(self) -> WorkspaceContext:
        """The workspace, as the twilio client reaches it."""
        return self.feed.context

    @property
    def model(self) -> Model:
        """What is known of the workspace."""
        return self._model

    def words(self) -> str:
        """Say which workspace it is and how many tasks are where."""
        tasks = [task["status"] for task in self._model.snapshot()["tasks"].values()]
        counts = ", ".join(f"{tasks.count(status)} {status}" for status in dict.fromkeys(tasks))
        return f"{self._content['title']}: {counts or 'no task'}. {self._content['how']}"

    def listen(self, public_url: str | None = None) -> str:
        """Have TaskRouter tell the board of events: sets the workspace's `event_callback_url`, and returns it.

        public_url: the callback server's; without it the server is exposed here.
        Raises LessonError when the board was made without a server.
        """
        if self._server is None:
            raise LessonError("To receive events the board needs your server: board(client, workspace, server).")
        url = f"{public_url or expose(self._server)}{EVENTS_PATH}"
        self.feed.context.update(event_callback_url=url)
        self.feed.reread()
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
        self._calls = BoardCalls(feed.model, self._lock, self._post)

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Draw the steps, and what has changed."""
        self._happened(events)
        self._calls.look()
        title = self._model.workspace.get("name", "Board")
        url = self._model.workspace.get("event_callback_url", "")
        server = self._server
        here = server is not None and url == f"{server.public_url or server.url}{EVENTS_PATH}"
        listens = here or self.feed.by_callbacks  # the learner may have a tunnel of his own
        how = self.feed.words(self._taken_by) + ("" if self._server else WITHOUT_SERVER)
        self._post(title=title, how=how, known=self.feed.known, listens=listens)

    def _happened(self, events: Iterable[TaskRouterEvent]) -> None:
        for event in tuple(events):
            self._step(sequence.of_event(event, self._model))
            with self._lock:
                self._rows.add_event(event)

    def on_callback(self, event: TaskRouterEvent) -> None:
        """Draw the webhook itself."""
        self._step(sequence.of_callback(event, max(time.time() + self.feed.ahead, event.at / 1000)))

    def _called(self, call: RestCall) -> None:
        if f"/Workspaces/{self.workspace_sid}" in call.url or "/Calls" in call.url or "/Conferences/" in call.url:
            for step in sequence.of_call(call, self.feed.ahead, self._model):
                self._step(step)
            self._post()

    def _exchanged(self, exchange: Exchange) -> None:
        if exchange.form.get("WorkspaceSid") not in (None, self.workspace_sid):
            return
        exchange = replace(exchange, at=exchange.at + timedelta(seconds=self.feed.ahead))
        for step in sequence.of_exchange(exchange):
            self._step(step)
        with self._lock:
            self._rows.add_exchange(exchange)
        self._post()

    def on_refresh(self) -> None:
        """Read the alerts, and the sandbox's deliveries and faults; on the reading thread."""
        super().on_refresh()
        self._look_who_is_told()
        if time.monotonic() - self._log_read_at < (LOG_EVERY if self._content["mode"] == "sandbox" else LOG_EVERY_LIVE):
            return
        self._log_read_at = time.monotonic()
        if self._content["mode"] == "live":
            self._calls.read(self._client, self.feed.ahead)
        kinds = ("assignment", "voice", "status") if self._calls.heard_of else ("assignment",)
        alerts, deliveries = debugger.alerts(self._client), debugger.deliveries(*kinds)
        self.show_faults()
        with self._lock:
            self._rows.add_alerts(alerts)
            self._rows.add_deliveries(deliveries, self._calls.entities.snapshot())

    def _look_who_is_told(self) -> None:
        """Find out whether event callbacks go to another kernel's server, when their address is a new one."""
        url = self._model.workspace.get("event_callback_url", "")
        if url == self._told_at:
            return
        self._told_at, self._taken_by = url, other_kernel_at(url)
        if self._taken_by:
            self.feed.heard_at = None
            self.feed.missed.clear()
        self.on_events([])

    def _step(self, step: dict) -> None:
        with self._lock:
            self._steps.put(step)

    # ---- what the learner does

    def _on_message(self, widget: object, content: object, buffers: object = None) -> None:
        self._calls.seen()
        super()._on_message(widget, content, buffers)

    def _handle_message(self, content: dict) -> None:
        if content.get("kind") != "snapshot":
            return super()._handle_message(content)
        with self._lock:
            self._listening = self._snapshot_due = True
        self._post()

    def _action(self, asked: dict[str, Any]) -> Action:
        return board_action(asked, self)

    def explain(self, task_sid: str, newest: int) -> None:
        """Say why a task went where it went: the first decision about it and the newest ones."""
        self._post(why=why(self._client, task_sid, self.workspace_sid, newest=newest).drawn(self.feed.ahead))

    def show_faults(self) -> None:
        """Say what is ordered to go wrong now."""
        self._post(faults=faults.active())

    def _answer_next(self, _path: str, form: dict[str, str]) -> InterceptorReply | None:
        """Answer one assignment callback as the learner chose on the board, in the place of the app."""
        if "ReservationSid" not in form or "EventType" in form or form.get("WorkspaceSid") != self.workspace_sid:
            return None
        with self._lock:
            instruction, self._next = self._next, None
        if instruction is None:
            return None
        self._post(next=None)
        return InterceptorReply(instruction)

    # ---- what the render thread calls

    def draw(self, value: dict) -> None:
        """Send what has changed since the last drawing, then what is said; of a workspace that is gone that alone."""
        self._send_changes()
        super().draw(value | {"known": value["known"] and not value["gone"]})

    def _send_changes(self) -> None:
        with self._lock:
            model = self._tracker.changes()
            steps = self._steps.take_changes() | self._calls.steps.take_changes()
            own = {"steps": steps, "rows": self._rows.take_changes(), "calls": self._calls.entities.take_changes()}
            snapshot = self._snapshot_due or model is None or not self._listening
            self._snapshot_due = False
            change = (model or {}) | {name: changed for name, changed in own.items() if changed}
            if not snapshot and not change:
                return
            before, self._revision = self._revision, self._revision + 1
        if snapshot:
            self.send_state("snapshot")
        else:
            self.send({"kind": "change", "from": before, "to": self._revision, "change": change})

    def _everything(self) -> dict[str, Any]:
        with self._lock:
            if self._feed is None:  # it is being made
                return {}
            return {
                "revision": self._revision,
                **self._model.snapshot(),
                "steps": self._steps.snapshot() | self._calls.steps.snapshot(),
                "rows": self._rows.snapshot(),
                "calls": self._calls.entities.snapshot(),
            }
