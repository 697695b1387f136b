"""What a page needs was deleted while it is open: what the learner reads names it, and says where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from nbclient.exceptions import CellExecutionError

from helpers import cast, check
from helpers.lesson.cast import Cast, configuration
from helpers.lesson.checkpoints.framework import CheckpointState
from helpers.lesson.course import PAGES, find
from helpers.lesson.progress import checks
from helpers.lesson.snapshots import BEGINS_WITH
from helpers.names import PRACTICE_WORKSPACE, WORKFLOW

NAME = "03-accept-by-callback"
AFTER_01 = [
    getattr(check, step.removeprefix("check."))
    for page in PAGES
    if BEGINS_WITH.get(page.number) == "after-01"
    for step in checks(page)
]


def without_workflow(team: Cast) -> str:
    team.workflow.delete()
    return f'there is no workflow "{WORKFLOW}" yet (notebook 01 creates it)'


def without_queue(team: Cast) -> str:
    team.workflow.update(configuration=configuration(team.english, team.english))
    team.spanish.delete()
    return 'there is no queue "Customer Care Requests - Spanish" yet (notebook 01 creates it)'


def without_alice(team: Cast) -> str:
    team.alice.delete()
    return "there is no worker Alice yet (notebook 01 creates it)"


def without_idle(team: Cast) -> str:
    team.activities["Idle"].delete()
    return 'there is no activity "Idle" yet (notebook 01 creates it)'


DELETED: tuple[Callable[[Cast], str], ...] = (without_workflow, without_queue, without_alice, without_idle)


def said(failure: pytest.ExceptionInfo[CellExecutionError]) -> str:
    """What the learner reads, in one line."""
    return " ".join(str(failure.value).split())


@pytest.mark.parametrize("delete", DELETED, ids=lambda delete: delete.__name__)
def test_every_checkpoint_of_a_page_after_01_says_so_before_what_is_left_to_do(bare, delete):
    team = cast(bare)
    words = delete(team)
    not_done = [one for one in (look(bare) for look in AFTER_01) if one.state is CheckpointState.NOT_YET]
    assert len(not_done) > 20
    for verdict in not_done:
        assert words in verdict.sentence, repr(verdict)
        assert "`cast`" in verdict.hints[0]


def test_the_route_of_a_cell_fails_and_the_cell_says_with_what(notebook, client):
    """In notebook 03 `/create-task` creates the task, so it is the app that TaskRouter refuses something."""
    with notebook(NAME) as run:
        run.up_to("check-callback-url")
        client.taskrouter.v1.workspaces.list()[0].workflows.list()[0].delete()
        with pytest.raises(CellExecutionError) as failure:
            run.cell("create-first-task")
        told = said(failure)
        assert re.search(
            r"LessonError: Your app has failed at /create-task: TaskRouter answered 400: Unable to create record: "
            r"WorkflowSid WW\w+ is not a Workflow of workspace WS\w+, line 7 of the cell\. It was deleted, or is of a "
            r"workspace that was\. Run this notebook again from the top: it creates what is missing\.$",
            told,
        ), told
        assert f'there is no workflow "{WORKFLOW}" yet' in run.cell("check-no-instruction")
        run.up_to("create-first-task")
        assert "'pending'" in run.texts["create-first-task"]


def test_the_app_of_a_cell_fails_otherwise(notebook):
    with notebook(NAME) as run:
        run.up_to("check-callback-url")
        run.code("del settings")
        with pytest.raises(CellExecutionError) as failure:
            run.cell("create-first-task")
        assert "Your app has failed at /create-task: NameError: name 'settings' is not defined, line 7" in said(failure)
        with pytest.raises(CellExecutionError, match="The answer is no JSON"):
            run.code("requests.get(f'{server.url}/docs', timeout=10).json()")


def test_what_is_below_a_deleted_worker_is_told_as_the_worker_is(notebook):
    with notebook("02-create-a-task") as run:
        run.up_to("check-stage")
        run.code("alice.delete()")
        for source, words in (
            ("alice.reservations.list()", r"There is no worker WK\w+ any more"),
            ("alice.statistics().fetch()", r"There is no worker WK\w+ any more"),
            (
                "alice.worker_channels('chat').update(capacity=2)",
                r"no worker WK\w+, or it has no channel chat: one was",
            ),
        ):
            with pytest.raises(CellExecutionError) as failure:
                run.code(source)
            assert re.search(words, said(failure)), said(failure)


NEEDED = {
    "07": (("workflows", "Support desk"), ("task_queues", "Experts"), ("workers", "Carla")),
    "08": (("workflows", "To everyone"), ("task_queues", "Everyone"), ("workers", "Bob")),
}


@pytest.mark.parametrize("number", NEEDED)
def test_what_the_practice_workspace_lacks_is_told_before_what_is_left_to_do(client, number):
    settings = {"friendly_name": PRACTICE_WORKSPACE, "multi_task_enabled": True}
    space = client.taskrouter.v1.workspaces.create(**settings)
    looks = [getattr(check, step.removeprefix("check.")) for step in checks(find(number))]

    def told() -> list[str]:
        not_done = [one for one in (look(client) for look in looks) if one.state is CheckpointState.NOT_YET]
        return [one.sentence for one in not_done]

    assert told()
    for name in ("Alice", "Bob", "Carla"):
        space.workers.create(friendly_name=name)
    queues = [space.task_queues.create(friendly_name=name) for name in ("Billing", "Experts", "Everyone")]
    routing = {"task_routing": {"default_filter": {"queue": queues[0].sid}}}
    for name in ("Support desk", "To everyone"):
        space.workflows.create(friendly_name=name, configuration=json.dumps(routing))
    for collection, name in NEEDED[number]:
        [one] = [one for one in getattr(space, collection).list() if one.friendly_name == name]
        one.update(friendly_name="Something else")
        assert told()
        for sentence in told():
            assert re.search(
                rf'no \w+ "?{name}"? in the workspace \(the first cells of this page create it\)\.$', sentence
            )
        one.update(friendly_name=name)
    [available] = [one for one in space.activities.list() if one.friendly_name == "Available"]
    available.delete()
    assert {*told()} == {'there is no activity "Available" in the workspace any more.'}


def test_what_a_configuration_names_that_was_deleted_is_told(notebook):
    with notebook("07-design-a-workflow") as run:
        run.up_to("write-picture")
        run.code("[one.delete() for one in kinds.list() if one.friendly_name == 'Billing']")
        with pytest.raises(CellExecutionError) as failure:
            run.cell("first-design")
        assert "is not a TaskQueue of this workspace. It was deleted, or is of a workspace that was." in said(failure)
        run.code("workflow.delete()")
        with pytest.raises(CellExecutionError):
            run.cell("first-design")
        assert 'there is no workflow "Support desk"' in run.cell("check-default-filter")


def test_a_task_channel_that_was_deleted_is_told(notebook):
    with notebook("08-many-tasks-at-once") as run:
        run.up_to("reset-channels")
        run.code("[one.delete() for one in workspace.task_channels.list() if one.unique_name == 'chat']")
        with pytest.raises(CellExecutionError) as failure:
            run.cell("create-four-tasks")
        assert "TaskChannel chat does not exist in workspace" in said(failure)
        assert "create it once more: `workspace.task_channels.create(" in said(failure)
        with pytest.raises(CellExecutionError) as failure:
            run.cell("your-capacity")
        assert "or it has no channel chat: one was deleted." in said(failure)
        assert "except a task channel. Was that deleted, create it once more: `workspace.task_channels" in said(failure)


def test_what_a_morning_needs_and_is_not_there_is_told(notebook):
    with notebook("09-watch-and-measure") as run:
        run.up_to("write-agents")
        run.code("workflow.delete()")
        told = run.cell("check-morning")
        assert 'no morning was played: there is no workflow "By language" in the workspace (the first cells' in told
        run.code("[one.update(activity_sid=workspace.default_activity_sid) for one in workers.list()]; free.delete()")
        assert 'there is no activity "Available" in the workspace any more.' in run.cell("check-morning")
        run.solve("check.morning(client)")
        run.up_to("write-agents")
        assert run.cell("check-morning").startswith("○ A morning is over. Not done yet: no morning was played.")


FROM_THE_TOP = {
    "07-design-a-workflow": "escalate",
    "08-many-tasks-at-once": "create-four-tasks",
    "09-watch-and-measure": "create-workers",
    "answers": "offline",
}
"""Pages that work in the practice workspace, with a cell that makes somebody available."""


@pytest.mark.parametrize("name", FROM_THE_TOP)
def test_a_page_creates_its_activities_once_more(notebook, name):
    last = FROM_THE_TOP[name]
    with notebook(name) as run:
        run.up_to(last)
        run.code(
            "offline = workspace.default_activity_sid\n"
            "for one in workers.list():\n    one.update(activity_sid=offline)\n"
            "for one in workspace.activities.list():\n"
            "    if one.friendly_name == 'Available':\n        one.delete()"
        )
        with pytest.raises(CellExecutionError) as failure:
            run.cell(last)
        assert "is not an Activity of workspace" in said(failure)
        assert "Run this notebook again from the top: it creates what is missing." in said(failure)
        run.up_to(last)


def test_statistics_of_a_queue_that_was_deleted_are_told(notebook):
    with notebook("09-watch-and-measure") as run:
        run.up_to("write-agents")
        run.up_to("ask-statistics", after="check-morning")
        run.code("workflow.delete(); queues['es'].delete()")
        with pytest.raises(CellExecutionError) as failure:
            run.cell("ask-statistics")
        assert re.search(r"There is no task queue WQ\w+ any more: it was deleted", said(failure)), said(failure)
        run.up_to("create-workers")
        run.cell("ask-statistics")
