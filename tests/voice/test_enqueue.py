"""Enqueue: what cannot be made, what is heard, and every way out of the queue (voice.md §2.4, §3)."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.voice.model.effects import CancelTask, CreateVoiceTask, FetchFailure
from taskrouter_sandbox.voice.model.entities import Call
from tests.voice.stage import BASE, Stage, twiml

MUSIC = twiml("<Play>song.mp3</Play>")
AFTER = twiml("<Say>After</Say>")


def office(task: str = "<Task>{}</Task>", attributes: str = "", wait: object = MUSIC, workflow: str = "") -> Stage:
    """Everybody is put into the queue at once; nobody is there to take a call."""
    stage = Stage(wait=wait, after=AFTER, elsewhere=twiml("<Say>Elsewhere</Say><Pause length='60'/>"))
    stage.router.move(stage.alice, stage.router.offline)
    sid = workflow or stage.workflow.sid
    stage.pages["/incoming"] = twiml(
        f'<Enqueue workflowSid="{sid}" waitUrl="/wait" action="/after" {attributes}>{task}</Enqueue>'
    )
    return stage


def result(stage: Stage) -> str:
    (sent,) = stage.requests("/after")
    return sent["QueueResult"]


def canceled(stage: Stage) -> str | None:
    assert stage.task.assignment_status == "canceled"
    return stage.task.reason


@pytest.mark.parametrize(
    ("task", "workflow", "code"),
    [
        ("<Task>{}</Task>", "WW123", 14220),
        ("<Task>{}</Task>", "WW" + "f" * 32, 14220),
        ("<Task>no json</Task>", "", 14221),
        ("<Task>[1]</Task>", "", 14221),
    ],
)
def test_3_3_what_cannot_be_made(task: str, workflow: str, code: int):
    stage = office(task, workflow=workflow)
    call = stage.dial()
    stage.pass_(5)
    assert (result(stage), stage.codes()) == ("error", [code])
    (sent,) = stage.requests("/after")
    assert not {"QueueSid", "QueueTime"} & set(sent)
    error, *then = stage.heard(call)
    assert error.startswith(f"{code}: ")
    assert then == ["After"]
    assert not stage.router.state.tasks


def test_3_3_no_filter_matches():
    stage = office()
    nowhere = stage.router.workflow(name="Nowhere")
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{nowhere.sid}" action="/after"/>')
    call = stage.dial()
    assert (result(stage), stage.codes()) == ("error", [14222])
    assert stage.heard(call)[0].startswith("14222: ")


@pytest.mark.parametrize("task", ["", "<Task/>", "<TaskAttributes>{}</TaskAttributes>"])
def test_3_3_without_a_text_the_task_has_the_calls_attributes(task: str):
    stage = office(task)
    stage.dial()
    assert len(stage.task.parsed_attributes) == 24


def test_3_1_priority_and_timeout_and_the_call_wins():
    stage = office('<Task priority="5" timeout="200">{"from": "me", "level": 2}</Task>')
    call = stage.dial()
    (order,) = stage.orders(CreateVoiceTask)
    assert (order.priority, order.timeout) == (5, 200)
    assert stage.task.parsed_attributes["from"] == call.from_address
    assert stage.task.parsed_attributes["level"] == 2
    channel = stage.router.state.task_channels[stage.task.task_channel_sid]
    assert channel.unique_name == "voice"


@pytest.mark.parametrize(
    ("said", "priority", "timeout", "codes"),
    [
        ('priority="2147483647" timeout="1209600"', 2_147_483_647, 1_209_600, []),
        ('priority="2147483648" timeout="1209601"', 0, 86_400, [12200, 12200]),
    ],
)
def test_3_1_a_task_has_the_limits_that_it_has_over_rest(said: str, priority: int, timeout: int, codes: list[int]):
    stage = office(f"<Task {said}/>")
    stage.dial()
    assert (stage.task.priority, stage.task.timeout, stage.codes()) == (priority, timeout, codes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{'level': 2}", "is not JSON: a dict has to go through json.dumps first."),
        (json.dumps('{"level": 2}'), "is not a JSON object: json.dumps once is enough."),
    ],
)
def test_3_3_what_python_makes_of_a_dict_is_told(text: str, words: str):
    stage = office(f"<Task>{text}</Task>")
    call = stage.dial()
    assert (stage.codes(), stage.router.state.tasks) == ([14221], {})
    assert stage.heard(call)[0] == f"14221: The text of Task {words}"


def test_3_2_the_task_is_there_before_the_first_request():
    seen: list[bool] = []
    stage = office(wait=lambda sent: seen.append(bool(stage.router.state.tasks)) or MUSIC)
    stage.dial()
    assert seen == [True]


def test_the_queue_is_full():
    stage = office()
    first = stage.dial()
    (queue,) = stage.state.queues.values()
    stage.engine.queues.update(stage.now, queue.sid, max_size=1)
    stage.dial("+15005550199")
    (sent,) = stage.requests("/after")
    assert sent["QueueResult"] == "queue-full"
    assert stage.codes() == [14207]
    assert queue.waiting == [first]
    assert len(stage.router.state.tasks) == 1


def test_the_waiting_document_is_asked_again_and_again():
    stage = office()
    stage.dial()
    second = stage.dial("+15005550199")
    stage.pass_(20)
    sent = [one for one in stage.requests("/wait") if one["CallSid"] == second.sid]
    assert [one["QueueTime"] for one in sent] == ["0", "5", "10", "15", "20"]
    assert {one["QueuePosition"] for one in sent} == {"2"}
    assert {one["CurrentQueueSize"] for one in sent} == {"2"}


def test_a_silent_loop_is_slowed_down():
    stage = office(wait=twiml("<Redirect/>"))
    stage.dial()
    assert len(stage.requests("/wait")) == 3
    stage.pass_(10)
    assert len(stage.requests("/wait")) == 13


@pytest.mark.parametrize("attributes", ['waitUrl=""', ""])
def test_silence_and_the_built_in_music(attributes: str):
    stage = office()
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}" {attributes}/>')
    call = stage.dial()
    stage.pass_(20_000)
    assert ("waiting music" in stage.heard(call)) is (not attributes)
    assert len(stage.fetches) == 1
    assert stage.state.waiting(call)


def test_gather_in_the_waiting_document_stays_there():
    stage = office(wait=twiml('<Gather action="/menu" numDigits="1" timeout="60"/>'))
    stage.pages["/menu"] = twiml("<Say>Still here</Say>")
    call = stage.dial()
    stage.press(call, "1")
    (sent,) = stage.requests("/menu")
    assert (sent["Digits"], sent["QueuePosition"]) == ("1", "1")
    stage.pass_(10)
    assert "Still here" in stage.heard(call)
    assert len(stage.requests("/wait")) == 2


def test_record_and_dial_are_not_possible_there():
    stage = office(wait=twiml("<Dial>+15005550122</Dial><Say>Still here</Say>"))
    call = stage.dial()
    stage.pass_(1)
    assert set(stage.codes()) == {12200}
    assert "Still here" in stage.heard(call)
    assert len(stage.calls) == 1


@pytest.mark.parametrize(
    "wait", [FetchFailure(11200, "HTTP status 500"), "<Response>", twiml("<Redirect>ftp://x</Redirect>")]
)
def test_a_faulty_waiting_document_ends_the_waiting(wait):
    """§1.5, §8 point 16"""
    stage = office(wait=wait)
    call = stage.dial()
    stage.pass_(5)
    assert (result(stage), canceled(stage)) == ("error", "error")
    assert "After" in stage.heard(call)


def test_leave():
    stage = office(wait=lambda sent: twiml("<Leave/>") if int(sent["QueueTime"]) >= 5 else MUSIC)
    call = stage.dial()
    stage.pass_(10)
    assert (result(stage), canceled(stage)) == ("leave", "leave")
    assert stage.requests("/after")[0]["QueueTime"] == "5"
    assert "After" in stage.heard(call)


def test_hangup_in_the_waiting_document():
    stage = office(wait=twiml("<Hangup/>"))
    call = stage.dial()
    assert (result(stage), canceled(stage), call.status) == ("hangup", "hangup", "completed")


def test_the_caller_hangs_up_before_the_task_is_made():
    """§2.4: system-error; the task is canceled as soon as it is there."""
    stage = office()
    engine, now = stage.engine, stage.now
    call = engine.people.dial(now, "+15005550199", stage.number.phone_number)
    (fetch,) = engine.drain().fetches
    stage._answer(fetch, stage.pages["/incoming"])
    (order,) = engine.drain().task_commands
    stage.hang_up(call)
    assert result(stage) == "system-error"
    stage.engine.ordered(now, order.sid, stage._carry_out(order))
    stage.work()
    assert canceled(stage) == "hangup"


def test_without_an_action_the_next_verb_runs():
    stage = office(wait=twiml("<Leave/>"))
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}" waitUrl="/wait"/><Say>Next</Say>')
    call = stage.dial()
    stage.pass_(5)
    assert "Next" in stage.heard(call)


@pytest.mark.parametrize("how", ["url", "twiml", "member"])
def test_moved_by_rest_while_waiting(how: str):
    """§1.7, §3.4: the reply of the action does not count, the task is canceled."""
    stage = office()
    call = stage.dial()
    (queue,) = stage.state.queues.values()
    url = f"{BASE}/elsewhere"
    match how:
        case "url":
            stage.update(call, url=url)
        case "twiml":
            stage.update(call, twiml=twiml("<Say>Elsewhere</Say><Pause length='60'/>"))
        case _:
            stage.do(stage.engine.queues.take_out, queue.sid, "Front", url)
    stage.pass_(5)
    assert (result(stage), canceled(stage)) == ("redirected", "redirected")
    assert "Elsewhere" in stage.heard(call)
    assert "After" not in stage.heard(call)
    assert queue.waiting == []


def test_moved_by_rest_during_the_waiting_request():
    """§2.4: the update works at once, the late answer is void."""
    stage = office(wait=None)
    call = stage.dial()
    stage.update(call, url=f"{BASE}/elsewhere")
    stage.reply("/wait", "")
    assert not stage.codes()
    assert "Elsewhere" in stage.heard(call)
    assert call.status == "in-progress"


@pytest.mark.parametrize("how", ["cancel", "timeout"])
def test_3_4_the_end_of_the_task_does_not_touch_the_call(how: str):
    stage = office('<Task timeout="30">{}</Task>')
    call = stage.dial()
    if how == "cancel":
        stage.router.cancel(stage.task, "by hand")
    stage.pass_(40)
    assert canceled(stage) == ("by hand" if how == "cancel" else "Task TTL Exceeded")
    assert stage.state.waiting(call)
    stage.hang_up(call)
    assert result(stage) == "hangup"
    assert len(stage.orders(CancelTask)) == 1
    stage.pass_(1)
    assert not stage.codes()


def test_a_second_enqueue_makes_a_second_task():
    """§3.4: two Enqueue verbs in one document, a common mistake."""
    stage = office(wait=lambda sent: twiml("<Leave/>") if len(stage.orders(CreateVoiceTask)) == 1 else MUSIC)
    verb = f'<Enqueue workflowSid="{stage.workflow.sid}" waitUrl="/wait"/>'
    stage.pages["/incoming"] = twiml(verb + verb)
    call = stage.dial()
    assert len(stage.router.state.tasks) == 2
    assert stage.state.waiting(call)


def test_a_plain_queue_has_no_task():
    stage = Stage(incoming=twiml("<Enqueue>support</Enqueue>"))
    call = stage.dial()
    (queue,) = stage.state.queues.values()
    assert (queue.friendly_name, queue.max_size, queue.waiting) == ("support", 1000, [call])
    assert not stage.commands


@pytest.mark.parametrize(("name", "code"), [("", 14204), ("x" * 65, 14205)])
def test_names_of_queues(name: str, code: int):
    stage = Stage(incoming=twiml(f"<Enqueue>{name}</Enqueue>"))
    stage.dial()
    assert code in stage.codes()
    assert not stage.state.queues


def test_queues_over_rest():
    stage = office()
    call: Call = stage.dial()
    (queue,) = stage.state.queues.values()
    assert stage.engine.queues.members(queue.sid) == [call]
    with pytest.raises(Exception, match="cannot be deleted"):
        stage.engine.queues.delete(stage.now, queue.sid)
    made = stage.engine.queues.create(stage.now, "mine")
    with pytest.raises(Exception, match="in use"):
        stage.engine.queues.create(stage.now, "mine")
    stage.engine.queues.delete(stage.now, made.sid)
    assert made.sid not in stage.state.queues
