"""Statistics of all kinds at once, of many queues, and of what is not there (rest-contract.md §6)."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace

import pytest
import requests

from helpers import sandbox, skip
from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.runtime.sids import new_sid
from taskrouter_sandbox.storage.store import Store
from tests.sandbox.conftest import SPANISH
from tests.sandbox.statistics_stage import AUTH, iso, stage, standing, story
from tests.waiting import patience

__all__ = ["stage", "standing", "story"]


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
