"""Every reason why a call may not become a task, played for real: the checkpoints of notebook 04 name it, and mend it.

A mistake is made, the call is made, the checkpoint has to name that cause and no other, and after its solution the call
has to succeed.
"""

from __future__ import annotations

import pytest

from helpers import check
from helpers.lesson.checkpoints.call_solutions import ENQUEUE_CALL, INCOMING_CALL, SECOND_CHANCE_APP, SERVE, SERVE_MENU
from tests.notebooks.phone_scene import changed, lesson, mend, starter
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]


# ---- the menu

ACTION, ENGLISH = ', action="/enqueue_call"', '    gather.say("For English, please press two.", language="en")\n'
ANSWER = 'return Response(str(answer), media_type="application/xml")'
MENUS = {
    "no action": ([(ACTION, "")], ["pressed 1", "to `/incoming_call` again: the `Gather` has no `action`"]),
    "one prompt": ([(ENGLISH, "")], ["only `Para español, oprima el uno.`: one prompt is missing"]),
    "a prompt beside": (
        [(ENGLISH, ENGLISH.replace("gather.say", "answer.say")), (ACTION, "")],
        ["the `Gather` has no `action`"],
    ),
    "no language": ([(', language="es"', "")], ["an English voice reads `Para español, oprima el uno.`"]),
    "the language of the line above": ([('"en"', '"es"')], ["a Spanish voice reads the English one, too"]),
    "a misspelt attribute": ([("action=", "actoin=")], ["warning 12200", "'actoin'", "Did you mean action?"]),
    "no Gather": ([("answer.gather(num_digits=1, action", "VoiceResponse().gather(num_digits=1, action")], ["no verb"]),
    "a text": ([(ANSWER, "return str(answer)")], ["error 12300", "application/json", "It begins with `"]),
    "no content type": ([(', media_type="application/xml"', "")], ["error 12300"]),
    "no XML": (
        [(ANSWER, 'return Response("A & B", media_type="text/xml")')],
        ["error 12100", "It begins with `A & B`"],
    ),
    "another root": (
        [(ANSWER, 'return Response("<response/>", media_type="text/xml")')],
        ["error 12102", "must be Response"],
    ),
    "an exception": ([("answer = VoiceResponse()", "answer = VoiceResponse(); 1 / 0")], ["ZeroDivisionError"]),
    "a name that is not known": ([("answer = VoiceResponse()", "answer = VoiceResponce()")], ["NameError"]),
    "a parameter": (
        [("incoming_call():", "incoming_call(Digits: str = Form()):")],
        ["asks for `Digits`", "did not send"],
    ),
}


def test_a_handler_that_returns_nothing(lesson):
    lesson.run(f"{changed(INCOMING_CALL, (ANSWER, 'Response(str(answer))'))}\n{SERVE_MENU}")
    lesson.dial()
    verdict = check.menu(lesson.client)
    assert_names(verdict, NOT_RIGHT, "error 12300", "It begins with `null`")
    assert "is `return` before the answer?" in verdict.hints[0]


@pytest.mark.parametrize("mistake", MENUS)
def test_a_menu_with_a_mistake(lesson, mistake):
    changes, words = MENUS[mistake]
    lesson.run(f"{changed(INCOMING_CALL, *changes)}\n{SERVE_MENU}")
    sid = lesson.dial()["sid"]
    if lesson.sandbox.calls.fetch(sid)["waits_for"] == "keys":
        lesson.sandbox.calls.press(sid, "1")
        lesson.rest(sid)

    assert_names(check.menu(lesson.client), NOT_RIGHT, *words)
    mend(lesson, check.menu, lesson.call)


def test_a_prompt_beside_the_gather(lesson):
    beside = changed(INCOMING_CALL, (ENGLISH, ENGLISH.replace("gather.say", "answer.say")))
    lesson.run(f"{beside}\n{SERVE_MENU}")
    lesson.dial()
    lesson.skip(10)

    words = "`For English, please press two.` stands beside the `Gather`, not in it"
    assert_names(check.menu(lesson.client), NOT_RIGHT, words)
    lesson.call()
    assert_names(check.menu(lesson.client), NOT_RIGHT, words, "whoever presses a key before never hears it")
    mend(lesson, check.menu, lesson.call)


def test_a_route_for_get(lesson):
    lesson.run(f"{INCOMING_CALL}\n{SERVE_MENU.replace('app.post', 'app.get')}")
    lesson.dial()

    assert_names(check.menu(lesson.client), NOT_RIGHT, "`/incoming_call` answered 405")
    assert "app.post" in check.menu(lesson.client).hints[0]
    mend(lesson, check.menu, lesson.call)


NUMBERS = {
    "no voice URL": ('voice_url=""', NOT_YET, ["the number's `voice_url` is not set"], ["the number has no voice URL"]),
    "another path": (
        'voice_url=f"{public_url}/incoming-call"',
        NOT_RIGHT,
        ["/incoming-call, but your app answers at the path `/incoming_call`"],
        ["leads to `/incoming-call`, where your app answered 404"],
    ),
    "by GET": ('voice_method="GET"', NOT_RIGHT, ["asks with GET"], ["asks `/incoming_call` with GET", "405"]),
}


@pytest.mark.parametrize("mistake", NUMBERS)
def test_a_number_that_asks_elsewhere(lesson, mistake):
    settings, state, said_before, said_after = NUMBERS[mistake]
    assert_names(check.voice_url(lesson.client), RIGHT, "+15005550006", "/incoming_call")
    lesson.run(f"number = number.update({settings})")
    lesson.dial()

    assert_names(check.menu(lesson.client), NOT_RIGHT, *said_after)
    verdict = check.voice_url(lesson.client)
    assert_names(verdict, state, *said_before)
    lesson.run(verdict.solution)
    assert_names(check.voice_url(lesson.client), RIGHT)
    mend(lesson, check.menu, lesson.call)


def test_a_number_that_is_gone(lesson):
    lesson.number.delete()

    verdict = check.voice_url(lesson.client)
    assert_names(verdict, NOT_YET, "no phone number")
    lesson.client.incoming_phone_numbers.create(phone_number="+15005550006")
    lesson.run(verdict.solution)
    assert_names(check.voice_url(lesson.client), RIGHT)


def test_a_server_that_does_not_run(lesson):
    lesson.server.stop()
    lesson.dial()

    verdict = check.menu(lesson.client)
    assert_names(verdict, NOT_RIGHT, "Twilio got no answer")
    assert_names(check.voice_url(lesson.client), NOT_RIGHT, "no server listens there")
    mend(lesson, check.menu, lesson.call)


def test_nobody_has_called(lesson):
    for look in (check.menu, check.call_waits, check.caller_hung_up, check.second_chance):
        assert_names(look(lesson.client), NOT_YET, "nobody has called +15005550006 yet")
    lesson.run(check.menu(lesson.client).solution)
    lesson.caller_phone.wait_until_drawn()
    wait_for(lambda: check.menu(lesson.client).sentence == "the phone waits for a key. Press 1.")
    mend(lesson, check.menu, lesson.call)


def test_nobody_presses_a_key(lesson):
    lesson.dial()
    assert_names(check.menu(lesson.client), NOT_YET, "waits for a key. Press 1.")
    lesson.skip(10)

    assert_names(check.menu(lesson.client), NOT_YET, "nobody pressed a key in time")
    mend(lesson, check.menu, lesson.call)


def test_the_caller_hangs_up_before_a_key(lesson):
    lesson.dial()
    lesson.hang_up()

    for look in (check.menu, check.call_waits):
        assert_names(look(lesson.client), NOT_YET, "hung up before pressing a key")
    mend(lesson, check.menu, lesson.call)


def test_the_menu_as_it_should_be(lesson):
    lesson.call()

    verdict = check.menu(lesson.client)
    assert_names(verdict, RIGHT, "heard 2 prompts and pressed 1", "answered 404, and the call ended")
    lesson.solve_the_task()
    lesson.call()
    assert "404" not in check.menu(lesson.client).sentence
    assert check.menu(lesson.client).is_right


# ---- the task

FORM, ATTRIBUTES = "Digits: str = Form()", '"es" if Digits == "1" else "en"'
WORKFLOW, TASK_TEXT = "workflow_sid=workflow.sid", "json.dumps(attributes)"
TASKS = {
    "no workflow yet": ([(WORKFLOW, 'workflow_sid="WW..."')], ["error 14220", "'WW...'"]),
    "no such workflow": ([(WORKFLOW, 'workflow_sid="WW" + "0" * 32')], ["error 14220", "There is no Workflow"]),
    "no language": (
        [('"selected_language": ', '"language": ')],
        ["error 14222", 'The task\'s attributes: `{"language": "es"'],
    ),
    "no JSON": ([(TASK_TEXT, "str(attributes)")], ["error 14221", "not JSON"]),
    "neither workflow nor name": ([(WORKFLOW, "")], ["error 14204"]),
    "a small letter": ([(FORM, "digits: str = Form()"), (ATTRIBUTES, '"es"')], ["asks for `digits`", "it sent `"]),
    "no form": (
        [(FORM, "Digits: str")],
        ["looks for `Digits` in the address, and Twilio sends it as a form field"],
    ),
    "no Enqueue": (
        [
            ("enqueue = answer.enqueue", "enqueue = VoiceResponse().enqueue"),
            ("    return", '    answer.say("Wait.")\n    return'),
        ],
        ["answered `/enqueue_call` with `Say`, and without an `Enqueue`"],
    ),
    "a plain queue": (
        [(WORKFLOW, '"Spanish"'), ("    enqueue.task(json.dumps(attributes))\n", "")],
        ["waits in the queue `Spanish` without a task"],
    ),
    "a number for a text": ([('Digits == "1"', "Digits == 1")], ["pressed 1", "its `selected_language` is 'en'"]),
    "one language for both keys": (
        [(ATTRIBUTES, '"es"')],
        ["whoever presses 2, for English, becomes a task whose `selected_language` is 'es'"],
    ),
    "another key for English": (
        [(ATTRIBUTES, '{"1": "es", "3": "en"}.get(Digits)')],
        ["whoever presses 2, for English, becomes a task whose `selected_language` is None"],
    ),
    "a key that is not known": (
        [(ATTRIBUTES, '{"1": "es"}[Digits]')],
        ["your app fails for whoever presses 2: KeyError"],
    ),
    "nothing for English": (
        [
            (
                "    enqueue = ",
                '    if Digits == "2":\n        return Response("<Response/>", media_type="text/xml")\n    enqueue = ',
            )
        ],
        ["your app makes no task of the call of whoever presses 2"],
    ),
    "an attribute misspelt": ([('"selected_language": ', '"selected_langauge": ')], ["error 14222"]),
}


@pytest.mark.parametrize("mistake", TASKS)
def test_a_task_with_a_mistake(lesson, mistake):
    changes, words = TASKS[mistake]
    lesson.run(f"{changed(ENQUEUE_CALL, *changes)}\n{SERVE}")
    lesson.call()

    assert_names(check.call_waits(lesson.client), NOT_RIGHT, *words)
    mend(lesson, check.call_waits, lesson.call)


def test_a_workflow_of_another_workspace(lesson):
    other = lesson.client.taskrouter.v1.workspaces.create(friendly_name="Another")
    queue = other.task_queues.create(friendly_name="All")
    routing = f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}'
    elsewhere = other.workflows.create(friendly_name="All", configuration=routing)
    lesson.run(f"{changed(ENQUEUE_CALL, (WORKFLOW, f'workflow_sid={elsewhere.sid!r}'))}\n{SERVE}")
    lesson.call()

    words = (f"names the workflow {elsewhere.sid}, which is not that of this workspace", lesson.workflow.sid)
    assert_names(check.call_waits(lesson.client), NOT_RIGHT, *words)
    mend(lesson, check.call_waits, lesson.call)


def test_a_route_that_is_not_there_yet(lesson):
    lesson.call()

    verdict = check.call_waits(lesson.client)
    assert_names(verdict, NOT_RIGHT, "`/enqueue_call` answered 404")
    assert "run the cell that adds it" in verdict.hints[0]
    mend(lesson, check.call_waits, lesson.call)


def test_another_key(lesson):
    lesson.solve_the_task()
    lesson.call("2")

    assert_names(check.call_waits(lesson.client), NOT_YET, "pressed 2, which is not for Spanish")
    mend(lesson, check.call_waits, lesson.call)


def test_the_call_waits_and_the_caller_hangs_up(lesson):
    lesson.solve_the_task()
    lesson.call()
    assert_names(check.call_waits(lesson.client), RIGHT, "it is pending in", "who calls: +15005550100")

    verdict = check.caller_hung_up(lesson.client)
    assert_names(verdict, NOT_YET, "still waits. Hang up.")
    lesson.run(verdict.solution)
    wait_for(lambda: check.caller_hung_up(lesson.client).is_right)
    assert_names(check.caller_hung_up(lesson.client), RIGHT, "Its reason is `hangup`.")

    assert_names(check.call_waits(lesson.client), NOT_YET, "is canceled already, since the caller hung up")
    mend(lesson, check.call_waits, lesson.call)


def test_a_task_that_was_canceled_by_a_request(lesson):
    lesson.solve_the_task()
    lesson.call()
    for task in lesson.tasks():
        task.update(assignment_status="canceled", reason="We try it")

    assert_names(check.call_waits(lesson.client), NOT_YET, "is canceled already, with the reason 'We try it'")
    verdict = check.caller_hung_up(lesson.client)
    assert_names(verdict, NOT_RIGHT, "canceled by a request, with the reason 'We try it'")
    lesson.run(verdict.solution)
    wait_for(lambda: check.caller_hung_up(lesson.client).is_right)


def test_a_task_that_is_gone(lesson):
    lesson.solve_the_task()
    lesson.call()
    lesson.hang_up()
    lesson.skip(600)

    assert_names(check.caller_hung_up(lesson.client), NOT_YET, "no task of a caller who hung up is left")
    assert_names(check.call_waits(lesson.client), NOT_YET, "the newest call is over")
    mend(lesson, check.call_waits, lesson.call)


# ---- the second chance

SECOND = "\n".join(SECOND_CHANCE_APP.splitlines()[:7])
REDIRECT = 'answer.redirect("/incoming_call")'
GATHER = '    gather = answer.gather(num_digits=1, action="/enqueue_call", timeout=5)\n'
CHANCES = {
    "nothing after it": ([(f"    {REDIRECT}\n", "")], ["after the `Gather` comes nothing"]),
    "a goodbye": ([(REDIRECT, 'answer.say("Goodbye.")')], ["after the `Gather` comes only `Say`"]),
    "another path": ([(REDIRECT, 'answer.redirect("/incoming-call")')], ["`/incoming-call` answered 404"]),
    "the other route": ([(REDIRECT, 'answer.redirect("/enqueue_call")')], ["asks for `Digits`"]),
    "by GET": (
        [(REDIRECT, 'answer.redirect("/incoming_call", method="GET")')],
        ["a verb of your document asks `/incoming_call` with GET", "its route is for POST"],
    ),
    "before it": ([(f"    {REDIRECT}\n", ""), (GATHER, f"    {REDIRECT}\n{GATHER}")], ["stands before the `Gather`"]),
}


@pytest.mark.parametrize("mistake", CHANCES)
def test_a_second_chance_with_a_mistake(lesson, mistake):
    changes, words = CHANCES[mistake]
    lesson.solve_the_task()
    lesson.run(f"{changed(SECOND, *changes)}\n{SERVE}")

    def listen() -> None:
        """Call, and press nothing."""
        sid = lesson.sandbox.calls.dial(str(lesson.number.phone_number))["sid"]
        wait_for(lambda: lesson.sandbox.calls.fetch(sid)["requests"])
        lesson.skip(6)
        wait_for(
            lambda: len(lesson.sandbox.calls.fetch(sid)["requests"]) > 1 or lesson.sandbox.calls.fetch(sid)["ended"]
        )

    listen()
    verdict = wait_for(lambda: found if (found := check.second_chance(lesson.client)).state is NOT_RIGHT else None)
    assert_names(verdict, NOT_RIGHT, *words)
    mend(lesson, check.second_chance, listen)


def test_a_second_chance(lesson):
    lesson.solve_the_task()
    lesson.run(SECOND_CHANCE_APP)
    lesson.call()
    verdict = check.second_chance(lesson.client)
    assert_names(verdict, NOT_YET, "the caller pressed 1. Call once more, and press nothing.")
    lesson.run(verdict.solution)
    lesson.caller_phone.wait_until_drawn()
    wait_for(lambda: check.second_chance(lesson.client).sentence.startswith("the caller listens"))

    lesson.run(check.second_chance(lesson.client).solution)
    wait_for(lambda: check.second_chance(lesson.client).is_right)
    assert_names(check.second_chance(lesson.client), RIGHT, "heard the menu 2 times")

    lesson.hang_up()
    lesson.dial()
    lesson.hang_up()
    assert_names(check.second_chance(lesson.client), NOT_YET, "ended before the menu came again")


# ---- the exercises as they are committed


def test_what_the_checkpoints_say_of_the_starter_texts(lesson):
    lesson.run(starter("your-menu"))
    lesson.call()
    assert_names(check.menu(lesson.client), NOT_RIGHT, "the `Gather` has no `action`")
    lesson.run(INCOMING_CALL)
    lesson.run(starter("your-task"))
    lesson.call()
    assert_names(check.call_waits(lesson.client), NOT_RIGHT, "error 14220")
    lesson.solve_the_task()
    lesson.run(starter("your-second-chance"))
    lesson.dial()
    lesson.skip(10)
    assert_names(check.second_chance(lesson.client), NOT_RIGHT, "after the `Gather` comes nothing")
