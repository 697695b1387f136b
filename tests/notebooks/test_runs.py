"""The notebooks in a real kernel against the sandbox: each cell twice, after a restart, and as a story."""

from __future__ import annotations

import re

import pytest
from nbclient.exceptions import CellExecutionError

from helpers import cast
from tests.notebooks.conftest import Run, assert_all_right, read
from tests.notebooks.solutions import SOLUTIONS

NAMES = (
    "00-start-here",
    "01-create-a-workspace",
    "02-create-a-task",
    "03-accept-by-callback",
    "04-tasks-from-phone-calls",
    "05-dequeue-to-an-agent",
    "05b-more-ways-to-connect",
    "06-reject-time-out-and-recover",
    "07-design-a-workflow",
    "08-many-tasks-at-once",
    "09-watch-and-measure",
    "10-go-live",
    "11-rehearse-a-day",
    "12-build-an-agent-page",
    "answers",
)
AFTER_A_CLICK = {
    "02-create-a-task": ("check-reserved", "check-accepted", "check-completed"),
    "03-accept-by-callback": (
        "check-no-instruction",
        "check-accepted",
        "check-accepted-by-callback",
        "check-next-worker",
    ),
}
AFTER_A_CALL = {
    "04-tasks-from-phone-calls": ("check-menu", "check-call-waits", "check-hung-up", "check-second-chance"),
    "05-dequeue-to-an-agent": ("check-connected", "check-wrapped-up", "check-ring"),
    "05b-more-ways-to-connect": (
        "check-not-reached",
        "check-given-back",
        "check-connected-by-call",
        "check-redirected",
        "check-in-conference",
        "check-listens-in",
    ),
}
EXERCISES = {
    "01-create-a-workspace": ("check-french-queue", "check-french-filter"),
    "02-create-a-task": ("check-urgent-task",),
    "06-reject-time-out-and-recover": ("check-timeout-activity", "check-fallback", "check-freed"),
    "07-design-a-workflow": ("check-default-filter", "check-skip-if", "check-repaired"),
    "08-many-tasks-at-once": ("check-capacity", "check-rescinded"),
    "10-go-live": ("check-guarded", "check-retried"),
    "12-build-an-agent-page": ("check-page-accepted", "check-waited", "check-reason"),
    "09-watch-and-measure": ("check-service-level", "check-shorter-waits", "check-events-filter"),
    "11-rehearse-a-day": ("check-suspect", "check-fix"),
}
"""Checks that lead to neither a click nor a call, but to what the learner writes."""
ONLY_IN_THE_SANDBOX = {"09-watch-and-measure": ("check-morning",)}
"""Checks of what needs a clock that can be put forward."""
MIDDLE = {
    "00-start-here": "list-workspaces",
    "01-create-a-workspace": "create-spanish-queue",
    "02-create-a-task": "check-reserved",
    "03-accept-by-callback": "check-accepted",
    "04-tasks-from-phone-calls": "check-call-waits",
    "05-dequeue-to-an-agent": "show-phones",
    "05b-more-ways-to-connect": "reset-lesson",
    "06-reject-time-out-and-recover": "play-failure",
    "07-design-a-workflow": "escalate",
    "08-many-tasks-at-once": "accept-all",
    "09-watch-and-measure": "create-workers",
    "10-go-live": "validate",
    "11-rehearse-a-day": "compare-plans",
    "12-build-an-agent-page": "write-activities",
    "answers": "twice",
}
CLICK_IDLE = "toggle.choose('Idle'); toggle.wait_until_drawn()"
STATUS = "workspace.tasks(task.sid).fetch().assignment_status"
ACTIVITY = "alice.fetch().activity_name"


def assert_nothing_clicked(name: str, texts: dict[str, str], *, live: bool = False) -> None:
    """Every checkpoint is right but those that a click, a call or the learner leads to, which say so."""
    for cell_id, text in texts.items():
        if cell_id.startswith("check-") and cell_id in AFTER_A_CLICK.get(name, ()):
            assert text.startswith("○ "), text
            assert "Click Idle" in text
        elif cell_id in AFTER_A_CALL.get(name, ()):
            assert text.startswith("○ "), text
            assert "nobody has called" in text
        elif cell_id in EXERCISES.get(name, ()) or (live and cell_id in ONLY_IN_THE_SANDBOX.get(name, ())):
            assert text.startswith(("○ ", "✘ ", "✔ ") if live else ("○ ", "✘ ")), text
        elif cell_id.startswith("check-") and name != "00-start-here":
            assert text.startswith("✔ "), text


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_runs_twice_and_again_after_a_restart_in_the_middle(name, notebook):
    """Twice on a fresh sandbox up to the middle, then, in a new kernel, twice from the top to the end.

    Then the exercises, one after the other, as whoever begins with *Run All* does them.
    """
    with notebook(name) as run:
        run.up_to(MIDDLE[name], times=2)
        run.restart()
        texts = run.all(times=2)
        for solution in SOLUTIONS.get(name, {}).values():
            run.code(solution)

    assert_nothing_clicked(name, texts)


def test_notebook_01_and_cast_agree_and_repair_what_was_changed(notebook, client, capsys):
    with notebook("01-create-a-workspace") as run:
        first = run.all()
        team = cast(client)
        assert capsys.readouterr().out == 'Everything from notebook 01 is there, in workspace "TaskRouter Tutorial".\n'
        team.spanish.update(target_workers='langauges HAS "es"')
        second = run.all()

    for cell_id in (one for one in first if one.startswith("create-") and one != "create-activities"):
        assert "none yet" in first[cell_id]
        assert "none yet" not in second[cell_id]
        assert ("updated" in second[cell_id]) == (cell_id == "create-spanish-queue")
    assert "updated (target_workers)" in second["create-spanish-queue"]
    assert second["check-queues"].startswith("✔ ")


def test_the_exercises_of_notebook_01_are_solved_and_can_be_run_twice(notebook):
    with notebook("01-create-a-workspace", solved=True) as run:
        texts = run.all(times=2)

    assert "Right: TaskRouter counts Carla into the French queue" in texts["check-french-queue"]
    assert "A French task goes to Carla's queue" in texts["check-french-filter"]
    assert all(text.startswith("✔ ") for cell_id, text in texts.items() if cell_id.startswith("check-"))


def test_the_story_of_notebook_02(notebook):
    with notebook("02-create-a-task", solved=True) as run:
        run.up_to("toggle-alice")
        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'reserved'")
        assert run.code(ACTIVITY) == "'Reserved'"
        texts = run.up_to("complete-task", after="toggle-alice")
        assert "for Alice, who is Reserved" in texts["check-reserved"]
        assert "'pending', 'Alice'" in texts["list-reservations"]
        assert "Alice has accepted" in texts["your-acceptance"]
        assert "Alice is Busy" in texts["check-accepted"]
        assert texts["complete-task"] == "('completed', 'Busy')"
        texts = run.up_to(None, after="complete-task")

    checks = [text for cell_id, text in texts.items() if cell_id.startswith("check-")]
    assert len(checks) == 6
    assert all(text.startswith("✔ ") for text in checks), checks


def click_bob_then_alice(run: Run) -> None:
    """Play the second exercise of notebook 03, after the cell with its two toggles."""
    run.code("bob_toggle.choose('Idle'); bob_toggle.wait_until_drawn()")
    run.until("bob.fetch().activity_name == 'Offline'")
    assert "Now click Idle for Alice" in run.cell("check-next-worker")
    run.code("alice_toggle.choose('Idle'); alice_toggle.wait_until_drawn()")
    run.until("english_task.fetch().assignment_status == 'assigned'")


def test_the_story_of_notebook_03(notebook):
    with notebook("03-accept-by-callback", solved=True) as run:
        run.up_to("toggle-alice")
        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'reserved' and any(e.method == 'POST' for e in server.log.entries())")
        texts = run.up_to("toggle-alice-again", after="toggle-alice")
        assert "Alice is Reserved" in texts["check-no-instruction"]
        assert "{'status': 'accepted'}" in texts["accept-reservation"]
        assert "Alice is Busy" in texts["check-accepted"]
        assert "is completed" in texts["create-second-task"]

        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'assigned' and {ACTIVITY} == 'Busy'")
        run.up_to("create-english-task", after="toggle-alice-again")
        click_bob_then_alice(run)
        texts = run.up_to(None, after="create-english-task")
        assert run.cell("check-accepted-by-callback").startswith("✔ ")

    assert_all_right(texts, checkpoints=5)
    lines = texts["tell-the-story"].splitlines()
    order = [
        "The task is created",
        "Alice: Offline → Idle",
        "A reservation for Alice",
        'POST /assignment_callback is answered 200 {"instruction":"accept"}',
        "The reservation is accepted",
        "Alice: Reserved → Busy",
    ]
    places = [next(i for i, line in enumerate(lines) if words in line) for words in order]
    assert places == sorted(places)
    assert "Alice is Busy. Your server accepted it." in texts["check-accepted-by-callback"]


WAITS = "caller_phone.words().endswith('{}')"
CALLED = "caller_phone.dial(); caller_phone.press('1')"


def test_the_story_of_notebook_04(notebook):
    with notebook("04-tasks-from-phone-calls", solved=True) as run:
        run.up_to("caller-phone")
        assert "Predict: The caller hears both prompts" in run.texts["predict-nobody-presses"]
        run.code("caller_phone.dial()")
        run.until(WAITS.format("Press a key now."))
        assert run.cell("check-menu").startswith("○ The menu. Not done yet: the phone waits for a key. Press 1.")
        run.code("caller_phone.press('1')")
        run.until("not caller_phone.state['calls'][0]['live']", seconds=20)
        texts = run.up_to("caller-phone-again", after="caller-phone")
        assert "pressed 1, and Twilio sent the key to `/enqueue_call`" in texts["check-menu"]

        run.code(CALLED)
        run.until(WAITS.format("Waiting for an agent."))
        waits = run.cell("check-call-waits")
        assert waits.startswith("✔ The call waits. Right: The call is a task: it is pending in")
        run.code("caller_phone.hang_up(); caller_phone.wait_until_drawn()")
        run.until("check.caller_hung_up(client).is_right")
        attributes = run.cell("show-attributes")
        assert "'selected_language': 'es'" in attributes
        assert "'call_sid': 'CA" in attributes

        assert run.cell("cancel-task").strip() == "No call waits: call and press 1, then run this cell again."
        run.code(CALLED)
        run.until(WAITS.format("Waiting for an agent."))
        assert run.cell("cancel-task").strip() == "task: canceled call: in-progress"
        run.code("caller_phone.hang_up(); caller_phone.wait_until_drawn()")
        run.cell("your-second-chance")
        run.code("caller_phone.dial()")
        run.until(WAITS.format("Press a key now."))
        run.code("from helpers import skip; skip(seconds=10)")
        run.until("check.second_chance(client).is_right")
        run.code("caller_phone.hang_up(); caller_phone.wait_until_drawn()")


def test_notebook_04_does_not_need_the_calls_of_an_earlier_run(notebook):
    with notebook("04-tasks-from-phone-calls", solved=True) as run:
        run.up_to("your-task")
        run.code(f"caller_phone = phone(client, '+15005550100'); {CALLED}")
        run.until(WAITS.format("Waiting for an agent."))
        run.restart()
        texts = run.up_to("check-voice-url")
        assert "is canceled" in texts["call-cast"]
        texts = run.up_to("your-task", after="check-voice-url")
        assert "Waiting for an agent" in run.code("caller_phone.wait_until_drawn(); print(caller_phone.words())")
        run.code(f"caller_phone.hang_up(); caller_phone.wait_until_drawn(); {CALLED}")
        run.until(WAITS.format("Waiting for an agent."))
        assert run.cell("check-call-waits").startswith("✔ ")


def test_the_story_of_notebook_05(notebook, sandbox):
    with notebook("05-dequeue-to-an-agent", solved=True) as run:
        run.up_to("reset-lesson")
        run.code("caller, hers = phone(client, '+15005550100'), phone(client, alice)")
        run.code("caller.dial()")
        run.until("'Press a key' in caller.words()")
        run.code("caller.press('1')")
        run.until("'In the queue' in caller.words()")
        run.code("toggle = activity_toggle(client, alice); " + CLICK_IDLE)
        run.until("'It rings' in hers.words()")
        assert "a phone rings for Alice" in run.cell("check-connected")
        run.code("hers.answer()")
        run.until("'Talking with Alice' in caller.words() or 'Talking with' in caller.words()")
        assert "The caller talks with Alice." in run.cell("check-connected")
        assert "they still talk" in run.cell("check-wrapped-up")
        run.code("hers.hang_up()")
        run.until("'The call is over' in caller.words()")
        assert run.cell("complete-wrapping") == "Completed: 0 - Alice is in WrapUp\n"
        assert "Alice is in WrapUp" in run.cell("check-wrapped-up")


def test_the_call_of_notebook_05_in_a_multitasking_workspace(notebook):
    """As the page has it: what it says to run makes the workspace such a one, and the call ends otherwise there."""
    with notebook("05-dequeue-to-an-agent", solved=True) as run:
        run.up_to("call-cast")
        text = next(cell.source for cell in read("05-dequeue-to-an-agent").cells if cell.id == "recap")
        run.code("from helpers import consent; consent.input = lambda *_: 'yes'")  # start_over asks
        run.code(text.partition("```python\n")[2].partition("```")[0])
        run.up_to("reset-lesson")
        run.code("caller_phone.dial()")
        run.until("'Press a key' in caller_phone.words()")
        run.code("caller_phone.press('1')")
        run.until("'In the queue' in caller_phone.words()")
        run.code("toggle = activity_toggle(client, alice); " + CLICK_IDLE)
        run.until("'It rings' in alice_phone.words()")
        run.code("alice_phone.answer()")
        run.until("'Talking with' in alice_phone.words()")
        run.code("alice_phone.hang_up()")
        run.until("'The call is over' in caller_phone.words()")
        assert "`wrapping`, as in a multitasking workspace: complete it" in run.cell("check-wrapped-up")
        assert run.cell("complete-wrapping").startswith("Completed: 1")
        assert run.cell("check-wrapped-up").startswith("✔ ")


def test_notebook_02_is_not_disturbed_by_what_notebook_03_left_behind(notebook):
    with notebook("03-accept-by-callback") as third:
        third.all()
    with notebook("02-create-a-task") as second:
        texts = second.all()

    assert "is canceled" in texts["clear-stage"]
    assert_nothing_clicked("02-create-a-task", texts)


def test_a_task_that_is_over_and_gone_is_explained(notebook):
    with notebook("02-create-a-task", solved=True) as run:
        run.up_to("toggle-alice")
        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'reserved'")
        run.up_to("complete-task", after="toggle-alice")
        run.code("from helpers import skip; skip(minutes=10)")
        for cell_id in ("list-reservations", "your-acceptance", "complete-task"):
            with pytest.raises(Exception, match="This task is gone: TaskRouter forgets") as failure:
                run.cell(cell_id)
            assert "Traceback" not in str(failure.value)
        run.cell("create-task")
        assert "pending" in run.cell("complete-task")
        with pytest.raises(Exception, match=r"There is no worker WK0{32} any\smore: it was deleted, or its SID"):
            run.code("workspace.workers('WK' + '0' * 32).fetch()")
        with pytest.raises(Exception, match=r"The first\sargument\sof\s`update`\sis\s`if_match`"):
            run.code("alice.update('{}')")
        with pytest.raises(Exception, match="TwilioRestException"):  # all else as Python says it
            run.code("workspace.tasks.create(workflow_sid=team.workflow.sid, attributes='{')")


def test_what_taskrouter_refuses_is_shown_with_the_learners_own_lines_and_the_reason(notebook):
    refused = {
        "workspace.tasks.create(attributes='{', workflow_sid=team.workflow.sid)": "Attributes is not valid JSON",
        "[task.sid for task in workspace.tasks.stream(evaluate_task_attributes='x =')]": "ends too soon",
    }
    with notebook("02-create-a-task") as run:
        run.up_to("create-task")
        for call, reason in refused.items():
            with pytest.raises(CellExecutionError) as failure:
                run.code(f"def ask():\n    return {call}\n\n\nask()")
            said = re.sub(r"\x1b\[[0-9;]*m", "", failure.value.traceback)
            assert re.findall(r"^-+> (\d+)", said, re.MULTILINE) == ["5", "2"]  # of the cell, and none of a library
            assert reason in said.splitlines()[-1]


def test_a_workspace_that_was_deleted_is_explained(notebook, client):
    with notebook("02-create-a-task") as run:
        run.up_to("create-task")
        client.taskrouter.v1.workspaces.list(friendly_name="TaskRouter Tutorial")[0].delete()
        for cell_id in ("clear-stage", "create-task"):
            with pytest.raises(Exception, match=r"(?s)no longer exists: .*\sRun\sthis\snotebook\sagain") as failure:
                run.cell(cell_id)
            assert "Traceback" not in str(failure.value)
        run.up_to("create-task")


def test_a_worker_who_was_deleted_is_explained(notebook, client):
    with notebook("02-create-a-task") as run:
        run.up_to("clear-stage")
        run.code("alice.delete()")
        with pytest.raises(Exception, match=r"(?s)no worker WK.{32} any\smore: it was deleted.*from\sthe\stop"):
            run.cell("clear-stage")
        assert 'Created: Worker "Alice"' in run.up_to("clear-stage")["call-cast"].replace("\N{NO-BREAK SPACE}", " ")


def test_a_kernel_without_the_helpers_says_what_to_do(notebook):
    with notebook("00-start-here") as run:
        run.code("import sys; sys.modules['helpers'] = None")
        with pytest.raises(Exception, match="Start JupyterLab with `python3 -m helpers lab`") as failure:
            run.cell("imports")
        assert "No module named 'helpers'" in str(failure.value) or "import of helpers halted" in str(failure.value)
