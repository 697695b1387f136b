"""Notebook 10 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import pytest

from helpers.lesson.checkpoints.go_live import GUARD, RETRY
from tests.notebooks.conftest import assert_all_right

NAME = "10-go-live"


def take_home_to(run, folder) -> None:
    for cell in run.cells:
        cell.source = cell.source.replace('take_home(client, "03")', f'take_home(client, "03", {str(folder)!r})')


def test_solved_from_top_to_bottom(notebook, tmp_path):
    with notebook(NAME, solved=True) as run:
        take_home_to(run, tmp_path / "app")
        texts = run.all()

    assert_all_right(texts, checkpoints=2)
    assert texts["play"].endswith("'assigned'")
    by_hand, theirs = texts["sign-by-hand"].strip("()").split(", ")
    assert by_hand == theirs
    assert [line.partition(" ")[0] for line in texts["validate"].splitlines()] == ["True", "False", "False"]
    assert texts["serve-guarded-app"].endswith("'assigned'")
    assert "app.py" in texts["take-home"]
    assert "Longest wait: " in texts["monitor"]


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, ready for the exercises."""
    with notebook(NAME) as run:
        run.up_to("validate")
        yield run


WRONG_GUARDS = [
    (GUARD.replace("if not validator.validate(address, form, signature)", "if not signature"), "wrong signature"),
    (GUARD.replace("if not validator", "if validator"), "the wrong way round"),
    (GUARD.replace("HTTPException(403)", "HTTPException(401)"), "a stranger is answered 401"),
    (
        GUARD.replace("raise HTTPException(403)", "return HTTPException(403)"),
        "`HTTPException` and does not raise it",
    ),
    (
        GUARD.replace("raise HTTPException(403)", "__import__('fastapi').Response(None, 403)"),
        "`Response` and does not raise it",
    ),
    (GUARD.replace("from fastapi import HTTPException", ""), "NameError: name 'HTTPException' is not defined"),
    (GUARD.replace("address, form", "str(request.url), form"), "when it comes through a proxy"),
    (GUARD.replace("address, form", "address + '?page=1', form"), "TaskRouter itself was answered 403"),
]


def test_guarded(run):
    for written, words in WRONG_GUARDS:
        run.code(f"globals().pop('HTTPException', None)\n{written}")  # what the one before has imported
        run.cell("serve-guarded-app")
        assert words in run.cell("check-guarded"), written
        run.code(f"exec({GUARD!r})")
        run.cell("serve-guarded-app")
        assert run.cell("check-guarded").startswith("✔ "), written


def test_nothing_is_checked_yet(run):
    run.cell("your-guard")
    run.cell("serve-guarded-app")
    assert "a request without a signature is answered 200" in run.cell("check-guarded")


def test_retried(run):
    assert "no task was to be created yet" in run.cell("check-retried")
    assert "Failed: 429" in run.cell("your-retry")
    assert "your program gave up" in run.cell("check-retried")
    once = RETRY.replace("(0.2, 0.4, 0.8, 1.6)", "(0.2,)")
    run.code(f"try:\n    exec({once!r})\nexcept TwilioRestException as error:\n    print(error.status)")
    assert run.cell("check-retried").startswith("○ ")
    hasty = RETRY.replace("            time.sleep(pause)\n", "")
    run.code(f"exec({hasty!r})")
    assert "tried again without a pause" in run.cell("check-retried")
    run.code(f"exec({RETRY!r})")
    assert run.cell("check-retried").startswith("✔ ")
    greedy = RETRY.replace("            return workspace", "            task = workspace")
    run.code(f"exec({greedy!r})")
    assert "created the task more than once" in run.cell("check-retried")
    run.cell("your-retry")  # what an earlier run has created does not count
    assert "your program gave up" in run.cell("check-retried")
