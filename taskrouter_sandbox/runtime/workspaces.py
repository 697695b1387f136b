"""The unit of work: whatever is done in a workspace is done here, and kept as a whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

from ..engine import WorkspaceEngine
from ..engine.model.effects import Effects
from ..engine.model.entities import Entity, Reservation, Workspace
from ..engine.model.errors import NotFound, TaskRouterError
from ..engine.model.observer import Observer
from ..engine.model.state import State
from ..engine.reporting.decision_recorder import DecisionRecorder
from ..storage.store import Store
from ..webhooks.assignment_callback import assignment_form
from ..webhooks.delivery import Delivery
from ..webhooks.event_callback import event_deliveries
from .sids import new_sid

T = TypeVar("T")
AfterCommit = Callable[[str, Effects, list[Delivery]], None]
MakeObserver = Callable[[State, int], Observer]
"""Makes whoever is told what happens in a workspace; the number says when its newest event was dated."""

log = logging.getLogger(__name__)


class Workspaces:
    """The engines of all workspaces, over the store that they are kept in.

    There is one writer, the event loop. Every command goes through `apply`, whoever gives it: REST, the control plane,
    the answer to a webhook, a timer.

    after_commit: told of each unit that is kept (Workspace SID, effects, deliveries), to let its webhooks begin;
    can_redirect: tells of a call, by its SID, whether it can be sent to another document.
    """

    def __init__(self, store: Store, account_sid: str):
        self.store, self.account_sid = store, account_sid
        self.after_commit: AfterCommit = lambda workspace_sid, effects, deliveries: None
        self.can_redirect: Callable[[str], bool] = lambda call_sid: False
        self.engines: dict[str, WorkspaceEngine] = {}
        self._make_observer: MakeObserver = DecisionRecorder
        self.load()

    def load(self) -> None:
        """Read every workspace from the store. Raises UnreadableState."""
        self.options = self.store.options()
        contents = self.store.all_contents()
        self.engines = {one.sid: self._restored(one, contents[one.sid]) for one in self.store.workspaces()}

    def _restored(self, workspace: Workspace, contents: Iterable[Entity]) -> WorkspaceEngine:
        return WorkspaceEngine(
            workspace,
            self.account_sid,
            new_sid,
            contents,
            options=self.options,
            surroundings=self,
            observer=self._observer(workspace.sid),
        )

    def has_worker(self, worker_sid: str) -> bool:
        """Tell whether there is a worker of that SID in any workspace."""
        return any(worker_sid in engine.state.workers for engine in self.engines.values())

    def _observer(self, workspace_sid: str) -> Callable[[State], Observer]:
        last_event_at, make = self.store.last_event_at(workspace_sid), self._make_observer
        return lambda state: make(state, last_event_at)

    def report_to(self, make_observer: MakeObserver) -> None:
        """Let other observers than the DecisionRecorder be told from now on what happens in the workspaces."""
        self._make_observer = make_observer
        for workspace_sid, engine in self.engines.items():
            engine.state.observer = self._observer(workspace_sid)(engine.state)

    def copy(self, workspace_sid: str, observer: Callable[[], Observer]) -> WorkspaceEngine:
        """Make a workspace as the store knows it, to try something out; nothing of it is kept."""
        workspace = self.store.workspace(workspace_sid)
        if workspace is None:
            raise NotFound(f"Workspace {workspace_sid} was not found")
        return WorkspaceEngine(
            workspace,
            self.account_sid,
            new_sid,
            self.store.contents(workspace_sid),
            options=self.options,
            observer=lambda state: observer(),
            keeps_changes=False,
        )

    def reload(self, workspace_sid: str) -> WorkspaceEngine | None:
        """Read one workspace from the store again; None when it is not there."""
        self.engines.pop(workspace_sid, None)
        workspace = self.store.workspace(workspace_sid)
        if workspace is not None:
            self.engines[workspace_sid] = self._restored(workspace, self.store.contents(workspace_sid))
        return self.engines.get(workspace_sid)

    def placing_calls(self) -> list[Reservation]:
        """Find the reservations with an instruction whose call is still to be placed, or rings."""
        return [
            one
            for engine in self.engines.values()
            for one in engine.state.reservations.values()
            if one.instruction is not None and one.reservation_status == "pending"
        ]

    def set_options(self, now: int, **readings: str) -> None:
        """Read from `now` on in another way what the sources leave open; see `CompatibilityOptions`."""
        options = replace(self.options, **readings)  # type: ignore[arg-type]
        self.store.keep_options(options)
        self.options = options
        try:
            for workspace_sid in list(self.engines):
                self.apply(workspace_sid, now, lambda engine: engine.choose(now, options))
        except Exception:
            self.load()  # with the options that are kept
            raise

    # ---- the unit of work ----------------------------------------------------------------------------------------

    def apply(
        self,
        workspace_sid: str,
        now: int,
        command: Callable[[WorkspaceEngine], T],
        finished: Delivery | None = None,
    ) -> T:
        """Do something in a workspace at `now` (milliseconds), and give what the command gives.

        First, what was due by `now` happens, and is kept for itself. Then the command runs; its effects, the webhooks
        that they call for, and the end of the delivery whose answer it carries out (`finished`, which by then has an
        outcome) are kept in one transaction. Only then do the webhooks begin.

        A command that says no, by a TaskRouterError, which is passed on, keeps what it noted for the debugger and
        nothing else: had it changed something before, that is undone. After any other exception, also when keeping
        fails, the workspace is again what the store knows of it, and neither the effects nor the end of the delivery
        are kept.

        Raises NotFound when there is no such workspace.
        """
        engine = self.engines.get(workspace_sid) or self.reload(workspace_sid)
        if engine is None:
            raise NotFound(f"Workspace {workspace_sid} was not found")
        try:
            engine.advance(now)
            self._keep(engine, now)
            try:
                done = command(engine)
            except TaskRouterError:
                self._keep_what_was_noted(engine, now)
                raise
            self._keep(engine, now, finished)
        except TaskRouterError:
            raise
        except Exception:
            self.reload(workspace_sid)
            raise
        return done

    def create(self, now: int, command: Callable[[WorkspaceEngine], T], **settings: Any) -> T:
        """Make a workspace at `now`, and do something in it: one unit, as in `apply`. settings: of the workspace."""
        engine = WorkspaceEngine.create(
            now,
            self.account_sid,
            new_sid,
            options=self.options,
            surroundings=self,
            observer=lambda state: self._make_observer(state, 0),
            **settings,
        )
        done = command(engine)
        self._keep(engine, now)
        self.engines[engine.workspace.sid] = engine
        return done

    def _keep(self, engine: WorkspaceEngine, now: int, finished: Delivery | None = None) -> None:
        """Keep what the engine has done since it was last asked, then say so."""
        effects, workspace = engine.drain(), engine.workspace
        if not effects and finished is None:
            return
        deliveries = self._deliveries(workspace, effects)
        self.store.write(workspace.sid, effects, deliveries, now, finished)
        if workspace.sid in effects.deleted:
            self.engines.pop(workspace.sid, None)
        self._committed(workspace.sid, effects, deliveries)

    def _committed(self, workspace_sid: str, effects: Effects, deliveries: list[Delivery]) -> None:
        """Say that a unit is kept. What fails now undoes nothing of it: webhooks that do not begin, do at a start."""
        try:
            self.after_commit(workspace_sid, effects, deliveries)
        except Exception:
            log.exception("after what was kept in %s", workspace_sid)

    def _keep_what_was_noted(self, engine: WorkspaceEngine, now: int) -> None:
        """Keep the alerts of a command that was refused, and undo the rest."""
        effects, sid = engine.drain(), engine.workspace.sid
        noted = Effects(alerts=effects.alerts)
        if effects != noted:
            self.reload(sid)
        if noted:
            self.store.write(sid, noted, [], now)
            self._committed(sid, noted, [])

    def _deliveries(self, workspace: Workspace, effects: Effects) -> list[Delivery]:
        """Make the webhooks that effects call for."""
        assignments = [
            Delivery(
                kind="assignment",
                workspace_sid=workspace.sid,
                subject_sid=callback.reservation_sid,
                url=callback.url,
                fallback_url=callback.fallback_url,
                parameters=assignment_form(workspace.sid, self.account_sid, callback),
            )
            for callback in effects.assignment_callbacks
        ]
        return assignments + event_deliveries(workspace, self.account_sid, effects.events)
