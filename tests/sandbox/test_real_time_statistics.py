"""Real-time statistics (rest-contract.md §6)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from helpers import sandbox
from tests.sandbox.statistics_stage import stage, standing

__all__ = ["stage", "standing"]


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
