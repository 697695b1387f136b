"""What needs a call: a browser connects its worker with a customer, and holds, mutes and takes people out."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from taskrouter_sandbox import ControlClient
from tests.realtime.conftest import ACCOUNT, SECRET, Agents, Socket
from tests.waiting import wait_for

NUMBER, CUSTOMER, PHONE, LISTENER = "+15005550006", "+15005550101", "client:alice", "client:bob"


class Talk(NamedTuple):
    """Alice and a customer, in the conference of a task."""

    agents: Agents
    socket: Socket
    task: str
    reservation: str
    conference: str
    calls: dict[str, str]

    def participant(self, who: str) -> Any:
        return self.agents.client.conferences(self.conference).participants(self.calls[who]).fetch()

    def ask(self, what: str, **params: Any) -> Any:
        token = self.agents.token(self.agents.alice)
        return self.agents.ask(token, "POST", f"Workers/{self.agents.alice}/{what}", params)

    def refused(self, what: str, **params: Any) -> tuple[int, str]:
        token = self.agents.token(self.agents.alice)
        return self.agents.refused(token, "POST", f"Workers/{self.agents.alice}/{what}", params)


def call_customer(agents: Agents) -> tuple[Socket, str, str]:
    """Let Alice call a customer: her websocket, the task and the reservation. Phones that are not told else answer.

    Talks of earlier tests are over then: whoever talks is busy.
    """
    control = ControlClient(agents.url, ACCOUNT, SECRET)
    for call in control.calls.list(and_live=True):
        if call["ended"] is None:
            control.calls.hang_up(call["sid"])
    for address in (PHONE, LISTENER):
        control.phones.set(address, "after", 0)
    for worker, address in ((agents.alice, PHONE), (agents.bob, LISTENER)):
        agents.workspace.workers(worker).update(attributes=json.dumps({"contact_uri": address}))
    agents.make_available(agents.alice)
    socket = agents.listen(agents.token(agents.alice))
    task = agents.task(attributes=json.dumps({"outbound_to": CUSTOMER, "from": NUMBER}))
    reservation = socket.event("reservation.created")["sid"]
    order = {"Instruction": "conference", "Timeout": 20, "EndConferenceOnExit": False, "Beep": True}
    where = f"Workers/{agents.alice}/Reservations/{reservation}"
    answer = agents.ask(agents.token(agents.alice), "POST", where, order)
    assert answer["reservation_status"] == "pending"
    return socket, task, reservation


@pytest.fixture
def talk(agents: Agents) -> Talk:
    ControlClient(agents.url, ACCOUNT, SECRET).phones.set(CUSTOMER, "after", 0)
    socket, task, reservation = call_customer(agents)
    while (told := socket.message())["event_type"] != "reservation.accepted":
        assert told["event_type"] == "task.updated"
    named = json.loads(told["payload"]["task"]["attributes"])["conference"]
    return Talk(agents, socket, task, reservation, named["sid"], named["participants"])


def test_a_worker_holds_and_mutes_in_its_conference(talk: Talk):
    answer = talk.ask("CustomerParticipant", TaskSid=talk.task, Hold=True)
    assert answer["sid"] == talk.task
    assert talk.participant("customer").hold
    talk.ask("CustomerParticipant", TaskSid=talk.task, Hold=False)
    assert not talk.participant("customer").hold
    own = {"TaskSid": talk.task, "TargetWorkerSid": talk.agents.alice}
    talk.ask("HoldWorkerParticipant", **own, Hold=True)
    assert talk.participant("worker").hold
    talk.ask("HoldWorkerParticipant", **own, Hold=False)
    talk.ask("WorkerParticipant", ReservationSid=talk.reservation, Mute=True, EndConferenceOnExit=True, BeepOnExit=True)
    worker = talk.participant("worker")
    assert (worker.muted, worker.end_conference_on_exit) == (True, True)
    bob = {**own, "TargetWorkerSid": talk.agents.bob}
    assert talk.refused("HoldWorkerParticipant", **bob, Hold=True)[0] == 400
    assert talk.refused("KickWorkerParticipant", **bob)[0] == 400
    assert talk.refused("CustomerParticipant", TaskSid=talk.task)[0] == 400
    talk.ask("KickWorkerParticipant", **own)
    assert talk.socket.event("reservation.wrapup")["sid"] == talk.reservation
    status, text = talk.refused("CustomerParticipant", TaskSid=talk.task, Hold=True)
    assert (status, "conference" in text) == (400, True)


def test_a_customer_who_is_busy_cancels_the_reservation_with_a_code(agents: Agents):
    ControlClient(agents.url, ACCOUNT, SECRET).phones.set(CUSTOMER, "busy")
    socket, task, reservation = call_customer(agents)
    told: dict[str, Any] = {}
    while not told.keys() >= {"reservation.canceled", "task.canceled"}:
        message = socket.message()
        told[message["event_type"]] = message["payload"]
    canceled = told["reservation.canceled"]
    assert (canceled["sid"], canceled["canceled_reason_code"]) == (reservation, 45303)
    assert told["task.canceled"]["sid"] == task
    assert agents.alice in told["task.canceled"]["reason"]


def test_a_supervisor_listens(talk: Talk):
    token = talk.agents.token(talk.agents.bob, "supervisor")
    params = {"Instruction": "supervise", "Supervisor": talk.agents.bob, "SupervisorMode": "monitor"}
    path = f"Tasks/{talk.task}/Reservations/{talk.reservation}"
    assert talk.agents.ask(token, "POST", path, params) == {}
    participants = talk.agents.client.conferences(talk.conference).participants
    wait_for(lambda: sorted(bool(one.muted) for one in participants.list()) == [False, False, True])


def test_without_a_call_these_are_refused_at_once(agents: Agents):
    agents.make_available(agents.alice)
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    socket = agents.listen(token)
    task = agents.task()
    reservation = socket.event("reservation.created")["sid"]
    for what, params in (
        ("CustomerParticipant", {"TaskSid": task, "Hold": True}),
        ("HoldWorkerParticipant", {"TaskSid": task, "TargetWorkerSid": agents.alice, "Hold": True}),
        ("KickWorkerParticipant", {"TaskSid": task, "TargetWorkerSid": agents.alice}),
        ("WorkerParticipant", {"ReservationSid": reservation, "Mute": True}),
        ("WorkerParticipant", {"ReservationSid": "WR" + "0" * 32, "Mute": True}),
        ("CustomerParticipant", {"TaskSid": "WT" + "0" * 32, "Hold": True}),
    ):
        status, text = agents.refused(token, "POST", f"{own}/{what}", params)
        assert (status, len(text) > 20) == (400, True)
    where = f"{own}/Reservations/{reservation}"
    dequeue = {"Instruction": "dequeue", "DequeueFrom": NUMBER, "DequeueStatusCallbackEvents": "initiated"}
    assert agents.refused(token, "POST", where, dequeue)[0] == 400  # its task has no call
    call = {"Instruction": "call", "CallFrom": NUMBER, "CallUrl": "http://127.0.0.1:9/", "CallTo": "client:nobody"}
    assert agents.ask(token, "POST", where, {**call, "CallAccept": True})["reservation_status"] == "accepted"
    socket.event("reservation.accepted")
