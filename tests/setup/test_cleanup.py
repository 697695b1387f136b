"""What the lessons would create, and its removal: all of it, and nothing else."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path

import pytest

from helpers import LessonError, cast, clean_up, faults, planned
from helpers.connection import clients
from helpers.names import LESSONS, ON_BOARD, PRACTICE_WORKSPACE, WORKSPACE, WRAP_UP


@pytest.fixture
def answer(monkeypatch):
    """What a person answers when they are asked; `answer.asked` counts."""

    class Answer:
        words, asked = "y", 0

        def __call__(self, question: str) -> str:
            self.asked += 1
            return self.words

    answer = Answer()
    monkeypatch.setattr("builtins.input", answer)
    return answer


def names(client) -> list[str]:
    return [workspace.friendly_name for workspace in client.taskrouter.v1.workspaces.list()]


def test_the_plan_names_what_the_notebooks_create_and_creates_nothing(client, capsys):
    planned()
    plan = capsys.readouterr().out
    assert names(client) == []
    cast(client)
    capsys.readouterr()
    planned()
    after = capsys.readouterr().out
    for kind, name in (
        ("workspace", WORKSPACE),
        ("activity", "Idle"),
        ("activity", "Reserved"),
        ("worker", "Alice"),
        ("worker", "Bob"),
        ("task queue", "Customer Care Requests - Spanish"),
        ("workflow", "Incoming Customer Care Requests"),
    ):
        assert f"to create  {kind} '{name}'" in plan
        assert f"is there   {kind} '{name}'" in after
    made = [line for line in plan.splitlines() if line.startswith(("to create ", "by itself "))]
    assert len(made) == 16  # ten of notebook 01, WrapUp of 05, three of exercises, a workspace, the tasks
    assert f"to create  activity '{WRAP_UP}'" in plan


def test_everything_of_the_lessons_goes_and_nothing_else(client, answer, capsys):
    client.taskrouter.v1.workspaces.create(friendly_name="My own").workers.create(friendly_name="Alice")
    client.taskrouter.v1.workspaces.create(friendly_name=f"{WORKSPACE} (copy)")
    team = cast(client)
    attributes = json.dumps({"selected_language": "es", "lesson": "02"})
    team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)
    on_board = json.dumps({"selected_language": "es"} | ON_BOARD)
    team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=on_board)
    team.workspace.activities.create(friendly_name=WRAP_UP)
    client.taskrouter.v1.workspaces.create(friendly_name=PRACTICE_WORKSPACE).workers.create(friendly_name="Anybody")
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    clean_up()
    assert answer.asked == 1
    said = capsys.readouterr().out
    assert "2 task(s) too" in said
    assert f"workspace '{PRACTICE_WORKSPACE}' (" in said
    assert names(client) == ["My own", f"{WORKSPACE} (copy)"]
    clean_up()
    assert answer.asked == 1
    assert capsys.readouterr().out.endswith("There is nothing of the lessons in this account.\n")


@pytest.mark.parametrize("foreign", [False, True])
def test_what_the_exercises_have_made_goes_too(client, answer, foreign):
    team = cast(client)
    space = team.workspace
    space.workers.create(friendly_name="Carla", attributes='{"languages": ["fr"]}')
    space.task_queues.create(friendly_name="Customer Care Requests - French", target_workers='languages HAS "fr"')
    missed = space.activities.create(friendly_name="Missed a task", available=False)
    space = space.update(timeout_activity_sid=missed.sid)
    if foreign:
        space.task_channels.create(friendly_name="Fax", unique_name="fax")
    clean_up()
    assert names(client) == ([WORKSPACE] if foreign else [])
    if foreign:
        assert space.workers.list() == space.task_queues.list() == []
        assert "Missed a task" not in [activity.friendly_name for activity in space.activities.list()]


@pytest.mark.parametrize("words", ["", "n", "later"])
def test_without_a_yes_nothing_is_deleted(client, answer, capsys, words):
    cast(client)
    answer.words = words
    clean_up()
    assert capsys.readouterr().out.endswith("Nothing was deleted.\n")
    assert names(client) == [WORKSPACE]


IN_USE = ("task", "workflow")  # they need what the lessons have made


@pytest.mark.parametrize("kind", ["worker", "task", "task queue", "workflow", "activity", "task channel"])
def test_what_a_person_has_added_stays_and_keeps_its_workspace(client, answer, capsys, kind):
    team = cast(client)
    space = team.workspace
    attributes = json.dumps({"selected_language": "en", "lesson": "03"})
    space.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)
    if kind == "worker":
        own = space.workers.create(friendly_name="Dana")
    elif kind == "task":
        own = space.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "en"}')
    elif kind == "task queue":
        own = space.task_queues.create(friendly_name="Mine")
    elif kind == "workflow":
        routing = {"task_routing": {"default_filter": {"queue": team.english.sid}}}
        own = space.workflows.create(friendly_name="Mine", configuration=json.dumps(routing))
    elif kind == "activity":
        own = space.activities.create(friendly_name="Lunch")
    else:
        own = space.task_channels.create(friendly_name="Fax", unique_name="fax")
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    with (
        pytest.raises(LessonError, match=f"could not be deleted: end, move or delete {kind} '")
        if kind in IN_USE
        else nullcontext()
    ):
        clean_up()
    told = capsys.readouterr().out
    assert "these are not the lessons', and stay" in told
    assert "What the lessons made in it is deleted, their workers too, unless" in told
    assert (
        told.index("their workers too")
        < told.index("To be deleted:")
        < told.index("  worker 'Alice'\n  worker 'Bob'\n")
    )
    assert own.fetch().sid == own.sid
    assert names(client) == [WORKSPACE]
    assert not [task for task in space.tasks.list() if "lesson" in json.loads(task.attributes)]
    assert {one.friendly_name for one in space.workers.list()} == ({"Dana"} if kind == "worker" else set())
    if kind in IN_USE:  # still needed by what stays, and said beforehand
        queue = "  task queue 'Customer Care Requests - English', for your "
        assert queue in told[: told.index("To be deleted:")]
        assert "Not deleted" not in told
    else:
        assert space.workflows.list() == []
        assert [one.friendly_name for one in space.task_queues.list()] == (["Mine"] if kind == "task queue" else [])
        kept = {one.friendly_name for one in space.activities.list()}
        assert kept == {"Offline"} | ({"Lunch"} if kind == "activity" else set())


@pytest.mark.parametrize("mark", ["piano lesson of my customer", "2", 2, ["02"], None])
def test_a_task_that_only_speaks_of_a_lesson_stays_and_its_attributes_are_shown(client, answer, capsys, mark):
    team = cast(client)
    attributes = json.dumps({"selected_language": "es", "lesson": mark, "notes": "x" * 200}, separators=(",", ":"))
    own = team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)
    team.clear_stage()
    with pytest.raises(LessonError, match="end, move or delete task"):
        clean_up()
    told = capsys.readouterr().out
    assert f"  task '{own.sid}' {attributes[:79]}…\n" in told
    assert attributes[:81] not in told
    assert own.fetch().assignment_status == "pending"


def test_the_lessons_are_those_whose_notebooks_mark_their_tasks():
    marked = set()
    for file in (Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"):
        sources = "".join("".join(cell["source"]) for cell in json.loads(file.read_text(encoding="utf-8"))["cells"])
        marked |= set(re.findall(r'"lesson": "([^"]*)"', sources))
    assert marked == set(LESSONS)


@pytest.mark.parametrize("status", ["pending", "accepted"])
def test_who_is_at_work_on_a_task_of_yours_stays_until_that_is_over(client, answer, capsys, status):
    team = cast(client)
    own = team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "es"}')
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    (reservation,) = own.reservations.list()
    if status == "accepted":
        reservation.update(reservation_status=status)
    activity = team.alice.fetch().activity_name
    with pytest.raises(LessonError, match="end, move or delete task"):
        clean_up()
    told = capsys.readouterr().out
    for kept in ("worker 'Alice'", f"activity {activity!r}"):
        assert f"  {kept}, for your task '{own.sid}' " in told[: told.index("To be deleted:")]
    assert [one.friendly_name for one in team.workspace.workers.list()] == ["Alice"]
    assert reservation.fetch().reservation_status == status
    own.fetch().delete()
    clean_up()
    assert names(client) == []


def test_what_a_worker_of_yours_is_in_stays_until_she_moves(client, answer, capsys):
    team = cast(client)
    mary = team.workspace.workers.create(friendly_name="Mary", activity_sid=team.activities["Idle"].sid)
    for _ in range(2):
        with pytest.raises(LessonError, match="could not be deleted: end, move or delete worker 'Mary', then"):
            clean_up()
    told = capsys.readouterr().out
    assert answer.asked == 1  # the second time there is nothing to ask
    assert told.count("  activity 'Idle', for your worker 'Mary'\n") == 2
    assert "Not deleted" not in told
    mary.update(activity_sid=team.workspace.default_activity_sid)
    clean_up()
    assert "Deleted: activity 'Idle'." in capsys.readouterr().out


def test_a_refusal_of_the_account_is_one_sentence(client, monkeypatch):
    cast(client)
    client.auth = ("AC" + "0" * 32, "wrong")
    client.username, client.password = client.auth
    monkeypatch.setattr(clients, "connect", lambda: client)
    for action in (planned, clean_up):
        with pytest.raises(LessonError, match="does not accept these credentials"):
            action()


def test_a_workspace_that_is_only_called_like_a_run_of_the_checks_stays(client, answer, capsys):
    for name in ("TaskRouter conformance notes of Mary", "TaskRouter conformance 0a1b2c3d", "TaskRouter conformance"):
        client.taskrouter.v1.workspaces.create(friendly_name=name)
    clean_up()
    assert names(client) == ["TaskRouter conformance notes of Mary", "TaskRouter conformance"]


def test_what_is_added_while_the_question_stands_is_not_deleted(client, monkeypatch, capsys):
    space = cast(client).workspace

    def answer(question: str) -> str:
        space.workers.create(friendly_name="Mallory")
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(LessonError, match="1 of 1 could not be deleted"):
        clean_up()
    assert "worker 'Mallory' has been added to it meanwhile" in capsys.readouterr().out
    assert names(client) == [WORKSPACE]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_after_a_refusal_that_passes_it_is_enough_to_clean_up_again(client, answer, capsys, status):
    space = cast(client).workspace
    space.workers.create(friendly_name="Dana")
    with (
        faults(operation="DeleteTaskQueue", status=status, quiet=True),
        pytest.raises(LessonError, match=r"3 of 8 could not be deleted: .* Clean up again, that is enough\.$"),
    ):
        clean_up()
    assert f"because TaskRouter answered {status}" in capsys.readouterr().out
    clean_up()
    assert space.task_queues.list() == []


def test_a_refusal_that_stays_is_not_said_to_pass(client, answer):
    cast(client).workspace.workers.create(friendly_name="Dana")
    with faults(operation="DeleteTaskQueue", status=400), pytest.raises(LessonError, match="what you have added and"):
        clean_up()
