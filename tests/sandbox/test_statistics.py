"""Statistics through the real client, in a sandbox whose clock stands still unless it is moved (rest-contract.md §6).

So every length of time is exact, and the numbers below are worked out by hand.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from helpers import sandbox, skip
from helpers.connection.clients import SandboxHttpClient
from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.sids import new_sid
from taskrouter_sandbox.storage.store import Store
from taskrouter_sandbox.testing.threaded_server import served
from tests.sandbox.conftest import SPANISH, TOKEN
from tests.waiting import patience

AUTH = (sandbox.ACCOUNT_SID, TOKEN)


class StandingClock(Clock):
    """Moved by `/_sandbox/clock` only."""

    def now(self) -> int:
        return 1_767_225_600_000 + self.offset  # 2026-01-01


@pytest.fixture(scope="module")
def standing(tmp_path_factory, no_credentials):
    """A sandbox whose clock stands: its address, and the service itself."""
    service = Service(tmp_path_factory.mktemp("standing"), *AUTH, clock=StandingClock())
    with served(service) as address:
        yield SimpleNamespace(address=address, service=service)


class Stage:
    """A multitasking workspace with a queue for everybody and a workflow that leads there."""

    def __init__(self, address: str):
        self.address = address
        client = Client(*AUTH, http_client=SandboxHttpClient(address))
        self.workspace = client.taskrouter.v1.workspaces.create("Statistics")
        self.path = f"{address}/v1/Workspaces/{self.workspace.sid}"
        self.activity = {a.friendly_name: a.sid for a in self.workspace.activities.list()}
        self.queue = self.workspace.task_queues.create("All")
        self.workflow = self.flow("Flow", default_filter={"queue": self.queue.sid})

    def flow(self, name: str, **routing):
        return self.workspace.workflows.create(name, configuration=json.dumps({"task_routing": routing}))

    def skip(self, seconds: float) -> None:
        path = f"{self.address}/_sandbox/clock?advance={seconds}"
        requests.post(path, auth=AUTH, timeout=patience(10)).raise_for_status()

    @property
    def now(self) -> datetime:
        clock = requests.get(f"{self.address}/_sandbox/clock", auth=AUTH, timeout=patience(10)).json()
        return datetime.fromtimestamp(clock["now"] / 1000, UTC)

    def worker(self, name: str, activity: str = "Available", **attributes):
        return self.workspace.workers.create(
            name, activity_sid=self.activity[activity], attributes=json.dumps(attributes)
        )

    def task(self, **settings):
        return self.workspace.tasks.create(**{"workflow_sid": self.workflow.sid, **settings})

    def pending(self, task):
        return next(r for r in task.reservations.list() if r.reservation_status == "pending")

    def accept(self, task) -> None:
        self.pending(task).update(reservation_status="accepted")

    def get(self, path: str, **params) -> dict:
        answer = requests.get(f"{self.path}/{path}", auth=AUTH, params=params, timeout=patience(10))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **params) -> tuple[int, int, str]:
        answer = requests.get(f"{self.path}/{path}", auth=AUTH, params=params, timeout=patience(10))
        return answer.status_code, answer.json()["code"], answer.json()["message"]


@pytest.fixture
def stage(standing) -> Stage:
    stage = Stage(standing.address)
    stage.skip(1 - stage.now.microsecond / 1e6)  # a test may have left a fraction of a second
    return stage


def seconds(avg: int, min: int, max: int, total: int) -> dict[str, int]:
    return {"avg": avg, "min": min, "max": max, "total": total}


def same(length: int) -> dict[str, int]:
    """One wait only."""
    return seconds(length, length, length, length)


NEVER = same(0)


@pytest.fixture
def story(stage) -> SimpleNamespace:
    """Three tasks and Alice; the clock in seconds.

    0 first task; 30 Alice is available and reserved; 40 she accepts; 40 second task; 60 the first is completed, so
    Alice is reserved again; 65 she rejects and is reserved again; 185 that times out, Alice goes Offline; 200 the
    second task is canceled; 200 third task; 207 it is deleted.
    """
    alice = stage.worker("Alice", "Offline")
    first = stage.task()
    stage.skip(30)
    alice.update(activity_sid=stage.activity["Available"])
    stage.skip(10)
    stage.accept(first)
    second = stage.task(priority=3)
    stage.skip(20)
    first.update(assignment_status="completed", reason="done")
    stage.skip(5)
    stage.pending(second).update(reservation_status="rejected")
    stage.skip(120)
    assert alice.fetch().activity_name == "Offline"
    stage.skip(15)
    second.update(assignment_status="canceled", reason="gone")
    third = stage.task()
    stage.skip(7)
    third.delete()
    return SimpleNamespace(stage=stage, alice=alice, began=stage.now - timedelta(seconds=207))


COUNTS = {
    "reservations_created": 3,
    "reservations_accepted": 1,
    "reservations_rejected": 1,
    "reservations_timed_out": 1,
    "reservations_canceled": 0,
    "reservations_rescinded": 0,
}
TASK_COUNTS = {"tasks_canceled": 1, "tasks_completed": 1, "tasks_deleted": 1, "tasks_moved": 0}
WAITS = {
    "avg_task_acceptance_time": 40,
    "wait_duration_until_accepted": same(40),
    "wait_duration_until_canceled": same(160),
}


class TestCumulative:
    def test_the_story_in_numbers(self, story):
        """§6.2: each resource with its own counters, and no others."""
        stage = story.stage
        own = {
            stage.workspace: {"tasks_created": 3, "tasks_timed_out_in_workflow": 0},
            stage.queue: {
                "tasks_entered": 3,
                "wait_duration_in_queue_until_accepted": same(40),
                "task_queue_sid": stage.queue.sid,
            },
            stage.workflow: {
                "tasks_entered": 3,
                "tasks_timed_out_in_workflow": 0,
                "workflow_sid": stage.workflow.sid,
            },
        }
        for resource, extra in own.items():
            found = requests.get(
                resource.links["cumulative_statistics"].replace("https://taskrouter.twilio.com", stage.address),
                auth=AUTH,
                timeout=patience(10),
            ).json()
            assert found.pop("url").endswith("/CumulativeStatistics")
            assert found == {
                "account_sid": sandbox.ACCOUNT_SID,
                "workspace_sid": stage.workspace.sid,
                "start_time": iso(stage.now - timedelta(minutes=15)),
                "end_time": iso(stage.now),
                "split_by_wait_time": None,
                **COUNTS,
                **TASK_COUNTS,
                **WAITS,
                **extra,
            }

    def test_finished_tasks_still_count_when_they_have_gone(self, story):
        """Finished tasks are removed after five minutes (behaviour.md §2.1), their figures are not."""
        story.stage.skip(600)
        assert story.stage.workspace.tasks.list() == []
        found = story.stage.workspace.cumulative_statistics().fetch()
        assert (found.tasks_created, found.tasks_completed, found.tasks_canceled) == (3, 1, 1)
        assert found.wait_duration_until_accepted == same(40)

    def test_activities_and_their_durations(self, story):
        """Alice: Offline 0 to 30, Available to 185, Offline to 207; each stay cut at the window's bounds."""
        stage = story.stage

        def durations(**window):
            found = stage.workspace.workers.cumulative_statistics().fetch(**window)
            return {row.pop("friendly_name"): without(row, "sid") for row in found.activity_durations}

        assert durations() == {"Offline": seconds(26, 22, 30, 52), "Available": same(155), "Unavailable": NEVER}
        assert durations(minutes=1) == {"Offline": same(22), "Available": same(38), "Unavailable": NEVER}
        inside = {"start_date": story.began + timedelta(seconds=20), "end_date": story.began + timedelta(seconds=100)}
        assert durations(**inside) == {"Offline": same(10), "Available": same(70), "Unavailable": NEVER}
        # a stay that ends where the window begins, or begins where it ends, is none
        assert durations(start_date=story.began + timedelta(seconds=30))["Offline"] == same(22)
        assert durations(end_date=story.began + timedelta(seconds=185))["Offline"] == same(30)

    def test_a_workers_statistics(self, story):
        """§6.3: a single worker has cumulative figures only; a colleague is not counted."""
        stage = story.stage
        bob = stage.worker("Bob", "Unavailable")
        stage.skip(5)
        found = story.alice.statistics().fetch()
        assert found.worker_sid == story.alice.sid
        assert found.url.endswith(f"/Workers/{story.alice.sid}/Statistics")
        durations = found.cumulative.pop("activity_durations")
        assert {row["friendly_name"]: row["total"] for row in durations} == {
            "Offline": 57,
            "Available": 155,
            "Unavailable": 0,
        }
        assert found.cumulative == COUNTS | {
            "tasks_assigned": 1,
            "reservations_wrapup": 0,
            "reservations_completed": 1,
            "start_time": iso(stage.now - timedelta(minutes=15)),
            "end_time": iso(stage.now),
        }
        idle = bob.statistics().fetch().cumulative
        assert idle["reservations_created"] == 0
        assert {row["friendly_name"]: row["total"] for row in idle["activity_durations"]}["Unavailable"] == 5

    def test_a_deleted_worker_leaves_its_figures(self, story):
        stage = story.stage
        stage.skip(8)
        story.alice.delete()
        found = stage.workspace.workers.cumulative_statistics().fetch()
        assert found.reservations_created == 3
        totals = {row["friendly_name"]: row["total"] for row in found.activity_durations}
        assert totals == {"Offline": 60, "Available": 155, "Unavailable": 0}

    def test_a_task_moves_and_times_out_in_its_workflow(self, stage):
        """Two steps of 10 and 20 seconds. One task is accepted in the second, 8 seconds after it came there."""
        first, second = (stage.workspace.task_queues.create(name, target_workers=f'at == "{name}"') for name in "AB")
        steps = [{"queue": first.sid, "timeout": 10}, {"queue": second.sid, "timeout": 20}]
        flow = stage.flow("Steps", filters=[{"expression": "1==1", "targets": steps}])
        bob = stage.worker("Bob", "Offline", at="B")
        taken = stage.task(workflow_sid=flow.sid)
        stage.skip(15)
        bob.update(activity_sid=stage.activity["Available"])
        stage.skip(3)
        stage.accept(taken)
        lost = stage.task(workflow_sid=flow.sid)
        stage.skip(30)
        assert lost.fetch().assignment_status == "canceled"
        a, b = (queue.cumulative_statistics().fetch() for queue in (first, second))
        assert (a.tasks_entered, a.tasks_moved, a.tasks_canceled, a.reservations_created) == (2, 2, 0, 0)
        assert (b.tasks_entered, b.tasks_moved, b.tasks_canceled, b.reservations_created) == (2, 0, 1, 1)
        assert a.wait_duration_until_accepted == a.wait_duration_in_queue_until_accepted == NEVER
        assert (b.avg_task_acceptance_time, b.wait_duration_until_accepted) == (18, same(18))
        assert b.wait_duration_in_queue_until_accepted == same(8)
        assert b.wait_duration_until_canceled == same(30)
        for whole in (flow, stage.workspace):
            found = whole.cumulative_statistics().fetch()
            assert (found.tasks_moved, found.tasks_timed_out_in_workflow, found.tasks_canceled) == (2, 1, 1)
        other = stage.workflow.cumulative_statistics().fetch()
        assert (other.tasks_entered, other.tasks_moved, other.tasks_timed_out_in_workflow) == (0, 0, 0)

    def test_reservations_rescinded_canceled_wrapped_up(self, stage):
        """Two workers are reserved at once: one accepts, the other is rescinded; a reserved task is canceled."""
        stage.queue.update(max_reserved_workers=2)
        for name in ("Alice", "Bob"):
            stage.worker(name)
        task = stage.task()
        stage.accept(task)
        task.update(assignment_status="wrapping")
        task.update(assignment_status="completed", reason="done")
        stage.task().update(assignment_status="canceled", reason="gone")
        found = stage.queue.statistics().fetch().cumulative
        assert {name: number for name, number in found.items() if name.startswith(("res", "tasks_"))} == {
            "reservations_created": 4,
            "reservations_accepted": 1,
            "reservations_rejected": 0,
            "reservations_timed_out": 0,
            "reservations_canceled": 2,
            "reservations_rescinded": 1,
            "reservations_wrapup": 1,
            "reservations_completed": 1,
            "tasks_assigned": 1,
            "tasks_entered": 2,
            "tasks_canceled": 1,
            "tasks_completed": 1,
            "tasks_deleted": 0,
            "tasks_moved": 0,
        }

    def test_waits_of_several_tasks(self, stage):
        """Accepted after 10.2, 20.4 and 45 seconds; canceled after 7."""
        stage.worker("Alice", "Offline")
        workers = [stage.worker(name, "Offline") for name in "BCD"]
        for worker, wait in zip(workers, (10.2, 20.4, 45), strict=True):
            task = stage.task()
            stage.skip(wait)
            worker.update(activity_sid=stage.activity["Available"])
            stage.accept(task)
        gone = stage.task()
        stage.skip(7)
        gone.update(assignment_status="canceled", reason="gone")
        found = stage.workflow.cumulative_statistics().fetch(split_by_wait_time="7,20,45")
        assert found.wait_duration_until_accepted == seconds(25, 10, 45, 75)  # 75.6 seconds, a third is 25.2
        assert found.avg_task_acceptance_time == 25

        def part(canceled, accepted):
            return {"tasks_canceled": canceled, "reservations_accepted": accepted}

        assert found.split_by_wait_time == {
            "7": {"above": part(0, 3), "below": part(1, 0)},
            "20": {"above": part(0, 1), "below": part(1, 2)},  # 20.4 seconds show as 20, and count so
            "45": {"above": part(0, 0), "below": part(1, 3)},
        }

    def test_tasks_that_the_system_deletes(self, stage):
        """An assigned task ends after a day (behaviour.md §2.1)."""
        stage.worker("Alice")
        stage.accept(stage.task())
        stage.skip(86_400)
        found = stage.workspace.cumulative_statistics().fetch()
        assert (found.tasks_deleted, found.tasks_completed) == (1, 0)

    def test_what_falls_due_with_the_request_counts(self, stage, standing):
        """The clock moves, and nothing but the request notices."""
        stage.worker("Alice")
        stage.task()
        standing.service.clock.offset += 120_000
        found = stage.workspace.cumulative_statistics().fetch()
        assert (found.reservations_created, found.reservations_timed_out) == (1, 1)

    def test_an_empty_workspace_has_only_zeros(self, stage):
        found = stage.workspace.cumulative_statistics().fetch(split_by_wait_time="5")
        assert found.tasks_created == found.avg_task_acceptance_time == 0
        assert found.wait_duration_until_accepted == found.wait_duration_until_canceled == NEVER
        nothing = {"tasks_canceled": 0, "reservations_accepted": 0}
        assert found.split_by_wait_time == {"5": {"above": nothing, "below": nothing}}


class TestWindow:
    def created(self, stage, **window) -> int:
        return stage.workspace.cumulative_statistics().fetch(**window).tasks_created

    def test_minutes_look_back(self, stage):
        stage.task()
        stage.skip(14 * 60)
        stage.task()
        assert self.created(stage) == 2
        assert self.created(stage, minutes=1) == 1
        stage.skip(61)
        assert self.created(stage) == 1
        assert self.created(stage, minutes=16) == 2
        stage.skip(3600)
        assert self.created(stage) == 0

    def test_both_dates_are_inclusive_and_win_over_minutes(self, stage):
        moments = []
        for _ in range(3):
            moments.append(stage.now)
            stage.task()
            stage.skip(3600)
        assert self.created(stage, start_date=moments[0]) == 3
        assert self.created(stage, start_date=moments[1]) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1]) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1], minutes=1) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1] - timedelta(seconds=1)) == 1
        found = stage.workspace.cumulative_statistics().fetch(start_date=moments[0], end_date=moments[1])
        assert (found.start_time, found.end_time) == (moments[0], moments[1])

    def test_minutes_look_back_from_an_end_date(self, stage):
        stage.task()
        stage.skip(3600)
        moment = stage.now
        stage.task()
        stage.skip(3600)
        assert self.created(stage, end_date=moment) == 1
        assert self.created(stage, end_date=moment, minutes=60) == 2
        assert self.created(stage, end_date=moment - timedelta(seconds=1), minutes=59) == 0

    def test_an_end_in_the_future_counts_as_now(self, stage):
        stage.task()
        found = stage.workspace.cumulative_statistics().fetch(end_date=datetime(9999, 12, 31, tzinfo=UTC))
        assert (found.tasks_created, found.end_time) == (1, stage.now)

    @pytest.mark.parametrize(
        "path", ["Statistics", "CumulativeStatistics", "Workers/Statistics", "TaskQueues/Statistics"]
    )
    def test_windows_that_are_refused(self, stage, path):
        """§6: older than 30 days is 400 and 14241."""
        now = stage.now
        old = stage.refused(path, StartDate=iso(now - timedelta(days=30, seconds=1)))
        assert old[:2] == stage.refused(path, Minutes=30 * 24 * 60 + 1)[:2] == (400, 14241)
        assert "30 days" in old[2]
        stage.get(path, StartDate=iso(now - timedelta(days=30)))
        stage.get(path, Minutes=30 * 24 * 60)
        assert "future" in stage.refused(path, StartDate=iso(now + timedelta(seconds=1)))[2]
        backwards = {"StartDate": iso(now - timedelta(hours=1)), "EndDate": iso(now - timedelta(hours=2))}
        assert stage.refused(path, **backwards)[:2] == (400, 20001)
        for wrong in ({"Minutes": 0}, {"Minutes": "x"}, {"StartDate": "yesterday"}, {"EndDate": "2026-13-01"}):
            status, code, text = stage.refused(path, **wrong)
            assert (status, code) == (400, 20001)
            assert text.startswith(next(iter(wrong)))
        assert "fax" in stage.refused(path, TaskChannel="fax")[2]

    @pytest.mark.parametrize("value", ["", "x", "5,", "0", "-5", "5;30", "9" * 12, ",".join(map(str, range(1, 52)))])
    def test_thresholds_that_are_refused(self, stage, value):
        status, code, text = stage.refused("CumulativeStatistics", SplitByWaitTime=value)
        assert (status, code) == (400, 20001)
        assert text.startswith("SplitByWaitTime")

    def test_the_client_is_told_why(self, stage):
        with pytest.raises(TwilioRestException) as caught:
            stage.workspace.statistics().fetch(start_date=stage.now - timedelta(days=31))
        assert (caught.value.status, caught.value.code) == (400, 14241)
        with pytest.raises(TwilioException):
            stage.workspace.task_queues.statistics.list(minutes=0)


class TestRealTime:
    @pytest.fixture
    def board(self, stage):
        """Five tasks of each kind of status at 100 seconds, and three workers.

        0 canceled; 10 assigned; 20 wrapping; 30 reserved with priority 5; 40 pending, on the voice channel.
        """
        alice, bob, cecil = (stage.worker(name) for name in ("Alice", "Bob", "Cecil"))
        stage.task().update(assignment_status="canceled", reason="gone")
        stage.skip(10)
        tasks = {}
        for status in ("assigned", "wrapping", "reserved"):
            tasks[status] = stage.task(priority=5 if status == "reserved" else 0)
            if status != "reserved":
                stage.accept(tasks[status])
            stage.skip(10)
        tasks["wrapping"].update(assignment_status="wrapping")
        for worker in (alice, bob, cecil):
            worker.worker_channels("voice").update(capacity=0)
        tasks["pending"] = stage.task(task_channel="voice")
        bob.update(activity_sid=stage.activity["Unavailable"])
        stage.skip(60)
        return SimpleNamespace(stage=stage, tasks=tasks)

    def test_the_board_in_numbers(self, board):
        """§6.1."""
        stage, tasks = board.stage, board.tasks
        of_tasks = {
            "total_tasks": 4,
            "tasks_by_status": {
                "pending": 1,
                "reserved": 1,
                "assigned": 1,
                "wrapping": 1,
                "completed": 0,
                "canceled": 1,
            },
            "tasks_by_priority": {"0": 3, "5": 1},
            "longest_task_waiting_age": 60,
            "longest_task_waiting_sid": tasks["pending"].sid,
        }
        activities = [
            {"sid": stage.activity[name], "friendly_name": name, "workers": number}
            for name, number in (("Offline", 0), ("Available", 2), ("Unavailable", 1))
        ]
        identity = {"account_sid": sandbox.ACCOUNT_SID, "workspace_sid": stage.workspace.sid}
        workers = {"total_workers": 3, "activity_statistics": activities}
        queue, flow = f"TaskQueues/{stage.queue.sid}", f"Workflows/{stage.workflow.sid}"
        relative = {
            "longest_relative_task_age_in_queue": 60,
            "longest_relative_task_sid_in_queue": tasks["pending"].sid,
        }
        members = {"total_available_workers": 2, "total_eligible_workers": 3, "activity_statistics": activities}
        expected = {
            "": of_tasks | workers,
            queue: of_tasks | relative | members | {"task_queue_sid": stage.queue.sid},
            flow: of_tasks | {"workflow_sid": stage.workflow.sid},
            "Workers": workers,
        }
        for path, figures in expected.items():
            found = stage.get(f"{path}/RealTimeStatistics".lstrip("/"))
            assert found == identity | figures | {"url": f"{stage.path}/{path}/RealTimeStatistics".replace("//R", "/R")}

    def test_the_longest_in_the_queue_is_not_the_oldest(self, stage):
        """The older task came into the second queue later than the younger one."""
        first, second = (stage.workspace.task_queues.create(name) for name in "AB")
        steps = [{"queue": first.sid, "timeout": 30}, {"queue": second.sid}]
        slow = stage.flow("Slow", filters=[{"expression": "1==1", "targets": steps}])
        direct = stage.flow("Direct", default_filter={"queue": second.sid})
        older = stage.task(workflow_sid=slow.sid)
        stage.skip(20)
        younger = stage.task(workflow_sid=direct.sid)
        stage.skip(40)
        found = second.real_time_statistics().fetch()
        assert (found.longest_task_waiting_sid, found.longest_task_waiting_age) == (older.sid, 60)
        relative = found.longest_relative_task_sid_in_queue, found.longest_relative_task_age_in_queue
        assert relative == (younger.sid, 40)
        empty = first.real_time_statistics().fetch()
        assert (empty.total_tasks, empty.tasks_by_priority) == (0, {})
        assert (empty.longest_task_waiting_sid, empty.longest_task_waiting_age) == (None, 0)
        assert (empty.longest_relative_task_sid_in_queue, empty.longest_relative_task_age_in_queue) == (None, 0)

    def test_a_reserved_task_does_not_wait(self, stage):
        """§8: a queue whose only task is reserved has a longest waiting age of 0."""
        queues = [stage.workspace.task_queues.create(name, target_workers=f'q == "{name}"') for name in "AB"]
        stage.worker("Alice", q="A")
        flows = [stage.flow(f"To {queue.sid}", default_filter={"queue": queue.sid}) for queue in queues]
        reserved, pending = (stage.task(workflow_sid=flow.sid) for flow in flows)
        stage.skip(11)
        assert reserved.fetch().assignment_status == "reserved"
        for of, expected in zip((*queues, *flows, stage.workspace), (0, 11, 0, 11, 11), strict=True):
            found = of.real_time_statistics().fetch()
            assert found.longest_task_waiting_age == expected
            assert found.longest_task_waiting_sid == (pending.sid if expected else None)
            assert getattr(found, "longest_relative_task_age_in_queue", expected) == expected

    def test_finished_tasks_leave_the_board_with_the_task(self, board):
        board.stage.skip(240)
        assert board.stage.workspace.real_time_statistics().fetch().tasks_by_status["canceled"] == 0

    @pytest.mark.parametrize("by", ["unique_name", "sid"])
    def test_of_one_channel(self, board, by):
        """Nobody serves voice any more; the task waits there for ever."""
        stage = board.stage
        voice = next(c for c in stage.workspace.task_channels.list() if c.unique_name == "voice")
        only = {"task_channel": getattr(voice, by)}
        found = stage.queue.real_time_statistics().fetch(**only)
        assert (found.total_tasks, found.longest_task_waiting_age) == (1, 60)
        assert (found.total_eligible_workers, found.total_available_workers) == (0, 0)
        assert stage.workspace.real_time_statistics().fetch(**only).total_tasks == 1
        assert stage.workflow.real_time_statistics().fetch(**only).total_tasks == 1
        assert stage.workspace.workers.real_time_statistics().fetch(**only).total_workers == 0
        assert stage.workspace.workers.real_time_statistics().fetch(task_channel="sms").total_workers == 3
        past = {"start_date": stage.now - timedelta(minutes=5), **only}
        assert stage.workspace.cumulative_statistics().fetch(**past).tasks_created == 1
        assert stage.queue.cumulative_statistics().fetch(**past).tasks_entered == 1
        assert stage.workspace.workers.cumulative_statistics().fetch(**past).reservations_created == 0
        assert stage.workspace.workers.cumulative_statistics().fetch(task_channel="default").reservations_created == 4


class TestCombined:
    def test_it_is_the_two_others_in_one(self, story):
        """§6.3: with three more counters, and `split_by_wait_time` only when it was asked for."""
        stage = story.stage
        stage.task()
        extras = {"tasks_assigned": 1, "reservations_wrapup": 0, "reservations_completed": 1}
        for resource in (stage.workspace, stage.queue, stage.workflow):
            whole = resource.statistics().fetch(minutes=30, split_by_wait_time="5,100")
            parts = (resource.cumulative_statistics(), resource.real_time_statistics())
            past = vars(parts[0].fetch(minutes=30, split_by_wait_time="5,100"))
            now = vars(parts[1].fetch())
            found = dict(whole.cumulative)
            assert {name: found.pop(name) for name in extras} == extras
            assert found.pop("start_time") == iso(past["start_time"])
            assert found.pop("end_time") == iso(past["end_time"])
            assert found == {name: past[name] for name in found}
            assert found["split_by_wait_time"]["100"]["above"] == {"tasks_canceled": 1, "reservations_accepted": 0}
            assert whole.realtime == {name: now[name] for name in whole.realtime}
            assert set(past) - set(found) <= {
                "start_time",
                "end_time",
                "account_sid",
                "workspace_sid",
                "url",
                "task_queue_sid",
                "workflow_sid",
                "_version",
                "_context",
                "_solution",
            }
            assert "split_by_wait_time" not in resource.statistics().fetch().cumulative

    def test_workers_by_queue_and_name(self, stage):
        spanish = stage.workspace.task_queues.create("Spanish", target_workers='languages HAS "es"')
        alice = stage.worker("Alice", languages=["es", "en"])
        stage.worker("Bob", "Offline", languages=["en"])
        stage.task()
        stage.skip(60)

        def found(**filters):
            whole = stage.workspace.workers.statistics().fetch(**filters)
            totals = {row["friendly_name"]: row["total"] for row in whole.cumulative["activity_durations"]}
            return whole.realtime["total_workers"], whole.cumulative["reservations_created"], totals

        everybody = (2, 1, {"Offline": 60, "Available": 60, "Unavailable": 0})
        only_alice = (1, 1, {"Offline": 0, "Available": 60, "Unavailable": 0})
        nobody = (0, 0, {"Offline": 0, "Available": 0, "Unavailable": 0})
        assert found() == found(task_queue_name="All") == everybody
        assert found(task_queue_sid=spanish.sid) == found(task_queue_name="Spanish") == only_alice
        assert found(friendly_name="Alice") == only_alice
        assert found(friendly_name="Bob", task_queue_name="Spanish") == found(friendly_name="Eve") == nobody
        alice.update(attributes='{"languages": ["en"]}')
        assert found(task_queue_sid=spanish.sid) == nobody
        assert stage.refused("Workers/Statistics", TaskQueueSid="x")[:2] == (400, 20001)


class TestManyQueues:
    def test_the_list_is_paged(self, story):
        stage = story.stage
        others = [stage.workspace.task_queues.create(name, target_workers='a == "b"') for name in ("B", "C")]
        waiting = stage.workspace.tasks.create(routing_target=others[0].sid)
        stage.skip(20)
        found = stage.workspace.task_queues.statistics.list(page_size=2, minutes=60)
        assert [item.task_queue_sid for item in found] == [stage.queue.sid, *(queue.sid for queue in others)]
        for item, queue in zip(found, (stage.queue, *others), strict=True):
            one = queue.statistics().fetch(minutes=60)
            assert (item.cumulative, item.realtime) == (one.cumulative, one.realtime)
        assert found[0].cumulative["tasks_entered"] == 3
        assert found[1].realtime["longest_task_waiting_sid"] == waiting.sid
        (named,) = stage.workspace.task_queues.statistics.list(friendly_name="C", split_by_wait_time="5")
        assert (named.task_queue_sid, list(named.cumulative["split_by_wait_time"])) == (others[1].sid, ["5"])
        assert stage.workspace.task_queues.statistics.list(task_channel="voice")[0].cumulative["tasks_entered"] == 0
        raw = stage.get("TaskQueues/Statistics", PageSize=1, Minutes=60)
        assert raw["meta"]["key"] == "task_queues_statistics"
        assert "Minutes=60" in raw["meta"]["next_page_url"]
        assert set(raw["task_queues_statistics"][0]) == {
            "account_sid",
            "workspace_sid",
            "task_queue_sid",
            "cumulative",
            "realtime",
        }

    def bulk(self, stage, body, **headers):
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        return requests.post(
            f"{stage.path}/TaskQueues/RealTimeStatistics", data=text, auth=AUTH, headers=headers, timeout=patience(10)
        )

    def test_bulk_real_time(self, stage):
        """§6.4: through the client, which asks its body for `to_dict()`; unknown queues have zeros."""
        other = stage.workspace.task_queues.create("Other", target_workers='a == "b"')
        stage.worker("Alice")
        stage.task()
        task = stage.task()
        stage.skip(9)
        unknown = "WQ" + "0" * 32
        sids = [other.sid, stage.queue.sid, unknown, other.sid]
        body = SimpleNamespace(to_dict=lambda: {"QueueSids": sids})
        found = stage.workspace.task_queues.bulk_real_time_statistics.create(body=body)
        assert found.task_queue_response_count == 3
        assert (found.workspace_sid, found.account_sid) == (stage.workspace.sid, sandbox.ACCOUNT_SID)
        assert found.url.endswith("/TaskQueues/RealTimeStatistics")
        assert [item["task_queue_sid"] for item in found.task_queue_data] == [other.sid, stage.queue.sid, unknown]
        busy = found.task_queue_data[1]
        assert (busy["longest_task_waiting_age"], busy["longest_task_waiting_sid"]) == (9, task.sid)
        assert set(busy) == {
            "task_queue_sid",
            "total_available_workers",
            "total_eligible_workers",
            "total_tasks",
            "longest_task_waiting_age",
            "longest_task_waiting_sid",
            "tasks_by_status",
            "tasks_by_priority",
            "activity_statistics",
        }
        single = vars(stage.queue.real_time_statistics().fetch())
        assert busy == {name: single[name] for name in busy}
        idle, nothing = found.task_queue_data[0], found.task_queue_data[2]
        assert nothing == idle | {"task_queue_sid": unknown}
        assert (nothing["total_tasks"], nothing["total_eligible_workers"], nothing["tasks_by_priority"]) == (0, 0, {})
        assert set(nothing["tasks_by_status"].values()) == {0}

    def test_bulk_five_a_second(self, stage):
        """§6.4, §11.5: averaged over ten seconds of the sandbox's own time."""
        sids = [stage.queue.sid]
        answers = [self.bulk(stage, sids) for _ in range(5)]
        while answers[-1].status_code == 200 and len(answers) < 1000:
            answers.append(self.bulk(stage, sids))
        assert len(answers) > 50
        assert answers[0].headers["X-Rate-Limit-Limit"] == "5"
        assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, 20429)
        stage.skip(10)
        assert self.bulk(stage, sids).status_code == 200

    @pytest.mark.parametrize(
        "name", ["QueueSids", "TaskQueueSids", "task_queue_sids", "queue_sids", "taskQueueSids", None]
    )
    def test_every_spelling_of_the_body(self, stage, name):
        sids = [stage.queue.sid]
        answer = self.bulk(stage, sids if name is None else {name: sids})
        assert (answer.status_code, answer.json()["task_queue_response_count"]) == (200, 1)

    @pytest.mark.parametrize(
        "body",
        ["", "TaskQueueSids=WQ1", "{}", "[]", "null", '"WQ"', '{"TaskQueueSids": "WQ"}', '["WK1"]', "[1]", "[" * 9999],
    )
    def test_bodies_that_are_refused(self, stage, body):
        answer = self.bulk(stage, body)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("[]", "QueueSids: must have at least 1 item; it was []"),
            ("[null]", "QueueSids: must be a text; it was [null]"),
            ("[5]", "QueueSids: must be a text; it was [5]"),
            ("5", "QueueSids: must be a list; it was 5"),
            ('{"QueueSids": null}', "QueueSids: must be a list; it was null"),
            ('{"QueueSids": {"a": true}}', 'QueueSids: must be a list; it was {"a": true}'),
            ('["WK1"]', "QueueSids: must be a SID: WQ and 32 hexadecimal digits; it was 'WK1'"),
        ],
    )
    def test_what_is_wrong_with_a_body_is_said_as_json_has_it(self, stage, body, words):
        assert self.bulk(stage, body).json()["message"] == words

    def test_fifty_queues_at_most(self, stage):
        sids = [f"WQ{number:032x}" for number in range(51)]
        assert self.bulk(stage, sids).status_code == 400
        assert self.bulk(stage, sids[1:]).json()["task_queue_response_count"] == 50


def test_they_survive_the_end_of_the_sandbox(cast):
    """Records are kept with the events; a wait goes on from before."""
    tasks = [cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH) for _ in range(2)]
    tasks[0].update(assignment_status="canceled", reason="gone")
    skip(seconds=100)
    sandbox.stop()
    sandbox.ensure()
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    tasks[1].reservations.list()[0].update(reservation_status="accepted")
    found = cast.queues["es"].cumulative_statistics().fetch()
    assert (found.tasks_entered, found.tasks_canceled, found.reservations_accepted) == (2, 1, 1)
    assert found.wait_duration_in_queue_until_accepted["min"] >= 100


def test_an_emptied_sandbox_keeps_no_records(tmp_path):
    store, now = Store(tmp_path / "sandbox.sqlite3"), 1_767_225_600_000
    router = WorkspaceEngine.create(now, sandbox.ACCOUNT_SID, new_sid, friendly_name="Brief", template="FIFO")
    router.tasks.create(now)
    router.workers.delete(now, router.workers.create(now, friendly_name="Alice"))
    store.write(router.workspace.sid, router.drain(), [], now)

    def kept() -> list[int]:
        return [
            store.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("counted_event", "activity_interval")
        ]

    assert min(kept()) > 0
    store.clear()
    assert kept() == [0, 0]
    store.close()


def test_unknown_resources(stage):
    for path in (f"TaskQueues/WQ{'0' * 32}", f"Workflows/WW{'0' * 32}", f"Workers/WK{'0' * 32}"):
        status, code, text = stage.refused(f"{path}/Statistics")
        assert (status, code) == (404, 20404)
        assert path in text
    elsewhere = requests.get(f"{stage.address}/v1/Workspaces/WS{'0' * 32}/Statistics", auth=AUTH, timeout=patience(10))
    assert elsewhere.status_code == 404


def test_the_client_reads_every_field(story):
    """Every field that the client knows is there, and dates are dates."""
    stage = story.stage
    stage.task()
    workers, queue = stage.workspace.workers, stage.queue
    lists = [
        resource.statistics().fetch() for resource in (stage.workspace, queue, stage.workflow, workers, story.alice)
    ]
    lists += [r.real_time_statistics().fetch() for r in (stage.workspace, queue, stage.workflow, workers)]
    lists += [r.cumulative_statistics().fetch(split_by_wait_time="5") for r in (stage.workspace, queue, stage.workflow)]
    lists.append(workers.cumulative_statistics().fetch())
    lists += stage.workspace.task_queues.statistics.list()
    for found in lists:
        fields = {name: value for name, value in vars(found).items() if not name.startswith("_")}
        assert [name for name, value in fields.items() if value is None] == [], type(found)
        for name in ("start_time", "end_time"):
            assert isinstance(fields.get(name, stage.now), datetime)


# ---- a recount -------------------------------------------------------------------------------------------------------


def run_a_random_day(stage: Stage, rng: random.Random) -> None:
    """A hundred and twenty things that happen to three queues, five workers and many tasks."""
    queues = [stage.workspace.task_queues.create(n, target_workers=f'"{n}" IN skills') for n in ("es", "en", "fr")]
    queues[1].update(max_reserved_workers=2)
    targets = [{"queue": queues[0].sid, "timeout": 40}, {"queue": queues[1].sid, "timeout": 60}]
    filters = [{"expression": "steps == 1", "targets": targets}]
    steps = stage.flow("Steps", filters=filters, default_filter={"queue": queues[2].sid})
    workers = [
        stage.worker(f"Worker {n}", rng.choice(("Available", "Offline")), skills=rng.sample(["es", "en", "fr"], 2))
        for n in range(5)
    ]
    for _ in range(120):
        stage.skip(rng.randint(1, 20))
        match rng.randrange(10):
            case 0 | 1 | 2 | 3:
                attributes = json.dumps({"steps": rng.randint(0, 1)})
                channel = rng.choice(("default", "voice"))
                stage.task(
                    workflow_sid=rng.choice((steps.sid, stage.workflow.sid)),
                    attributes=attributes,
                    task_channel=channel,
                )
            case 4 | 5:
                rng.choice(workers).update(
                    activity_sid=stage.activity[rng.choice(("Available", "Available", "Offline"))]
                )
            case _:
                tasks = [
                    t for t in stage.workspace.tasks.list() if t.assignment_status not in ("completed", "canceled")
                ]
                if tasks:
                    act_on(stage, rng, rng.choice(tasks))


def act_on(stage: Stage, rng: random.Random, task) -> None:
    match task.assignment_status:
        case "reserved":
            stage.pending(task).update(reservation_status=rng.choice(("accepted", "accepted", "accepted", "rejected")))
        case "assigned" | "wrapping":
            task.update(assignment_status=rng.choice(("wrapping", "completed")), reason="done")
        case "pending" if rng.random() < 0.3:
            task.delete() if rng.random() < 0.5 else task.update(assignment_status="canceled", reason="gone")


COUNTERS = {
    "reservations_created": "reservation.created",
    "reservations_accepted": "reservation.accepted",
    "reservations_rejected": "reservation.rejected",
    "reservations_timed_out": "reservation.timeout",
    "reservations_canceled": "reservation.canceled",
    "reservations_rescinded": "reservation.rescinded",
    "tasks_canceled": "task.canceled",
    "tasks_completed": "task.completed",
    "tasks_deleted": "task.deleted",
    "tasks_timed_out_in_workflow": "workflow.timeout",
}


def lengths(values: list[int]) -> dict[str, int]:
    return seconds(sum(values) // len(values), min(values), max(values), sum(values)) if values else NEVER


def at(event) -> int:
    """The clock moves in whole seconds here; events of one instant are dated a millisecond apart."""
    return event.event_date_ms // 1000


def recount(events: list, belongs) -> dict:
    """The figures of whatever `belongs` is true of, from all events of the workspace, the oldest first."""
    created, entered, in_queue = {}, {}, {}
    found = Counter(dict.fromkeys([*COUNTERS, "tasks_created", "tasks_moved", "queue_entered", "workflow_entered"], 0))
    waits = defaultdict(list)
    for event in events:
        data, task = event.event_data, event.event_data.get("task_sid")
        if event.event_type == "task.created":
            created[task] = at(event)
        if event.event_type == "task-queue.moved":
            found["tasks_moved"] += belongs(data | {"task_queue_sid": in_queue[task]})
        if event.event_type == "task-queue.entered":
            entered[task], in_queue[task] = at(event), data["task_queue_sid"]
        if not belongs(data):
            continue
        for name, type_ in COUNTERS.items():
            found[name] += event.event_type == type_
        found["tasks_created"] += event.event_type == "task.created"
        found["queue_entered"] += event.event_type == "task-queue.entered"
        found["workflow_entered"] += event.event_type == "workflow.entered"
        if event.event_type == "reservation.accepted":
            waits["accepted"].append(at(event) - created[task])
            waits["in_queue"].append(at(event) - entered[task])
        if event.event_type == "task.canceled":
            waits["canceled"].append(at(event) - created[task])
    return dict(found) | {name: waits[name] for name in ("accepted", "in_queue", "canceled")}


def stays(events: list, worker_sid: str, end: int) -> dict[str, list[int]]:
    """How long a worker was in each activity, by its SID."""
    found, since, activity = defaultdict(list), 0, ""
    for event in events:
        if event.event_data.get("worker_sid") != worker_sid:
            continue
        if event.event_type == "worker.created":
            since, activity = at(event), event.event_data["worker_activity_sid"]
        elif event.event_type == "worker.activity.update":
            found[activity].append(at(event) - since)
            since, activity = at(event), event.event_data["worker_activity_sid"]
    if since < end:
        found[activity].append(end - since)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_statistics_equal_a_naive_recount_of_the_events(stage, seed):
    """Whatever happens, the figures are those of the Events list."""
    run_a_random_day(stage, random.Random(seed))
    everything = {"minutes": 600}
    events = list(reversed(stage.workspace.events.list(**everything)))
    assert len({event.event_type for event in events} & set(COUNTERS.values())) >= 8  # it was a day with everything
    queues, flows = stage.workspace.task_queues.list(), stage.workspace.workflows.list()
    subjects = [(stage.workspace, lambda data: True)]
    subjects += [(queue, lambda data, sid=queue.sid: data.get("task_queue_sid") == sid) for queue in queues]
    subjects += [(flow, lambda data, sid=flow.sid: data.get("workflow_sid") == sid) for flow in flows]
    for channel in ({}, {"task_channel": "voice"}):
        for subject, own in subjects:
            heard = (lambda data: data.get("task_channel_unique_name") == "voice") if channel else (lambda data: True)
            expected = recount(events, lambda data, own=own, heard=heard: own(data) and heard(data))
            found = vars(subject.cumulative_statistics().fetch(split_by_wait_time="30", **everything, **channel))
            kind = "queue_entered" if "task_queue_sid" in found else "workflow_entered"
            for name in (*COUNTERS, "tasks_created", "tasks_moved"):
                if name in found:
                    assert found[name] == expected[name], (subject, name)
            assert found.get("tasks_entered", expected[kind]) == expected[kind]
            assert found["wait_duration_until_accepted"] == lengths(expected["accepted"])
            assert found["wait_duration_until_canceled"] == lengths(expected["canceled"])
            if "wait_duration_in_queue_until_accepted" in found:
                assert found["wait_duration_in_queue_until_accepted"] == lengths(expected["in_queue"])
            above = found["split_by_wait_time"]["30"]["above"]
            assert above["reservations_accepted"] == sum(wait > 30 for wait in expected["accepted"])
            assert above["tasks_canceled"] == sum(wait > 30 for wait in expected["canceled"])
    end = int(stage.now.timestamp())
    everybody = defaultdict(list)
    for worker in stage.workspace.workers.list():
        expected = recount(events, lambda data, sid=worker.sid: data.get("worker_sid") == sid)
        found = worker.statistics().fetch(**everything).cumulative
        for name, number in found.items():
            if name in COUNTERS:
                assert number == expected[name], name
        for row in found["activity_durations"]:
            lasted = stays(events, worker.sid, end)[row["sid"]]
            everybody[row["sid"]] += lasted
            assert {name: row[name] for name in NEVER} == lengths(lasted)
    whole = stage.workspace.workers.cumulative_statistics().fetch(**everything)
    for row in whole.activity_durations:
        assert {name: row[name] for name in NEVER} == lengths(everybody[row["sid"]])


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def without(row: dict, *names: str) -> dict:
    return {name: value for name, value in row.items() if name not in names}
