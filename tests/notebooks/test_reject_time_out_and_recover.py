"""Notebook 06 as a learner plays it: as it stands, with usual mistakes, and solved."""

from __future__ import annotations

import re

import pytest

from tests.notebooks.conftest import assert_all_right

NAME = "06-reject-time-out-and-recover"


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, ready for its parts."""
    with notebook(NAME) as run:
        run.up_to("write-functions")
        yield run


def test_solved_from_top_to_bottom(notebook):
    with notebook(NAME, solved=True) as run:
        texts = run.all()
    assert_all_right(texts, checkpoints=6)
    assert texts["create-first-task"].endswith("[('Alice', 'pending')]")
    assert texts["reject"] == "[('Alice', 'rejected'), ('Bob', 'pending')]"
    assert re.search(r"pending \[\('\w+', 'timeout'\), \('\w+', 'timeout'\)\]", texts["time-out"])
    assert "[('Alice', 'Offline'), ('Bob', 'Offline')]" in texts["time-out"]
    assert "/assignment_callback answered 500, so TaskRouter asked /fallback, which accepted" in texts["check-fallback"]
    assert "11200 The assignment callback failed" in texts["play-failure"]
    offers = re.findall(r"\('\w+', '(\w+)'\) \[(.*)\] {", texts["try-answers"])
    assert offers == [
        ("accepted", "'40000'"),
        ("pending", "'40001'"),
        ("pending", "'40005'"),
        ("pending", ""),
        ("pending", "'11200'"),
        ("accepted", "'11215'"),
        ("accepted", "'11205'"),
        ("pending", "'55555'"),
    ]
    assert "The task is assigned to " in texts["check-freed"]


def test_rejecting_again_asks_the_other_one(run):
    run.up_to("check-rejected", after="write-functions")
    assert run.cell("reject") == "[('Alice', 'rejected'), ('Bob', 'rejected'), ('Alice', 'pending')]"
    assert "Alice and Bob rejected it, and now Alice is asked." in run.cell("check-rejected")


def test_nothing_rejected_accepted_instead_and_bob_without_spanish(run):
    run.cell("create-first-task")
    assert "Alice has the reservation, and nobody has rejected it" in run.cell("check-rejected")
    run.code(
        "for one in task.reservations.list(reservation_status='pending'): one.update(reservation_status='accepted')"
    )
    assert "✘" in run.cell("check-rejected")
    assert "the task was accepted" in run.texts["check-rejected"]
    run.code("bob = bob.update(attributes=json.dumps({'languages': ['en']}))")
    run.up_to("reject", after="write-functions")
    assert "it came back at once" in run.cell("check-rejected")
    run.solve("check.rejected(client)")
    assert re.search("(Alice|Bob) rejected it, and now (Bob|Alice) is asked", run.cell("check-rejected"))


def test_a_timeout_that_is_too_long_or_has_not_passed(run):
    run.code("task = new_task()")
    assert "a reservation lasts 1200 seconds" in run.cell("check-timed-out")
    run.code("task = new_task(timeout=10); skip(seconds=11)")
    assert "○ Nobody answers. Not done yet: " in run.cell("check-timed-out")
    assert "'s reservation timed out, the other one has not" in run.texts["check-timed-out"]
    run.solve("check.timed_out(client)")
    assert "✔ " in run.cell("check-timed-out")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("workspace.activities.create(**settings)", "does not use it yet"),
        (
            "workspace.update(default_activity_sid=workspace.activities.create(**settings).sid)",
            "you set the *default* activity",
        ),
        (
            "settings['available'] = True; "
            "workspace.update(timeout_activity_sid=workspace.activities.create(**settings).sid)",
            "would be asked again at once",
        ),
        ("workspace.update(timeout_activity_sid=team.activities['Idle'].sid)", 'go to "Idle" now'),
        ("workspace.update(timeout_activity_sid=team.activities['Busy'].sid)", "nobody can tell who has missed a task"),
    ],
)
def test_timeout_activity(run, written, words):
    assert "the activity does not exist" in run.cell("check-timeout-activity")
    there = run.code("len(workspace.activities.list())")
    run.code(f"settings = {{'friendly_name': 'Missed a task', 'available': False}}\n{written}")
    assert words in run.cell("check-timeout-activity")
    run.solve("check.timeout_activity(client)")
    assert "✔ " in run.cell("check-timeout-activity")
    assert int(run.code("len(workspace.activities.list())")) == int(there) + 1  # none of the lessons' is deleted


def test_a_fallback_that_is_missing_the_same_or_misspelt(run):
    run.up_to("play-failure", after="time-out")
    assert "Your server answered 500." in run.cell("check-canceled")
    assert "the workflow has no fallback URL" in run.cell("check-fallback")
    run.code("task = new_task(fallback=fallback_url)")
    assert "the first address is missing" in run.cell("check-fallback")
    run.code("task = new_task(callback=callback_url, fallback=callback_url)")
    assert "both addresses are the same" in run.cell("check-fallback")
    run.code("task = new_task(callback=callback_url, fallback=fallback_url + 's')")
    run.until("'answered 404' in check.fallback(client).sentence")
    run.code("task = new_task(callback=fallback_url, fallback=callback_url)")
    run.until("'the fallback was not asked' in check.fallback(client).sentence")
    assert "`/fallback` is the first address here" in run.code("check.fallback(client).sentence")
    run.solve("check.fallback(client)")
    run.until("check.fallback(client).is_right")
    assert "✔ " in run.cell("check-fallback")


def test_rejecting_what_is_stuck_hands_it_to_the_next(run):
    run.up_to("play-failure", after="time-out")
    run.code("task = new_task(callback=callback_url, fallback=fallback_url)")
    run.until("task.fetch().assignment_status == 'assigned'")
    assert "was not stuck: it is of an earlier part" in run.cell("check-freed")
    run.cell("serve-any-answer")
    misspelt = """try_answer(content='{"instruction": "acept"}')"""
    run.code(misspelt)
    run.until("workspace.tasks.list()[-1].assignment_status == 'reserved'")
    for _ in range(2):  # each worker has twenty minutes
        run.code("skip(minutes=20)")
    assert "its reservations have timed out by now" in run.cell("check-freed")
    run.code(misspelt)
    run.until("workspace.tasks.list()[-1].assignment_status == 'reserved'")
    assert " is still reserved, and no answer will come" in run.cell("check-freed")
    reject = (
        "for one in workspace.tasks.list()[-1].reservations.list(reservation_status='pending'):\n"
        "    one.update(reservation_status='rejected')"
    )
    run.code(reject)
    run.until("'gave the same useless answer again' in check.freed(client).sentence")
    run.solve("check.freed(client)")
    assert "The task is assigned to " in run.cell("check-freed")
    run.code(misspelt)
    run.code("workspace.tasks.list()[-1].update(assignment_status='canceled', reason='Stuck')")
    assert "nobody is reserved for it" in run.cell("check-freed")
    run.code(misspelt)
    run.code("for one in workspace.tasks.list(assignment_status='reserved'):\n    one.delete()")
    assert "✔ The task is free. Right: The newest task was deleted, and its reservation" in run.cell("check-freed")


def test_a_task_that_was_deleted_is_told_in_the_place_of_an_older_one(run):
    run.code("task = new_task()")
    for _ in range(2):  # without an older one, and with one
        run.code("task.delete()")
        for check in ("check-rejected", "check-timed-out", "check-canceled"):
            assert "Not done yet: the task was deleted: create it once more." in run.cell(check)
        run.code("old = new_task(); task = new_task()")
    assert "has the reservation, and nobody has rejected it" in run.cell("check-rejected")
