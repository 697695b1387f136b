"""What deployed programs do with calls: the same requests in our words, each program tried as it is (voice.md §4.9)."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, kind, story, the_call_of, twiml
from tests.waiting import patience, wait_for

__all__ = ["kind", "story"]

OURS = "+15005550006"
# what twilio-python 6.30 reads of each resource: it fails where one of them is missing
OLDER_CLIENT = {
    "Calls": "account_sid annotation answered_by api_version caller_name date_created date_updated direction duration "
    "end_time forwarded_from from from_formatted group_sid parent_call_sid phone_number_sid price price_unit sid "
    "start_time status subresource_uris to to_formatted uri",
    "Conferences": "account_sid date_created date_updated api_version friendly_name region sid status uri "
    "subresource_uris",
    "Queues": "account_sid average_wait_time current_size date_created date_updated friendly_name max_size sid uri",
    "IncomingPhoneNumbers": "account_sid address_sid address_requirements api_version beta capabilities date_created "
    "date_updated friendly_name identity_sid phone_number origin sid sms_application_sid sms_fallback_method "
    "sms_fallback_url sms_method sms_url status_callback status_callback_method trunk_sid uri voice_application_sid "
    "voice_caller_id_lookup voice_fallback_method voice_fallback_url voice_method voice_url emergency_status "
    "emergency_address_sid",
    "Applications": "account_sid api_version date_created date_updated friendly_name message_status_callback sid "
    "sms_fallback_method sms_fallback_url sms_method sms_status_callback sms_url status_callback "
    "status_callback_method uri voice_caller_id_lookup voice_fallback_method voice_fallback_url voice_method voice_url",
    "Messages": "account_sid api_version body date_created date_updated date_sent direction error_code error_message "
    "from messaging_service_sid num_media num_segments price price_unit sid status subresource_uris to uri",
}


def query(request: SimpleNamespace) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def idle(story, worker=None) -> None:
    (worker or story.cast.alice).update(activity_sid=story.cast.activities["Idle"].sid)


def ringing(story, phone: str = AGENT) -> str:
    """Wait until a phone rings, and give the SID of its call."""

    def rings() -> str | None:
        calls = story.sandbox.calls.list()
        return next((one["sid"] for one in calls if one["phone"] == phone and one["status"] == "ringing"), None)

    return wait_for(rings)


def test_an_older_client_finds_all_that_it_reads(story):
    """The tutorials pin clients of 2019, which fail on a missing key."""
    story.sandbox.calls.dial(from_="+15005550101")
    story.queued()
    story.client.conferences("Ours").participants.create(from_=OURS, to="+15005550177")
    story.client.applications.create(friendly_name="Center")
    story.client.messages.create(to="+15005550177", from_=OURS, body="Hello")
    base = f"{story.sandbox.url}/2010-04-01/Accounts/{story.sandbox.account_sid}"
    auth = (story.sandbox.account_sid, story.sandbox.auth_token)
    for name, keys in OLDER_CLIENT.items():
        answer = requests.get(f"{base}/{name}.json", auth=auth, timeout=patience(10)).json()
        (found,) = (value for value in answer.values() if isinstance(value, list))
        assert set(keys.split()) <= found[0].keys(), name


def test_a_status_callback_may_be_a_path_of_the_web_server_that_named_it(story):
    """As the training server of Twilio writes it: `/status_callback`."""
    answer = {"instruction": "dequeue", "from": OURS, "status_callback_url": "/dequeued?who=alice"}
    story.receiver.replies["/assignment"] = Reply(body=json.dumps(answer))
    caller = story.queued()
    idle(story)
    story.sandbox.calls.answer(ringing(story))
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    story.sandbox.calls.hang_up(caller)
    [reported] = wait_for(lambda: story.asked("/dequeued"))
    asked = query(reported)
    assert (asked["who"], asked["TaskSid"], asked["TaskCallSid"]) == ("alice", story.task().sid, caller)
    assert (reported.form["CallStatus"], reported.valid) == ("completed", True)


def test_a_status_callback_by_get_has_everything_in_its_query(story):
    """As the page says, and a program written after it reads `AccountSid`, `CallStatus`, `taskCallSid` (§4.2)."""
    story.sandbox.options.set(dequeue_callback="GET")
    answer = {"instruction": "dequeue", "from": OURS, "status_callback_url": f"{story.receiver.url}/dequeued?a=1"}
    story.receiver.replies["/assignment"] = Reply(body=json.dumps(answer))
    caller = story.queued()
    idle(story)
    agent = ringing(story)
    story.sandbox.calls.reject(agent)
    [reported] = wait_for(lambda: story.asked("/dequeued"))
    asked = query(reported)
    assert (reported.method, reported.valid, reported.body) == ("GET", True, "")
    assert (asked["a"], asked["AccountSid"], asked["CallSid"]) == ("1", story.sandbox.account_sid, agent)
    assert (asked["CallStatus"], asked["taskCallSid"]) == ("busy", caller)


def test_the_status_callback_completes_the_task_or_rejects_the_reservation(kind, story):
    """Completed: the task is completed, which is refused where it is already; otherwise the worker is rejected."""
    refusals: list[int] = []

    def dequeued(form: dict[str, str]) -> Reply:
        asked = query(story.receiver.answering)
        task = story.cast.workspace.tasks(asked["TaskSid"])
        try:
            if form["CallStatus"] == "completed":
                task.update(assignment_status="completed")
            else:
                offline = story.cast.activities["Offline"].sid
                reservation = task.reservations(asked["ReservationSid"])
                reservation.update(reservation_status="rejected", worker_activity_sid=offline)
        except TwilioRestException as refused:
            refusals.append(refused.status)
        return Reply(204, content_type=None)

    answer = {"instruction": "dequeue", "from": OURS, "status_callback_url": f"{story.receiver.url}/ended"}
    story.receiver.replies |= {"/assignment": Reply(body=json.dumps(answer)), "/ended": dequeued}
    story.sandbox.phones.set(AGENT, "busy")
    caller = story.queued()
    idle(story)
    assert wait_for(lambda: [one.reservation_status for one in story.task().reservations.list()] == ["rejected"])
    assert wait_for(lambda: story.cast.alice.fetch().activity_name == "Offline")
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1
    story.sandbox.phones.set(AGENT, "by-hand")
    idle(story)
    agent = ringing(story)
    story.sandbox.calls.answer(agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    story.sandbox.calls.hang_up(agent)
    assert wait_for(lambda: story.task().assignment_status == "completed")
    assert wait_for(lambda: len(story.asked("/ended")) == 2)
    assert wait_for(lambda: refusals == ([] if kind else [400]))


@pytest.fixture
def own_dialer(story) -> SimpleNamespace:
    """A program that answers the assignment callback with 204 and dials the worker by itself.

    The document and the status callback of its call have one address; the document takes the caller by the reservation.
    """
    placed: list[str] = []

    def assignment(form: dict[str, str]) -> Reply:
        names = ("TaskSid", "ReservationSid", "WorkerSid")
        url = f"{story.receiver.url}/outbound?" + "&".join(f"{name}={form[name]}" for name in names)
        call = story.client.calls.create(to=AGENT, from_=OURS, url=url, status_callback=url, machine_detection="Enable")
        placed.append(call.sid)
        return Reply(204, content_type=None)

    def outbound(form: dict[str, str]) -> Reply:
        asked = query(story.receiver.answering)
        if form["CallStatus"] == "in-progress":
            assert form["AnsweredBy"] == "human"
            queue = f'reservationSid="{asked["ReservationSid"]}"'
            after = f'postWorkActivitySid="{story.cast.activities["Unavailable"].sid}"'
            return twiml(f"<Response><Dial><Queue {queue} {after}/></Dial></Response>")
        if form["CallStatus"] not in ("completed", "canceled"):
            reservation = story.cast.workspace.tasks(asked["TaskSid"]).reservations(asked["ReservationSid"])
            reservation.update(
                reservation_status="rejected", worker_activity_sid=story.cast.activities["Unavailable"].sid
            )
        return Reply(204, content_type=None)

    story.receiver.replies |= {"/assignment": assignment, "/outbound": outbound}
    return SimpleNamespace(placed=placed)


def test_a_program_dials_the_worker_itself_and_takes_the_caller_by_the_reservation(kind, story, own_dialer):
    caller = story.queued()
    idle(story)
    agent = ringing(story)
    story.sandbox.calls.answer(agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    assert own_dialer.placed == [agent]
    assert story.task().assignment_status == "assigned"
    story.sandbox.calls.hang_up(agent)
    assert wait_for(lambda: story.task().assignment_status == ("wrapping" if kind else "completed"))
    assert wait_for(lambda: story.cast.alice.fetch().activity_name == "Unavailable")
    assert story.client.calls(agent).fetch().answered_by == "human"


def test_its_call_is_busy_and_it_rejects_the_reservation(kind, story, own_dialer):
    story.sandbox.phones.set(AGENT, "busy")
    caller = story.queued()
    idle(story)
    assert wait_for(lambda: [one.reservation_status for one in story.task().reservations.list()] == ["rejected"])
    assert wait_for(lambda: story.cast.alice.fetch().activity_name == "Unavailable")
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1
    assert len(own_dialer.placed) == 1


def events_go_to(story, handler) -> None:
    story.receiver.replies["/events"] = handler
    story.cast.workspace.update(event_callback_url=f"{story.receiver.url}/events")


def test_the_caller_gives_up_and_it_cancels_its_own_call(kind, story, own_dialer):
    """On `task.canceled`: nobody else knows of that call."""

    def events(form: dict[str, str]) -> Reply:
        if form["EventType"] == "task.canceled":
            story.client.calls(own_dialer.placed[-1]).update(status="canceled")
        return Reply(204, content_type=None)

    events_go_to(story, events)
    caller = story.queued()
    idle(story)
    agent = ringing(story)
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: story.sandbox.calls.fetch(agent)["status"] == "canceled")
    assert story.task().assignment_status == "canceled"


def test_missed_calls_and_the_voicemail(story):
    """The tutorial of the dynamic call centre: `workflow.timeout` moves the caller; after a hang-up that is refused."""
    missed, refused = [], []

    def events(form: dict[str, str]) -> Reply:
        if form["EventType"] in ("workflow.timeout", "task.canceled"):
            call_sid = json.loads(form["TaskAttributes"])["call_sid"]
            missed.append((form["EventType"], call_sid))
            try:
                story.client.calls(call_sid).update(method="POST", url=f"{story.receiver.url}/voicemail")
            except TwilioRestException as error:
                refused.append((call_sid, error.code))
        return Reply(204, content_type=None)

    filters = json.loads(story.cast.workflow.fetch().configuration)
    for one in filters["task_routing"]["filters"]:
        one["targets"][0]["timeout"] = 30
    story.cast.workflow.update(configuration=json.dumps(filters))
    story.receiver.replies["/voicemail"] = twiml("<Response><Record action='/recorded' timeout='10'/></Response>")
    events_go_to(story, events)
    waiting = story.queued()
    story.sandbox.clock.advance(seconds=31)
    assert wait_for(lambda: story.sandbox.calls.fetch(waiting)["waits_for"] == "the end of the recording")
    gone = story.queued()
    story.sandbox.calls.hang_up(gone)
    assert wait_for(lambda: (gone, 21220) in refused)
    assert ("workflow.timeout", waiting) in missed
    assert ("task.canceled", gone) in missed


def test_a_worker_who_has_gone_offline_is_told_by_a_text_message(story):
    """The same tutorial: `worker.activity.update` to Offline sends a text to the worker's `contact_uri`."""
    phone = "+15005550111"
    text = 'Your status has changed to Offline. Reply with "On" to get back Online'
    sent = []

    def events(form: dict[str, str]) -> Reply:
        if form["EventType"] == "worker.activity.update" and form["WorkerActivityName"] == "Offline":
            to = json.loads(form["WorkerAttributes"])["contact_uri"]
            sent.append(story.client.messages.create(to=to, from_=OURS, body=text).sid)
        return Reply(body="", content_type="text/html")

    events_go_to(story, events)
    story.cast.alice.update(attributes=json.dumps({"contact_uri": phone}))
    idle(story)
    story.cast.alice.update(activity_sid=story.cast.activities["Offline"].sid)
    assert wait_for(lambda: len(sent) == 1)
    story.sandbox.clock.advance(seconds=2)
    [message] = story.client.messages.list(to=phone)
    assert (message.sid, message.body, message.from_, message.status) == (sent[0], text, OURS, "delivered")


def test_the_set_up_page_of_a_contact_center(story):
    """Its number, its application and its routing are created, then changed, and found again by its health check."""
    client, workspace, url = story.client, story.cast.workspace, story.receiver.url

    def set_up(application_sid: str | None, queue_sid: str | None, workflow_sid: str | None) -> tuple[str, str, str]:
        [number] = client.incoming_phone_numbers.list(phone_number=OURS)
        assert number.capabilities["voice"]
        welcome, inbound = f"{url}/api/ivr/welcome", f"{url}/api/messaging-adapter/inbound"
        client.incoming_phone_numbers(number.sid).update(
            voice_url=welcome, voice_method="GET", sms_url=inbound, sms_method="POST"
        )
        about = {"friendly_name": "Contact Center", "voice_url": f"{url}/api/phone/call", "voice_method": "POST"}
        applications, queues, workflows = client.applications, workspace.task_queues, workspace.workflows
        application = applications(application_sid).update(**about) if application_sid else applications.create(**about)
        named = {"friendly_name": "Sales", "target_workers": 'channels HAS "sales"'}
        queue = queues(queue_sid).update(**named) if queue_sid else queues.create(**named)
        target = {"queue": queue.sid, "expression": "1 == 1"}
        item = {"targets": [target], "expression": 'team == "sales"', "filterFriendlyName": "Sales"}
        routing = {
            "friendly_name": "Contact Center Workflow",
            "task_reservation_timeout": 1200,
            "configuration": json.dumps({"task_routing": {"filters": [item]}}),
        }
        workflow = workflows(workflow_sid).update(**routing) if workflow_sid else workflows.create(**routing)
        return application.sid, queue.sid, workflow.sid

    made = set_up(None, None, None)
    assert set_up(*made) == made
    assert client.api.accounts(client.account_sid).fetch().status == "active"
    assert client.applications(made[0]).fetch().voice_url == f"{url}/api/phone/call"
    [number] = client.incoming_phone_numbers.list(phone_number=OURS)
    assert (number.voice_url, number.voice_method) == (f"{url}/api/ivr/welcome", "GET")


def test_a_menu_by_get_with_relative_addresses(story):
    """Gather's action and Redirect are paths beside the document's own; what is said counts as much as a key."""
    [number] = story.client.incoming_phone_numbers.list()
    number.update(voice_url=f"{story.receiver.url}/ivr/welcome", voice_method="GET")
    story.receiver.replies |= {
        "/ivr/welcome": twiml(
            "<Response><Gather input='dtmf speech' action='select-team' method='GET' numDigits='1' timeout='4' "
            "hints='Sales,Support'><Say>Sales or support?</Say></Gather><Say>Nothing.</Say><Pause length='2'/>"
            "<Redirect method='GET'>welcome</Redirect></Response>"
        ),
        "/ivr/select-team": twiml("<Response><Say>Thank you.</Say><Pause length='60'/></Response>"),
    }
    caller = story.sandbox.calls.dial()["sid"]
    listens = "keys or speech"
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["waits_for"] == listens)
    story.sandbox.clock.advance(seconds=12)
    assert wait_for(lambda: len(story.asked("/ivr/welcome")) == 2)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["waits_for"] == listens)
    story.sandbox.calls.say(caller, "support please")
    story.sandbox.clock.advance(seconds=5)
    [chosen] = wait_for(lambda: story.asked("/ivr/select-team"))
    assert (chosen.method, query(chosen)["SpeechResult"], chosen.valid) == ("GET", "support please", True)


def test_a_customer_is_passed_on_by_a_second_enqueue(kind, story):
    """The leg that is in the conference is moved to an Enqueue: a new task, for another worker, of higher priority."""
    workspace, workflow = story.cast.workspace, story.cast.workflow
    bob = "client:bob"
    story.cast.bob.update(attributes=json.dumps({"languages": [], "contact_uri": bob, "transfers": True}))
    story.sandbox.phones.set(bob, "by-hand")
    transfers = workspace.task_queues.create("Transfers", target_workers="transfers == true")
    routing = json.loads(workflow.fetch().configuration)
    routing["task_routing"]["filters"].insert(
        0, {"expression": 'title == "Transfer"', "targets": [{"queue": transfers.sid}]}
    )
    workflow.update(configuration=json.dumps(routing))
    task = json.dumps({"title": "Transfer"})
    story.receiver.replies |= {
        "/assignment": Reply(body=json.dumps({"instruction": "conference", "from": OURS})),
        "/forward": twiml(
            f'<Response><Enqueue workflowSid="{workflow.sid}"><Task priority="10">{task}</Task></Enqueue></Response>'
        ),
    }
    caller = story.queued()
    idle(story)
    agent = ringing(story)
    story.sandbox.calls.answer(agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    first = story.task()
    [room] = story.client.conferences.list(friendly_name=first.sid, status="in-progress")
    assert room.participants(caller).update(hold=True).hold
    idle(story, story.cast.bob)
    story.client.calls(caller).update(method="POST", url=f"{story.receiver.url}/forward")
    second_agent = ringing(story, bob)
    [second] = [one for one in workspace.tasks.list() if one.sid != first.sid]
    assert (second.priority, json.loads(second.attributes)["call_sid"]) == (10, caller)
    assert [one.call_sid for one in room.participants.list()] == [agent]
    assert first.fetch().assignment_status == "assigned"
    story.sandbox.calls.answer(second_agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [bob])
    story.sandbox.calls.hang_up(agent)
    ended = "wrapping" if kind else "completed"
    assert wait_for(lambda: first.fetch().assignment_status == ended)
    assert second.fetch().assignment_status == "assigned"
    assert the_call_of(story, bob)["status"] == "in-progress"
