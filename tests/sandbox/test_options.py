"""The readings that may be chosen under `/_sandbox/options`, and what each does."""

from __future__ import annotations

import json

import psutil
import pytest

import helpers.sandbox
from helpers.errors import LessonError
from tests.sandbox.conftest import Reply
from tests.sandbox.control_scene import ACCEPT, ended, request_base, reserve_alice
from tests.waiting import patience


class TestOptions:
    """behaviour.md §11: what is not settled can be read in another way."""

    def test_by_the_letter_an_empty_204_has_failed(self, cast, receiver, sandbox):
        sandbox.options.set(empty_answer="failed")
        receiver.replies["/callback"] = Reply(status=204, content_type=None)
        receiver.replies["/fallback"] = ACCEPT
        task = reserve_alice(cast, receiver, fallback_assignment_callback_url=receiver.url + "/fallback")
        ended(sandbox, 1)
        assert task.fetch().assignment_status == "assigned"

    def test_a_fallback_can_be_told_what_went_wrong(self, cast, receiver, sandbox):
        """§3.2, as fallbacks of phone numbers are."""
        sandbox.options.set(fallback="with-error")
        receiver.replies["/callback"] = Reply(status=500)
        receiver.replies["/fallback"] = ACCEPT
        reserve_alice(cast, receiver, fallback_assignment_callback_url=receiver.url + "/fallback")
        (entry,) = ended(sandbox, 1)
        fallback = receiver.requests[1]
        assert fallback.valid
        assert (fallback.form["ErrorCode"], fallback.form["ErrorUrl"]) == ("11200", receiver.url + "/callback")
        assert entry["attempts"][1]["signed"] == request_base(receiver, fallback)

    def test_where_a_task_goes_after_a_failed_reservation(self, cast, sandbox):
        """§2.4: to the next step at once, as in the worked example; also in a workspace that is there already."""
        assert sandbox.options.set(after_failed_reservation="move")["options"] == {
            "after_failed_reservation": "move",
            "after_attribute_change": "evaluate",
            "after_filter_timeout": "next-filter",
            "missing_attribute": "differs",
            "empty_answer": "nothing",
            "fallback": "same",
            "dequeue_failure": "pending",
            "unknown_from": "warned",
            "dequeue_callback": "POST",
            "silent_record": "action",
            "gather_message": "sent",
            "say_per_character": 60,
            "play": 5000,
            "speech_end": 1000,
            "queued": 0,
        }
        steps = [{"queue": cast.queues[code].sid, "timeout": 600} for code in ("es", "en")]
        routing = {"task_routing": {"filters": [{"expression": "1==1", "targets": steps}]}}
        workflow = cast.workspace.workflows.create("Two steps", json.dumps(routing))
        task = cast.workspace.tasks.create(workflow_sid=workflow.sid)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        offline = cast.activities["Offline"].sid
        task.reservations.list()[0].update(reservation_status="rejected", worker_activity_sid=offline)
        assert task.fetch().task_queue_sid == cast.queues["en"].sid

    def test_what_a_missing_attribute_is(self, cast, sandbox):
        """§6.2: does it differ? Queues, lists and tasks that wait follow at once, whichever way the option turns."""
        workspace, queue = cast.workspace, cast.workspace.task_queues.create("New", target_workers="veteran != true")
        step = {"queue": queue.sid, "expression": "worker.sid != task.not_for"}
        filters = [{"expression": "hold != true", "targets": [step]}]
        default = {"queue": cast.queues["es"].sid}
        routing = {"task_routing": {"filters": filters, "default_filter": default}}
        workflow = workspace.workflows.create("Newcomers", json.dumps(routing))

        def members() -> set[str]:
            stats = queue.real_time_statistics().fetch()
            listed = workspace.workers.list(target_workers_expression="veteran != true")
            assert stats.total_eligible_workers == len(listed)
            return {worker.friendly_name for worker in listed}

        assert members() == {"Alice", "Bob"}
        sandbox.options.set(missing_attribute="null")
        assert members() == set()
        assert workspace.tasks.list(evaluate_task_attributes="hold != true") == []
        task = workspace.tasks.create(workflow_sid=workflow.sid, attributes='{"hold": false}')
        other = workspace.tasks.create(workflow_sid=workflow.sid)
        assert other.task_queue_sid == cast.queues["es"].sid
        cast.bob.update(activity_sid=cast.activities["Idle"].sid)
        assert task.fetch().assignment_status == "pending"
        sandbox.options.set(missing_attribute="differs")
        assert members() == {"Alice", "Bob"}
        assert [r.worker_name for r in task.reservations.list()] == ["Bob"]

    def test_the_chosen_reading_outlives_a_kill(self, sandbox):
        sandbox.options.set(fallback="with-error")
        process = psutil.Process(sandbox.pid)
        process.kill()
        process.wait(patience(10))
        assert helpers.sandbox.ensure().options.read()["options"]["fallback"] == "with-error"

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("tea=hot", "Nothing reads tea here; there is after_failed_reservation, after_attribute_change, after_f"),
            ("fallback=loud", "fallback: must be one of same, with-error; it was 'loud'"),
        ],
    )
    def test_what_there_is_not(self, sandbox, query, words):
        with pytest.raises(LessonError, match=words):
            sandbox.request("POST", f"options?{query}")

    def test_their_first_name_is_still_understood(self, sandbox):
        told = sandbox.request("POST", "rules", fallback="with-error")
        assert told["rules"] == sandbox.options.read()["options"]
        assert sandbox.options.unusual() == {"fallback": ("with-error", "same")}
        assert sandbox.request("GET", "rules") == told
