"""Where a learner is: what is remembered of checkpoints and questions, for which workspace, and how it is shown."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from twilio.rest import Client

from helpers import cast, check, found, predict, progress, reset_progress
from helpers.errors import LessonError
from helpers.lesson import steps_done
from helpers.lesson.cast import Cast
from helpers.lesson.checkpoints.create_a_workspace import FILTERS, FRENCH_QUEUE, GIVE_FILTERS
from helpers.lesson.course import PAGES, find
from helpers.lesson.progress import Bar, Map
from tests.notebooks.conftest import Run
from tests.notebooks.source import source_of

ANSWERED = "predict.where-it-waits"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's own place for each test."""
    monkeypatch.setenv("TASKROUTER_TUNNEL_DIR", str(tmp_path / "notes"))
    monkeypatch.setattr(steps_done, "listeners", {})
    return tmp_path / "notes"


def words(page: str = "02") -> str:
    return repr(Bar(find(page)))


def add_carla(team: Cast) -> None:
    """Do the exercises of notebook 01, with the code that their checkpoints give as the solution."""
    workers, queues = team.workspace.workers, team.workspace.task_queues

    def add_worker(name: str, languages: list[str]):
        return workers.create(friendly_name=name, attributes=json.dumps({"languages": languages}))

    moves = {
        "reservation_activity_sid": team.activities["Reserved"].sid,
        "assignment_activity_sid": team.activities["Busy"].sid,
    }
    names = {"add_worker": add_worker, "queues": queues, "found": found, "moves": moves, "json": json}
    names |= {"spanish": team.spanish, "english": team.english, "workflow": team.workflow}
    exec(FRENCH_QUEUE, names)
    exec(source_of("01-create-a-workspace", "your-filters").partition("filters =")[0] + FILTERS, names)
    exec(GIVE_FILTERS, names)


def test_a_checkpoint_that_is_right_is_counted_once_and_one_that_is_not_is_not(bare: Client):
    assert words("01").startswith(f"Page 2 of {len(PAGES)} · 0 of 7 checkpoints · 0 of 4 questions · about 25 min")
    assert not check.workspace(bare).is_right
    assert "0 of 7" in words("01")
    cast(bare)
    assert "0 of 7" in words("01")
    for _ in range(2):
        assert check.workspace(bare).is_right
        assert "1 of 7 checkpoints" in words("01")


def test_a_page_is_done_when_all_its_checkpoints_were_right(bare: Client):
    add_carla(cast(bare))
    checks = (check.workspace, check.activities, check.workers, check.queues, check.french_queue, check.workflow)
    checks += (check.french_filter,)
    for one in checks:
        assert "done" not in words("01")
        assert one(bare).is_right
    assert words("01").endswith("7 of 7 checkpoints · 0 of 4 questions · done ✔")
    assert "01  Create a workspace: 25 minutes, done ✔" in repr(Map())
    assert "02  Create a task: 25 minutes, 0 of 6 checkpoints · 0 of 4 questions" in repr(Map())


def test_another_workspace_begins_anew_and_what_needs_none_stays(bare: Client):
    assert check.connection(bare).is_right
    team = cast(bare)
    check.workspace(bare)
    team.workspace.delete()
    cast(bare)
    assert "0 of 7 checkpoints" in words("01")
    assert "1 of 1 checkpoint " in words("00")


def test_a_choice_is_counted(bare: Client):
    """As the browser makes it, without a client at hand."""
    cast(bare)
    question = predict("where-it-waits")
    assert "0 of 4 questions" in words()
    question.choose(1)
    question.choose(0)
    assert "1 of 4 questions" in words()
    question.close()


def test_a_page_is_reset_or_all(bare: Client, capsys):
    cast(bare)
    check.workspace(bare)
    check.connection(bare)
    steps_done.remember(ANSWERED, bare)
    reset_progress("02")
    assert capsys.readouterr().out.splitlines()[-1] == "Page 02 begins again."
    assert "0 of 4 questions" in words()
    assert "1 of 7 checkpoints" in words("01")
    reset_progress()
    assert capsys.readouterr().out == "Every page begins again.\n"
    assert "0 of 7 checkpoints" in words("01")
    assert "0 of 1 checkpoint " in words("00")
    for function in (reset_progress, progress):
        with pytest.raises(LessonError, match="There is no page '2'"):
            function("2")


def test_only_this_user_can_read_it(bare: Client, folder: Path):
    check.connection(bare)
    assert stat.S_IMODE((folder / "progress.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"AC1": 5}', '{"AC1": {"WS1": [5]}}', "\udcff"])
def test_a_damaged_file_is_said_in_a_sentence_and_put_aside(bare: Client, folder: Path, damage: str):
    folder.mkdir()
    (folder / "progress.json").write_text(damage, encoding="utf-8", errors="surrogateescape")
    told = words("00").splitlines()[-1]
    assert told.startswith(f"{folder / 'progress.json'} was damaged")
    assert told.count(".") == 2  # of the file's name, and at the end
    assert check.connection(bare).is_right
    assert words("00").splitlines() == [words("00")]
    assert "1 of 1 checkpoint " in words("00")
    assert (folder / "progress.damaged").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_can_be_written_checkpoints_go_on_and_it_is_said(bare: Client, folder: Path):
    folder.mkdir(mode=0o500)
    assert check.connection(bare).is_right
    assert f"Your progress is not kept: {folder} cannot be written." in words("00")


def test_a_file_in_the_place_of_the_folder_hinders_no_checkpoint(bare: Client, folder: Path):
    folder.write_text("mine")
    assert check.connection(bare).is_right
    assert "Your progress cannot be read" in words("00")
    assert folder.read_text() == "mine"


def test_the_oldest_workspaces_are_forgotten(bare: Client, folder: Path):
    check.connection(bare)
    cast(bare)
    file = folder / "progress.json"
    (account,) = json.loads(file.read_text())
    kept = json.loads(file.read_text())
    kept[account] |= {f"WS{number}": ["check.workspace"] for number in range(steps_done.KEPT)}
    file.write_text(json.dumps(kept))
    check.workspace(bare)
    left = json.loads(file.read_text())[account]
    assert len(left) == steps_done.KEPT + 1
    assert "" in left
    assert "WS0" not in left


def test_processes_that_write_at_the_same_time_lose_nothing(bare: Client):
    cast(bare)
    code = "import sys; from helpers.lesson import steps_done; steps_done.remember(sys.argv[1])"
    steps = [f"check.{name}" for name in ("workspace", "activities", "workers", "queues", "workflow")]
    writers = [subprocess.Popen([sys.executable, "-c", code, step]) for step in steps]
    assert [writer.wait() for writer in writers] == [0] * len(steps)
    assert "5 of 7 checkpoints" in words("01")


def test_without_taskrouter_the_page_is_still_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TASKROUTER_LIVE", "1")  # with no credentials
    told = words()
    assert told.startswith("Page 3 of")
    assert "What is done cannot be told now: " in told


def test_what_is_shown_links_to_the_pages_around(bare: Client):
    html = Bar(find("02"))._repr_html_()
    assert '<a href="01-create-a-workspace.ipynb">← 01 Create a workspace</a>' in html
    assert '<a href="03-accept-by-callback.ipynb">03 Accept by callback →</a>' in html
    assert "←" not in Bar(PAGES[0])._repr_html_()
    assert "→" not in Bar(PAGES[-1])._repr_html_()
    assert all(f'<a href="{page.file}">' in Map()._repr_html_() for page in PAGES)
    assert '<a href="glossary.ipynb">' in Map()._repr_html_()


def test_in_a_notebook_it_follows_what_is_done(notebook):
    """The line at the top changes as a checkpoint further down is passed, in the output that it has."""
    with notebook("01-create-a-workspace") as run:
        run.up_to("create-workspace")
        assert "0 of 7 checkpoints" in run.texts["progress"]
        assert "1 of 7 checkpoints" in updated_after(run, "check-workspace")
        run.code("predict('a-new-workspace').choose(0)")
        assert "1 of 7 checkpoints · 1 of 4 questions" in shown(run)


def updated_after(run: Run, cell_id: str) -> str:
    assert run.cell(cell_id).startswith("✔ ")
    return shown(run)


def shown(run: Run) -> str:
    """What the head of the page says now: nbclient, too, updates an output by its display id."""
    cell = next(cell for cell in run.client.nb.cells if cell.id == "progress")
    return cell.outputs[0].data["text/plain"]
