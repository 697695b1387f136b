"""`plan` and `apply`: what differs between a snapshot and a workspace, in words and as calls; and to change it so."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import (
    DIFFERENT,
    DONE,
    FAILED,
    CannotDo,
    add_callbacks,
    add_data,
    add_parser,
    choose_workspace,
    is_agreed,
    load_snapshot,
    running,
    show_progress,
    tell,
)
from .snapshot import for_sandbox
from .twilio_package import clients

if TYPE_CHECKING:
    from ..snapshot import Plan, PlanStep, Snapshot

PLAN_EXAMPLES = """\
  taskrouter-sandbox plan team.json --to live
  taskrouter-sandbox plan team.json --to live --workspace Staging --delete --calls
  taskrouter-sandbox plan team.json --to sandbox --json

Exit code: 0 nothing differs; 3 something does; 1 it cannot be told; 2 wrong options. The account is that of
TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and TWILIO_API_KEY_SECRET, in the environment."""
APPLY_EXAMPLES = """\
  taskrouter-sandbox apply team.json --to live
  taskrouter-sandbox apply team.json --to live --delete --yes
  taskrouter-sandbox apply team.json --to sandbox --workspace Staging

Exit code: 0 it is as the snapshot says; 1 it is not, and why stands there; 2 wrong options. Where it breaks off, what
is done stays: apply it again, and it goes on there."""
SIGNS = {"create": "+", "update": "~", "delete": "-"}


def add_to(commands: Any) -> None:
    """Add both commands."""
    plan = add_parser(commands, "plan", "say what differs between a snapshot and a workspace", PLAN_EXAMPLES)
    apply = add_parser(commands, "apply", "change a workspace so that it is as a snapshot says", APPLY_EXAMPLES)
    for parser in (plan, apply):
        parser.add_argument("file", type=Path, metavar="FILE", help="the snapshot")
        parser.add_argument("--to", dest="target", choices=["live", "sandbox"], required=True, help="where it is")
        parser.add_argument(
            "--workspace",
            metavar="NAME",
            help="name or SID of a workspace, which keeps its name (default: the one that is called as in the "
            "snapshot, which is made where there is none)",
        )
        parser.add_argument("--delete", action="store_true", help="delete what the snapshot does not name")
        parser.add_argument(
            "--move-workers",
            action="store_true",
            help="let all workers go to the activity that the snapshot names; without it only new ones do, and those "
            "whose activity it does not have",
        )
        parser.add_argument("--json", action="store_true", help="say it as JSON")
        add_callbacks(parser)
        add_data(parser)
    plan.add_argument("--calls", action="store_true", help="say it as a Python program, too")
    plan.set_defaults(run=run_plan)
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.set_defaults(run=run_apply)


class _Target:
    """The workspace that a command is about, and what it is to be."""

    def __init__(self, asked: argparse.Namespace, *, read_only: bool):
        self.asked = asked
        wanted = load_snapshot(asked.file)
        if asked.target == "live":
            self.client = clients().of_live_account(read_only=read_only)
            self.where = f"the live account {self.client.account_sid}"
            self.wanted = _for_live(wanted, asked.callbacks)
        else:
            self.client = clients().of_sandbox(running(asked.data))
            self.where = "the sandbox"
            self.wanted = for_sandbox(wanted, asked.callbacks)
        self.sid = self._find()

    def _find(self) -> str | None:
        from msgspec.structs import replace

        if self.asked.workspace is not None:
            found = choose_workspace(self.client, self.asked.workspace, self.where)
            named = replace(self.wanted.workspace, friendly_name=found.friendly_name)
            self.wanted = replace(self.wanted, workspace=named)
            return str(found.sid)
        name = self.wanted.workspace.friendly_name
        if name not in [each.friendly_name for each in self.client.taskrouter.v1.workspaces.list()]:
            return None
        return str(choose_workspace(self.client, name, self.where).sid)

    def plan(self) -> Plan:
        from ..snapshot import look, missing, plan

        present = missing(self.wanted) if self.sid is None else look(self.client, self.sid, progress=show_progress)
        return plan(present, self.wanted, delete=self.asked.delete, move_workers=self.asked.move_workers)


def _for_live(snapshot: Snapshot, callbacks: str | None) -> Snapshot:
    from ..snapshot import addresses

    return snapshot if callbacks == "keep" else addresses.lead_out(snapshot, callbacks)


def run_plan(asked: argparse.Namespace) -> int:
    """Say what differs; 3 where something does, 0 where nothing does."""
    target = _Target(asked, read_only=True)
    plan = target.plan()
    if asked.json:
        print(json.dumps(as_json(plan), indent=2, ensure_ascii=False))
    else:
        print(in_words(plan, target.where))
        if asked.calls and plan.steps:
            from ..snapshot.client_calls import program

            print("\n".join(["", *program(plan)]))
    return DONE if plan.is_empty else DIFFERENT


def run_apply(asked: argparse.Namespace) -> int:
    """Change the workspace, after asking; 0 where it is as the snapshot says then."""
    from ..snapshot import Plan, apply

    if asked.json and not asked.yes:
        raise CannotDo("--json is for programs, which nobody can answer: give --yes, too.")
    target = _Target(asked, read_only=False)
    plan = target.plan()
    if not asked.json:
        print(in_words(plan, target.where), flush=True)
    if plan.obstacles:
        raise CannotDo("\n".join(["Nothing was changed.", *plan.obstacles]))
    done = 0
    if plan.steps:
        if not is_agreed(f"Change this in {target.where}?", asked.yes):
            print("Nothing was changed.")
            return FAILED
        if target.sid is None:  # what a new workspace brings along is only known then
            first = Plan(plan.name, plan.present, plan.steps[:1], [], [])
            target.sid, done = apply(target.client, first, begins=_teller(asked.json)), 1
            rest = target.plan()
        else:
            rest = plan
        apply(target.client, rest, begins=_teller(asked.json))
        done += len(rest.steps)
        plan = target.plan()
    if asked.json:
        print(json.dumps({"done": done, **as_json(plan)}, indent=2, ensure_ascii=False))
    elif not plan.is_empty:
        print("It still differs: something was not taken, or is changed again.\n" + in_words(plan, target.where))
    elif done:
        print(f'Done, {done} {"step" if done == 1 else "steps"}: workspace "{plan.name}" is as the snapshot says.')
    return DONE if plan.is_empty else FAILED


def _teller(quiet: bool) -> Any:
    from ..snapshot.words import said

    def begins(step: PlanStep) -> None:
        if not quiet:
            tell(f"{said(step)} ...")

    return begins


def in_words(plan: Plan, where: str) -> str:
    """Say what there is to do, step by step."""
    from ..snapshot.words import NOUNS, details, said

    place = f"({plan.present.sid}) in {where}" if plan.present.sid else f"is not in {where} yet"
    lines = [f'Workspace "{plan.name}" {place}:', ""]
    for step in plan.steps:
        lines += [f"  {SIGNS[step.action]} {said(step)}", *(f"      {line}" for line in details(step))]
    lines += [f"  ! {text}" for text in plan.obstacles]
    if plan.is_empty:
        lines.append("  Nothing differs.")
    counts = {action: sum(step.action == action for step in plan.steps) for action in SIGNS}
    lines += ["", ", ".join(f"{number} to {action}" for action, number in counts.items()) + "."]
    if plan.left:
        names = ", ".join(f'{NOUNS[kind]} "{name}"' for kind, name in plan.left)
        lines.append(f"Not in the snapshot, and kept unless --delete is given: {names}.")
    return "\n".join(lines)


def as_json(plan: Plan) -> dict[str, Any]:
    """Say what there is to do as JSON."""
    from ..snapshot.client_calls import calls
    from ..snapshot.words import without_passwords

    return {
        "workspace": {"friendly_name": plan.name, "sid": plan.present.sid},
        "steps": [
            {
                "action": step.action,
                "kind": step.kind,
                "name": step.name,
                **({"worker": step.worker} if step.worker else {}),
                "changes": {name: {"from": old, "to": new} for name, (old, new) in _plain(step).items()},
                "reason": step.reason,
                "call": call,
            }
            for step, call in zip(plan.steps, calls(plan), strict=True)
        ],
        "left": [{"kind": kind, "name": name} for kind, name in plan.left],
        "obstacles": without_passwords(plan.obstacles),
    }


def _plain(step: PlanStep) -> dict[str, tuple[Any, Any]]:
    from ..snapshot.words import without_passwords

    return {name: (without_passwords(old), without_passwords(new)) for name, (old, new) in step.changes.items()}
