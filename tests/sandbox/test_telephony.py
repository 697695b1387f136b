"""The unit of work of calls: what is kept, what a kill leaves behind, and what a store does that fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from pathlib import Path
from typing import get_args

import pytest

from taskrouter_sandbox.runtime.faults import Faults
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.voice_webhooks import VoiceWebhooks, deliveries
from taskrouter_sandbox.storage import migrations
from taskrouter_sandbox.storage.errors import UnreadableState
from taskrouter_sandbox.storage.retention import Retention
from taskrouter_sandbox.storage.store import Store
from taskrouter_sandbox.storage.telephony import VoiceStore
from taskrouter_sandbox.storage.voice_forms import FORMS
from taskrouter_sandbox.voice.engine import VoiceEngine
from taskrouter_sandbox.voice.model.effects import CancelTask, CreateVoiceTask, Fetch, TaskCommand, VoiceEffects
from taskrouter_sandbox.voice.model.run import Participant
from taskrouter_sandbox.voice.model.terms import StatusCallback
from taskrouter_sandbox.webhooks.fetcher import WebhookExchange
from tests.waiting import patience

ACCOUNT = "AC" + "1" * 32
CALLER, OURS = "+15005550100", "+15005550006"
TALK = "<Response><Pause length='60'/></Response>"


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path, ACCOUNT, "token")
    assert service.telephony.engine.state.numbers  # which loads it
    yield service
    service.store.close()


def again(service: Service, tmp_path) -> Service:
    """Start once more on the same data, as after a kill."""
    service.store.close()
    return Service(tmp_path, ACCOUNT, "token")


def call(service: Service, to: str = CALLER) -> str:
    now = service.clock.now()
    make = service.telephony.engine.calls.create
    status_callback = StatusCallback("http://127.0.0.1:1/status", "GET", ("ringing", "completed"))
    made = service.telephony.apply(
        now,
        lambda engine: make(now, from_address=OURS, to=to, twiml=TALK, status_callback=status_callback, time_limit=600),
    )
    return made.sid


def invite(engine: VoiceEngine, now: int, name: str) -> str:
    someone = Participant(call_sid="", conference_sid="", date_created=now)
    engine.conferences.create_participant(now, name, from_address=OURS, to=f"client:{name}", participant=someone)
    return next(reversed(engine.state.conferences))


def status(service: Service, sid: str) -> str | None:
    found = service.telephony.calls.get(sid)
    return found.status if found else None


def listed(service: Service) -> list[str]:
    return [one.sid for one in service.telephony.calls.newest_first().following(None, 100)]


def test_the_first_number_is_there_once(service, tmp_path):
    numbers = service.telephony.engine.state.numbers
    assert [number.phone_number for number in numbers.values()] == [OURS]
    now = service.clock.now()
    service.telephony.apply(now, lambda engine: engine.numbers.delete(now, next(iter(numbers))))
    service = again(service, tmp_path)
    assert service.telephony.engine.state.numbers == {}
    service.reset()
    assert len(service.telephony.engine.state.numbers) == 1
    service.store.close()


def test_an_earlier_version_s_status_callbacks_are_there_again(service, tmp_path):
    sid = call(service)
    status_callback = service.telephony.engine.state.calls[sid].status_callback
    service.store.close()
    with opened(tmp_path) as db, db:
        as_before_version_11(db)
        for kind in ("Call", "Conference"):
            renamed = "replace(state, '\"status_callback\"', '\"notify\"')"
            db.execute(f"UPDATE telephony SET state = {renamed} WHERE kind = ?", [kind])
        migrations.status_callbacks_by_their_name(db)
        migrations.what_has_ended_in_tables_of_its_own(db)
    service = Service(tmp_path, ACCOUNT, "token")
    found = service.telephony.calls.get(sid)
    assert found
    assert found.status_callback == status_callback
    service.store.close()


def opened(folder: Path) -> contextlib.closing[sqlite3.Connection]:
    """The database there: what later versions have added to it stays."""
    return contextlib.closing(sqlite3.connect(folder / "sandbox.sqlite3"))


def as_before_version_11(db: sqlite3.Connection) -> None:
    """Put what has ended among the rest again."""
    for table, kind in (("ended_call", "Call"), ("ended_conference", "Conference"), ("ended_message", "Message")):
        db.execute(
            "INSERT INTO telephony (number, sid, kind, state)"
            f" SELECT number, sid, '{kind}', json_remove(state, '$.captions') FROM {table}"
        )
        db.execute(f"DROP TABLE {table}")


def test_what_had_ended_in_an_earlier_version_is_there_again(service, tmp_path):
    live, ended, now = call(service), [call(service, f"+150055502{n:02}") for n in range(3)], service.clock.now()
    rooms = [service.telephony.apply(now, lambda engine, n=n: invite(engine, now, f"room-{n}")) for n in range(2)]
    service.telephony.apply(now, lambda engine: engine.conferences.update(now, rooms[0], completed=True))
    for sid in ended:
        service.telephony.apply(now, lambda engine, sid=sid: engine.calls.update(now, sid, status="completed"))
    service.telephony.apply(now, lambda engine: engine.messages.create(now, from_address=OURS, to=CALLER, body="Hi"))
    service.telephony.look(now + 10_000)

    def forms(service: Service) -> list[list[str]]:
        telephony = service.telephony
        lists = [each.newest_first() for each in (telephony.calls, telephony.conferences, telephony.messages)]
        return [[FORMS[type(one).__name__].write(one) for one in found.following(None, 100)] for found in lists]

    before = forms(again(service, tmp_path))  # a kill has ended all by now
    with opened(tmp_path) as db, db:
        as_before_version_11(db)
        migrations.what_has_ended_in_tables_of_its_own(db)
    service = Service(tmp_path, ACCOUNT, "token")
    assert forms(service) == before
    assert (listed(service)[2:], len(before[1]), len(before[2])) == ([*ended[::-1], live], 2, 1)
    assert not service.telephony.engine.state.calls
    newer = call(service)
    assert listed(service)[0] == newer
    service.store.close()


def test_every_field_that_is_kept_comes_back(service, tmp_path):
    sid, now = call(service), service.clock.now()

    def change(engine):
        engine.calls.update(now, sid, status="canceled")
        engine.queues.create(now, "support", 7)
        engine.people.set_phone(now, "client:alice", "busy", 3)
        engine.numbers.create(now, "+15005550007", voice_url="http://127.0.0.1/voice", voice_method="GET")

    service.telephony.apply(now, change)

    def written(service):
        state = service.telephony.engine.state
        tables = (state.calls, state.numbers, state.queues, state.phones, state.conferences)
        kept = [entity for table in tables for entity in table.values()]
        kept += service.telephony.calls.newest_first().following(None, 10)
        return [(type(entity).__name__, FORMS[type(entity).__name__].write(entity)) for entity in kept]

    before = written(service)
    assert {kind for kind, _ in before} == {"Call", "PhoneNumber", "Queue", "Phone"}
    service = again(service, tmp_path)
    assert written(service) == before
    service.store.close()


def test_a_call_that_was_going_on_has_failed_after_a_kill(service, tmp_path):
    sid = call(service)
    service = again(service, tmp_path)
    assert status(service, sid) == "failed"
    [alert] = [one for one in service.store.alerts() if one["subject_sid"] == sid]
    assert (alert["code"], alert["workspace_sid"]) == (12400, "")
    service.store.close()


def test_orders_keep_the_names_that_they_are_stored_by():
    assert {order.__struct_config__.tag for order in get_args(TaskCommand)} == {
        "CreateTask", "CancelTask", "FindReservation", "Dialed", "Connect", "CallFailed", "CallEnded",
    }  # fmt: skip


def test_what_was_ordered_before_a_kill_is_made_good_and_no_task_is_made_for_a_call_that_is_gone(service, tmp_path):
    now = service.clock.now()
    sid = service.workspaces.create(now, lambda engine: engine.workspace.sid, friendly_name="One")

    def task(engine):
        queue = engine.task_queues.create(now, friendly_name="All")
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
        workflow = engine.workflows.create(now, friendly_name="All", configuration=routing)
        return engine.tasks.create(now, workflow_sid=workflow.sid)

    waiting = service.workspaces.apply(sid, now, task)
    orders = [
        CancelTask("CM1", waiting.sid, "hangup"),
        CreateVoiceTask("CM2", "CA1", waiting.workflow_sid or "", "{}", 0, 60),
    ]
    service.telephony.voice_store.write(VoiceEffects(task_commands=orders), [], now)
    service = again(service, tmp_path)

    async def work():
        service.telephony.wake()
        while service.telephony.voice_store.read().orders:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(work(), patience(20)))
    tasks = service.workspaces.engines[sid].state.tasks
    assert [(one.sid, one.assignment_status, one.reason) for one in tasks.values()] == [
        (waiting.sid, "canceled", "hangup")
    ]
    service.store.close()


@pytest.mark.parametrize(("instruction", "status"), [("dequeue", "pending"), ("conference", "canceled")])
def test_an_instruction_whose_call_was_never_placed_does_not_hold_its_reservation(
    service, tmp_path, instruction, status
):
    """The process ended right after the instruction was kept: nobody answers it any more."""
    now = service.clock.now()

    def instruct(engine):
        queue = engine.task_queues.create(now, friendly_name="All")
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
        workflow = engine.workflows.create(now, friendly_name="All", configuration=routing)
        idle = next(one for one in engine.state.activities.values() if one.available)
        engine.workers.create(now, friendly_name="Alice", activity_sid=idle.sid)
        attributes = json.dumps({"call_sid": "CA" + "1" * 32})
        task = engine.tasks.create(now, workflow_sid=workflow.sid, attributes=attributes)
        (reservation,) = engine.state.reservations.values()
        engine.reservations.instruct(now, reservation, instruction, {"from": OURS, "to": "client:alice"})
        return engine.workspace.sid, task.sid, reservation.sid

    workspace_sid = service.workspaces.create(now, lambda engine: engine.workspace.sid, friendly_name="One")
    _, _, sid = service.workspaces.apply(workspace_sid, now, instruct)
    service.store.db.executescript("DELETE FROM telephony; DELETE FROM setting WHERE name LIKE 'voice%'")
    service = again(service, tmp_path)
    reservation = service.workspaces.engines[workspace_sid].state.reservations[sid]
    assert reservation.instruction == instruction

    async def work():
        service.telephony.wake()
        while service.workspaces.engines[workspace_sid].state.reservations[sid].instruction:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(work(), patience(20)))
    assert reservation.reservation_status == status
    if status == "pending":
        service.advance(3_600_000)
        assert reservation.reservation_status == "timeout"
    service.store.close()


def test_of_many_calls_the_oldest_that_have_ended_are_forgotten(tmp_path):
    service = Service(tmp_path, ACCOUNT, "token", ServiceLimits(retention=Retention(calls=3)))
    live = call(service)
    ended = [call(service, f"+150055502{n:02}") for n in range(5)]
    now = service.clock.now()
    for sid in ended:
        service.telephony.apply(now, lambda engine, sid=sid: engine.calls.update(now, sid, status="completed"))
    assert listed(service) == [*ended[::-1], live]
    service.tick()
    assert listed(service) == [*ended[:1:-1], live]
    assert list(service.telephony.engine.state.calls) == [live]
    service.store.close()


def test_of_many_conferences_the_oldest_that_are_over_are_forgotten(tmp_path):
    service = Service(tmp_path, ACCOUNT, "token", ServiceLimits(retention=Retention(calls=3)))
    now = service.clock.now()

    rooms = [service.telephony.apply(now, lambda engine, n=n: invite(engine, now, f"room-{n}")) for n in range(6)]
    for sid in rooms[1:]:
        service.telephony.apply(now, lambda engine, sid=sid: engine.conferences.update(now, sid, completed=True))
    service.tick()
    kept = service.telephony.conferences.newest_first().following(None, 10)
    assert [room.sid for room in kept] == [*rooms[:2:-1], rooms[0]]
    assert list(service.telephony.engine.state.conferences) == rooms[:1]
    service.store.close()


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("kind", "Fax", "unknown kind 'Fax'"),
        ("state", "{}", "one PhoneNumber is not stored as it should be"),
        ("state", "{", "one PhoneNumber is damaged ('{' is no JSON object)"),
        ("state", "[]", "one PhoneNumber is damaged ('[]' is no JSON object)"),
        ("state", '{"sid": 5}', "one PhoneNumber is not stored as it should be"),
        ("kind", "TaskCommand", "an order to TaskRouter is not stored as it should be"),
    ],
)
def test_what_is_not_known_is_not_read(service, column, value, words):
    service.store.db.execute(f"UPDATE telephony SET {column} = ?", (value,))
    with pytest.raises(UnreadableState, match=re.escape(words)):
        VoiceStore(service.store).read()


def test_options_of_calls_are_kept(service, tmp_path):
    service.telephony.set_options(dequeue_failure="canceled", play=0)
    service = again(service, tmp_path)
    assert (service.telephony.options.dequeue_failure, service.telephony.options.play) == ("canceled", 0)
    service.store.keep_setting("voice_options", {"play": "long"})
    service.store.close()
    with pytest.raises(UnreadableState, match="options of calls"):
        VoiceStore(Store(tmp_path / "sandbox.sqlite3")).read()


def test_what_can_never_be_kept_stands_in_nobody_s_way(service, tmp_path):
    """Calls begin again with what the store knows, as after a kill."""
    first = call(service)
    service.store.db.execute(
        "CREATE TEMP TRIGGER broken BEFORE INSERT ON telephony WHEN new.kind = 'Queue'"
        " BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )
    now = service.clock.now()
    with pytest.raises(sqlite3.IntegrityError):
        service.telephony.apply(now, lambda engine: engine.queues.create(now, "support", 7))
    state = service.telephony.engine.state
    assert (status(service, first), len(state.queues)) == ("failed", 0)
    assert [alert["subject_sid"] for alert in service.store.alerts()] == [first]
    second = call(service)
    assert service.telephony.engine.state.calls[second].is_live
    assert status(again(service, tmp_path), first) == "failed"


class FailingSender:
    """One that fails in a way that nobody has thought of."""

    def cookie_jar(self) -> None:
        return None

    async def request(self, *_: object) -> None:
        raise ArithmeticError("overflow")


def test_a_request_that_fails_in_an_unknown_way_is_told_to_its_call():
    told: list[WebhookExchange] = []

    async def ask() -> None:
        webhooks = VoiceWebhooks(
            FailingSender(),  # type: ignore[arg-type]
            Faults(),
            lambda: 0,
            lambda fetch, delivery, exchange: told.append(exchange),
            lambda delivery, failure: None,
        )
        fetch = Fetch("FE1", "CA1", "http://127.0.0.1:1/", "POST", ())
        ((delivery,), _) = deliveries([fetch], [])
        webhooks.begin([(fetch, delivery)], [])
        while not told:
            await asyncio.sleep(0)
        await webhooks.close()

    asyncio.run(asyncio.wait_for(ask(), patience(20)))
    assert told[0].failure is not None
    assert "overflow" in told[0].failure.text
