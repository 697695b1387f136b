"""What differs between a workspace and a snapshot, and that carrying it out leads there, wherever it breaks off."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, assume, given, settings

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.snapshot.client_calls import program
from taskrouter_sandbox.snapshot.words import details, said
from tests.snapshot.drawn_snapshots import normal, snapshots

FEW = settings(
    max_examples=int(os.environ.get("SNAPSHOT_EXAMPLES") or 12),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Broken(Exception):
    pass


def difference(client, sid, wanted, **choices):
    return snapshot.plan(snapshot.look(client, sid), wanted, **choices)


class TestRandomWorkspaces:
    @FEW
    @given(first=snapshots(), second=snapshots())
    def test_one_is_made_another_applied(self, client, first, second):
        workspace = snapshot.create(client, first)
        assert normal(snapshot.read(client, workspace.sid)) == normal(first)
        assert difference(client, workspace.sid, first, delete=True, move_workers=True).is_empty

        plan = difference(client, workspace.sid, second, delete=True, move_workers=True)
        assume(not plan.obstacles)
        assert snapshot.apply(client, plan) == workspace.sid

        assert normal(snapshot.read(client, workspace.sid)) == normal(second)
        assert difference(client, workspace.sid, second, delete=True, move_workers=True).steps == []
        workspace.delete()

    @FEW
    @given(first=snapshots(), second=snapshots())
    def test_the_calls_do_the_same(self, client, first, second):
        workspace = snapshot.create(client, first)
        plan = difference(client, workspace.sid, second, delete=True, move_workers=True)
        assume(not plan.obstacles)

        exec("\n".join(program(plan)).replace("user:***@", "user:secret@"), {"client": client})

        assert normal(snapshot.read(client, workspace.sid)) == normal(second)
        workspace.delete()

    @FEW
    @given(wanted=snapshots())
    def test_the_calls_make_a_new_one(self, client, wanted):
        names = {"client": client}
        plan = snapshot.plan(snapshot.missing(wanted), wanted, delete=True)

        exec("\n".join(program(plan)).replace("user:***@", "user:secret@"), names)

        workspace = client.taskrouter.v1.workspaces.list()[0]
        assert normal(snapshot.read(client, workspace.sid)) == normal(wanted)
        workspace.delete()


def team(**parts):
    return snapshot.decode(json.dumps({"format": "taskrouter-snapshot/1", **parts}))


BEFORE = team(
    workspace={"friendly_name": "Support", "event_callback_url": "https://example.com/events"},
    activities=[{"friendly_name": "Offline"}, {"friendly_name": "Idle"}, {"friendly_name": "Lunch", "available": True}],
    task_channels=[{"unique_name": "fax", "friendly_name": "Fax"}],
    task_queues=[
        {"friendly_name": "Old", "reservation_activity": "Lunch"},
        {"friendly_name": "Spanish", "assignment_activity": "Idle"},
    ],
    workflows=[
        {"friendly_name": "Flow", "configuration": {"task_routing": {"default_filter": {"queue": "Old"}}}},
        {"friendly_name": "Gone", "configuration": {"task_routing": {"default_filter": {"queue": "Old"}}}},
    ],
    workers=[
        {"friendly_name": "alice", "activity": "Idle", "channels": {"voice": {"capacity": 2}}},
        {"friendly_name": "Bob", "activity": "Lunch"},
        {"friendly_name": "Carla", "activity": "Lunch"},
    ],
)
AFTER = team(
    workspace={"friendly_name": "Support", "timeout_activity": "Idle", "event_callback_url": "https://example.com/new"},
    activities=[{"friendly_name": "Offline"}, {"friendly_name": "Idle", "available": True}, {"friendly_name": "Wrap"}],
    task_channels=[{"unique_name": "letters", "friendly_name": "Letters"}],
    task_queues=[{"friendly_name": "Spanish", "assignment_activity": "Wrap"}, {"friendly_name": "English"}],
    workflows=[
        {
            "friendly_name": "Flow",
            "configuration": {"task_routing": {"default_filter": {"queue": "English"}}},
            "fallback_assignment_callback_url": "https://example.com/fallback",
        }
    ],
    workers=[
        {"friendly_name": "Alice", "activity": "Idle", "attributes": {"languages": ["es"]}},
        {"friendly_name": "Carla", "activity": "Offline", "channels": {"letters": {"capacity": 3}}},
        {"friendly_name": "Dora", "channels": {"letters": {"capacity": 4}}},
    ],
)
EVERYTHING = {"delete": True, "move_workers": True}


class TestABreak:
    """A run that ends anywhere, and is repeated: the end is the same, and nothing is there twice."""

    def test_after_any_step(self, client):
        number_of_steps = self.broken_off(client, None)
        assert number_of_steps > 20
        for number in range(number_of_steps):
            assert self.broken_off(client, number) >= number_of_steps - number

    def broken_off(self, client, number):
        workspace = snapshot.create(client, BEFORE)
        plan = difference(client, workspace.sid, AFTER, **EVERYTHING)
        if number is not None:
            left = iter(range(number))

            def begins(step):
                if next(left, None) is None:
                    raise Broken

            with pytest.raises(Broken):
                snapshot.apply(client, plan, begins=begins)
            plan = difference(client, workspace.sid, AFTER, **EVERYTHING)
        snapshot.apply(client, plan)
        assert normal(snapshot.read(client, workspace.sid)) == normal(AFTER)
        workspace.delete()
        return len(plan.steps)

    def test_an_answer_that_is_lost(self, client):
        """What was done all the same is found by the same plan, and not done again."""
        workspace = snapshot.create(client, BEFORE)
        plan = difference(client, workspace.sid, AFTER, **EVERYTHING)
        snapshot.apply(client, plan)
        again = snapshot.Plan(
            plan.name, plan.present, [step for step in plan.steps if step.action == "create"], plan.left, []
        )
        snapshot.apply(client, again)
        assert normal(snapshot.read(client, workspace.sid)) == normal(AFTER)

    def test_a_step_that_is_refused_is_named_with_what_is_done(self, client, sandbox):
        workspace = snapshot.create(client, BEFORE)
        sandbox.faults.order(operation="CreateTaskQueue", status=500, first=1)
        plan = difference(client, workspace.sid, AFTER, **EVERYTHING)
        with pytest.raises(snapshot.StepRefused) as caught:
            snapshot.apply(client, plan)
        words = str(caught.value)
        assert words.startswith("task_queues[1]: step ")
        assert f'of {len(plan.steps)}, create queue "English", did not succeed: ' in words
        assert f'The {caught.value.done} before it are done and stay: update activity "Idle"; ' in words
        assert words.endswith("Wait a little and apply it again: it goes on with this step, and makes nothing twice.")

    def test_a_value_that_is_refused_is_named_by_its_place(self, client):
        """Of snapshots that no file was read for, which would name it before."""
        workspace = snapshot.create(client, BEFORE)
        wanted = snapshot.decode(snapshot.encode(AFTER))
        wanted.workflows[0].configuration["task_routing"]["filters"] = [
            {"expression": "a ===", "targets": [{"queue": "Spanish"}]}
        ]
        with pytest.raises(snapshot.StepRefused) as caught:
            snapshot.apply(client, difference(client, workspace.sid, wanted))
        place = "workflows[0].configuration.task_routing.filters[0].expression"
        assert str(caught.value).startswith(f"{place}: step ")
        assert f"Mend {place} in the snapshot and apply it again" in str(caught.value)

        wanted = snapshot.decode(snapshot.encode(AFTER))
        wanted.workers[2].channels["letters"].capacity = -1
        with pytest.raises(snapshot.StepRefused) as caught:
            snapshot.apply(client, difference(client, workspace.sid, wanted))
        assert caught.value.place == "workers[2].channels.letters.capacity"

    def test_a_new_workspace_that_is_half_made_is_named(self, client, sandbox):
        sandbox.faults.order(operation="CreateTaskQueue", status=400, first=1)
        with pytest.raises(snapshot.StepRefused) as caught:
            snapshot.create(client, AFTER)
        (half,) = client.taskrouter.v1.workspaces.list()
        assert f"Workspace {half.sid} is there, and not as the snapshot says: mend that" in str(caught.value)
        snapshot.bring_to(client, half.sid, AFTER)
        assert normal(snapshot.read(client, half.sid)) == normal(AFTER)


class TestWhatIsSaid:
    def test_nothing_is_deleted_unasked(self, client):
        workspace = snapshot.create(client, BEFORE)
        plan = difference(client, workspace.sid, AFTER)
        assert {step.action for step in plan.steps} == {"create", "update"}
        snapshot.apply(client, plan)
        after = difference(client, workspace.sid, AFTER)
        assert after.is_empty
        assert sorted(after.left) == [
            ("activities", "Idle (replaced)"),
            ("activities", "Lunch"),
            ("task_channels", "fax"),
            ("task_queues", "Old"),
            ("workers", "Bob"),
            ("workflows", "Gone"),
        ]

    def test_workers_stay_where_they_are(self, client):
        """Only where the snapshot does not have their activity do they go to the one that it names."""
        workspace = snapshot.create(client, BEFORE)
        snapshot.apply(client, difference(client, workspace.sid, AFTER))
        workers = {each.friendly_name: each for each in workspace.workers.list()}
        assert workers["Carla"].activity_name == "Offline"
        carla = workers["Carla"].update(activity_sid=workers["Alice"].activity_sid)
        assert difference(client, workspace.sid, AFTER).is_empty
        (step,) = difference(client, workspace.sid, AFTER, move_workers=True).steps
        assert step.changes == {"activity": (carla.activity_name, "Offline")}

    def test_what_is_done_where_something_cannot_be_changed(self, client):
        workspace = snapshot.create(client, BEFORE)
        plan = difference(client, workspace.sid, AFTER, **EVERYTHING)
        first, second = plan.steps[:2]
        assert (said(first), said(second)) == ('update activity "Idle"', 'create activity "Idle"')
        assert details(first) == [
            'friendly_name: "Idle" -> "Idle (replaced)"',
            "because whether an activity is available cannot be changed, so a new one takes its place",
        ]
        assert said(plan.steps[-3]) == 'delete activity "Idle (replaced)"'

    def test_multitasking_is_not_turned_off(self, client):
        workspace = snapshot.create(client, BEFORE)
        single = team(workspace={"friendly_name": "Support", "multi_task_enabled": False})
        plan = difference(client, workspace.sid, single)
        assert plan.obstacles[0].startswith("workspace.multi_task_enabled cannot be turned off again: leave it on")
        with pytest.raises(snapshot.SnapshotError, match="multi_task_enabled cannot be turned off"):
            snapshot.apply(client, plan)
        assert normal(snapshot.read(client, workspace.sid)) == normal(BEFORE)

    def test_a_configuration_is_compared_value_by_value_and_no_password_is_shown(self, client):
        old = {"task_routing": {"filters": [{"expression": "a == 1", "targets": [{"queue": "Q", "timeout": 5}]}]}}
        new = {"task_routing": {"filters": [{"expression": "a == 2", "targets": [{"queue": "Q"}]}]}}
        parts = {"workspace": {"friendly_name": "W"}, "task_queues": [{"friendly_name": "Q"}]}
        workspace = snapshot.create(client, team(**parts, workflows=[{"friendly_name": "F", "configuration": old}]))
        url = "https://user:secret@example.com/"
        flow = {"friendly_name": "F", "configuration": new, "assignment_callback_url": url}
        plan = difference(client, workspace.sid, team(**parts, workflows=[flow]))
        assert details(plan.steps[0]) == [
            'configuration.task_routing.filters[0].expression: "a == 1" -> "a == 2"',
            "configuration.task_routing.filters[0].targets[0].timeout: 5 is removed",
            'assignment_callback_url: "" -> "https://user:***@example.com/"',
        ]
        assert "secret" not in "".join(program(plan))
