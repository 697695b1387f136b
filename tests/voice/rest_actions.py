"""What an application does over REST while calls go on: it moves, ends and deletes them, and uses rooms and queues."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any

import pytest
from msgspec.structs import replace

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.run import Participant
from taskrouter_sandbox.voice.model.terms import StatusCallback
from tests.voice.actions import action, some
from tests.voice.machine_stage import LateStage
from tests.voice.stage import BASE, CALLER, NUMBER, OTHER_AGENT, twiml

GIVEN = (
    "<Say>Given</Say>",
    "<Redirect/>",
    "<Gather/>",
    '<Record action="/after"/>',
    f'<Dial action="{BASE}/after"><Conference>Room</Conference></Dial>',
    f'<Dial action="{BASE}/after"><Queue>support</Queue></Dial>',
    f'<Enqueue action="{BASE}/after">support</Enqueue>',
    "<Broken",
)
GUESTS = ("+15005550301", "+15005550302", OTHER_AGENT)


class RestActions:
    """Actions pick from what there is by small numbers."""

    stage: LateStage

    def the(self, number: int, calls: list[Call]) -> Call | None:
        return calls[number % len(calls)] if calls else None

    def live(self, *statuses: str) -> list[Call]:
        self.stage.pass_()  # what is due may end some
        return [call for call in self.stage.calls if call.is_live and (not statuses or call.status in statuses)]

    @action(3, number=some, how=("completed", "canceled", "url", *GIVEN))
    def use_rest(self, number: int, how: str):
        call = self.the(number, self.live())
        if call is None:
            return
        moves = how not in ("completed", "canceled")
        refused = moves and call.status in ("queued", "initiated", "ringing") and call.direction != "inbound"
        with pytest.raises(TaskRouterError, match="Cannot redirect") if refused else nullcontext():
            if not moves:
                self.stage.update(call, status=how)
            elif how == "url":
                self.stage.update(call, url=f"{BASE}/elsewhere", fallback_url=f"{BASE}/fallback")
            else:
                self.stage.update(call, twiml=twiml(how))
        self.stage.work()

    @action(2, number=range(3), given=GIVEN, queued=(0, 3_000))
    def call_somebody(self, number: int, given: str, queued: int):
        stage = self.stage
        stage.state.options = replace(stage.state.options, queued=queued)
        how: dict[str, Any] = {"url": f"{BASE}/elsewhere"} if number else {"twiml": twiml(given)}
        stage.do(
            stage.engine.calls.create,
            from_address=NUMBER,
            to=GUESTS[number],
            status_callback=StatusCallback(
                f"{BASE}/progress", "POST", ("initiated", "ringing", "answered", "completed")
            ),
            timeout=10,
            **how,
        )

    @action(2, number=some)
    def forget(self, number: int):
        ended = [call for call in self.stage.calls if not call.is_live]
        if call := self.the(number, ended[::-1]):
            self.stage.do(self.stage.engine.calls.delete, call.sid)

    @action(2, number=some, guest=GUESTS, ends=(True, False), name=("Room", None))
    def invite(self, number: int, guest: str, ends: bool, name: str | None):
        stage = self.stage
        stage.pass_()
        rooms = list(stage.state.conferences)
        if name is None and not rooms:
            return
        stage.do(
            stage.engine.conferences.create_participant,
            name or rooms[number % len(rooms)],
            from_address=NUMBER,
            to=guest,
            participant=Participant(
                call_sid="", conference_sid="", date_created=stage.now, end_conference_on_exit=ends
            ),
            timeout=15,
        )

    @action(4, number=some, other=some, how=("kick", "hold", "go on", "mute", "announce", "ends", "coach"))
    def use_participants(self, number: int, other: int, how: str):
        stage = self.stage
        stage.pass_()
        everybody = [one for room in stage.state.conferences.values() for one in room.participants.values()]
        if not everybody:
            return
        one, another = everybody[number % len(everybody)], everybody[other % len(everybody)]
        conferences = stage.engine.conferences
        if how == "kick":
            stage.do(conferences.delete_participant, one.conference_sid, one.call_sid)
            return
        changes: dict[str, Any] = {
            "hold": {"hold": True, "hold_url": f"{BASE}/wait"},
            "go on": {"hold": False},
            "mute": {"muted": number % 2 == 0},
            "announce": {"announce_url": f"{BASE}/wait"},
            "ends": {"end_conference_on_exit": number % 2 == 0},
            "coach": {"coaching": True, "call_sid_to_coach": another.call_sid},
        }[how]
        stage.do(conferences.update_participant, one.conference_sid, one.call_sid, **changes)

    @action(1, number=some, ends=(True, False))
    def use_conference(self, number: int, ends: bool):
        rooms = [room.sid for room in self.stage.rooms]
        if rooms:
            how: dict[str, Any] = {"completed": True} if ends else {"announce_url": f"{BASE}/wait"}
            self.stage.do(self.stage.engine.conferences.update, rooms[number % len(rooms)], **how)

    @action(2, number=some, first=(True, False))
    def take_out(self, number: int, first: bool):
        stage = self.stage
        stage.pass_()
        waiting = [(queue, call) for queue in stage.state.queues.values() for call in queue.waiting]
        if waiting:
            queue, call = waiting[number % len(waiting)]
            stage.do(stage.engine.queues.take_out, queue.sid, "Front" if first else call.sid, f"{BASE}/elsewhere")

    @action(1, number=some)
    def drop_queue(self, number: int):
        stage = self.stage
        stage.pass_()
        queues = list(stage.state.queues)
        if queues:
            with suppress(TaskRouterError):
                stage.do(stage.engine.queues.delete, queues[number % len(queues)])

    # TaskRouter's

    @action(1)
    def ask_for_a_customer(self):
        """A task without a call: its customer is called."""
        router = self.stage.router
        router.engine.tasks.create(
            self.stage.now,
            workflow_sid=self.stage.workflow.sid,
            attributes=f'{{"outbound_to": "{CALLER}", "from": "{NUMBER}"}}',
            task_channel="voice",
        )
        self.stage.work()

    @action(2, number=some, mode=("monitor", "whisper", "barge"))
    def supervise(self, number: int, mode: str):
        accepted = [
            one for one in self.stage.router.state.reservations.values() if one.reservation_status == "accepted"
        ]
        if accepted:
            reservation = accepted[number % len(accepted)]
            said = {"supervisor": GUESTS[0], "supervisor_mode": mode, "from": NUMBER}
            self.stage.instruct(reservation, "supervise", **said)
            self.stage.work()

    @action(1, number=some, mode=("WARM", "COLD"))
    def transfer(self, number: int, mode: str):
        router = self.stage.router
        accepted = [one for one in router.state.reservations.values() if one.reservation_status == "accepted"]
        if accepted:
            reservation, workers = accepted[number % len(accepted)], list(router.state.workers)
            to = workers[number % len(workers)]
            with suppress(TaskRouterError):
                router.engine.transfers.create(self.stage.now, reservation, to, mode=mode)
            self.stage.work()
