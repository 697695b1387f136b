"""Every reason why caller and agent may not be connected, played for real: the checkpoint names it, and mends it."""

from __future__ import annotations

import json

from helpers import check, skip
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP
from tests.notebooks.agent_calls import activity, lesson, mend
from tests.notebooks.call_lesson import CALLER, CallLesson
from tests.notebooks.conftest import running
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]


def test_the_scene_as_the_page_has_it(lesson):
    assert_names(check.agent_phone(lesson.client), RIGHT, "client:alice", "WrapUp")
    assert_names(check.call_addresses(lesson.client), RIGHT, "+15005550006")
    lesson.play()
    assert_names(check.connected(lesson.client), RIGHT, "talks with Alice", "Alice is Busy")
    assert_names(check.wrapped_up(lesson.client), NOT_YET, "they still talk")
    lesson.hang_up()
    assert_names(check.wrapped_up(lesson.client), RIGHT, "the task is completed", "Alice is in WrapUp")
    assert_names(check.connected(lesson.client), RIGHT, "has talked with Alice", "completed")


def test_the_caller_hangs_up_after_the_talk(lesson):
    lesson.play()
    lesson.hang_up(CALLER)
    assert_names(check.wrapped_up(lesson.client), RIGHT, "Alice is in WrapUp")


def test_each_step_on_the_way_says_what_comes_next(lesson):
    for step in (check.connected, check.wrapped_up):
        assert_names(step(lesson.client), NOT_YET, "nobody has called +15005550006 yet")
    lesson.sid = lesson.dial()
    assert_names(check.connected(lesson.client), NOT_YET, "the phone waits for a key. Press 1")
    lesson.calls.press(lesson.sid, "1")
    wait_for(lambda: lesson.caller["queue"])
    assert_names(check.connected(lesson.client), NOT_YET, "the task is pending, and Alice is Offline")
    lesson.click_idle()
    verdict = check.connected(lesson.client)
    assert_names(verdict, NOT_YET, "a phone rings for Alice (client:alice)")
    lesson.pick_up()
    assert_names(check.connected(lesson.client), RIGHT)


def test_a_call_of_another_lesson_is_not_judged(bare, closed_at_the_end):
    """Notebook 04 is played in a kernel of its own; its caller still waits when notebook 05 is opened."""
    with running("04-tasks-from-phone-calls", solved=True) as other:
        other.up_to("caller-phone-again")
        other.code("caller_phone.dial(); caller_phone.press('1')")
        other.until("'Waiting for an agent' in caller_phone.words()")
        lesson = CallLesson(bare, last="write-enqueue-call")
        lesson.run(f"wrap_up = None\n{DEQUEUE_APP}")
        verdict = check.connected(bare)
        assert_names(verdict, NOT_RIGHT, "which is not the address of this page's server: its calls go elsewhere")
        lesson.cell("set-addresses")
        for step in (check.connected, check.wrapped_up):
            assert_names(step(bare), NOT_YET, "nobody has called +15005550006 yet")
        assert "The call is a task" in other.cell("check-call-waits")
        lesson.server.stop()


def test_a_call_after_a_restart_of_the_kernel(bare, closed_at_the_end):
    """Its task says of which lesson it is."""
    with running("05-dequeue-to-an-agent", solved=True) as other:
        other.up_to("show-phones")
        other.code("caller_phone.dial(); caller_phone.press('1')")
        other.until("'Waiting for an agent' in caller_phone.words()")
        other.restart()
        other.up_to("show-phones")
        assert "the task is pending, and Alice is Offline" in other.cell("check-connected")


def test_a_call_that_came_before_the_app(lesson):
    lesson.answer('{"instruction": "accept"}')
    lesson.play()
    assert_names(check.connected(lesson.client), NOT_RIGHT, "nobody has called Alice")
    lesson.run(DEQUEUE_APP)

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_YET, "the newest call came before the app that you serve now")
    assert "nobody has called Alice" in verdict.hints[1]
    lesson.run(verdict.solution)
    lesson.caller_phone.wait_until_drawn()
    wait_for(lambda: "Press 1" in check.connected(lesson.client).sentence)


def test_another_workspace_has_the_activity(lesson):
    other = lesson.client.taskrouter.v1.workspaces.create(friendly_name="Another")
    foreign = other.activities.create(friendly_name="WrapUp")
    lesson.answer(activity(f'"{foreign.sid}"'))
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "is no Activity of this workspace")
    assert "wrap_up.sid" in verdict.hints[0]
    mend(lesson, verdict)


def test_alice_has_no_phone(lesson):
    lesson.run("""alice = alice.update(attributes='{"languages": ["en", "es"]}')""")
    assert_names(check.agent_phone(lesson.client), NOT_YET, "Alice has no `contact_uri`")
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "refused it", "contact_uri")
    mend(lesson, verdict)


def test_a_caller_who_gives_up(lesson):
    lesson.wait_in_queue()
    lesson.click_idle()
    lesson.hang_up(CALLER)

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_YET, "the caller hung up before anybody answered")
    mend(lesson, verdict)


def test_a_caller_who_presses_nothing(lesson):
    lesson.reset()
    lesson.sid = lesson.dial()
    lesson.calls.hang_up(lesson.sid)
    verdict = check.connected(lesson.client)
    assert_names(verdict, NOT_YET, "the caller hung up before pressing a key")
    mend(lesson, verdict)


def test_a_task_that_is_canceled_while_its_caller_waits(lesson):
    lesson.wait_in_queue()
    lesson.task.update(assignment_status="canceled", reason="Second thoughts")

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the task was canceled (Second thoughts)", "still hears the music")
    mend(lesson, verdict)


def test_a_task_whose_time_is_over(lesson):
    lesson.wait_in_queue()
    skip(hours=24, seconds=1)

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the task was canceled (Task TTL Exceeded", "still hears the music")
    mend(lesson, verdict)


def test_a_reservation_that_is_accepted_by_hand(lesson):
    lesson.wait_in_queue()
    lesson.click_idle()
    [reservation] = lesson.task.reservations.list()
    reservation.update(reservation_status="accepted")

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "accepted by a request", "the caller goes on waiting")
    mend(lesson, verdict)


def test_a_number_without_an_address(lesson):
    lesson.client.incoming_phone_numbers(lesson.number.sid).update(voice_url="")
    assert_names(check.call_addresses(lesson.client), NOT_YET, "the number's `voice_url` is not set")
    lesson.reset()
    lesson.sid = lesson.dial()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the number has no voice URL, so nobody was asked")
    mend(lesson, verdict)


def test_a_menu_that_leads_nowhere(lesson):
    lesson.run(
        lesson.sources["write-incoming-call"].replace('        action="/enqueue_call",\n', "") + f"\n\n\n{DEQUEUE_APP}"
    )
    lesson.reset()
    lesson.sid = lesson.dial()
    lesson.calls.press(lesson.sid, "1")
    wait_for(lambda: "no `action`" in check.connected(lesson.client).sentence)

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "the `Gather` has no `action`")
    mend(lesson, verdict)


def test_no_mouse_at_hand(lesson):
    lesson.reset()
    for words in ("nobody has called", "Press 1", "Click Idle", "a phone rings"):
        wait_for(lambda: words in check.connected(lesson.client).sentence, what=words)  # noqa: B023 (waited for here)
        lesson.run(check.connected(lesson.client).solution)
    wait_for(lambda: check.connected(lesson.client).is_right)
    lesson.run(check.wrapped_up(lesson.client).solution)
    wait_for(lambda: check.wrapped_up(lesson.client).is_right)


def test_a_workflow_without_an_address(lesson):
    lesson.team.workflow.update(assignment_callback_url="")
    assert_names(check.call_addresses(lesson.client), NOT_YET, "`assignment_callback_url` is not set")
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "has no callback address", "nobody was asked")
    mend(lesson, verdict)


def test_addresses_that_lead_nowhere(lesson):
    lesson.client.incoming_phone_numbers(lesson.number.sid).update(voice_url=f"{lesson.public_url}/incoming_call")
    lesson.team.workflow.update(assignment_callback_url=f"{lesson.public_url}/assigment_callback")
    verdict = check.call_addresses(lesson.client)
    assert_names(verdict, NOT_RIGHT, "your app answers at the path `/assignment_callback`")
    lesson.run(verdict.solution)
    assert_names(check.call_addresses(lesson.client), RIGHT)
    lesson.server.stop()
    verdict = check.call_addresses(lesson.client)
    assert_names(verdict, NOT_RIGHT, "no server listens there")
    lesson.run(verdict.solution)
    assert_names(check.call_addresses(lesson.client), RIGHT)


def test_an_app_that_fails_when_it_is_called(lesson):
    lesson.run(f"def incoming_call():\n    1 / 0\n\n\n{DEQUEUE_APP}")
    lesson.reset()
    lesson.sid = lesson.dial()
    wait_for(lambda: lesson.caller["ended"])

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "your app failed with ZeroDivisionError")
    mend(lesson, verdict)


def test_alice_no_longer_matches_the_queue(lesson):
    lesson.run("""alice = alice.update(attributes='{"contact_uri": "client:alice"}')""")
    verdict = check.agent_phone(lesson.client)
    assert_names(verdict, NOT_RIGHT, "languages are None")
    lesson.play()
    assert_names(check.connected(lesson.client), NOT_RIGHT, "does not match `languages HAS")
    mend(lesson, verdict)


def test_languages_and_phones_that_are_of_another_kind(lesson):
    """Whatever is written there is named, and none of it is an error of the checkpoint."""
    for odd in (5, True, None, "es", "en, es", {"en": 1}, [["en"], ["es"]], [{"en": 1}], [None], []):
        for name, words in (("languages", f"languages are {odd!r}"), ("contact_uri", f"`contact_uri` is {odd!r}")):
            attributes = {"languages": ["en", "es"], "contact_uri": "client:alice", name: odd}
            lesson.team.alice.update(attributes=json.dumps(attributes))
            assert_names(check.agent_phone(lesson.client), NOT_RIGHT, words)


def test_the_voice_channel_is_closed(lesson):
    lesson.team.alice.worker_channels("voice").update(available=False)
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "her channel for these tasks is closed")
    mend(lesson, verdict)


def test_a_task_that_is_completed_while_they_talk(lesson):
    lesson.play()
    lesson.task.update(assignment_status="completed", reason="Too early")

    verdict = check.wrapped_up(lesson.client)

    assert_names(verdict, NOT_RIGHT, "they still talk", "the call goes on")
    lesson.run(verdict.solution)
    wait_for(lambda: lesson.caller["ended"])


def test_a_call_that_ends_in_a_multitasking_workspace(bare, closed_at_the_end):
    bare.taskrouter.v1.workspaces.create(friendly_name="TaskRouter Tutorial")
    lesson = CallLesson(bare)
    try:
        lesson.play()
        assert_names(check.connected(bare), RIGHT, "Alice stays Idle")
        lesson.hang_up()
        verdict = check.wrapped_up(bare)
        assert_names(verdict, NOT_YET, "`wrapping`, as in a multitasking workspace")
        lesson.cell("complete-wrapping")
        assert_names(check.wrapped_up(bare), RIGHT, "the task is completed")
    finally:
        lesson.server.stop()
