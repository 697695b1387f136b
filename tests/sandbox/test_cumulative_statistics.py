"""Cumulative statistics (rest-contract.md §6)."""

from __future__ import annotations

from datetime import timedelta

import requests

from helpers import sandbox
from tests.sandbox.statistics_stage import AUTH, NEVER, iso, same, seconds, stage, standing, story
from tests.waiting import patience

__all__ = ["stage", "standing", "story"]

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


def without(row: dict, *names: str) -> dict:
    return {name: value for name, value in row.items() if name not in names}


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
