"""Notebook 08 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import pytest

from tests.notebooks.conftest import assert_all_right

NAME = "08-many-tasks-at-once"


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, with the four tasks."""
    with notebook(NAME) as run:
        run.up_to("create-four-tasks")
        yield run


def test_solved_from_top_to_bottom(notebook):
    with notebook(NAME, solved=True) as run:
        texts = run.all()
    assert_all_right(texts, checkpoints=4)
    assert "[('chat', 'reserved'), ('chat', 'pending'), ('chat', 'pending'), ('voice', 'reserved')]" in texts[
        "create-four-tasks"
    ].replace("\n", "")
    assert texts["create-four-tasks"].startswith("Alice is Available")
    assert "Alice can chat with three at once, and has 3 chats." in texts["check-capacity"]
    assert sorted(texts["accept-all"].split("\n"))[-2:] == ["chat: 0% free", "voice: 0% free"]
    assert texts["close-voice"].startswith("voice: 100% free")
    assert texts["close-voice"].endswith("[('voice', 'pending')]")
    assert "('chat', 'wrapping')" in texts["wrap-up"]
    assert texts["complete-wrapping"] == "[('chat', 'reserved')]"
    assert "rescinded" in texts["accept-first"]


def test_a_chat_that_is_wrapped_up_twice_has_one_successor(notebook):
    with notebook(NAME, solved=True) as run:
        run.up_to("wrap-up")
        once = run.texts["wrap-up"]
        assert run.cell("wrap-up") == once
        assert run.cell("complete-wrapping") == "[('chat', 'reserved')]"
        assert run.cell("accept-all")
        run.cell("close-voice")
        assert run.code("statuses(tasks[4:])") == "[('chat', 'assigned')]"


def test_what_was_wrapping_and_is_completed_is_told(notebook):
    with notebook(NAME, solved=True) as run:
        run.up_to("close-voice")
        run.code("for one in tasks[:1]:\n    one.update(**ending)")
        assert "no chat is wrapping" in run.cell("check-wrapping")  # and none has waited
        run.up_to("check-wrapping", after="reset-channels")
        assert "1 is wrapping, and the next one waits" in run.texts["check-wrapping"]
        for last in ("complete-wrapping", "check-rescinded"):
            run.up_to(last, after="wrap-up")
            assert "✔ Wrapping holds the place. Right: One chat was wrapping" in run.cell("check-wrapping")
        run.code("reset()")
        assert "By now it is over." in run.cell("check-wrapping")
        run.up_to("accept-all", after="write-new-tasks")
        assert "no chat is wrapping" in run.cell("check-wrapping")


WRONG_CAPACITIES = [
    ("alice.worker_channels('voice').update(capacity=3)", "Alice can have 3 calls at once"),
    ("alice.worker_channels('sms').update(capacity=3)", "the channel `sms` has capacity 3"),
    ("alice.worker_channels('chat').update(capacity=30)", "her capacity for chat is 30, not 3"),
    ("alice.worker_channels('chat').update(capacity=3, available=False)", "her chat channel is not available"),
]


def test_capacity(run):
    for written, words in WRONG_CAPACITIES:
        assert "her capacity for chat is still 1" in run.cell("check-capacity"), written
        run.code(written)
        assert words in run.cell("check-capacity"), written
        run.solve("check.capacity(client)")
        run.code("alice.worker_channels('chat').update(capacity=3)")
        assert run.cell("check-capacity").startswith("✔ "), written
        run.code("alice.worker_channels('chat').update(capacity=1)")


def test_two_are_asked(run):
    run.cell("your-batch")
    assert "the queue asks one worker at a time" in run.cell("check-rescinded")
    run.code("queue.update(max_reserved_workers=2)")
    assert "did not when the task was created" in run.cell("check-rescinded")
    run.code("bob.update(activity_sid=activities['Offline'])")
    assert "Bob is not available" in run.cell("check-rescinded")
    run.solve("check.rescinded(client)")
    assert run.cell("check-rescinded").startswith("✔ ")


def test_before_the_workspace_is_there_and_after_it_is_gone(run):
    run.code("alice.update(activity_sid=activities['Offline'])")
    assert "Alice is Offline, so nothing is offered" in run.cell("check-two-at-once")
    run.code("reset()")
    assert "there is no open task from this page" in run.cell("check-two-at-once")
    run.code("workspace.delete()")
    assert 'there is no workspace "TaskRouter Practice" yet' in run.cell("check-two-at-once")


def test_after_her_phone_channel_was_closed(run):
    run.code("alice.worker_channels('voice').update(available=False)")
    run.cell("create-four-tasks")
    assert "her `voice` channel is not available" in run.cell("check-two-at-once")
    run.solve("check.two_at_once(client)")
    run.until("check.two_at_once(client).is_right")


def test_workers_whom_other_pages_have_left_available_take_no_part(notebook):
    with notebook(NAME) as run:
        run.up_to("create-workflow")
        run.code("workers.create(friendly_name='Carla', activity_sid=activities['Available'])")
        run.up_to("check-two-at-once", after="create-workflow")
    assert run.texts["check-two-at-once"].startswith("✔ ")
    assert "2 tasks are waiting" in run.texts["check-two-at-once"]


def test_after_a_task_channel_was_deleted(notebook):
    with notebook(NAME) as run:
        run.up_to("reset-channels")
        run.code("for name in ('chat', 'voice'):\n    workspace.task_channels(name).delete()")
        for cell in ("check-two-at-once", "check-capacity", "check-wrapping", "check-rescinded"):
            text = run.cell(cell)
            assert text.startswith("○ "), text
            assert "no task channel `chat` any more" in text
        run.solve("check.capacity(client)")
        assert "her capacity for chat is still 1" in run.cell("check-capacity")
        run.cell("create-four-tasks")
        assert run.cell("check-two-at-once").startswith("✔ ")
