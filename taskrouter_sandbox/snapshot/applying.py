"""Carry a plan out, with the REST API and any `twilio` client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .format import SnapshotError
from .places import refused_at
from .steps import ConfigurationRef, Plan, PlanStep, Ref, configuration_text
from .words import said

MOST_SAID = 20  # steps that a refusal lists


class StepRefused(SnapshotError):
    """A step of a plan did not succeed.

    done: how many were done before it, and stay; step: the one that was not; place: where the snapshot asks for it;
    what: happened, in sentences, without how to go on; workspace_sid: "" where none was made.
    """

    def __init__(self, what: str, remedy: str, *, done: int, step: PlanStep, place: str, workspace_sid: str):
        super().__init__(f"{what} {remedy}")
        self.what, self.done, self.step, self.place, self.workspace_sid = what, done, step, place, workspace_sid


def _no_matter(_: PlanStep) -> None:
    pass


def apply(client: Any, plan: Plan, *, begins: Callable[[PlanStep], None] = _no_matter) -> str:
    """Carry out each step of a plan, and give the workspace's SID.

    client: a `twilio.rest.Client`; begins: told of each step before it. When it breaks off, a new plan has what is left
    to do, since everything is found by its name: nothing is made twice. Raises SnapshotError for a plan with obstacles,
    before anything is changed, and StepRefused for what the service refuses.
    """
    from twilio.base.exceptions import TwilioException  # pyright: ignore[reportMissingTypeStubs]

    if plan.obstacles:
        raise SnapshotError("\n".join(plan.obstacles))
    work = _Work(client, plan)
    for number, step in enumerate(plan.steps):
        begins(step)
        try:
            work.do(step)
        except TwilioException as refused:
            raise _refusal(refused, plan, number, work.workspace_sid) from refused
    return work.workspace_sid


def _refusal(refused: Any, plan: Plan, number: int, workspace_sid: str) -> StepRefused:
    """Say which step did not succeed, where the snapshot asks for it, what is done, and how to go on."""
    step, words = plan.steps[number], str(getattr(refused, "msg", "") or refused).rstrip(".")
    place = refused_at(step, words)
    what = f"step {number + 1} of {len(plan.steps)}, {said(step)}, did not succeed: {words}."
    done = "; ".join(said(each) for each in plan.steps[max(0, number - MOST_SAID) : number])
    if number > MOST_SAID:
        done = f"...; {done}"
    what += f" The {number} before it are done and stay: {done}." if number else " Nothing was changed."
    busy = getattr(refused, "status", 0) in (429, 500, 502, 503, 504)
    remedy = "Wait a little" if busy or not place else f"Mend {place} in the snapshot"
    return StepRefused(
        f"{place}: {what}" if place else what,
        f"{remedy} and apply it again: it goes on with this step, and makes nothing twice.",
        done=number,
        step=step,
        place=place,
        workspace_sid=workspace_sid,
    )


class _Work:
    def __init__(self, client: Any, plan: Plan):
        self.client, self.sids = client, dict(plan.present.sids)
        self.workspace_sid = plan.present.sid or ""

    def do(self, step: PlanStep) -> None:
        if step.action == "create":
            self.create(step)
        elif step.action == "delete":
            self.delete(step)
        else:
            self.resource(step).update(**self.settings(step))
            if step.new_name:
                self.sids[step.kind, step.new_name] = self.sids[step.kind, step.name]

    @property
    def workspace(self) -> Any:
        return self.client.taskrouter.v1.workspaces(self.workspace_sid)

    def resource(self, step: PlanStep) -> Any:
        """Give what a step changes, as the twilio client's context."""
        if step.kind == "workspace":
            return self.workspace
        if step.kind == "worker_channels":
            return self.workspace.workers(self.sids["workers", step.worker]).worker_channels(step.name)
        named = self.sids.get((step.kind, step.name), step.name)  # a channel is found by its name, too (§1)
        return getattr(self.workspace, step.kind)(named)

    def settings(self, step: PlanStep) -> dict[str, Any]:
        return {name: self.resolved(value) for name, value in step.settings.items()}

    def resolved(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return self.sids[value.kind, value.name]
        return configuration_text(value, self.resolved) if isinstance(value, ConfigurationRef) else value

    def create(self, step: PlanStep) -> None:
        """Make something; what an earlier try has made, whose answer was lost, is taken as it is."""
        if step.kind == "workspace":
            made = self.client.taskrouter.v1.workspaces.create(**self.settings(step))
            self.workspace_sid = made.sid
            self.sids |= {("activities", each.friendly_name): each.sid for each in made.activities.list()}
            return
        collection = getattr(self.workspace, step.kind)
        try:
            sid = collection.create(**self.settings(step)).sid
        except Exception as refused:
            found = self.found(step) if getattr(refused, "status", None) == 400 else None
            if found is None:
                raise
            sid = found
        self.sids[step.kind, step.name] = sid

    def found(self, step: PlanStep) -> str | None:
        """Look for what has the name that a step gives."""
        name = "unique_name" if step.kind == "task_channels" else "friendly_name"
        for each in getattr(self.workspace, step.kind).list():
            if getattr(each, name) == step.name:
                return str(each.sid)
        return None

    def delete(self, step: PlanStep) -> None:
        try:
            self.resource(step).delete()
        except Exception as refused:
            if getattr(refused, "status", None) != 404:  # deleted by an earlier try, whose answer was lost
                raise
