"""Find or create: what a second run, another notebook and a changed mind find."""

from __future__ import annotations

import json

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from helpers import LessonError, cast, found
from helpers.connection.error_messages import _known_trouble
from helpers.names import ON_BOARD, WORKFLOW, WORKSPACE

ALICE = {"friendly_name": "Alice", "attributes": json.dumps({"languages": ["en", "es"]})}


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def properties(one: object) -> dict[str, object]:
    return {name: value for name, value in vars(one).items() if not name.startswith("_") and name != "age"}


def everything(client: Client) -> list[dict[str, object]]:
    """All that is in the account, with every property."""
    things = []
    for workspace in client.taskrouter.v1.workspaces.list():
        for collection in (
            workspace.activities,
            workspace.workers,
            workspace.task_queues,
            workspace.workflows,
            workspace.tasks,
        ):
            things += map(properties, collection.list())
        things.append(properties(workspace))
    return things


def spanish_task(team, **more: str):
    attributes = json.dumps({"selected_language": "es", **more})
    return team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)


def make_available(team):
    return team.alice.update(activity_sid=team.activities["Idle"].sid)


class TestFound:
    def test_what_is_not_there_is_none_and_said(self, workspace, capsys):
        assert found(workspace.workers, **ALICE) is None
        assert said(capsys) == 'Worker "Alice": none yet.\n'

    def test_what_is_there_is_found_and_not_touched(self, workspace, capsys):
        alice = workspace.workers.create(**ALICE)
        reordered = ALICE | {"attributes": '{ "languages" : ["en","es"] }'}

        assert found(workspace.workers, **reordered).sid == alice.sid
        assert said(capsys) == 'Worker "Alice": found.\n'
        assert alice.fetch().attributes == alice.attributes

    def test_settings_are_brought_in_line_and_named(self, workspace, capsys):
        workspace.workers.create(friendly_name="Alice", attributes='{"languages": ["en"], "contact_uri": "+15550100"}')

        alice = found(workspace.workers, **ALICE)

        assert json.loads(alice.fetch().attributes) == {"languages": ["en", "es"], "contact_uri": "+15550100"}
        assert said(capsys) == 'Worker "Alice": found, and updated (attributes).\n'

    def test_attributes_that_are_not_named_are_kept(self, workspace, capsys):
        workspace.workers.create(
            friendly_name="Alice", attributes='{"languages": ["en", "es"], "contact_uri": "+15550100"}'
        )

        found(workspace.workers, **ALICE)

        assert "updated" not in said(capsys)

    def test_a_worker_is_known_in_any_case(self, workspace):
        alice = workspace.workers.create(**ALICE | {"friendly_name": "ALICE"})

        assert found(workspace.workers, **ALICE).sid == alice.sid
        assert alice.fetch().friendly_name == "Alice"

    def test_another_name_is_another_thing(self, workspace):
        workspace.task_queues.create(friendly_name="care")

        assert found(workspace.task_queues, friendly_name="Care") is None

    def test_what_is_fixed_for_life_is_said_and_left(self, workspace, capsys):
        workspace.activities.create(friendly_name="Idle", available=False)

        idle = found(workspace.activities, friendly_name="Idle", available=True)

        assert not idle.available
        assert "available cannot be changed after creation" in said(capsys)

    def test_a_refused_change_is_told_in_words(self, client, workspace, capsys):
        workspace.update(multi_task_enabled=True)
        name = workspace.friendly_name

        space = found(client.taskrouter.v1.workspaces, friendly_name=name, multi_task_enabled=False)

        assert space.sid == workspace.sid
        assert "not updated, because TaskRouter answered 400" in said(capsys)

    def test_more_than_one_page_is_searched(self, workspace, capsys):
        for number in range(205):
            workspace.task_queues.create(friendly_name=f"Queue {number}")

        assert found(workspace.task_queues, friendly_name="Queue 204") is not None

    def test_an_open_task_is_known_by_its_attributes(self, bare, capsys):
        team = cast(bare)
        task = spanish_task(team, lesson="02")
        settings = {"workflow_sid": team.workflow.sid, "attributes": task.attributes}
        said(capsys)

        assert found(team.workspace.tasks, **settings).sid == task.sid
        assert said(capsys) == f"Task WT…{task.sid[-4:]}: found.\n"

        task.update(assignment_status="canceled", reason="test")
        assert found(team.workspace.tasks, **settings) is None

    def test_wrong_credentials_are_one_sentence(self, client):
        stranger = Client(client.account_sid, "wrong", http_client=client.http_client)

        with pytest.raises(LessonError, match="does not accept these credentials"):
            found(stranger.taskrouter.v1.workspaces, friendly_name=WORKSPACE)


class TestCast:
    def test_it_makes_everything(self, bare, capsys):
        team = cast(bare)

        assert not team.workspace.multi_task_enabled
        assert {name: activity.available for name, activity in team.activities.items()} == {
            "Offline": False, "Idle": True, "Busy": False, "Reserved": False,
        }  # fmt: skip
        assert (team.alice.activity_name, team.bob.activity_name) == ("Offline", "Offline")
        assert team.spanish.target_workers == 'languages HAS "es"'
        assert (team.english.reservation_activity_name, team.english.assignment_activity_name) == ("Reserved", "Busy")
        assert team.workflow.task_reservation_timeout == 1200
        told = said(capsys)
        assert 'Created: Workspace "TaskRouter Tutorial", Activity "Idle",\n' in told
        assert '\n  TaskQueue "Customer Care Requests - Spanish",\n' in told
        assert max(map(len, told.splitlines())) <= 72
        assert 'Deleted: Activity "Available", Activity "Unavailable".' in told
        assert {one.friendly_name for one in team.workspace.activities.list()} == set(team.activities)

    def test_an_activity_that_somebody_is_in_stays(self, bare):
        space = bare.taskrouter.v1.workspaces.create(friendly_name=WORKSPACE, multi_task_enabled=False)
        available = next(one for one in space.activities.list() if one.friendly_name == "Available")
        space.workers.create(friendly_name="Carla", activity_sid=available.sid)

        cast(bare)

        assert "Available" in {one.friendly_name for one in space.activities.list()}

    def test_a_second_time_it_changes_nothing(self, bare, capsys):
        cast(bare)
        before = everything(bare)
        said(capsys)

        cast(bare)

        assert everything(bare) == before
        assert said(capsys) == f'Everything from notebook 01 is there, in workspace "{WORKSPACE}".\n'

    def test_it_reads_each_collection_once(self, bare):
        class Counting(TwilioHttpClient):
            """Notes what is asked."""

            def request(self, method, url, *args, **rest):
                asked.append(f"{method} {url.rpartition('/')[2]}")
                return bare.http_client.request(method, url, *args, **rest)

        cast(bare)
        asked: list[str] = []

        cast(Client(bare.account_sid, bare.password, http_client=Counting()))

        assert asked == ["GET Workspaces", "GET Activities", "GET Workers", "GET TaskQueues", "GET Workflows"]

    def test_it_repairs_what_was_changed_and_keeps_the_callback_address(self, bare, capsys):
        team = cast(bare)
        team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
        team.spanish.update(target_workers='langauges HAS "es"')
        team.workspace.update(default_activity_sid=team.activities["Idle"].sid)
        said(capsys)

        team = cast(bare)

        assert team.spanish.target_workers == 'languages HAS "es"'
        assert team.workspace.default_activity_name == "Offline"
        assert team.workflow.assignment_callback_url == "http://127.0.0.1:9/assignment_callback"
        assert said(capsys).splitlines() == [
            "Default and timeout activity: set to Offline.",
            'TaskQueue "Customer Care Requests - Spanish": found, and updated (target_workers).',
        ]

    def test_it_removes_the_fallback_of_notebook_06_which_would_answer_on_other_pages(self, bare, capsys):
        team = cast(bare)
        team.workflow.update(fallback_assignment_callback_url="http://127.0.0.1:9/fallback")
        said(capsys)

        assert not cast(bare).workflow.fallback_assignment_callback_url
        assert said(capsys) == f'Workflow "{WORKFLOW}": its fallback URL is removed.\n'

    def test_where_single_tasking_is_refused_it_makes_a_multitasking_workspace(self, bare, capsys):
        class Refusing(TwilioHttpClient):
            """Answers as an account may that has no single-tasking workspaces (rest-contract.md §4.1)."""

            def request(self, method, url, params=None, data=None, **rest):
                if (data or {}).get("MultiTaskEnabled") == "false":
                    data = data | {"FriendlyName": ""}
                return bare.http_client.request(method, url, params=params, data=data, **rest)

        team = cast(Client(bare.account_sid, bare.password, http_client=Refusing()))

        assert team.workspace.multi_task_enabled
        assert "Single-tasking is refused" in said(capsys)

    def test_what_is_refused_to_it_is_one_sentence(self, bare):
        class Failing(TwilioHttpClient):
            """Answers every create as a service that is down."""

            def request(self, method, url, *args, **rest):
                if method == "POST":
                    return Response(503, '{"code": 20503, "message": "Try again later", "status": 503}')
                return bare.http_client.request(method, url, *args, **rest)

        with pytest.raises(LessonError, match=r"^TaskRouter answered 503: .*Try again later\.$"):
            cast(Client(bare.account_sid, bare.password, http_client=Failing()))


@pytest.mark.parametrize(("status", "step"), [("accept", "Write one of these into"), ("accepted", "in another state")])
def test_a_refused_update_says_what_to_do(bare, status, step):
    team = cast(bare)
    task = spanish_task(team, lesson="02")
    make_available(team)
    [reservation] = task.reservations.list()
    if status == "accepted":
        reservation.update(reservation_status=status)
    with pytest.raises(TwilioRestException) as refused:
        reservation.update(reservation_status=status)
    assert step in _known_trouble(refused.value, lambda sid: True)


def test_a_reservation_that_has_never_been_in_another_state_is_not_said_to_have_changed(bare):
    team = cast(bare)
    task = spanish_task(team, lesson="02")
    make_available(team)
    with pytest.raises(TwilioRestException) as refused:
        task.reservations.list()[0].update(reservation_status="completed")
    said = _known_trouble(refused.value, lambda sid: True)
    assert said is not None
    assert "From pending it can be made accepted or rejected." in said
    assert "By now" not in said


class TestClearStage:
    def test_a_task_whose_scene_is_still_to_be_played_stays_while_it_waits(self, bare):
        team = cast(bare)
        kept, other = (spanish_task(team, lesson="03") for _ in range(2))

        team.clear_stage(keep=kept, quiet=True)

        assert [one.fetch().assignment_status for one in (kept, other)] == ["pending", "canceled"]

    def test_a_clear_stage_is_left_alone(self, bare, capsys):
        team = cast(bare)
        before = everything(bare)
        said(capsys)

        team.clear_stage()

        assert everything(bare) == before
        assert said(capsys) == "There was nothing to reset.\n"

    @pytest.mark.parametrize(
        ("status", "ending"), [("pending", "canceled"), ("reserved", "canceled"), ("assigned", "completed")]
    )
    def test_the_lessons_own_tasks_end_and_alice_goes_offline(self, bare, capsys, status, ending):
        team = cast(bare)
        task = spanish_task(team, lesson="02")
        if status != "pending":
            make_available(team)
        if status == "assigned":
            for reservation in task.reservations.list():
                reservation.update(reservation_status="accepted")
        assert task.fetch().assignment_status == status

        team.clear_stage()

        assert task.fetch().assignment_status == ending
        assert team.alice.fetch().activity_name == "Offline"
        assert f"{'T' if status == 'pending' else 't'}ask WT…{task.sid[-4:]} is {ending}" in said(capsys)

    def test_a_task_of_somebody_else_is_left_alone_and_it_is_said_what_to_do(self, bare, capsys):
        team = cast(bare)
        tasks = [spanish_task(team) for _ in range(3)]

        team.clear_stage()

        assert {task.fetch().assignment_status for task in tasks} == {"pending"}
        told = said(capsys)
        assert "that the lessons did not create: 3." in told
        assert "`team.clear_stage(every_task=True)` ends them, too." in told

        team.clear_stage(every_task=True)

        assert {task.fetch().assignment_status for task in tasks} == {"canceled"}
        assert "did not create" not in said(capsys)

    def test_who_is_at_work_on_a_task_of_somebody_else_stays_at_work(self, bare, capsys):
        team = cast(bare)
        own, foreign = spanish_task(team, lesson="03"), spanish_task(team)
        own.update(assignment_status="canceled")
        make_available(team)
        (reservation,) = foreign.reservations.list()
        reservation.update(reservation_status="accepted")

        team.clear_stage()

        assert team.alice.fetch().activity_name == "Busy"
        assert foreign.fetch().assignment_status == "assigned"
        assert "did not create: 1." in said(capsys)

        make_available(team)
        team.clear_stage()
        assert team.alice.fetch().activity_name == "Offline"  # or a new task would be hers at once

        team.clear_stage(every_task=True)
        assert foreign.fetch().assignment_status == "completed"

    @pytest.mark.parametrize(
        ("status", "ending"), [("pending", "canceled"), ("reserved", "canceled"), ("assigned", "completed")]
    )
    def test_a_task_that_a_board_has_made_ends(self, bare, capsys, status, ending):
        team = cast(bare)
        task = spanish_task(team, **ON_BOARD)
        if status != "pending":
            make_available(team)
        if status == "assigned":
            for reservation in task.reservations.list():
                reservation.update(reservation_status="accepted")

        team.clear_stage()

        assert task.fetch().assignment_status == ending
        assert team.alice.fetch().activity_name == "Offline"
        assert f"{'T' if status == 'pending' else 't'}ask WT…{task.sid[-4:]} is {ending}" in said(capsys)
        channel = next(one for one in team.alice.worker_channels.list() if one.task_channel_unique_name == "default")
        assert channel.assigned_tasks == 0
