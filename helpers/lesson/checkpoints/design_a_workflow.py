"""The checkpoints of notebook 07: a default filter, a step that is skipped, and a workflow that is repaired."""

from __future__ import annotations

import json
from typing import Any

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import find_by_name
from helpers.lesson.checkpoints.needs import checkpoint_in_practice
from helpers.lesson.checkpoints.own_calls import own_calls
from helpers.lesson.checkpoints.practice import BEGIN, get_practice_workspace, missing_in_practice, tasks_of
from helpers.lines import as_sentence
from taskrouter_sandbox.language.expressions import ExpressionError, parse

LESSON = "07"
WORKFLOW = "Support desk"
checkpoint = checkpoint_in_practice(
    worker=("Alice", "Bob", "Carla"), queue=("Billing", "Experts", "Everyone"), workflow=(WORKFLOW,)
)
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
experts = [{"queue": queues["Experts"]}]
everyone = queues["Everyone"]
contracts = [{"queue": everyone, "expression": "worker.level >= 3"}]
samples = {
    'city == "Paris"': {"city": "Paris"},
    'order_type == "return"': {"order_type": "return"},
    'kind == "complaint"': {"kind": "complaint"},
    'language == "fr"': {"language": "fr"},
    "vip == true": {"vip": True},
    'product == "phone"': {"product": "phone"},
    'topic == "contract"': {"topic": "contract"},
}"""
TRY = "Then run the cell with the samples."
SAMPLES: tuple[tuple[str, str | bool, str, str], ...] = (
    ("city", "Paris", "the task from Paris", "Type the quotation marks anew: the straight ones of the keyboard."),
    ("order_type", "return", "the return", "The attribute is `order_type`, with an underscore."),
    (
        "kind",
        "complaint",
        "the complaint",
        "A filter asks about the task, so its names have no `task.` in front.",
    ),
    (
        "language",
        "fr",
        "the French customer",
        "`HAS` looks into a list. The sample's `language` is one text: compare it with `==`.",
    ),
    (
        "vip",
        True,
        "the VIP",
        '`"true"` in quotation marks is a text. The sample has a boolean, which is written `true` in an expression.',
    ),
    (
        "product",
        "phone",
        "the phone",
        "Compare the name in the filter with the attribute of the sample, letter by letter.",
    ),
)
"""Of each sample that belongs to Experts its attribute, what it is called, and the hint to its filter."""


def _routing(space: WorkspaceInstance) -> dict[str, Any]:
    """Read the workflow's configuration. Raises NotYet when there is no such workflow."""
    workflow = find_by_name(space.workflows, WORKFLOW)
    if workflow is None:
        raise missing_in_practice("workflow", WORKFLOW)
    routing = as_object(workflow.configuration).get("task_routing")
    return routing if isinstance(routing, dict) else {}


def _require_taken(client: Client, space: WorkspaceInstance, solution: str) -> None:
    """Raise NotRight when TaskRouter has refused the newest configuration: the one before stays, and may be right."""
    calls = own_calls(client, rf"/{space.sid}/Workflows(/WW\w+)?", "Configuration")
    if not calls or calls[-1].status < 400 or calls[-1].status == 404:
        return
    said = str(as_object(calls[-1].answer).get("message") or f"status {calls[-1].status}")
    raise NotRight(
        "TaskRouter has refused your newest configuration, and the workflow is still the one before: "
        f"{as_sentence(said)}",
        hints=(_hint_to(said), "Repair what it names, and run the cell again."),
        solution=solution,
    )


def _is_skipped(skip_if: object, available: int) -> bool:
    """Tell whether this `skip_if` is true when so many workers of its queue are available."""
    try:
        return parse(str(skip_if)).matches({"workers": {"available": available}})
    except ExpressionError:
        return False


def _hint_to(refusal: str) -> str:
    """Give the hint to a refused configuration, by the words of the error."""
    if "-" in refusal.partition("input '")[2][:1]:
        return "A hyphen is read as a minus, so no attribute has one in its name: here it is `order_type`."
    if any(mark in refusal for mark in "\u201c\u201d\u2018\u2019"):
        return "Word processors write curly quotation marks, and TaskRouter reads only the straight ones of a keyboard."
    if "is not a TaskQueue" in refusal:
        return f"The queue was deleted, or is of a workspace that was. {BEGIN}"
    return "The message says what TaskRouter could not read."


@checkpoint(
    "A default filter",
    hints=(
        "`design` adds further arguments to the routing: `design([billing], default_filter=...)`.",
        'It is a target without an expression: `{"queue": queues["Everyone"]}`.',
    ),
    solution=DEFAULT_FILTER,
)
def default_filter(client: Client) -> str:
    """Check that the workflow sends what no filter takes to Everyone."""
    space = get_practice_workspace(client)
    _require_taken(client, space, DEFAULT_FILTER)
    routing = _routing(space)
    queues = {one.sid: one.friendly_name for one in space.task_queues.list()}
    default = routing.get("default_filter")
    filters = routing.get("filters") or []
    catches_all = [one for one in filters if str(one.get("expression", "")).replace(" ", "") == "1==1"]
    if not default and catches_all:
        raise NotRight(
            "a filter with `1==1` takes the rest. That works only while it stays last, and it is not the "
            "default filter.",
            hints=("The default filter stands beside `filters`, and has no expression.",),
            solution=DEFAULT_FILTER,
        )
    if not default and any("default_filter" in one for one in filters):
        raise NotRight(
            "`default_filter` is inside a filter, where it is not read.",
            hints=("It belongs beside the list of filters: `design([billing], default_filter=...)`.",),
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
    if not filters:
        raise NotRight(
            "the filter for billing is gone, so every task goes to Everyone.",
            hints=("Keep it in the list: `design([billing], default_filter=...)`.",),
            solution=DEFAULT_FILTER,
        )
    return "Tasks that no filter matches go to Everyone."


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
    _require_taken(client, space, SKIP_IF)
    routing = _routing(space)
    filters = [one for one in routing.get("filters") or [] if len(one.get("targets") or []) > 1]
    steps = [one for one in filters[0]["targets"] if "known_worker_sid" not in one] if filters else []
    if not steps:
        raise NotYet("no filter of the workflow has two steps.", hints=("Run the cell that escalates.",))
    first, written = steps[0], steps[0].get("skip_if")
    if not written and ("skip_if" in filters[0] or any("skip_if" in one for one in steps[1:])):
        raise NotRight(
            "`skip_if` is in the wrong place, so it does not apply to the first step.",
            hints=("It belongs in the step that should be skipped, which is the first one.",),
            solution=SKIP_IF,
        )
    if not written:
        raise NotYet("the first step has no `skip_if`.")
    nobody, somebody = _is_skipped(written, 0), [_is_skipped(written, number) for number in (1, 2, 3)]
    if nobody and all(somebody):
        raise NotRight(
            f"`{written}` always skips the step, even when somebody in Billing is available.",
            hints=("Ask for the number of workers who are available.",),
            solution=SKIP_IF,
        )
    if "workers.available" not in str(written):
        raise NotRight(
            f"`{written}` does not look at `workers.available`, so it says nothing of who is available.",
            hints=("The name of their number is `workers.available`, in the plural.",),
            solution=SKIP_IF,
        )
    if not nobody or any(somebody):
        raise NotRight(
            f"`{written}` does not say that nobody is available.",
            hints=("The number of available workers must be 0.",),
            solution=SKIP_IF,
        )
    tasks = [task for task, attributes in tasks_of(space, LESSON) if attributes.get("topic") == "billing"]
    if tasks and tasks[-1].task_queue_sid == first.get("queue"):
        raise NotYet(
            "the workflow is right, but the newest task was created before it, or somebody in Billing is available.",
            hints=("Run the whole cell again.",),
            solution=SKIP_IF,
        )
    return "Nobody in Billing was available, so the step was skipped, and the task went to Everyone at once."


@checkpoint(
    "The workflow is repaired",
    hints=("Begin with the first sample that went to the wrong place, and look only at its filter.",),
    solution=REPAIR,
)
def repaired(client: Client) -> str:
    """Check where the newest task of each sample went, and who was asked about the last one."""
    space = get_practice_workspace(client)
    _require_taken(client, space, REPAIR)
    newest = {
        (name, value): task
        for task, attributes in tasks_of(space, LESSON)
        for name, value in attributes.items()
        if isinstance(value, str | bool)
    }
    wanted = [(name, value) for name, value, _, _ in SAMPLES] + [("topic", "contract")]
    if not newest.keys() >= set(wanted):
        raise NotYet("the samples are not there.", hints=("Run the cell with the samples.",), solution=REPAIR)
    for name, value, what, hint in SAMPLES:
        queue = newest[name, value].task_queue_friendly_name
        if queue != "Experts":
            plain = f"The filter is `{name} == {json.dumps(value)}`. {TRY}"
            raise NotRight(f"{what} is in {queue}, not in Experts.", hints=(hint, plain), solution=REPAIR)
    _require_carla(newest["topic", "contract"])
    return "Six tasks are in Experts, and Carla is asked about the contract."


def _require_carla(contract: TaskInstance) -> None:
    """Raise NotRight when the contract is not in Everyone, or not only Carla is asked about it."""
    queue = contract.task_queue_friendly_name
    if queue != "Everyone":
        raise NotRight(
            f"the contract is in {queue}. Its queue was right; the mistake is in how workers are chosen.",
            hints=("Leave the queue, and look at the expression in `contracts`.", TRY),
            solution=REPAIR,
        )
    asked = [one.worker_name for one in contract.reservations.list()]
    if not asked:
        raise NotRight(
            "nobody is asked about the contract.",
            hints=("In the expression of a target, a worker's attribute is written with `worker.` in front.", TRY),
            solution=REPAIR,
        )
    if asked != ["Carla"]:
        raise NotRight(
            f"{asked[0]} is asked about the contract, but does not have level 3.",
            hints=("Keep the target's expression, and put `worker.` in front of the name.", TRY),
            solution=REPAIR,
        )
