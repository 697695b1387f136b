"""What must hold after every step of the machine."""

from __future__ import annotations

from collections import Counter

from hypothesis.stateful import invariant

from taskrouter_sandbox.engine.rules import transitions
from tests.engine import oracle
from tests.engine.machine_stage import MachineStage


class Invariants(MachineStage):
    """Every index equals a naive recount, every deadline is there, and the events replay to the state."""

    used_before: Counter[tuple[str, str]]

    @invariant()
    def nothing_waits_that_a_ready_worker_could_take(self):
        assert not self.state.pending
        assert oracle.next_match(self.state) is None

    @invariant()
    def nobody_is_over_capacity(self):
        """Only a task for a worker may ignore a capacity; lowering one takes nothing away."""
        state, used = self.state, Counter()
        for reservation in state.reservations.values():
            task = state.tasks[reservation.task_sid]
            ignores = task.ignore_capacity and (task.routing_target or "").startswith("WK")
            if reservation.transfer_sid:
                ignores = state.transfers[reservation.transfer_sid].transfer_to.startswith("WK")
            if reservation.reservation_status in transitions.COUNTS and not ignores:
                used[reservation.worker_sid, reservation.task_channel_sid] += 1
        if state.workspace.multi_task_enabled:
            for channel in state.worker_channels.values():
                key = channel.worker_sid, channel.task_channel_sid
                assert used[key] <= max(channel.configured_capacity, self.used_before[key])
        self.used_before = used

    @invariant()
    def tasks_and_reservations_agree(self):
        """A task has one worker, and one more with each transfer that was accepted, as long as they are at work."""
        for task in self.state.tasks.values():
            statuses = Counter(r.reservation_status for r in task.open.values())
            passed_on = sum(t.transfer_status != "initiated" for t in task.transfers.values())
            assert statuses["accepted"] + statuses["wrapping"] <= 1 + passed_on
            shared = {"accepted", "wrapping"} if task.transfers else set()
            match task.assignment_status:
                case "completed" | "canceled":
                    assert not task.open
                case "pending":
                    assert set(statuses) <= shared
                case "reserved":
                    assert {"pending"} <= set(statuses) <= {"pending"} | shared
                case "assigned":  # none when the worker was deleted
                    assert set(statuses) <= {"accepted"} | shared
                case "wrapping":
                    assert set(statuses) <= {"wrapping"}

    @invariant()
    def one_transfer_is_under_way(self):
        for task in self.state.tasks.values():
            under_way = [t for t in task.transfers.values() if t.transfer_status == "initiated"]
            assert under_way == ([task.transfer] if task.transfer else [])
            assert not under_way or task.assignment_status in ("pending", "reserved")
            assert list(task.transfers.values()) == [t for t in self.state.transfers.values() if t.task_sid == task.sid]

    @invariant()
    def counts_equal_a_recount(self):
        state = self.state
        open_ = [r for r in state.reservations.values() if r.reservation_status in transitions.COUNTS]
        for worker in state.workers.values():
            mine = oracle.open_reservations(state, worker)
            assert list(worker.open.values()) == mine
            for channel in worker.channels.values():
                here = [r for r in mine if r.task_channel_sid == channel.task_channel_sid]
                assert channel.used == len(here)
                assert channel.assigned == sum(r.reservation_status == "accepted" for r in here)
            room = {sid for sid in state.task_channels if oracle.has_room(state, worker, sid)}
            assert worker.listed == room
        for task in state.tasks.values():
            assert list(task.open.values()) == [r for r in open_ if r.task_sid == task.sid]
        for queue in state.task_queues.values():
            members = {w.sid for w in state.workers.values() if oracle.is_member(state, w, queue.sid)}
            assert set(queue.members) == members
            assert all((queue in w.queues) == (w.sid in members) for w in state.workers.values())
            waiting = [t for t in state.tasks.values() if t.task_queue_sid == queue.sid]
            waiting = [t for t in waiting if t.assignment_status == "pending"]
            assert len(queue.waiting) == len(waiting)
            assert list(queue.waiting) == sorted(waiting, key=queue.waiting.sort_key)
            for channel_sid, ready in queue.ready.items():
                assert {w.sid for w in ready} == {s for s in members if channel_sid in state.workers[s].listed}
                assert list(ready) == sorted(ready, key=ready.key)
            counted = state.count_workers(queue)
            for activity in state.activities.values():
                assert counted[activity.sid] == sum(state.workers[s].activity_sid == activity.sid for s in members)
        names = [(type(e), e.friendly_name.casefold()) for e in state.workers.values()]
        assert len(set(names)) == len(names)

    @invariant()
    def deadlines_are_set(self):
        state, live = self.state, self.state.timers.live()
        expected = {r.sid: r.expires for r in state.reservations.values() if r.reservation_status == "pending"}
        expected |= {task.sid: oracle.deadline(state, task) for task in state.tasks.values()}
        assert live == expected
        assert all(due > self.now for due in live.values())

    @invariant()
    def every_way_leads_to_a_queue(self):
        """A queue that a waiting task may still come to is never deleted (behaviour.md §5.2)."""
        for task in self.state.tasks.values():
            if task.assignment_status in ("pending", "reserved"):
                assert oracle.queues_ahead(self.state, task) <= set(self.state.task_queues)
            if task.assignment_status not in ("completed", "canceled"):
                assert task.task_queue_sid in self.state.task_queues
            if task.transfer:
                assert task.transfer.initiating_queue_sid in self.state.task_queues

    @invariant()
    def events_replay_to_the_state(self):
        state, replayed = self.state, self.replayed
        assert replayed["worker"] == {w.sid: w.activity_sid for w in state.workers.values()}
        for task in state.tasks.values():
            assert replayed["task"][task.sid] == task.assignment_status
        for reservation in state.reservations.values():
            assert replayed["reservation"][reservation.sid] == reservation.reservation_status
