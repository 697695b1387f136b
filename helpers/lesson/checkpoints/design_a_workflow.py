"""The checkpoints of notebook 07: a default filter, a step that is skipped, and four filters that are repaired."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.framework import NotRight, NotYet, checkpoint
from helpers.lesson.checkpoints.lookups import find_by_name
from helpers.lesson.checkpoints.practice import BEGIN, get_practice_workspace, tasks_of

LESSON = "07"
WORKFLOW = "Support desk"
DEFAULT_FILTER = """\
workflow = design([billing], default_filter={"queue": queues["Everyone"]})

picture(workflow)"""
SKIP_IF = """\
steps[0] = {"queue": queues["Billing"], "timeout": 10, "skip_if": "workers.available == 0"}
workflow = design([{**billing, "targets": steps}], **rest)

reset("Bob")
task = new_task(topic="billing")
task.task_queue_friendly_name"""
REPAIR = """\
experts, everyone = queues["Experts"], queues["Everyone"]
broken = [
    {"expression": 'kind == "complaint"', "targets": [{"queue": experts}]},
    {"expression": 'language == "fr"', "targets": [{"queue": experts}]},
    {"expression": "vip == true", "targets": [{"queue": experts}]},
    {
        "expression": 'topic == "contract"',
        "targets": [{"queue": everyone, "expression": "worker.level >= 3"}],
    },
]
samples = {"kind": "complaint"}, {"language": "fr"}, {"vip": True}, {"topic": "contract"}"""
CAUSES = (
    (
        "the complaint",
        "A filter asks about the task, so its names stand without `task.` in front.",
    ),
    (
        "the French customer",
        "`HAS` looks into a list. The sample's `language` is one text: compare it with `==`.",
    ),
    (
        "the VIP",
        '`"true"` in quotation marks is a text. The sample has the truth value, which is written `true`.',
    ),
)


def _routing(space: WorkspaceInstance) -> dict[str, Any]:
    """Read the workflow's configuration. Raises NotYet when there is no such workflow."""
    workflow = find_by_name(space.workflows, WORKFLOW)
    if workflow is None:
        raise NotYet(f'there is no workflow "{WORKFLOW}" yet.', hints=(BEGIN,))
    routing = as_object(workflow.configuration).get("task_routing")
    return routing if isinstance(routing, dict) else {}


@checkpoint(
    "A default filter",
    hints=(
        "`design` hands on what it does not know to the routing: `design([billing], default_filter=...)`.",
        'It is a target without an expression: `{"queue": queues["Everyone"]}`.',
    ),
    solution=DEFAULT_FILTER,
)
def default_filter(client: Client) -> str:
    """Check that the workflow sends what no filter takes to Everyone."""
    space = get_practice_workspace(client)
    routing = _routing(space)
    queues = {one.sid: one.friendly_name for one in space.task_queues.list()}
    default = routing.get("default_filter")
    filters = routing.get("filters") or []
    catches_all = [one for one in filters if str(one.get("expression", "")).replace(" ", "") == "1==1"]
    if not default and catches_all:
        raise NotRight(
            "a filter with `1==1` takes the rest. That works, and is not the default filter: it has to stay the last.",
            hints=("The default filter stands beside `filters`, and has no expression.",),
            solution=DEFAULT_FILTER,
        )
    if not default:
        raise NotYet("the workflow has no default filter, so a task about something else is refused.")
    name = queues.get(default.get("queue"), "no queue that exists")
    if name != "Everyone":
        raise NotRight(
            f"the rest goes to {name}, not to Everyone.",
            hints=('The queue is `queues["Everyone"]`.',),
            solution=DEFAULT_FILTER,
        )
    return "What no filter takes goes to Everyone."


@checkpoint(
    "A step is skipped",
    hints=(
        "`skip_if` belongs to the step, beside `queue` and `timeout`.",
        "It is an expression: `workers.available == 0`.",
    ),
    solution=SKIP_IF,
)
def skip_if(client: Client) -> str:
    """Check that the first step is skipped when nobody of its queue is available, and that a task has been."""
    space = get_practice_workspace(client)
    routing = _routing(space)
    filters = [one for one in routing.get("filters") or [] if len(one.get("targets") or []) > 1]
    if not filters:
        raise NotYet("no filter of the workflow has two steps.", hints=("Run the cell that escalates.",))
    first, written = filters[0]["targets"][0], filters[0]["targets"][0].get("skip_if")
    if not written and ("skip_if" in filters[0] or any("skip_if" in one for one in filters[0]["targets"][1:])):
        raise NotRight(
            "`skip_if` stands in the wrong place, where it is not read.",
            hints=("It belongs into the step that is to be skipped, which is the first one.",),
            solution=SKIP_IF,
        )
    if not written:
        raise NotYet("the first step has no `skip_if`.")
    compact = str(written).replace(" ", "").replace("==", "=")
    if compact == "1=1":
        raise NotRight(
            "`1==1` skips the step always, also when somebody is available and busy with something else.",
            hints=("Ask for the number of workers who are available.",),
            solution=SKIP_IF,
        )
    if "workers.available" not in compact:
        raise NotRight(
            f"`{written}` asks for a name that there is not here, so the step is never skipped.",
            hints=("The name is `workers.available`, in the plural.",),
            solution=SKIP_IF,
        )
    if compact not in ("workers.available=0", "workers.available<1", "workers.available<=0", "0=workers.available"):
        raise NotRight(
            f"`{written}` does not say that nobody is available.",
            hints=("The number is 0 then.",),
            solution=SKIP_IF,
        )
    tasks = [task for task, attributes in tasks_of(space, LESSON) if attributes.get("topic") == "billing"]
    if tasks and tasks[-1].task_queue_sid == first.get("queue"):
        raise NotYet(
            "the workflow is right. The newest task was created before, or somebody of Billing is available.",
            hints=("Run the cell again, as a whole.",),
            solution=SKIP_IF,
        )
    return "Nobody of Billing is available, so the step is skipped, and the task is with Everyone at once."


@checkpoint(
    "Four filters are repaired",
    hints=("Begin with the first sample that is not where it belongs, and look at its filter alone.",),
    solution=REPAIR,
)
def repaired(client: Client) -> str:
    """Check where the newest task of each sample went, and who was asked about the last one."""
    space = get_practice_workspace(client)
    newest: dict[int, TaskInstance] = {}
    for task, attributes in tasks_of(space, LESSON):
        if isinstance(attributes.get("sample"), int):
            newest[attributes["sample"]] = task
    if len(newest) < 4:
        raise NotYet("the samples are not there.", hints=("Run the cell with the samples.",), solution=REPAIR)
    for number, (what, hint) in enumerate(CAUSES):
        queue = newest[number].task_queue_friendly_name
        if queue != "Experts":
            raise NotRight(f"{what} is with {queue}, not with Experts.", hints=(hint,), solution=REPAIR)
    contract = newest[3]
    queue = contract.task_queue_friendly_name
    if queue != "Everyone":
        raise NotRight(
            f"the contract is with {queue}. Its queue was right, and the workers were not found.",
            hints=("Leave the queue, and look at the expression in the target.",),
            solution=REPAIR,
        )
    asked = [one.worker_name for one in contract.reservations.list()]
    if not asked:
        raise NotRight(
            "nobody is asked about the contract.",
            hints=("In the expression of a target, a worker's attribute is written with `worker.` in front.",),
            solution=REPAIR,
        )
    if asked != ["Carla"]:
        raise NotRight(
            f"{asked[0]} is asked about the contract, and has not the level 3.",
            hints=("The target's expression is to stay: it needs `worker.` in front of the name.",),
            solution=REPAIR,
        )
    return "Complaint, French and VIP are with Experts, and Carla is asked about the contract."
