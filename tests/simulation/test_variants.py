"""Variants of a day are tried with the same people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrouter_sandbox.simulation import RehearsalError, Variant, grid, rehearse, sweep
from taskrouter_sandbox.snapshot import Snapshot
from tests.simulation.days import random_day, team, timeout


def test_variants_meet_the_same_people() -> None:
    tried = sweep(team(), random_day(), grid(timeout, after=[5, 87], sick=[False, True]), seed=2, replications=2)
    assert [each.name for each in tried.variants] == [
        "after: 5, sick: False",
        "after: 5, sick: True",
        "after: 87, sick: False",
        "after: 87, sick: True",
    ]
    came = [[t.came for t in each.tasks] for each in tried.rehearsals.values()]
    assert came[0] == came[1] == came[2] == came[3]
    alone = rehearse(team(5), random_day(), seed=2, replications=2)
    assert tried["after: 5, sick: False"].tasks == alone.tasks
    records = tried.records(level=0.9)
    assert {(r["variant"], r["after"], r["sick"]) for r in records} == {
        (each.name, each.values["after"], each.values["sick"]) for each in tried.variants
    }
    assert json.loads(json.dumps(records)) == records
    assert len(tried.frame(level=0.9)) == len(records)
    worse = [
        r
        for r in tried.differences("after: 5, sick: False")
        if (r["class_name"], r["measure"], r["variant"]) == (None, "abandonment", "after: 5, sick: True")
    ]
    assert worse[0]["difference"] > 0
    assert worse[0]["sick"]


def test_a_variant_changes_a_copy_of_its_own() -> None:
    workspace, day = team(), random_day()

    def without_bob(workspace: Snapshot, day: dict[str, Any]) -> None:
        workspace.workers.pop()
        day["classes"].pop()

    tried = sweep(workspace, day, {"as it is": None, "without Bob": without_bob, "again": lambda w, d: None}, seed=1)
    assert [w.friendly_name for w in workspace.workers] == ["Alice", "Bob"]
    assert day == random_day()
    assert {t.worker for t in tried["without Bob"].tasks} <= {"Alice", None}
    assert tried["again"].tasks == tried["as it is"].tasks == rehearse(workspace, day, seed=1).tasks


def test_mistakes_of_variants_are_named_before_any_is_rehearsed() -> None:
    def negative(workspace: Snapshot, day: dict[str, Any]) -> None:
        day["classes"][0]["talk"] = -1

    def unknown(workspace: Snapshot, day: dict[str, Any]) -> None:
        day["shifts"] = [{"worker": "Bbo", "from": 0, "to": 1}]

    def without_default(workspace: Snapshot, day: dict[str, Any]) -> None:
        del workspace.workflows[0].configuration["task_routing"]["default_filter"]

    for variants, what in (
        ({"one": None, "other": without_default}, r"^other: classes\[1\]: \d+ of \d+ tasks would be refused"),
        ({"one": None, "other": negative}, r"^other: classes\[0\].talk: it is -1"),
        ({"other": unknown}, r"^other: shifts\[0\].worker: 'Bbo' is not there"),
        ({}, "at least one"),
        ([Variant("a", None), Variant("a", None)], "a name of its own"),
        ({"a": 3}, "give functions by name"),
    ):
        with pytest.raises(RehearsalError, match=what):
            sweep(team(), random_day(), variants, seed=1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RehearsalError, match="give at least one value for after"):
        grid(timeout, after=[])
    with pytest.raises(RehearsalError, match="base: 'b' is none of them; there is a"):
        sweep(team(), random_day(), {"a": None}, seed=1).differences("b")
