"""Every reason why caller and agent may not be connected, played for real: the checkpoint names it, and mends it."""

from __future__ import annotations

import json

import pytest

from helpers import check, skip
from helpers.lesson.checkpoints.acceptance import find_acceptance
from helpers.lesson.checkpoints.call_scene import find_call
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP, RING_APP
from helpers.lesson.checkpoints.framework import CheckpointResult
from tests.notebooks.call_lesson import ALICE, CALLER, CallLesson
from tests.notebooks.conftest import running
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.notebooks.source import source_of
from tests.waiting import wait_for

NAME = "05-dequeue-to-an-agent"
DEQUEUE = '"instruction": "dequeue"'
FROM = '"from": number.phone_number'
WRAP_UP = '"post_work_activity_sid": wrap_up.sid'


@pytest.fixture
def lesson(bare, closed_at_the_end):
    lesson = CallLesson(bare)
    yield lesson
    lesson.server.stop()


def mend(lesson: CallLesson, verdict: CheckpointResult) -> None:
    """Do what the verdict says: its solution, and then the scene once more."""
    lesson.phones.set(ALICE, "by-hand")
    if verdict.solution:
        lesson.run(verdict.solution)
        lesson.caller_phone.wait_until_drawn()
    if not check.connected(lesson.client).is_right:
        lesson.play()
    verdict = check.connected(lesson.client)
    assert verdict.is_right, repr(verdict)


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


def said(*keys: str) -> str:
    """Write an answer with these keys."""
    return "{" + ", ".join(keys) + "}"


def activity(sid: str) -> str:
    """Write a whole answer that names this activity."""
    return said(DEQUEUE, FROM, f'"post_work_activity_sid": {sid}')


ANSWERS = {
    "the starter": ("{}", NOT_YET, ["answered `{}`, without an instruction"]),
    "accept": ('{"instruction": "accept"}', NOT_RIGHT, ["nobody has called Alice: the caller goes on waiting"]),
    "reject": ('{"instruction": "reject"}', NOT_RIGHT, ["back to its queue"]),
    "misspelt": (said('"instruction": "deque"', FROM), NOT_RIGHT, ["'deque' is not an instruction"]),
    "key misspelt": (said('"instrucion": "dequeue"', FROM), NOT_RIGHT, ['has no "instruction"']),
    "a text": ('"dequeue"', NOT_RIGHT, ["the answer must be a JSON object, not a string"]),
    "no answer at all": ("None", NOT_RIGHT, ["null, as from a handler that returns nothing"]),
    "a number's object": (said(DEQUEUE, '"from": number'), NOT_RIGHT, ["TaskRouter canceled", "your app failed"]),
    "a number as people write it": (said(DEQUEUE, '"from": "(500) 555-0006"'), NOT_RIGHT, ["refused it", "from"]),
    "somebody else's number": (
        said(DEQUEUE, '"from": "+15005550199"', WRAP_UP),
        NOT_RIGHT,
        ["no number of this account (+15005550006)"],
    ),
    "no activity": (said(DEQUEUE, FROM), NOT_RIGHT, ["no `post_work_activity_sid`", "stays Busy"]),
    "an activity by its name": (activity('"WrapUp"'), NOT_RIGHT, ["refused it", "'WrapUp'"]),
    "an activity of nobody": (activity('"WA" + "0" * 32'), NOT_RIGHT, ["is no Activity of this workspace"]),
    "an available activity": (
        activity('team.activities["Idle"].sid'),
        NOT_RIGHT,
        ["is Idle, so Alice gets the next call"],
    ),
    "another activity": (activity('team.activities["Offline"].sid'), NOT_RIGHT, ["is Offline, not WrapUp"]),
    "from as in Python": (
        said(DEQUEUE, '"from_": number.phone_number', WRAP_UP),
        NOT_RIGHT,
        ["has `from_`", "ignores, so Alice sees the number that was called", "The key is `from`"],
    ),
    "a key misspelt": (
        said(DEQUEUE, FROM, '"postWorkActivitySid": wrap_up.sid'),
        NOT_RIGHT,
        ["`post_work_activity_sid`"],
    ),
    "conference": (said('"instruction": "conference"', FROM), NOT_RIGHT, ["is about `dequeue`"]),
    "redirect": ('{"instruction": "redirect", "url": "x"}', NOT_RIGHT, ["refused it", "url must be"]),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_not_the_one(lesson, answer):
    code, state, words = ANSWERS[answer]
    lesson.answer(code)
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, state, *words)
    assert verdict.solution == DEQUEUE_APP
    mend(lesson, verdict)


def test_an_answer_without_from_calls_from_the_number_that_was_dialed(lesson):
    lesson.answer(said(DEQUEUE, WRAP_UP))
    lesson.play()
    assert_names(check.connected(lesson.client), RIGHT, "names no `from`")


def test_a_key_that_is_like_no_other_does_no_harm(lesson):
    """A quickstart program sends a status along (voice.md §4.1)."""
    lesson.answer(said(DEQUEUE, FROM, WRAP_UP, '"status": 200'))
    lesson.play()
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


UNREACHED = {
    "busy": "was busy, or the call was rejected",
    "reject": "was busy, or the call was rejected",
    "never": "rang, and nobody answered in time",
    "unreachable": "could not be reached",
}


@pytest.mark.parametrize("behaviour", UNREACHED)
def test_a_phone_that_is_not_answered(lesson, behaviour):
    lesson.phones.set(ALICE, behaviour, 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    if behaviour == "never":
        wait_for(lambda: lesson.calls_of(ALICE, "ringing"))
        skip(minutes=1.5)

    wait_for(lambda: check.connected(lesson.client).state is NOT_RIGHT)
    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, UNREACHED[behaviour], "still pending: the caller waits on")
    lesson.phones.set(ALICE, "after", 0)
    lesson.run(verdict.solution)
    wait_for(lambda: check.connected(lesson.client).is_right)


def test_a_phone_that_is_busy_with_an_earlier_call(lesson):
    pause = '<Response><Pause length="600"/></Response>'
    lesson.phones.set(ALICE, "after", 0)
    other = lesson.client.calls.create(to=ALICE, from_="+15005550199", twiml=pause)
    wait_for(lambda: other.fetch().status == "in-progress")
    lesson.wait_in_queue()
    lesson.click_idle()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "was busy with an earlier call")
    lesson.run(verdict.solution)
    assert other.fetch().status == "completed"
    wait_for(lambda: check.connected(lesson.client).is_right)


def test_a_reservation_that_times_out_while_nobody_answers(lesson):
    lesson.phones.set(ALICE, "never")
    lesson.wait_in_queue()
    lesson.click_idle()
    skip(minutes=21)
    wait_for(lambda: lesson.task.assignment_status == "pending")

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_YET, "the reservation timed out", "Alice was moved to Offline")
    lesson.phones.set(ALICE, "after", 0)
    lesson.run(verdict.solution)
    wait_for(lambda: check.connected(lesson.client).is_right)


def test_only_an_accept_is_accepted_by_the_callback(lesson):
    def accepted_by() -> str | None:
        acceptance = find_acceptance(find_call(lesson.client, DEQUEUE_APP))
        return acceptance.by if acceptance else None

    lesson.wait_in_queue()
    lesson.click_idle()
    assert accepted_by() is None
    lesson.pick_up()
    assert accepted_by() == "phone"

    lesson.wait_in_queue()
    lesson.click_idle()
    lesson.task.reservations.list()[0].update(reservation_status="accepted")
    assert accepted_by() == "request"

    lesson.answer('{"instruction": "accept"}')
    lesson.play()
    assert accepted_by() == "callback"


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


PHONES = {
    "another key": ({"contact": "client:alice"}, NOT_YET, "`contact` is not what TaskRouter"),
    "a name": ({"contact_uri": "Alice"}, NOT_RIGHT, "write a number such as"),
    "a number without its +": ({"contact_uri": "15005550111"}, NOT_RIGHT, "write a number such as"),
}


@pytest.mark.parametrize("mistake", PHONES)
def test_a_phone_that_is_none(lesson, mistake):
    attributes, state, words = PHONES[mistake]
    lesson.team.alice.update(attributes=json.dumps({"languages": ["en", "es"], **attributes}))
    verdict = check.agent_phone(lesson.client)
    assert_names(verdict, state, words)
    lesson.run(verdict.solution)
    assert_names(check.agent_phone(lesson.client), RIGHT)


def test_an_activity_after_the_call_that_is_missing_or_available(lesson):
    lesson.wrap_up.delete()
    assert_names(check.agent_phone(lesson.client), NOT_YET, "no activity WrapUp")
    lesson.run('wrap_up = workspace.activities.create(friendly_name="WrapUp", available=True)')
    verdict = check.agent_phone(lesson.client)
    assert_names(verdict, NOT_RIGHT, "WrapUp is available")
    lesson.run(verdict.solution)
    assert_names(check.agent_phone(lesson.client), RIGHT)


def test_an_activity_after_the_call_that_was_deleted_since(lesson):
    lesson.play()
    lesson.hang_up()
    wait_for(lambda: check.wrapped_up(lesson.client).is_right)
    lesson.run("alice.update(activity_sid=team.activities['Offline'].sid)\nwrap_up.delete()")
    verdict = check.wrapped_up(lesson.client)
    assert_names(verdict, NOT_RIGHT, "names was deleted meanwhile")
    mend(lesson, verdict)


def test_a_task_that_is_completed_while_they_talk(lesson):
    lesson.play()
    lesson.task.update(assignment_status="completed", reason="Too early")

    verdict = check.wrapped_up(lesson.client)

    assert_names(verdict, NOT_RIGHT, "they still talk", "the call goes on")
    lesson.run(verdict.solution)
    wait_for(lambda: lesson.caller["ended"])


def test_an_activity_that_was_chosen_after_the_call(lesson):
    lesson.play()
    lesson.hang_up()
    lesson.team.alice.update(activity_sid=lesson.team.activities["Offline"].sid)
    verdict = check.wrapped_up(lesson.client)
    assert_names(verdict, NOT_RIGHT, "Alice is Offline, not WrapUp", "chosen once more")
    lesson.run(verdict.solution)
    lesson.play()
    lesson.hang_up()
    assert_names(check.wrapped_up(lesson.client), RIGHT)


def ring(lesson: CallLesson) -> CheckpointResult:
    """Play the scene as far as the ringing, and give the verdict."""
    lesson.wait_in_queue()
    lesson.click_idle()
    return check.rang_briefly(lesson.client)


def test_a_phone_that_rings_briefly(lesson):
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "nobody has called")
    lesson.run(source_of(NAME, "your-ring"))
    assert_names(ring(lesson), NOT_RIGHT, "no `timeout`", "rings for a minute")
    lesson.run(check.rang_briefly(lesson.client).solution)
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "the newest call came before the app that you serve now")
    assert_names(ring(lesson), NOT_YET, "Alice's phone rings. Wait until it stops, after 10 seconds")
    skip(seconds=11)
    wait_for(lambda: not lesson.calls_of(ALICE, "ringing"))
    assert_names(check.rang_briefly(lesson.client), RIGHT, "rang for 10 seconds", "still pending")


RINGS = {
    "the starter of the first exercise": ("{}", NOT_YET, ["answered `{}`, without an instruction"]),
    "misspelt": (said(DEQUEUE, FROM, WRAP_UP, '"time_out": 10'), NOT_RIGHT, ["`time_out`", "The key is `timeout`"]),
    "too long": (said(DEQUEUE, FROM, WRAP_UP, '"timeout": 60'), NOT_RIGHT, ["asks for 10 seconds"]),
    "in words": (said(DEQUEUE, FROM, WRAP_UP, '"timeout": "ten"'), NOT_RIGHT, ["timeout"]),
    "an accept": ('{"instruction": "accept"}', NOT_RIGHT, ["nobody has called Alice"]),
}


@pytest.mark.parametrize("answer", RINGS)
def test_a_phone_that_does_not_ring_briefly(lesson, answer):
    code, state, words = RINGS[answer]
    lesson.answer(code)
    verdict = ring(lesson)
    assert_names(verdict, state, *words)
    lesson.run(RING_APP)
    assert_names(ring(lesson), NOT_YET, "Wait until it stops")


def test_a_phone_that_should_ring_and_is_answered_or_busy(lesson):
    lesson.run(RING_APP)
    lesson.play()
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "was answered")
    lesson.phones.set(ALICE, "busy", 0)
    wait_for(lambda: "was busy" in ring(lesson).sentence)


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
