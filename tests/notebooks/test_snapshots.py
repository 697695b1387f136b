"""A workspace as a file, from a cell; and the file that each lesson begins with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from helpers import (
    LessonError,
    cast,
    check,
    export_workspace,
    import_workspace,
    restore_workspace,
    starting_point,
)
from helpers.lesson.snapshots import BEGINS_WITH, STARTING_POINTS
from helpers.names import PRACTICE_WORKSPACE

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def lessons() -> set[str]:
    return {path.name.split("-")[0] for path in NOTEBOOKS.glob("[0-9]*.ipynb")}


class TestStartingPoints:
    def test_each_lesson_has_one(self):
        assert set(BEGINS_WITH) == lessons() - {"00", "01"}
        assert {starting_point(lesson) for lesson in BEGINS_WITH} == set(STARTING_POINTS.iterdir())

    def test_it_is_what_notebook_01_makes(self, client, team, tmp_path):
        """Write it anew by `export_workspace(client, cast(client).workspace, starting_point("02"))`."""
        export_workspace(client, team.workspace, tmp_path / "now.json")
        assert (tmp_path / "now.json").read_text("utf-8") == starting_point("02").read_text("utf-8")

    def test_what_is_made_of_it_is_ready(self, client, capsys):
        import_workspace(client, starting_point("02"))
        capsys.readouterr()
        cast(client)
        assert capsys.readouterr().out.startswith("Everything from notebook 01 is there")
        assert str(check.stage(client)).startswith("✔ ")

    def test_the_workspace_for_practice_is_the_one_that_its_lessons_find(self, client):
        workspace = import_workspace(client, starting_point("08"))
        assert workspace.multi_task_enabled
        assert workspace.friendly_name == PRACTICE_WORKSPACE
        assert {one.friendly_name for one in workspace.activities.list()} >= {"Offline", "Available"}

    def test_a_lesson_without_one(self):
        with pytest.raises(LessonError, match=r"'01' has no starting point: there is 02, 03, .*; 00 and 01 begin with"):
            starting_point("01")


def test_a_workspace_is_brought_back(client, team, tmp_path, capsys):
    workspace, file = team.workspace, tmp_path / "mine.json"
    export_workspace(client, workspace, file)
    team.spanish.update(target_workers="1==1")
    team.alice.update(attributes="{}", activity_sid=team.activities["Idle"].sid)
    team.workflow.update(assignment_callback_url="http://127.0.0.1:8080/assignment")
    workspace.activities.create(friendly_name="WrapUp")
    workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=json.dumps({"selected_language": "es"}))

    assert restore_workspace(client, workspace, file).sid == workspace.sid

    said = capsys.readouterr().out
    assert 'Workspace "TaskRouter Tutorial" is as mine.json says. Open tasks in it, which stay: 1.' in said
    export_workspace(client, workspace, tmp_path / "after.json")
    assert (tmp_path / "after.json").read_text("utf-8") == file.read_text("utf-8")


def test_a_workspace_that_is_there_is_not_made_twice(client, team):
    with pytest.raises(LessonError, match='A workspace "TaskRouter Tutorial" is there already: restore_workspace'):
        import_workspace(client, starting_point("03"))


def test_a_file_that_is_none(client, team, tmp_path):
    (tmp_path / "odd.json").write_text("{}")
    with pytest.raises(LessonError, match=re.escape("odd.json is no snapshot: it must be an object")):
        restore_workspace(client, team.workspace, tmp_path / "odd.json")
    with pytest.raises(LessonError, match="cannot be written"):
        export_workspace(client, team.workspace, tmp_path / "no" / "file.json")
