"""What a learner writes into the exercises, by notebook and by the id of the cell."""

from __future__ import annotations

import nbformat

from helpers.lesson.checkpoints import call_solutions
from helpers.lesson.checkpoints.accept_by_callback import ACCEPTING_APP
from helpers.lesson.checkpoints.agent_call_causes import GIVE_BACK
from helpers.lesson.checkpoints.build_an_agent_page import REASON, WAITED
from helpers.lesson.checkpoints.create_a_task import ACCEPT, URGENT_TASK
from helpers.lesson.checkpoints.create_a_workspace import FILTERS, FRENCH_QUEUE
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP, RING_APP
from helpers.lesson.checkpoints.design_a_workflow import DEFAULT_FILTER, REPAIR, SKIP_IF
from helpers.lesson.checkpoints.go_live import GUARD, RETRY
from helpers.lesson.checkpoints.many_tasks_at_once import BATCH, CAPACITY
from helpers.lesson.checkpoints.more_ways_to_connect import CALL, CONFERENCE, REDIRECT
from helpers.lesson.checkpoints.rehearse_a_day import CAUSE, FIX
from helpers.lesson.checkpoints.reject_time_out_and_recover import FALLBACK, RESCUE, TIMEOUT_ACTIVITY
from helpers.lesson.checkpoints.rejection_causes import REJECTING_APP
from helpers.lesson.checkpoints.watch_and_measure import FILTER, SECOND_MORNING, SERVICE_LEVEL
from tests.notebooks.source import NOTEBOOKS, source_of

SOLUTIONS: dict[str, dict[str, str]] = {
    "01-create-a-workspace": {
        "your-french-queue": FRENCH_QUEUE,
        "your-filters": source_of("01-create-a-workspace", "your-filters").split("filters =")[0] + FILTERS,
    },
    "02-create-a-task": {"your-acceptance": ACCEPT, "your-urgent-task": URGENT_TASK},
    "03-accept-by-callback": {"your-answer": ACCEPTING_APP, "your-rejection": REJECTING_APP},
    "04-tasks-from-phone-calls": {
        "your-menu": call_solutions.MENU_APP,
        "your-task": call_solutions.TASK_APP,
        "your-second-chance": call_solutions.SECOND_CHANCE_APP,
    },
    "05-dequeue-to-an-agent": {"your-answer": DEQUEUE_APP, "your-ring": RING_APP},
    "05b-more-ways-to-connect": {
        "your-rejection": GIVE_BACK,
        "your-call": source_of("05b-more-ways-to-connect", "your-call").split("def assignment_callback")[0] + CALL,
        "your-redirect": REDIRECT,
        "your-conference": CONFERENCE,
    },
    "06-reject-time-out-and-recover": {
        "your-timeout-activity": TIMEOUT_ACTIVITY,
        "your-fallback": FALLBACK,
        "your-rescue": RESCUE,
    },
    "07-design-a-workflow": {
        "your-default-filter": DEFAULT_FILTER,
        "your-skip-if": SKIP_IF,
        "your-repair": REPAIR,
    },
    "08-many-tasks-at-once": {"your-capacity": CAPACITY, "your-batch": BATCH},
    "10-go-live": {"your-guard": GUARD, "your-retry": RETRY},
    "12-build-an-agent-page": {"your-waited": WAITED, "your-reason": REASON},
    "09-watch-and-measure": {
        "your-service-level": SERVICE_LEVEL,
        "your-second-morning": SECOND_MORNING,
        "your-filter": FILTER,
    },
    "11-rehearse-a-day": {"your-suspect": CAUSE, "your-fix": FIX},
}


def read_solved(name: str) -> nbformat.NotebookNode:
    """Give the notebook of that name with its exercises done."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = SOLUTIONS.get(name, {}).get(cell.id, cell.source)
    return notebook
