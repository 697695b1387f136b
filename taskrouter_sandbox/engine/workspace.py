"""One workspace and its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .commands import workspace as workspace_commands
from .commands.activities import Activities
from .commands.reservations import Reservations
from .commands.task_channels import TaskChannels
from .commands.task_queues import TaskQueues
from .commands.tasks import Tasks
from .commands.transfers import Transfers
from .commands.workers import WorkerChannels, Workers
from .commands.workflows import Workflows
from .model.effects import Alert, Effects
from .model.entities import Entity, Workspace
from .model.limits import WorkspaceLimits
from .model.observer import Observer
from .model.options import CompatibilityOptions
from .model.state import State
from .model.surroundings import Surroundings
from .reporting.event_recorder import EventRecorder
from .restore import restore
from .rules import expiry

DEFAULT_OPTIONS = CompatibilityOptions()


DEFAULT_LIMITS = WorkspaceLimits()


class WorkspaceEngine:
    """A workspace, its resources, and the rules that move them.

    The commands stand by resource, as in the REST API: `engine.workers.create(now, friendly_name="Alice")`. Each takes
    `now` first, in milliseconds since 1970; times must not go backwards. Effects wait in `drain()`.

    workspace: a new or a stored one; account_sid: `AC...`; new_sid: makes a SID from its two letters; stored: the
    resources that were in it, in the order of their creation; options: how to read what the sources leave open; limits:
    how much it holds; surroundings: see there; None where nobody places the phone calls among the effects.

    observer: makes whoever is told what happens, by default an EventRecorder, which puts events into the effects;
    keeps_changes: False when nobody stores the workspace: the effects then name no changed and deleted resources.
    """

    def __init__(
        self,
        workspace: Workspace,
        account_sid: str,
        new_sid: Callable[[str], str],
        stored: Iterable[Entity] = (),
        options: CompatibilityOptions = DEFAULT_OPTIONS,
        limits: WorkspaceLimits = DEFAULT_LIMITS,
        surroundings: Surroundings | None = None,
        observer: Callable[[State], Observer] = EventRecorder,
        keeps_changes: bool = True,
    ) -> None:
        self.state = state = State(
            workspace, account_sid, new_sid, options, limits, surroundings, observer, keeps_changes
        )
        restore(state, stored)
        self.activities = Activities(state)
        self.task_channels = TaskChannels(state)
        self.workers = Workers(state)
        self.worker_channels = WorkerChannels(state)
        self.task_queues = TaskQueues(state)
        self.workflows = Workflows(state)
        self.tasks = Tasks(state)
        self.reservations = Reservations(state)
        self.transfers = Transfers(state)

    @classmethod
    def create(
        cls,
        now: int,
        account_sid: str,
        new_sid: Callable[[str], str],
        *,
        template: workspace_commands.Template = "NONE",
        options: CompatibilityOptions = DEFAULT_OPTIONS,
        limits: WorkspaceLimits = DEFAULT_LIMITS,
        surroundings: Surroundings | None = None,
        observer: Callable[[State], Observer] = EventRecorder,
        keeps_changes: bool = True,
        **settings: Any,
    ) -> WorkspaceEngine:
        """Make a workspace with what its template brings along (rest-contract.md §7).

        settings: fields of Workspace; everything else: see the class.
        """
        workspace = Workspace(sid=new_sid("WS"), date_created=now, date_updated=now, **settings)
        engine = cls(
            workspace,
            account_sid,
            new_sid,
            options=options,
            limits=limits,
            surroundings=surroundings,
            observer=observer,
            keeps_changes=keeps_changes,
        )
        workspace_commands.apply_template(engine.state, now, template)
        return engine

    @property
    def workspace(self) -> Workspace:
        """The Workspace itself, as a resource."""
        return self.state.workspace

    def update(self, now: int, **settings: Any) -> Workspace:
        """Change the workspace itself; see `commands.workspace.update`."""
        return workspace_commands.update(self.state, now, **settings)

    def choose(self, now: int, options: CompatibilityOptions) -> None:
        """Read from `now` on in another way what the sources leave open; see `commands.workspace.choose`."""
        workspace_commands.choose(self.state, now, options)

    def delete(self, now: int) -> None:
        """Delete the workspace and all that is in it."""
        workspace_commands.delete(self.state, now)

    def advance(self, now: int) -> None:
        """Do all that is due up to `now`, each at its own time and in order."""
        expiry.advance(self.state, now)

    def next_due(self) -> int | None:
        """Give the time when `advance` may have something to do again, in milliseconds since 1970; None for never."""
        return self.state.timers.next_due()

    def alert(self, alert: Alert) -> None:
        """Note something for the debugger, among the effects of the command at work (behaviour.md §3.5)."""
        self.state.recorder.effects.alerts.append(alert)

    def drain(self) -> Effects:
        """Give what changed, what happened and whom to call since the last call."""
        return self.state.recorder.drain()
