"""The web server of the quickstart, a number that leads there, and Alice with a phone: for tests of whole calls."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.sandbox.conftest import Reply
from tests.waiting import wait_for

CALLER, AGENT, BOB = "+15005550100", "client:alice", "client:bob"
MENU = """<Response><Gather action="/enqueue_call" numDigits="1" timeout="5">
<Say language="en">For English, press two.</Say><Say language="es">Para Español, oprima el uno.</Say>
</Gather></Response>"""


def twiml(body: str) -> Reply:
    return Reply(body=body, content_type="text/xml")


@pytest.fixture
def story(client, cast, receiver, sandbox) -> SimpleNamespace:
    """The web server of the quickstart, the number that leads there, and Alice with a phone, Offline."""

    def enqueue(form: dict[str, str]) -> Reply:
        language = "es" if form["Digits"] == "1" else "en"
        task = json.dumps({"selected_language": language})
        enqueue = f'<Enqueue workflowSid="{cast.workflow.sid}" action="/left"><Task>{task}</Task></Enqueue>'
        return twiml(f"<Response>{enqueue}</Response>")

    def assignment(_: dict[str, str]) -> Reply:
        return Reply(
            body=json.dumps(
                {
                    "instruction": "dequeue",
                    "from": "+15005550006",
                    "post_work_activity_sid": cast.activities["Offline"].sid,
                    "status_callback_url": f"{receiver.url}/dequeued",
                    "status_callback_events": "initiated,ringing,answered,completed",
                }
            )
        )

    receiver.replies |= {
        "/incoming_call": twiml(MENU),
        "/enqueue_call": enqueue,
        "/assignment": assignment,
        "/left": twiml("<Response/>"),
    }
    cast.workflow.update(assignment_callback_url=f"{receiver.url}/assignment")
    cast.alice.update(attributes=json.dumps({"languages": ["en", "es"], "contact_uri": AGENT}))
    sandbox.phones.set(AGENT, "by-hand")
    [number] = client.incoming_phone_numbers.list()
    number.update(voice_url=f"{receiver.url}/incoming_call", status_callback=f"{receiver.url}/status")

    story = SimpleNamespace(client=client, cast=cast, receiver=receiver, sandbox=sandbox)

    def dial() -> str:
        calls = story.sandbox.calls
        sid = calls.dial()["sid"]
        assert wait_for(lambda: calls.fetch(sid)["waits_for"] == "keys")
        return sid

    def queued() -> str:
        calls, sid = story.sandbox.calls, dial()
        calls.press(sid, "1")
        assert wait_for(lambda: (calls.fetch(sid)["queue"] or {}).get("position") == 1)
        return sid

    def ringing() -> str:
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        calls = story.sandbox.calls
        return wait_for(lambda: next((one["sid"] for one in calls.list() if one["status"] == "ringing"), None))

    def asked(path: str) -> list[SimpleNamespace]:
        return [one for one in receiver.requests if one.path.partition("?")[0] == path]

    story.dial, story.queued, story.ringing, story.asked = dial, queued, ringing, asked
    story.task = lambda: cast.workspace.tasks.list()[0]
    return story


@pytest.fixture(params=[False, True], ids=["single-tasking", "multitasking"])
def kind(request, workspace) -> bool:
    """Both kinds of workspace."""
    workspace.update(multi_task_enabled=request.param)
    return request.param


def answered_by(story, instruction: dict) -> None:
    """Let the assignment callback answer so, and set Alice Idle, whose phone answers by itself."""
    story.receiver.replies["/assignment"] = Reply(body=json.dumps(instruction))
    story.sandbox.phones.set(AGENT, "after", 0)
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)


def the_call_of(story, phone: str) -> dict:
    return next((call for call in story.sandbox.calls.list() if call["phone"] == phone), {})
