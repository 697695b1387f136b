"""A hypothesis state machine over calls, phones and reservations, and what must hold after every step.

TaskRouter's orders and the answers to requests may come late, so that people do something in between.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.voice.model import effects as voice
from taskrouter_sandbox.voice.model.entities import UNANSWERED
from taskrouter_sandbox.voice.model.options import VoiceOptions
from taskrouter_sandbox.voice.model.run import Dialing, InConference, Waiting
from tests.voice.actions import action, some
from tests.voice.machine_stage import LateStage
from tests.voice.rest_actions import RestActions
from tests.voice.stage import AGENT, BASE, NUMBER, OTHER_AGENT, path_of, twiml

CALLERS = ("+15005550100", "+15005550101", "+15005550102")
BEHAVIOURS = ("by-hand", "by-hand", "by-hand", "after", "never", "busy", "reject", "unreachable")
WAITS = (0, 0.1, 1, 2, 5, 15, 40, 130)
LATE = "late"
ROOM = '<Dial action="/after"><Conference {}>Room</Conference></Dial>'
PAGES: dict[str, tuple[str | voice.FetchFailure, ...]] = {
    "/incoming": (
        LATE,
        '<Gather action="/enqueue" numDigits="1"><Say>Press a key</Say></Gather>',
        '<Enqueue workflowSid="{workflow}" action="/after" waitUrl="/wait"/><Say>Next</Say>',
        '<Enqueue workflowSid="{workflow}"/>',
        '<Enqueue action="/after">support</Enqueue>',
        f'<Dial action="/after" answerOnBridge="true">{AGENT}</Dial>',
        f'<Dial><Number url="/whisper">{AGENT}</Number><Number>{OTHER_AGENT}</Number></Dial><Say>Next</Say>',
        f'<Dial action="/after" sequential="true"><Number>{AGENT}</Number><Number>{OTHER_AGENT}</Number></Dial>',
        ROOM.format(""),
        ROOM.format('endConferenceOnExit="true" waitUrl="/wait"'),
        '<Dial action="/after"><Queue url="/whisper">support</Queue></Dial>',
        '<Record action="/after"/>',
        "<Reject/>",
        "",
        f'<Dial action="/after">{NUMBER}</Dial><Say>Next</Say>',
        voice.FetchFailure(11200, "HTTP status 500"),
    ),
    "/enqueue": (
        LATE,
        '<Enqueue workflowSid="{workflow}" action="/after" waitUrl="/wait"><Task>{{"a": 1}}</Task></Enqueue>',
        '<Enqueue workflowSid="{workflow}"><Task>no</Task></Enqueue><Say>Next</Say>',
    ),
    "/wait": (LATE, "<Play>song</Play>", "<Leave/>", "<Hangup/>", "<Redirect/>", voice.FetchFailure(11200, "no")),
    "/after": (LATE, "<Say>Thanks</Say>", "", '<Pause length="30"/>', f"<Dial>{OTHER_AGENT}</Dial>", "<Broken"),
    "/whisper": (LATE, "<Say>A call</Say>", "<Hangup/>", "<Gather numDigits='1'/>", voice.FetchFailure(11200, "no")),
    "/worker": (
        LATE,
        '<Dial action="/after"><Queue reservationSid="{reservation}" url="/whisper"/></Dial>',
        '<Dial><Queue reservationSid="{reservation}"/></Dial>',
        "<Hangup/>",
    ),
    "/elsewhere": (LATE, '<Pause length="20"/>', ROOM.format(""), '<Enqueue workflowSid="{workflow}"/>'),
}


class Office(RestActions, RuleBasedStateMachine):
    """Rules pick from what there is by small numbers."""

    @initialize(multi=st.booleans(), cancels=st.booleans(), silent=st.sampled_from(("action", "next")))
    def begin(self, multi: bool, cancels: bool, silent):
        options = VoiceOptions(dequeue_failure="canceled" if cancels else "pending", silent_record=silent)
        self.stage = LateStage(multi, options)
        self.stage.worker("Bob", OTHER_AGENT)
        self.stage.phone(AGENT)
        self.stage.phone(OTHER_AGENT)
        self.choice = dict.fromkeys(PAGES, 1)
        self.told: dict[str, tuple[int, bool]] = {}  # by call or conference: callbacks so far, and whether it is over
        self.checked = 0
        for path in PAGES:
            self.stage.pages[path] = lambda sent, path=path: self.page(path, self.choice[path])

    def page(self, path: str, number: int):
        page = PAGES[path][number % len(PAGES[path])]
        if page == LATE:
            return None
        if isinstance(page, voice.FetchFailure):
            return page
        reservations = self.stage.router.state.reservations
        latest = next(reversed(reservations), "WR" + "0" * 32)
        content = page.format(workflow=self.stage.workflow.sid, reservation=latest)
        return twiml(content)

    # people

    @action(6, number=range(3), page=(*range(1, 16), 1, 2, 2, 3, 3))
    def dial(self, number: int, page: int):
        caller = CALLERS[number]
        if not self.stage.state.live.get(caller):
            self.choice["/incoming"] = page
            self.stage.dial(caller)

    @action(3, number=some, key="1#*")
    def press(self, number: int, key: str):
        if call := self.the(number, self.live("in-progress")):
            self.stage.press(call, key)

    @action(1, number=some)
    def say(self, number: int):
        if call := self.the(number, self.live("in-progress")):
            self.stage.say(call, "Hello")

    @action(4, number=some)
    def hang_up(self, number: int):
        if call := self.the(number, self.live("in-progress", "ringing")):
            self.stage.hang_up(call)

    @action(6, number=some, answers=(True, True, True, False))
    def pick_up(self, number: int, answers: bool):
        ringing = [call for call in self.live("ringing") if call.direction != "inbound" and not call.far_end]
        if call := self.the(number, ringing):
            self.stage.answer(call) if answers else self.stage.reject(call)

    @action(1, address=(AGENT, OTHER_AGENT), behaviour=BEHAVIOURS)
    def behave(self, address: str, behaviour: str):
        self.stage.phone(address, behaviour)

    # time, TaskRouter and the application

    @action(5, seconds=WAITS)
    def pass_(self, seconds: float):
        self.stage.pass_(seconds)

    @action(2, path=tuple(PAGES), number=range(16))
    def choose(self, path: str, number: int):
        self.choice[path] = number

    @action(4, number=some, page=range(1, 16))
    def reply(self, number: int, page: int):
        waiting = self.stage.unanswered
        if not waiting:
            return
        fetch = waiting.pop(number % len(waiting))
        path = path_of(fetch.url)
        answer = self.page(path, 1 + page % (len(PAGES[path]) - 1))
        self.stage._answer(fetch, answer)
        self.stage.work()

    @action(2, holds=(True, False, False))
    def hold(self, holds: bool):
        self.stage.holds = holds

    @action(3, most=range(1, 6))
    def release(self, most: int):
        while self.stage.held and most:
            self.stage.release()
            most -= 1

    @action(6, number=some, name=("dequeue", "dequeue", "call", "conference", "redirect"))
    def instruct(self, number: int, name: str):
        router = self.stage.router.state
        pending = [one for one in router.reservations.values() if one.reservation_status == "pending"]
        if not pending:
            return
        reservation = pending[number % len(pending)]
        said: dict[str, object] = {"from": NUMBER, "post_work_activity_sid": self.stage.wrap_up.sid}
        if name == "call":
            said |= {"url": f"{BASE}/worker", "accept": number % 4 == 0}
        elif name == "conference":
            said |= {"end_conference_on_exit": number % 2 == 0, "timeout": 20}
        elif name == "redirect":
            attributes = router.tasks[reservation.task_sid].parsed_attributes
            said |= {"call_sid": attributes.get("call_sid"), "url": f"{BASE}/elsewhere", "accept": number % 2 == 0}
        self.stage.instruct(reservation, name, **said)
        self.stage.work()

    @action(2, number=some, what=("accept", "reject", "cancel", "delete"))
    def use_taskrouter(self, number: int, what: str):
        stage, router = self.stage, self.stage.router
        try:
            if what in ("cancel", "delete") and router.state.tasks:
                tasks = list(router.state.tasks.values())
                task = tasks[number % len(tasks)]
                router.cancel(task, "by hand") if what == "cancel" else router.engine.tasks.delete(stage.now, task)
            elif router.state.reservations:
                reservations = list(router.state.reservations.values())
                getattr(router, what)(reservations[number % len(reservations)])
        except TaskRouterError:
            pass
        stage.work()

    @action(4)
    def come_back(self):
        router = self.stage.router
        for worker in router.state.workers.values():
            router.engine.workers.update(self.stage.now, worker, activity_sid=router.idle.sid)
        for task in list(router.state.tasks.values()):
            if task.assignment_status == "wrapping":
                router.complete(task)
        self.stage.work()

    # what must hold

    @invariant()
    def calls_that_have_ended_leave_nothing(self):
        state = self.stage.state
        assert not state.pending
        timers = {key.partition("/")[0] for key in state.timers.live()}
        assert timers <= state.calls.keys()
        assert all(call.is_live for call in state.calls.values())
        for call in self.stage.calls:
            if call.is_live:
                assert call.sid in state.live[call.phone]
                continue
            assert not call.frames
            assert call.bridge is None
            assert call.conference_sid is None
            assert call.sid not in timers
            assert call.sid not in state.live.get(call.phone, {})
            assert (call.answered_at is None) is (call.status in ("busy", "no-answer", "canceled", "failed"))

    @invariant()
    def every_live_call_can_go_on(self):
        state = self.stage.state
        timers = {key.partition("/")[0] for key in state.timers.live()}
        requested = {one.call.sid for one in state.requested.values()}
        for call in state.live_calls():
            if call.status in UNANSWERED:
                assert call.direction == "inbound" or call.sid in timers
            asked = any(leg is call for leg in state.following.values()) or any(
                call in (given := getattr(one.told, "keywords", {})).values() or call.sid in given.values()
                for one in state.ordered.values()
            )
            waits = state.main(call, Waiting) or state.main(call, Dialing) or state.main(call, InConference)
            assert call.sid in timers or call.sid in requested or call.bridge or asked or waits or state.enqueuing(call)

    @invariant()
    def both_ends_of_a_call_to_a_number_are_in_the_same_state(self):
        state = self.stage.state
        for call in state.live_calls():
            if call.far_end is not None:
                other = state.calls[call.far_end]
                assert other.far_end == call.sid
                assert (call.status == "in-progress") is (other.status == "in-progress")

    @invariant()
    def rooms_and_queues_agree_with_calls(self):
        state = self.stage.state
        waiting = {call.sid for queue in state.queues.values() for call in queue.waiting}
        assert waiting == {call.sid for call in state.live_calls() if state.waiting(call)}
        for call in state.live_calls():
            if bridge := call.bridge:
                peer = state.calls[bridge.peer_of(call.sid)]
                assert peer.is_live
                assert peer.bridge is bridge
                waiting = state.main(call, Waiting)
                if bridge.reservation_sid and waiting:
                    reservation = self.stage.router.state.reservations.get(bridge.reservation_sid)
                    assert reservation is None or reservation.task_sid == waiting.task_sid
            if dialing := state.dialing(call):
                assert all(state.calls[sid].is_live for sid in dialing.legs)
                if dialing.bridged:
                    assert call.bridge
                else:
                    assert (
                        dialing.legs
                        or dialing.caller
                        or dialing.order_sid
                        or f"{call.sid}/queue" in state.timers.live()
                    )
            if at := state.main(call, InConference):
                assert call.conference_sid == at.conference_sid
        for room in state.conferences.values():
            for sid in room.participants:
                assert state.calls[sid].is_live
            assert room.status != "completed"
            assert room.participants

    @invariant()
    def whatever_has_changed_is_kept(self):
        assert self.stage.unkept() == {}
        state = self.stage.state
        tables = (state.calls, state.numbers, state.queues, state.conferences, state.phones, self.stage.ended)
        assert len(self.stage.stored) == sum(len(table) for table in tables)

    @invariant()
    def nothing_is_ordered_twice(self):
        ended = Counter(one.reservation_sid for one in self.stage.orders(voice.CallEnded))
        cancels = self.stage.orders(voice.CancelTask)
        # a task whose customer is called may have been tried again before it was canceled
        canceled = Counter(one.task_sid for one in cancels if not one.reason.startswith("RoutingTarget"))
        made = Counter(one.worker_call_sid for one in self.stage.orders(voice.Dialed))
        assert all(times == 1 for times in [*ended.values(), *canceled.values()])
        assert not made or max(made.values()) == 1

    @invariant()
    def progress_is_reported_in_sequence(self):
        """Each callback of a call or conference has the next number, and none comes after the end."""
        for callback in self.stage.callbacks[self.checked :]:
            sent = dict(callback.parameters)
            if "SequenceNumber" in sent:
                count, is_over = self.told.get(callback.subject_sid, (0, False))
                assert sent["SequenceNumber"] == str(count)
                assert not is_over
                is_over = "CallDuration" in sent or sent.get("StatusCallbackEvent") == "conference-end"
                self.told[callback.subject_sid] = count + 1, is_over
        self.checked = len(self.stage.callbacks)
        for call in self.stage.calls:
            if call.status_callback is not None and not call.is_live and call.answered_at is not None:
                assert self.told[call.sid][1]

    @invariant()
    def nobody_is_assigned_to_nobody(self):
        state = self.stage.state
        talks = {call.bridge.reservation_sid for call in state.live_calls() if call.bridge}
        talks |= {room.reservation_sid for room in state.conferences.values()}
        ended = {one.reservation_sid for one in self.stage.orders(voice.CallEnded)}
        assert self.stage.connected <= talks | ended
        assert not self.stage.connected & {None}

    @invariant()
    def a_leg_rings_only_for_a_pending_reservation(self):
        if self.stage.held:
            return
        reservations = self.stage.router.state.reservations
        for sid, leg in self.stage.state.following.items():
            status = reservations[sid].reservation_status  # it is there
            accepted_first = getattr(leg.purpose, "accepted", False) and status == "accepted"
            assert leg.is_live
            assert status == "pending" or accepted_first

    def teardown(self):
        """When everybody has hung up, nothing goes on."""
        stage = getattr(self, "stage", None)
        if stage is None:
            return
        stage.holds = False
        while stage.held:
            stage.release()
        while calls := self.live("in-progress", "ringing"):
            stage.hang_up(calls[0])
            while stage.held:
                stage.release()
        stage.pass_(1)
        while calls := self.live():
            stage.hang_up(calls[0])
        stage.pass_(1)
        assert stage.engine.next_due() is None
        assert not stage.state.conferences
        assert not stage.state.calls
        assert all(not room.participants for room in stage.rooms)
        assert not stage.state.following
        assert not stage.state.ordered
        for task in stage.router.state.tasks.values():
            if task.transfers or "call_sid" not in task.parsed_attributes:
                continue  # what becomes of it is the application's
            assert task.assignment_status not in ("pending", "reserved"), task
