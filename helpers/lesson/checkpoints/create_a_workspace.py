"""The checkpoints of notebook 01: the workspace and all that is in it."""

from __future__ import annotations

import json
import re
from typing import Any

from twilio.rest import Client

from helpers.connection.instances import TaskQueueInstance, WorkerInstance, WorkspaceInstance
from helpers.connection.json_text import as_json, as_object
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet, checkpoint
from helpers.lesson.checkpoints.lookups import find_by_name, get_workspace, is_live
from helpers.names import ACTIVITIES, LANGUAGES, OF_EXERCISES, QUEUES, RESERVATION_TIMEOUT, WORKFLOW

HINTS = (
    "A workspace is created with `workspaces.create(friendly_name=..., multi_task_enabled=...)`.",
    "Two things count: the exact name, and that the workspace is single-tasking.",
    '`friendly_name="TaskRouter Tutorial"`, `multi_task_enabled=False`.',
)
SOLUTION = (
    'settings = {"friendly_name": "TaskRouter Tutorial", "multi_task_enabled": False}\n'
    "workspace = found(workspaces, **settings) or workspaces.create(**settings)"
)
WORKER_HINTS = (
    "There are two workers, Alice and Bob. Their attributes say what they can do.",
    "Attributes are JSON text: `json.dumps(...)` makes it. Languages are a list, even if there is only one.",
    'Alice has `{"languages": ["en", "es"]}`, Bob has `{"languages": ["en"]}`.',
)
ADD_WORKERS = """\
alice = add_worker("Alice", ["en", "es"])
bob = add_worker("Bob", ["en"])"""
FRENCH = OF_EXERCISES["task queue"]
FRENCH_QUEUE = """\
carla = add_worker("Carla", ["fr"])
settings = moves | {
    "friendly_name": "Customer Care Requests - French",
    "target_workers": 'languages HAS "fr"',
}
french = found(queues, **settings) or queues.create(**settings)
carla.attributes, french.target_workers"""
MEMBERS = {code: {name for name, spoken in LANGUAGES.items() if code in spoken} for code in QUEUES}
FILTERS = """\
filters = [
    language_filter("Spanish", "es", spanish),
    language_filter("English", "en", english),
    language_filter("French", "fr", french),
]"""
GIVE_FILTERS = """\
configuration = json.dumps({"task_routing": {"filters": filters}})
workflow = workflow.update(configuration=configuration)"""
IN_WORDS = {"es": "Spanish", "en": "English", "fr": "French"}


@checkpoint("The workspace", hints=HINTS, solution=SOLUTION)
def workspace(client: Client) -> str:
    """Check that the workspace is there under its name, and single-tasking where that can be chosen."""
    space = _workspace(client)
    if not space.multi_task_enabled:
        return f'"{space.friendly_name}" is there, and single-tasking ({space.sid}).'
    if is_live():
        return f'"{space.friendly_name}" is there ({space.sid}), but multitasking: Alice keeps her activity.'
    raise NotRight(
        "the workspace is multitasking, which cannot be taken back: rename it with "
        '`workspace.update(friendly_name="Old")`, then create it with `multi_task_enabled=False`.',
        hints=HINTS,
        solution=f'workspace.update(friendly_name="Old")\n{SOLUTION}',
    )


def _workspace(client: Client) -> WorkspaceInstance:
    """Give the lessons' workspace. Raises NotYet, with how to create it, when there is none."""
    try:
        return get_workspace(client)
    except NotYet as missing:
        raise NotYet(str(missing), hints=HINTS, solution=SOLUTION) from None


@checkpoint(
    "The activities",
    hints=(
        "Four activities are needed: Offline, Idle, Busy and Reserved. Offline is there from the start.",
        "Workers get tasks only in an activity that is available. Which of the four should be?",
        "Only Idle is created with `available=True`. The workspace's default activity is Offline.",
    ),
    solution=(
        'for name, available in {"Offline": False, "Idle": True, "Busy": False, "Reserved": False}.items():\n'
        '    settings = {"friendly_name": name, "available": available}\n'
        "    activity = found(workspace.activities, **settings) or workspace.activities.create(**settings)\n"
        "    activities[name] = activity"
    ),
)
def activities(client: Client) -> str:
    """Check that the four activities are there, only Idle is available, and workers start Offline."""
    space = _workspace(client)
    present = {activity.friendly_name: activity for activity in space.activities.list()}
    if missing := [name for name in ACTIVITIES if name not in present]:
        raise NotYet(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    for name, available in ACTIVITIES.items():
        if bool(present[name].available) != available:
            raise NotRight(
                f"{name} is {'available' if not available else 'not available'}, which cannot be changed: "
                f'rename it with `.update(friendly_name="{name} (old)")`, then create it again with '
                f"`available={available}`."
            )
    if space.default_activity_sid != present["Offline"].sid:
        raise NotRight(f"new workers would start {space.default_activity_name}: the default activity is Offline.")
    return "Offline, Idle, Busy and Reserved are there. Of these four only Idle is available."


@checkpoint("The workers", hints=WORKER_HINTS, solution=ADD_WORKERS)
def workers(client: Client) -> str:
    """Check that Alice and Bob are there with the languages of the lesson."""
    if wrong := _explain_workers(_workspace(client)):
        raise wrong
    return "Alice speaks English and Spanish, Bob English."


def _explain_workers(space: WorkspaceInstance) -> Unmet | None:
    """Say who of Alice and Bob is missing, or speaks other languages than in the lesson; None when all is right."""
    present = {worker.friendly_name.casefold(): worker for worker in space.workers.list()}
    if missing := [name for name in LANGUAGES if name.casefold() not in present]:
        return NotYet(
            f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing.", hints=WORKER_HINTS, solution=ADD_WORKERS
        )
    for name, languages in LANGUAGES.items():
        if differs := _explain_languages(present[name.casefold()], name, languages):
            return NotRight(differs, hints=WORKER_HINTS, solution=ADD_WORKERS)
    return None


def _explain_languages(worker: WorkerInstance, name: str, languages: list[str]) -> str:
    attributes = as_json(worker.attributes)
    if not isinstance(attributes, dict) or "languages" not in attributes:
        return f'{name}\'s attributes have no `"languages"`: they are `{worker.attributes}`.'
    present = attributes["languages"]
    if not isinstance(present, list):
        return f"{name}'s languages are {json.dumps(present)}, which is not a list: `HAS` needs one."
    if set(map(str, present)) != set(languages):
        return f"{name}'s languages are {json.dumps(present)}, not {json.dumps(languages)}."
    return ""


@checkpoint(
    "The task queues",
    hints=(
        "A queue chooses its workers with an expression over their attributes, `target_workers`.",
        'The workers\' attribute is `languages`; "contains" is written `HAS`, and a text has quotation marks.',
        "`target_workers='languages HAS \"es\"'`, with the activities Reserved and Busy by their SIDs.",
    ),
    solution=(
        'settings = {"friendly_name": "Customer Care Requests - Spanish",\n'
        '            "target_workers": \'languages HAS "es"\',\n'
        '            "reservation_activity_sid": activities["Reserved"].sid,\n'
        '            "assignment_activity_sid": activities["Busy"].sid}\n'
        "spanish = found(queues, **settings) or queues.create(**settings)"
    ),
)
def queues(client: Client) -> str:
    """Check that TaskRouter itself counts the right workers into each queue, and knows the two activities."""
    space = _workspace(client)
    found = {code: find_by_name(space.task_queues, name) for code, name in QUEUES.items()}
    present = {code: queue for code, queue in found.items() if queue is not None}
    if missing := [f'"{QUEUES[code]}"' for code in QUEUES if code not in present]:
        raise NotYet(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    for code, queue in present.items():
        names = {worker.friendly_name for worker in space.workers.list(task_queue_sid=queue.sid)}
        counted = {name.casefold() for name in names}
        if {name for name in LANGUAGES if name.casefold() in counted} != MEMBERS[code]:
            raise _explain_workers(space) or NotRight(
                f"the {IN_WORDS[code]} queue's workers are {_and(sorted(names)) or 'nobody'}, not "
                f"{_and(sorted(MEMBERS[code]))}: its expression is `{queue.target_workers}`."
            )
        _moves(queue, IN_WORDS[code])
    return "Of Alice and Bob, TaskRouter counts both into the English queue, and Alice alone into the Spanish one."


def _moves(queue: TaskQueueInstance, language: str) -> None:
    """Raise NotRight when the queue moves its workers to other activities than Reserved and Busy."""
    moves = (queue.reservation_activity_name, queue.assignment_activity_name)
    if moves != ("Reserved", "Busy"):
        raise NotRight(
            f"the {language} queue moves a worker to {moves[0]} and {moves[1]} instead of Reserved "
            "(reservation activity) and Busy (assignment activity)."
        )


@checkpoint(
    "Carla and her queue",
    hints=(
        "Carla is created as Alice is, with a list of one language; her queue as the English one is.",
        "The queue's expression differs from the English one in one word: the language.",
        '`add_worker("Carla", ["fr"])`, and `target_workers=\'languages HAS "fr"\'` for the queue.',
    ),
    solution=FRENCH_QUEUE,
)
def french_queue(client: Client) -> str:
    """Check that TaskRouter itself counts Carla, and nobody else, into a French queue with the two activities."""
    space = _workspace(client)
    present = [one for one in space.workers.list() if one.friendly_name.casefold() == "carla"]
    if not present:
        raise NotYet("there is no worker Carla yet.")
    spoken = as_object(present[0].attributes).get("languages")
    if not isinstance(spoken, list) or "fr" not in spoken:
        raise NotRight(
            f"Carla's attributes are `{present[0].attributes}`: "
            'her `"languages"` have to be a list with `"fr"` in it.',
            hints=(
                "Languages are a list, even if there is only one, in small letters.",
                "`found(workers, friendly_name=...)` gives Carla as she is, whatever you write behind `or`. "
                "`add_worker` brings the attributes of a worker who is there up to date.",
            ),
            solution=FRENCH_QUEUE,
        )
    queue = find_by_name(space.task_queues, FRENCH)
    if queue is None:
        raise NotYet(f'Carla is there; there is no queue "{FRENCH}" yet.')
    names = sorted(worker.friendly_name for worker in space.workers.list(task_queue_sid=queue.sid))
    if names != [present[0].friendly_name]:
        raise NotRight(
            f"the French queue's workers are {_and(names) or 'nobody'}, not Carla: its expression is "
            f"`{queue.target_workers}`.",
            hints=(
                'The expression that chooses her is `languages HAS "fr"`.',
                "`found(queues, friendly_name=...)` gives the queue as it is, whatever you write behind `or`. "
                "`found(queues, **settings)` brings one that is there up to date.",
            ),
            solution=FRENCH_QUEUE,
        )
    _moves(queue, "French")
    return "TaskRouter counts Carla into the French queue, and nobody else."


@checkpoint(
    "The workflow",
    hints=(
        "A workflow's configuration is JSON text with one filter for each queue.",
        "An expression that is never true raises no error: compare every letter of `selected_language`.",
        'Filter `selected_language == "es"` leads to the Spanish queue, "en" to the English one; '
        "`task_reservation_timeout` is 1200.",
    ),
    solution=(
        "def language_filter(name, code, queue):\n"
        '    return {"filter_friendly_name": f"Language - {name}",\n'
        '            "expression": f\'selected_language == "{code}"\',\n'
        '            "targets": [{"queue": queue.sid}]}'
    ),
)
def workflow(client: Client) -> str:
    """Check that both filters are spelled right and lead to the right queues, and a reservation lasts long enough."""
    space = _workspace(client)
    flow = find_by_name(space.workflows, WORKFLOW)
    if flow is None:
        raise NotYet(f'there is no workflow "{WORKFLOW}" yet.')
    filters = as_object(flow.configuration).get("task_routing", {}).get("filters", [])
    for code, name in QUEUES.items():
        queue = find_by_name(space.task_queues, name)
        if queue is None:
            raise NotYet(
                f'there is no queue "{name}" yet.',
                hints=("The filters lead to the two queues. Run the cells that create those first.",),
            )
        _leads(filters, code, queue)
    if flow.task_reservation_timeout != RESERVATION_TIMEOUT:
        raise NotRight(
            f"a reservation lasts {flow.task_reservation_timeout} seconds, not {RESERVATION_TIMEOUT}: it may "
            "time out while you read."
        )
    return "Each language leads to its queue, and a reservation lasts 20 minutes."


@checkpoint(
    "The French filter",
    hints=(
        "A filter needs a name, a language code and a queue: `language_filter` takes the three, in this order.",
        'The third one differs from the others in its arguments: "French", "fr" and `french`.',
        "The workflow knows nothing of `filters` until the cell after it has run again.",
    ),
    solution=f"{FILTERS}\n{GIVE_FILTERS}",
)
def french_filter(client: Client) -> str:
    """Check that the workflow sends French tasks to the French queue."""
    space = _workspace(client)
    queue = find_by_name(space.task_queues, FRENCH)
    if queue is None:
        raise NotYet(
            f'there is no queue "{FRENCH}" yet, to which the filter could lead.',
            hints=("The queue is the exercise before this one, further up on this page.",),
            solution=FRENCH_QUEUE,
        )
    flow = find_by_name(space.workflows, WORKFLOW)
    if flow is None:
        raise NotYet(f'there is no workflow "{WORKFLOW}" yet.', hints=("Run the cell that creates it.",))
    filters = as_object(flow.configuration).get("task_routing", {}).get("filters", [])
    _leads(filters, "fr", queue)
    return "A French task goes to Carla's queue."


def _leads(filters: list[dict[str, Any]], code: str, queue: Any) -> None:
    wanted = f'selected_language == "{code}"'
    for one in filters:
        targets = [target.get("queue") for target in one.get("targets", [])]
        expression = one.get("expression", "")
        if _squeezed(expression) == _squeezed(wanted):
            if targets[:1] != [queue.sid]:
                raise NotRight(f"the filter `{expression}` does not lead to the {IN_WORDS[code]} queue.")
            return
    for one in filters:
        if queue.sid in [target.get("queue") for target in one.get("targets", [])]:
            raise NotRight(
                f"the filter for the {IN_WORDS[code]} queue reads `{one.get('expression')}` instead of "
                f"`{wanted}`. TaskRouter does not complain; it just never matches."
            )
    raise NotYet(f"no filter leads to the {IN_WORDS[code]} queue.")


def _squeezed(expression: str) -> str:
    return re.sub(r"\s+", "", expression).replace("'", '"')


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
