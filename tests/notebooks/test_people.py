"""Several kernels on one workspace: each is told in a sentence what another has done, and nobody is told wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from helpers.names import WORKSPACE
from tests.endurance.people import CLEAN_UP, agree, begin_all, kernels, say, storm
from tests.notebooks.conftest import Run, running
from tests.notebooks.test_runs import CLICK_IDLE, STATUS

OTHER = "the callback server of another notebook"


@pytest.fixture
def two(sandbox) -> Iterator[tuple[Run, Run]]:
    """Notebook 03 in two kernels; the second has the callbacks."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(running("03-accept-by-callback", solved=True)) for _ in range(2))
        first.up_to("toggle-alice")
        second.up_to("toggle-alice")
        yield first, second


def test_whose_callbacks_were_taken_over_is_told_and_can_have_them_back(two):
    first, second = two
    taken = first.cell("check-callback-url")
    assert taken.startswith("✘ ")
    assert f"{OTHER} answers: it has taken the callbacks over from yours" in taken
    assert second.cell("check-callback-url").startswith("✔ ")

    first.until(f"'Event callbacks go to {OTHER}' in the_board.words()")
    assert "arrive at your server" in second.code("the_board.wait_until_drawn(); print(the_board.words())")

    first.up_to("open-board", after="serve-app")
    assert first.cell("check-callback-url").startswith("✔ ")
    assert OTHER in second.cell("check-callback-url")


def test_an_answer_of_the_other_server_is_not_taken_for_ones_own(two):
    first, second = two
    first.code(CLICK_IDLE)
    second.until(f"{STATUS} == 'reserved' and any(one.method == 'POST' for one in server.log.entries())")
    told = first.cell("check-no-instruction")
    assert told.startswith("✘ ")
    assert f"{OTHER} answered `{{}}` in the place of yours: the workflow has its address." in told
    assert "Your server was asked and gave no instruction" in second.cell("check-no-instruction")

    second.up_to("create-second-task", after="check-no-instruction")
    second.code(CLICK_IDLE)
    second.until(f"{STATUS} == 'assigned'")
    told = first.cell("check-accepted-by-callback")
    assert told.startswith("✘ ")
    assert f'{OTHER} answered `{{"instruction":"accept"}}` in the place of yours' in told
    assert "Your server accepted it." in second.cell("check-accepted-by-callback")


def test_what_the_other_has_moved_ended_or_deleted_is_told_in_a_sentence(two):
    first, second = two
    first.code(CLICK_IDLE)
    second.until("toggle.confirmed in ('Idle', 'Reserved')")
    second.code("toggle.choose('Offline'); toggle.wait_until_drawn()")
    first.until("'Since then something else has moved Alice to Offline' in toggle.state['about_action']")

    second.code("team.clear_stage()")
    assert "the task was canceled (The lesson starts again)" in first.cell("check-no-instruction")
    assert "it is not pending or reserved" in say(first, "task.update(assignment_status='canceled', reason='Late')")

    second.code(CLEAN_UP)
    for source in ("alice.fetch()", "task.fetch()", "workflow.update(task_reservation_timeout=9)", "workspace.fetch()"):
        assert say(first, source).startswith("This workspace no longer exists: it was deleted, or the sandbox was")
    told = say(first, "requests.get(f'{server.url}/create-task', timeout=10).json()")
    assert told.startswith("Your app has failed at /create-task: This workspace no longer exists: it was deleted")
    second.code("team = cast(client)")
    assert "is not a Workflow of workspace" in say(first, "cast(client).workspace.tasks.create(**settings)")
    first.up_to("toggle-alice")
    assert first.cell("check-callback-url").startswith("✔ ")


def test_a_worker_who_was_deleted_while_the_workspace_stays_is_told(two):
    first, second = two
    second.code("alice.update(activity_sid=team.activities['Offline'].sid); team.clear_stage(); alice.delete()")
    assert say(first, "alice.fetch()").startswith("There is no worker WK")
    assert "TaskRouter no longer has this worker" in first.code(
        "toggle.wait_until_drawn(); print(toggle.state['trouble'])"
    )


def test_calls_that_were_taken_over_are_told(sandbox):
    with running("04-tasks-from-phone-calls") as first, running("04-tasks-from-phone-calls") as second:
        first.up_to("check-voice-url")
        second.up_to("check-voice-url")
        told = first.cell("check-voice-url")
        assert f"{OTHER} answers: it has taken the calls over from yours" in told
        assert second.texts["check-voice-url"].startswith("✔ ")


def test_eight_kernels_in_the_way_of_one_another_meet_sentences_and_agree_in_the_end(sandbox, client):
    with kernels() as runs:
        begin_all(runs)
        assert [one.friendly_name for one in client.taskrouter.v1.workspaces.list()] == [WORKSPACE]
        said = Counter[str]()
        storm(runs, 3, 1, said)
        assert said.total() == 24
        agree(runs)
