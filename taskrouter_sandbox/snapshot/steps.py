"""The steps of a plan: calls that bring a workspace nearer to a snapshot, with names in place of SIDs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..language.strict_json import to_json
from .reading import Present
from .references import with_queues

Kind = Literal["workspace", "activities", "task_channels", "task_queues", "workflows", "workers", "worker_channels"]
Action = Literal["create", "update", "delete"]
Change: TypeAlias = tuple[Any, Any]


@dataclass(frozen=True)
class Ref:
    """Stands for the SID of what has this name, which may still have to be made."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class ConfigurationRef:
    """Stands for a workflow's configuration with SIDs in place of the names of its queues, as JSON text."""

    by_name: dict[str, Any]


@dataclass(frozen=True)
class PlanStep:
    """One call that brings the workspace nearer to the snapshot.

    settings: as the twilio client takes them, with Ref and ConfigurationRef in place of SIDs. changes: what was there
    and what will be, by the names of the snapshot. worker: of a worker channel; new_name: its name from then on.
    reason: why, where that is not plain; place: where the snapshot asks for it, as in `workers[2].channels.voice`, ""
    for what it does not name.
    """

    action: Action
    kind: Kind
    name: str
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    changes: dict[str, Change] = field(default_factory=dict[str, Change])
    worker: str = ""
    new_name: str = ""
    reason: str = ""
    place: str = ""


@dataclass(frozen=True)
class Plan:
    """What there is to do. name: of the workspace; present: what is there now.

    left: what the workspace has beside the snapshot and keeps, as nothing is deleted unasked, as (kind, name);
    obstacles: sentences that say what cannot be changed, and what can be done instead.
    """

    name: str
    present: Present
    steps: list[PlanStep]
    left: list[tuple[Kind, str]]
    obstacles: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether the workspace is as the snapshot says."""
        return not self.steps and not self.obstacles


def configuration_text(configuration: ConfigurationRef, sid: Callable[[Ref], str]) -> str:
    """Write a configuration as JSON text; sid: gives the SID of a Ref."""
    return to_json(with_queues(configuration.by_name, lambda name: sid(Ref("task_queues", name))))
