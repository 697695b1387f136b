"""The questions that people ask: each cell shows what its answer says."""

from __future__ import annotations

import re

from tests.notebooks.conftest import read

SHOWN = {
    "offline": r"\('timeout', 'Offline'\)",
    "canceled": r"canceled\n11205 ",
    "stuck": r"Alice has not answered; the task is \d+ s old",
    "cancel": r"400 20001 [\s\S]*because it is not pending or\s+reserved[\s\S]*'completed'",
    "twice": r"400 20001 [\s\S]*is already in\s+state\s+\[accepted\]",
    "matches": r"refund\" \['Alice'\]\n.*\[\]\n.*\[\]",
    "workflow": r"false Everyone\n+true Questions, 2",
    "delete": r"400 20001 [\s\S]*routes\s+tasks\s+to\s+it",
    "available": r"unexpected keyword argument 'available'\n+False",
    "attributes": r"Gone: {\"level\":3}[\s\S]*\"languages\":\[\"es\"\][\s\S]*412 20412",
    "dequeue": r"400 40140 ",
    "signature": r"True .*\nFalse .*\nFalse ",
    "fifty": r"\(50, \d\d+\)",
    "gone": r"404 20404 [\s\S]*'task.canceled'",
    "again": r"\['rejected', 'pending'\]\npending Offline",
}


def test_each_cell_shows_what_its_answer_says(notebook):
    with notebook("answers") as run:
        texts = run.all()
    for cell_id, pattern in SHOWN.items():
        assert re.search(pattern, texts[cell_id]), f"{cell_id}: {texts[cell_id]}"


def test_a_question_is_a_heading_an_answer_and_a_cell():
    cells = read("answers").cells
    asked = [place for place, cell in enumerate(cells) if cell.id.endswith("-question")]
    assert len(asked) == 15
    for place in asked:
        assert re.match(r"## .+\n\n[^\n]+$", cells[place].source), cells[place].id
        assert cells[place + 1].id == cells[place].id.removesuffix("-question")
        assert cells[place + 1].id in SHOWN
