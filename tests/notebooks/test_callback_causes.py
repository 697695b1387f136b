"""Every reason why a callback may not accept, played for real: the checkpoint of notebook 03 names it, and mends it.

A cause is made, the scene is played, the checkpoint has to name that cause and no other, and after its solution the
scene has to succeed.
"""

from __future__ import annotations

import threading

import pytest

from helpers import board, check, faults
from helpers.lesson.checkpoints.accept_by_callback import ACCEPTING_APP, EMPTY_ANSWER_APP
from helpers.lesson.checkpoints.lookups import CREATE_TASK
from helpers.lesson.checkpoints.scene import CLICK_IDLE, SET_ADDRESS
from taskrouter_sandbox.control_client import DeliveryControl
from tests.notebooks.scene import ANSWER, NOT_RIGHT, NOT_YET, RIGHT, assert_names, mend
from tests.ports import unused_port
from tests.waiting import wait_for


def test_the_scene_as_the_page_has_it(lesson):
    lesson.play()

    assert_names(
        check.accepted_by_callback(lesson.client),
        RIGHT,
        "ms after the reservation",
        "Alice is Busy",
        "Your server accept",
    )


IGNORED = {
    "instruction misspelt": (
        '{"instruction": "acept"}',
        ['`{"instruction":"acept"}`', "'acept' is not an instruction"],
    ),
    "key misspelt": ('{"instrucion": "accept"}', ['has no "instruction"']),
    "encoded twice": (
        "json.dumps({'instruction': 'accept'})",
        ["ignored it: the answer must be a JSON object, not a string; perhaps it was encoded twice."],
    ),
    "nothing returned": (
        "None",
        ["ignored it: the answer must be a JSON object, not null, as from a handler that returns nothing."],
    ),
    "a list": ('[{"instruction": "accept"}]', ["the answer must be a JSON object, not an array."]),
    "not for this task": ('{"instruction": "dequeue", "from": "+15550100"}', ["refused it", "<Enqueue>"]),
}


@pytest.mark.parametrize("answer", IGNORED)
def test_an_answer_that_taskrouter_does_not_follow(lesson, answer):
    code, words = IGNORED[answer]
    lesson.answer(code)
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "your server answered", *words)
    assert_names(check.no_instruction(lesson.client), NOT_RIGHT, *words)
    mend(lesson, verdict)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("json.dumps({'instruction': 'accept'})", "without `json.dumps`"),
        ('["accept"]', "An answer is a dictionary, with keys and values."),
        ('{}.update(instruction="accept")', "`update` returns nothing"),
        ('{"instruction": "acept"}', "letter by letter"),
    ],
)
def test_the_hint_about_an_answer_fits_its_shape(lesson, answer, hint):
    lesson.answer(answer)
    lesson.play()

    assert hint in check.accepted_by_callback(lesson.client).hints[0]


def test_an_app_that_taskrouter_refuses_something(lesson):
    lesson.answer('client.taskrouter.v1.workspaces("WS" + "0" * 32).fetch().sid')
    lesson.play()
    assert_names(check.accepted_by_callback(lesson.client), NOT_RIGHT, "your app failed: TaskRouter answered 404: ")


def test_an_empty_answer(lesson):
    lesson.run(EMPTY_ANSWER_APP)
    lesson.play()

    assert_names(check.no_instruction(lesson.client), RIGHT, "gave no instruction", "Alice is Reserved")
    assert_names(check.accepted_by_request(lesson.client), NOT_YET, "waits for a yes")
    verdict = check.accepted_by_callback(lesson.client)
    assert_names(verdict, NOT_YET, "answered `{}`, without an instruction")
    mend(lesson, verdict)


POST = '@app.post("/assignment_callback")'
FAILING = {
    "an exception": (POST, "def callback():\n    return 1 / 0", "ZeroDivisionError: division by zero, line"),
    "a GET route": ('@app.get("/assignment_callback")', f"def callback():\n    {ANSWER}", "answered 405"),
    "another path": ('@app.post("/assignment-callback")', f"def callback():\n    {ANSWER}", "answered 404"),
    "a parameter": (POST, f"def callback(TaskSid: str):\n    {ANSWER}", "answered 422"),
    "a text": (
        "from fastapi.responses import PlainTextResponse\n"
        '@app.post("/assignment_callback", response_class=PlainTextResponse)',
        "def callback():\n    return 'accept'",
        "Content-Type must be application/json; it was text/plain",
    ),
}


@pytest.mark.parametrize("failure", FAILING)
def test_a_callback_that_fails(lesson, failure):
    route, handler, words = FAILING[failure]
    lesson.serve_app(handler, route)
    lesson.play()

    verdicts = [check.accepted_by_callback(lesson.client), check.no_instruction(lesson.client)]

    for verdict in verdicts:  # Alice is free again, so that the next offer may be under way while the checkpoint looks
        assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", words)
    mend(lesson, verdicts[0])


def test_a_field_in_another_spelling(lesson):
    route = f"from fastapi import Form\n{POST}"
    lesson.serve_app(f"def callback(worker_sid: str = Form()):\n    {ANSWER}", route)
    lesson.play()
    verdict = check.accepted_by_callback(lesson.client)
    assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", "answered 422")
    assert "asks for `worker_sid`, which Twilio did not send: it sent `WorkerSid`" in verdict.hints[0]
    assert verdict.hints[0].endswith("`WorkerSid: str = Form()`.")


def test_an_error_that_comes_while_the_checkpoint_looks(lesson, monkeypatch):
    lesson.cells["go"] = go = threading.Event()
    lesson.serve_app("def callback():\n    go.wait()\n    return 1 / 0")
    lesson.create_task()
    lesson.run(CLICK_IDLE)
    reservation = lesson.reservation()
    read = DeliveryControl.list

    def answered_meanwhile(control, *given):
        go.set()
        wait_for(lambda: {one["subject_sid"]: one["result"] for one in read(control, *given)}[reservation.sid])
        return read(control, *given)

    monkeypatch.setattr(DeliveryControl, "list", answered_meanwhile)
    verdict = check.accepted_by_callback(lesson.client)
    monkeypatch.undo()

    assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", "ZeroDivisionError")
    mend(lesson, verdict)


def test_an_answer_that_is_no_json(lesson):
    lesson.serve_app('def callback():\n    return {"instruction": "accept", "from": alice}')
    lesson.play()

    words = "what the handler returns is no JSON"
    wait_for(lambda: words in check.accepted_by_callback(lesson.client).sentence)
    mend(lesson, check.accepted_by_callback(lesson.client))


def test_an_answer_that_takes_too_long(lesson):
    lesson.serve_app(f"def callback():\n    __import__('time').sleep(5.5)\n    {ANSWER}")
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", "no answer within 5 seconds")
    assert "five seconds" in verdict.hints[0]
    mend(lesson, verdict)


def test_a_server_that_does_not_run(lesson):
    lesson.server.stop()
    lesson.run("team.clear_stage()\ntask = workspace.tasks.create(**settings)")
    lesson.click_idle()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", f"nobody listens at 127.0.0.1:{lesson.port}")
    assert_names(check.callback_url(lesson.client), NOT_RIGHT, "no server listens there")
    mend(lesson, verdict)


def test_a_wrong_path_in_the_address(lesson):
    lesson.run('team.workflow.update(assignment_callback_url=f"{public_url}/assigment_callback")')
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "/assigment_callback answered 404")
    assert "path in the workflow's address" in verdict.hints[0]
    mend(lesson, verdict)


def test_a_fault_that_somebody_has_ordered(lesson):
    faults(deliveries="timeout", kind="assignment", first=20)
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "as a fault has ordered")
    assert "fault was ordered" in verdict.hints[0]
    mend(lesson, verdict)


def test_a_workflow_without_a_callback_address(lesson):
    lesson.run('team.workflow.update(assignment_callback_url="")')  # as notebook 02 does
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "has no callback address", "nobody was asked", "notebook 02")
    assert "app is not the cause" in verdict.hints[0]
    assert_names(check.no_instruction(lesson.client), NOT_RIGHT, "has no callback address")
    mend(lesson, verdict)


@pytest.mark.parametrize("answer", ["{}", "1 / 0", '{"instruction": "acept"}'])
def test_the_new_app_has_another_port(lesson, answer):
    lesson.answer(answer)
    lesson.play()
    old, other = lesson.server, unused_port()
    lesson.run(ACCEPTING_APP.replace("port)", f"{other})"))
    new = lesson.server
    try:
        verdict = check.accepted_by_callback(lesson.client)

        assert_names(verdict, NOT_RIGHT, f"address is {old.url}/assignment_callback", f"you serve at {new.url}.")
        assert f"`serve(app, {old.port})`" in verdict.hints[0]
        mend(lesson, verdict)
    finally:
        new.stop()


def test_an_older_server_is_not_the_cause(lesson):
    lesson.serve_app(f"def callback():\n    {ANSWER}", FAILING["another path"][0])
    lesson.play()
    asked, other = lesson.server, unused_port()
    lesson.run(ACCEPTING_APP.replace("port)", f"{other})"))
    older = lesson.server
    try:
        lesson.serve_app(f"def callback():\n    {ANSWER}", FAILING["another path"][0])
        assert lesson.server is asked
        assert_names(check.accepted_by_callback(lesson.client), NOT_RIGHT, "answered 404")
    finally:
        older.stop()


def test_an_address_that_came_too_late(lesson):
    lesson.run('team.workflow.update(assignment_callback_url="")')
    lesson.play()
    lesson.run(SET_ADDRESS)

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "before the workflow had its callback address")
    mend(lesson, verdict)


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "not asked"])
def test_a_reservation_that_was_accepted_by_hand(lesson, asked):
    lesson.run(EMPTY_ANSWER_APP if asked else 'team.workflow.update(assignment_callback_url="")')
    lesson.play()
    lesson.reservation().update(reservation_status="accepted")

    verdict = check.accepted_by_callback(lesson.client)

    words = "Your server answered `{}`" if asked else "Your server was not asked"
    assert_names(verdict, NOT_RIGHT, "by a request", words)
    mend(lesson, verdict)


def test_accepted_by_hand_while_the_server_is_still_asked(lesson):
    lesson.serve_app(f"def callback():\n    __import__('time').sleep(1.5)\n    {ANSWER}")
    lesson.run(f"team.clear_stage()\n{CREATE_TASK['03']}\n{CLICK_IDLE}")
    assert_names(check.accepted_by_callback(lesson.client), NOT_YET, "asking your server just now")
    lesson.reservation().update(reservation_status="accepted")

    assert_names(check.accepted_by_callback(lesson.client), NOT_RIGHT, "by a request", "had not answered yet")
    wait_for(lesson.is_settled)
    assert_names(check.accepted_by_callback(lesson.client), NOT_RIGHT, "by a request")


def test_a_callback_that_accepts_where_the_page_wants_a_request(lesson):
    lesson.play()

    for verdict in (check.no_instruction(lesson.client), check.accepted_by_request(lesson.client)):
        assert_names(verdict, NOT_RIGHT, '`{"instruction":"accept"}`', "already")
        assert verdict.solution == EMPTY_ANSWER_APP


def test_a_request_that_accepts(lesson):
    lesson.run(EMPTY_ANSWER_APP)
    lesson.play()
    lesson.reservation().update(reservation_status="accepted")

    assert_names(check.no_instruction(lesson.client), RIGHT, "waited until somebody accepted it")
    assert_names(check.accepted_by_request(lesson.client), RIGHT, "Alice is Busy")


def test_a_callback_that_rejects(lesson):
    lesson.answer('{"instruction": "reject"}')
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, 'answered `{"instruction":"reject"}`', "back to its queue")
    mend(lesson, verdict)


@pytest.mark.parametrize("instruction", [{}, {"instruction": "accept"}, {"instruction": "reject"}])
def test_the_board_answers_in_the_place_of_the_app(lesson, instruction, closed_at_the_end):
    the_board = board(lesson.client, lesson.workspace, lesson.server)
    the_board.answer_next(instruction)
    if instruction == {"instruction": "reject"}:
        lesson.serve_app(f"def callback():\n    __import__('time').sleep(2)\n    {ANSWER}")
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the board answered", "in the place of your app")
    if instruction == {"instruction": "accept"}:
        assert_names(check.no_instruction(lesson.client), NOT_RIGHT, "the board answered")
    lesson.run(ACCEPTING_APP)
    mend(lesson, verdict)


def test_a_rejection_by_hand(lesson):
    lesson.run(EMPTY_ANSWER_APP)
    lesson.play()
    offline = lesson.team.activities["Offline"].sid
    lesson.reservation().update(reservation_status="rejected", worker_activity_sid=offline)

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_YET, "rejected by hand", "Alice is Offline")
    lesson.run(ACCEPTING_APP)
    mend(lesson, verdict)


def test_idle_was_chosen_once_more(lesson):
    lesson.play()
    lesson.run(CLICK_IDLE)

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the task is assigned, but Alice is Idle, not Busy", "chosen once more")
    lesson.run(verdict.solution)
    assert check.accepted_by_callback(lesson.client).is_right


def test_a_task_that_was_canceled_or_never_created(lesson):
    lesson.run("team.clear_stage()")
    verdict = check.accepted_by_callback(lesson.client)
    assert_names(verdict, NOT_YET, "no task of this lesson")
    lesson.run(verdict.solution)
    lesson.task.update(assignment_status="canceled", reason="Second thoughts")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_YET, "Second thoughts")
    mend(lesson, verdict)
