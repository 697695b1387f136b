"""Notebook 10 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import re

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


ENDLESS = RETRY.replace("    for pause in (0.2, 0.4, 0.8, 1.6):", "    pause = 0.2\n    while True:")
BY_ITSELF = """\
from time import sleep


def create_task(pause=0.2, **settings):
    try:
        return workspace.tasks.create(**settings)
    except TwilioRestException as error:
        if error.status != 429:
            raise
        sleep(pause)
        return create_task(pause, **settings)


""" + RETRY.partition("\n\n\n")[2]
BY_PARTS = """\
def create_task(**settings):
    task = None
    while task is None:
        print("Another attempt")
        task = attempt(settings)
    return task


def attempt(settings):
    try:
        return workspace.tasks.create(**settings)
    except:
        sleep(0.1)


""" + RETRY.partition("\n\n\n")[2]
COUNTED = ENDLESS.replace("pause = 0.2", "pause = tries = 0.2").replace(
    "if error.status != 429:", "tries += 1\n            if error.status != 429 or tries > 4:"
)
BY_THE_CLOCK = ENDLESS.replace("    while True:", "    end = time.monotonic() + 5\n    while time.monotonic() < end:")
BY_THE_CLOCK_ALONE = "from time import monotonic, sleep\n\n" + BY_THE_CLOCK.replace(
    "time.monotonic", "monotonic"
).replace("time.sleep", "sleep")
BY_THE_DATE = "from datetime import datetime, timedelta\n\n" + BY_THE_CLOCK.replace(
    "time.monotonic()", "datetime.now()"
).replace("+ 5", "+ timedelta(seconds=5)")
ANY_ERROR = RETRY.replace("            if error.status != 429:\n                raise\n", "")
SWALLOWED = RETRY.replace("                raise\n", "                return None\n")
IN_SILENCE = RETRY.replace("    return workspace.tasks.create(**settings)\n\n\n", "\n\n")


WHEN_REFUSED = [
    (ENDLESS, "does not give up: after 100 errors 429 it still tries again, so that it never ends"),
    (BY_ITSELF, "it never ends"),
    (BY_PARTS, "it never ends"),
    (ANY_ERROR, "tries again after an error 400, too"),
    (SWALLOWED, "does not raise an error 400"),
    (IN_SILENCE, "does not raise the last error 429"),
    (COUNTED, ""),
    (BY_THE_CLOCK, ""),
    (BY_THE_CLOCK_ALONE, ""),
    (BY_THE_DATE, ""),
    (RETRY, ""),
]


def test_what_the_function_does_when_it_is_refused(run):
    """It is tried without a request, without a pause, and without a word; nothing of that is left."""
    state = "len(workspace.tasks.list()), type(client.http_client).__name__, time.sleep.__module__"
    for written, words in WHEN_REFUSED:
        run.code(f"exec({written!r})")
        before = run.code(state)
        text = run.cell("check-retried")
        assert run.code(state) == before
        assert "Another attempt" not in text
        if words:
            assert text.startswith("✘ "), text
            assert words in text
            run.solve("check.retried(client)")
        assert run.cell("check-retried").startswith("✔ "), written


def awaited(written: str) -> str:
    """Write the same as a coroutine function, and wait for it."""
    return "import asyncio\n\n\nasync " + written.replace("time.sleep", "await asyncio.sleep").replace(
        "print(create_task(", "print((await create_task("
    ).replace(").sid)", ")).sid)")


def test_a_coroutine_function_is_tried_as_well(run):
    run.code(awaited(ENDLESS))
    assert "so that it never ends while TaskRouter refuses" in run.cell("check-retried")
    run.code(awaited(RETRY))
    assert run.cell("check-retried").startswith("✔ ")


UNSEEN = {
    "function": ENDLESS.replace("time.sleep(pause)", "threading.Event().wait(pause)"),
    "coroutine": awaited(ENDLESS).replace("asyncio.sleep(pause)", "anyio.sleep(pause)"),
}
LOOK = """\
import anyio, threading
from helpers.lesson.checkpoints.go_live import require_an_end


def look(longest):
    try:
        require_an_end(client, workspace, longest)
    except Exception as error:
        print(type(error).__name__, error)"""


@pytest.mark.parametrize("kind", UNSEEN)
def test_what_cannot_be_seen_to_its_end_is_not_called_right(run, kind):
    """Its pauses are real, neither those of `time` nor of `asyncio`, and nobody knows how many there will be."""
    run.code(LOOK)
    run.code(UNSEEN[kind])
    assert re.fullmatch(
        r"NotRight the task was created, but whether your program gives up was not seen: "
        r"0\.3 seconds and \d+ errors? 429 later it still tried again\.",
        run.code("look(0.3)").strip(),
    )
