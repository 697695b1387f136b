"""The form of the notebooks: what makes them readable, diffable, and safe to commit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.solutions import SOLUTIONS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

every_notebook = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", sorted(FOLDER.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)

WIDTH = 72
"""Characters of a line that JupyterLab shows without scrolling beside the file browser, 1024 pixels in all."""


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def is_question(cell: dict) -> bool:
    """Tell whether a cell asks for a prediction: it is read, and does nothing."""
    return source(cell).startswith("predict(")


def is_lesson(cell: dict) -> bool:
    """Tell whether a cell is of the lesson: no question, and not the head or the foot that every page has."""
    return not is_question(cell) and cell["id"] not in ("progress", "foot")


def prose(path: Path) -> str:
    text = "\n\n".join(source(cell) for cell in cells(path) if cell["cell_type"] == "markdown" and is_lesson(cell))
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


@every_notebook
def test_it_is_in_the_one_canonical_form(path):
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)

    nbformat.validate(nbformat.reads(text, as_version=nbformat.NO_CONVERT))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"] == METADATA
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@every_notebook
def test_no_cell_carries_anything_of_a_run(path):
    for cell in cells(path):
        assert cell["metadata"] == {}
        assert source(cell).strip(), f"{cell['id']} is empty"
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@every_notebook
def test_ids_are_given_by_hand(path):
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)
    assert [cell_id for cell_id in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)*", cell_id)] == []


@every_lesson
def test_it_is_short_enough_to_be_read(path):
    kinds = [cell["cell_type"] for cell in cells(path) if is_lesson(cell)]
    assert 20 <= len(kinds) <= 36
    assert 0.4 <= kinds.count("code") / len(kinds) <= 0.6
    assert 500 <= len(re.findall(r"\w[\w'./-]*", prose(path))) <= 900


@every_lesson
def test_code_stands_in_small_cells_between_prose(path):
    for cell in cells(path):
        if cell["cell_type"] == "code":
            lines = [line for line in source(cell).splitlines() if line.strip()]
            assert len(lines) <= 12, f"{cell['id']} is too long"
    read = [cell for cell in cells(path) if is_lesson(cell) and not cell["id"].startswith("check-")]
    assert "ccc" not in "".join(cell["cell_type"][0] for cell in read)


@every_notebook
def test_no_code_scrolls_on_a_small_screen(path):
    for cell in cells(path):
        if cell["cell_type"] == "code":
            width = 84 if path.stem.startswith("12-") else WIDTH  # its JavaScript has long lines
            assert max(map(len, source(cell).splitlines())) <= width, f"{cell['id']} is too wide"


@every_lesson
def test_it_opens_with_what_the_learner_will_have_and_closes_with_a_recap(path):
    texts = [source(cell) for cell in cells(path)]
    assert re.match(r"# .+\n\n\*\*At the end of this page ", texts[0])
    assert "You will learn to\n\n- " in texts[0]
    assert any(map(is_question, cells(path)))
    assert any(text.startswith("## What you have now") for text in texts)


@every_lesson
def test_it_is_told_in_plain_words(path):
    """An error is no refusal, a route no door, and workers are not hired: one word for each thing."""
    odd = r"\b(shall|refusals?|doors?|witness\w*|hire[ds]?|enroll?s?|comfort|aloud|for life|call the cast)\b"
    assert re.findall(odd, prose(path), re.IGNORECASE) == []


@every_lesson
def test_links_lead_to_notebooks_that_exist(path):
    for target in re.findall(r"\]\(([^)#:]+)\)", prose(path)):
        assert (path.parent / target).is_file(), target


@every_lesson
def test_every_check_exists_and_stands_in_a_cell_of_its_own(path):
    from helpers import check

    checks = [cell for cell in cells(path) if source(cell).startswith("check.")]
    assert checks
    for cell in checks:
        name, arguments = re.fullmatch(r"check\.(\w+)\((.*)\)", source(cell)).groups()
        assert callable(getattr(check, name))
        assert arguments == "client"
        assert cell["id"].startswith("check-")


@every_lesson
def test_a_question_stands_in_a_cell_of_its_own(path):
    for cell in cells(path):
        if cell["cell_type"] == "code" and "predict(" in source(cell):
            assert re.fullmatch(r'predict\("[a-z-]+"\)', source(cell))
            assert cell["id"].startswith("predict-")


@every_lesson
def test_an_exercise_is_a_text_a_cell_with_a_gap_and_a_check(path):
    """The tests know what belongs into the gap."""
    all_cells = cells(path)
    starters = []
    for number, cell in enumerate(all_cells):
        if cell["cell_type"] == "markdown" and "**Your turn.**" in source(cell):
            starter, *after = [one for one in all_cells[number + 1 :] if not is_question(one)]
            starters.append(starter["id"])
            assert any(source(one).startswith("check.") for one in after), f"nothing checks {starter['id']}"
    gaps = [cell["id"] for cell in all_cells if cell["id"].startswith("your-")]
    assert starters == gaps
    assert gaps == list(SOLUTIONS.get(path.stem, {}))


@every_lesson
def test_the_helpers_it_imports_are_all_used(path):
    code = "\n".join(source(cell) for cell in cells(path) if cell["cell_type"] == "code")
    for names in re.findall(r"from helpers(?:\.\w+)? import (.+)", code):
        for name in names.split(", "):
            assert len(re.findall(rf"\b{name}\b", code)) >= 2, f"{name} is imported and not used"
