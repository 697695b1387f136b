"""The learner's own copy of the lessons: made once, kept over updates, and never overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from helpers.__main__ import lab_command
from helpers.setup import environment, own_lessons
from helpers.setup.installer import InstallError
from helpers.setup.own_lessons import RECORD, bring

PAGE = "02-create-a-task.ipynb"
OFFERED = "02-create-a-task (updated).ipynb"


@pytest.fixture
def originals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebooks of a project, which a test may change."""
    folder = tmp_path / "project" / "notebooks"
    shutil.copytree(own_lessons.ORIGINALS, folder, ignore=shutil.ignore_patterns(".*", "take-home"))
    monkeypatch.setattr(own_lessons, "ORIGINALS", folder)
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "project" / "my-lessons"


def add_a_cell(page: Path, text: str, **of_a_run: object) -> None:
    """Change a notebook as somebody does who writes into it."""
    notebook = json.loads(page.read_text())
    cell = {"cell_type": "markdown", "id": "added", "metadata": {}, "source": [text]}
    notebook["cells"].append(cell)
    notebook["metadata"]["language_info"] |= of_a_run
    page.write_text(json.dumps(notebook))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_has_every_page_and_every_picture_and_says_where_it_is(originals: Path, mine: Path):
    assert bring(mine) == [f"Your own copy of the lessons is in {mine}."]
    assert names(mine) == {*names(originals), RECORD}
    assert (mine / PAGE).read_bytes() == (originals / PAGE).read_bytes()
    assert bring(mine) == []


def test_notes_stay_where_nothing_is_new(originals: Path, mine: Path):
    bring(mine)
    add_a_cell(mine / PAGE, "my note")
    noted = (mine / PAGE).read_bytes()
    assert bring(mine) == []
    assert (mine / PAGE).read_bytes() == noted


def test_a_page_that_was_never_saved_follows_the_original(originals: Path, mine: Path):
    bring(mine)
    for version in ("second", "third"):
        add_a_cell(originals / PAGE, version)
        assert bring(mine) == [f"{PAGE} is brought up to date; you had not changed it."]
        assert (mine / PAGE).read_bytes() == (originals / PAGE).read_bytes()


def test_a_new_version_of_a_page_with_notes_is_offered_once_and_nothing_is_overwritten(originals: Path, mine: Path):
    bring(mine)
    add_a_cell(mine / PAGE, "my note")
    noted = (mine / PAGE).read_bytes()
    add_a_cell(originals / PAGE, "second version")
    assert bring(mine) == [f"There is a new version of {PAGE}: it is beside yours, as {OFFERED}."]
    assert (mine / OFFERED).read_bytes() == (originals / PAGE).read_bytes()
    add_a_cell(mine / OFFERED, "a note in the new one")
    offered = (mine / OFFERED).read_bytes()
    assert bring(mine) == []

    add_a_cell(originals / PAGE, "third version")
    assert bring(mine) == [
        f"There is a new version of {PAGE}: it is beside yours, as 02-create-a-task (updated 2).ipynb."
    ]
    assert (mine / PAGE).read_bytes() == noted
    assert (mine / OFFERED).read_bytes() == offered

    (mine / OFFERED).unlink()
    assert bring(mine) == []
    assert not (mine / OFFERED).exists()


def test_a_page_that_was_removed_comes_again(originals: Path, mine: Path):
    bring(mine)
    (mine / PAGE).unlink()
    assert bring(mine) == []
    assert (mine / PAGE).read_bytes() == (originals / PAGE).read_bytes()


def test_what_a_learner_adds_is_left_alone(originals: Path, mine: Path):
    bring(mine)
    (mine / "mine.ipynb").write_text("{}")
    (mine / "images" / "mine.png").write_bytes(b"a picture")
    (originals / PAGE).unlink()
    bring(mine)
    assert (mine / "mine.ipynb").read_text() == "{}"
    assert (mine / "images" / "mine.png").read_bytes() == b"a picture"
    assert (mine / PAGE).exists()


def test_notes_in_the_repositorys_notebooks_come_along_and_stay(originals: Path, mine: Path):
    """Those who worked in `notebooks` until now, and bring the clean ones back with git."""
    clean = (originals / PAGE).read_bytes()
    add_a_cell(originals / PAGE, "a note of last week", version="3.12.1")
    noted = (originals / PAGE).read_bytes()
    bring(mine)
    assert (mine / PAGE).read_bytes() == noted
    (originals / PAGE).write_bytes(clean)
    assert bring(mine) == [f"There is a new version of {PAGE}: it is beside yours, as {OFFERED}."]
    assert (mine / PAGE).read_bytes() == noted


@pytest.mark.parametrize("damage", [None, "", "{", "[]", '{"02-create-a-task.ipynb": 5}'])
def test_without_its_record_every_page_counts_as_the_learners(originals: Path, mine: Path, damage: str | None):
    bring(mine)
    (mine / RECORD).unlink()
    if damage is not None:
        (mine / RECORD).write_text(damage)
    before = {name: (mine / name).read_bytes() for name in names(mine) - {RECORD}}
    add_a_cell(originals / PAGE, "second version")
    assert bring(mine) == [f"There is a new version of {PAGE}: it is beside yours, as {OFFERED}."]
    assert {name: (mine / name).read_bytes() for name in before} == before


def test_in_the_folder_of_the_originals_nothing_is_copied(originals: Path):
    before = names(originals)
    assert bring(originals) == []
    assert names(originals) == before


def test_a_folder_that_cannot_be_made_is_one_sentence(originals: Path, tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InstallError, match=r"taken/mine \(.+\): name another folder with `lab --folder FOLDER`\.$"):
        bring(tmp_path / "taken" / "mine")


@pytest.mark.parametrize(
    ("folder", "root", "address"),
    [
        (environment.ROOT / "my-lessons", environment.ROOT, "/lab/tree/my-lessons/00-start-here.ipynb"),
        (environment.ROOT / "notebooks", environment.ROOT, "/lab/tree/notebooks/00-start-here.ipynb"),
        (Path("/elsewhere/course"), "/elsewhere/course", "/lab/tree/00-start-here.ipynb"),
    ],
)
def test_jupyterlab_opens_the_first_page_of_that_folder(folder: Path, root: object, address: str):
    command, _ = lab_command(environment, folder, True, ["--port", "9000"])
    assert f"--ServerApp.root_dir={root}" in command
    assert f"--LabApp.default_url={address}" in command
    assert command[-2:] == ["--port", "9000"]


def test_git_ignores_the_copy():
    ignored = (environment.ROOT / ".gitignore").read_text().splitlines()
    assert f"/{own_lessons.USUAL.relative_to(environment.ROOT)}/" in ignored
