"""A plan as Python: the twilio calls that it makes, to be read or copied."""

from __future__ import annotations

from typing import Any

from .references import with_queues
from .steps import ConfigurationRef, Plan, PlanStep, Ref
from .words import PASSWORD


class _Written(str):
    """A text that stands in the program as it is."""

    def __repr__(self) -> str:
        return str(self)


def program(plan: Plan) -> list[str]:
    """Write a plan as statements, for a twilio client by the name of `client`.

    Each step is one statement, after those that name the workspace. SIDs that are known stand in them; what the plan
    makes is in `activities["..."]`, `task_queues["..."]` and so on. Passwords in addresses are masked.
    """
    lines = calls(plan)
    kinds = {step.kind for step in plan.steps if step.action == "create" and step.kind != "workspace"}
    if plan.present.sid is None:
        lines.insert(1, "activities = {each.friendly_name: each.sid for each in workspace.activities.list()}")
        kinds.discard("activities")
    else:
        lines.insert(0, f"workspace = client.taskrouter.v1.workspaces({plan.present.sid!r})")
    needs_json = any(isinstance(value, ConfigurationRef) for step in plan.steps for value in step.settings.values())
    return [*(["import json"] if needs_json else []), *(f"{kind} = {{}}" for kind in sorted(kinds)), *lines]


def calls(plan: Plan) -> list[str]:
    """Write each step of a plan as one statement."""
    known = dict(plan.present.sids)
    lines: list[str] = []
    for step in plan.steps:
        lines.append(PASSWORD.sub(r"\1***", _call(step, known, plan.present.sid is None)))
        if step.action == "create":
            known.pop((step.kind, step.name), None)
        elif step.new_name and (sid := known.get((step.kind, step.name))):
            known[step.kind, step.new_name] = sid
    return lines


def _call(step: PlanStep, known: dict[tuple[str, str], str], is_new: bool) -> str:
    def sid(ref: Ref) -> Any:
        found = known.get((ref.kind, ref.name))
        return found if found is not None else _Written(f"{ref.kind}[{ref.name!r}]")

    def written(value: Any) -> Any:
        if isinstance(value, Ref):
            return sid(value)
        if isinstance(value, ConfigurationRef):
            by_sid = with_queues(value.by_name, lambda name: sid(Ref("task_queues", name)))
            return _Written(f"json.dumps({by_sid!r})")
        return value

    arguments = ", ".join(f"{name}={written(value)!r}" for name, value in step.settings.items())
    if step.kind == "workspace" and step.action == "create":
        return f"workspace = client.taskrouter.v1.workspaces.create({arguments})"
    if step.kind == "workspace":
        return f"workspace.update({arguments})"
    if step.action == "create":
        return f"{step.kind}[{step.name!r}] = workspace.{step.kind}.create({arguments}).sid"
    if step.kind == "worker_channels":
        return f"{_of('workers', step.worker, sid)}.worker_channels({step.name!r}).update({arguments})"
    target = repr(step.name) if step.kind == "task_channels" and is_new else None
    resource = f"workspace.{step.kind}({target})" if target else _of(step.kind, step.name, sid)
    if step.action == "delete":
        return f"{resource}.delete()"
    if step.new_name and is_new:
        return f"{step.kind}[{step.new_name!r}] = {resource}.update({arguments}).sid"
    return f"{resource}.update({arguments})"


def _of(kind: Any, name: str, sid: Any) -> str:
    return f"workspace.{kind}({sid(Ref(kind, name))!r})"
