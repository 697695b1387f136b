"""What is noted of each decision, and what is said of it: whoever is named as chosen is who gets the reservation.

The storm of `machine.py` with the recorder of the sandbox: every decision is put into its stored form, read, and
explained from that alone; what is said must be what the engine did.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings

from taskrouter_sandbox.engine.model.effects import Effects
from taskrouter_sandbox.engine.model.entities import Task, Worker
from taskrouter_sandbox.engine.model.state import State
from taskrouter_sandbox.engine.reporting import decision_facts
from taskrouter_sandbox.engine.reporting.decision_recorder import DecisionRecorder
from taskrouter_sandbox.explanation.explain import explain
from taskrouter_sandbox.explanation.facts import Decision
from taskrouter_sandbox.explanation.reasons import candidates, in_order
from taskrouter_sandbox.storage import decisions as stored
from tests.engine import long_run, oracle
from tests.engine.machine import Routing


class CheckedNotes(DecisionRecorder):
    """Compares every match with the naive matcher, and what is kept noted of workers with what there is to see."""

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        assert oracle.next_match(self.state) == (task, workers)
        super().workers_chosen(now, task, workers)

    def _match(self, now: int, task: Task, workers: Any) -> None:
        super()._match(now, task, workers)
        noted = stored.to_json(decision_facts.match_facts(self.state, task, workers))
        kept = [(worker, worker.noted) for worker in self.state.workers.values()]
        for worker, _ in kept:
            worker.noted = None
        assert stored.to_json(decision_facts.match_facts(self.state, task, workers)) == noted
        for worker, notes in kept:
            worker.noted = notes


class Explained(Routing):
    """The machine, with an explanation of every decision."""

    explained = 0  # by all machines that ever ran

    def checked_recorder(self, state: State) -> Any:
        last_event_at = self.recorder.last_event_at if self.recorder else 0
        self.recorder = CheckedNotes(state, last_event_at)  # type: ignore[assignment]
        return self.recorder

    def look_at(self, effects: Effects) -> None:
        made = Counter(
            (event.data["TaskSid"], event.data["WorkerSid"])
            for event in effects.events
            if event.event_type == "reservation.created"
        )
        told: Counter[tuple[str, str]] = Counter()
        for noted in effects.decisions:
            decision = stored.read(stored.to_json(noted))
            assert decision is not None
            Explained.explained += 1
            check_explanation(decision, whole=decision_facts.MOST_WORKERS > 6)
            if decision.match is not None:
                told.update((decision.task_sid, sid) for sid in decision.match.chosen)
        assert told == made


def check_explanation(decision: Decision, whole: bool) -> None:
    """whole: are all workers noted?"""
    answer = explain(decision)
    assert answer["text"].strip(".")
    if (way := answer["step"]) is not None:
        *others, last = [one["matches"] for one in way["filters"]] or [True]
        assert last
        assert not any(others)
    if (match := answer["match"]) is None:
        return
    facts = decision.match
    assert facts is not None
    by_verdict: dict[str, list[Any]] = {"chosen": [], "later": [], "impossible": []}
    for worker in match["workers"]:
        by_verdict[worker["verdict"]].append(worker)
    assert [worker["sid"] for worker in by_verdict["chosen"]] == list(facts.chosen)
    for worker in by_verdict["chosen"]:
        assert worker["reasons"] == []
    for worker in by_verdict["impossible"]:
        assert worker["reasons"]
        assert worker["sid"] not in facts.chosen
        for reason in worker["reasons"]:
            assert reason["kind"] != "not-free"
            assert all(clause["holds"] != clause["wanted"] for clause in reason["clauses"])
    # what is said follows from the facts: whoever has no reason against it, and comes first, is who was chosen
    possible = in_order(facts, [one for one in candidates(decision) if not one.reasons])
    found = [one.worker.sid for one in possible]
    if facts.wanted is not None:
        assert found == list(facts.chosen)
    elif whole:
        assert found[: facts.max_reserved] == list(facts.chosen)
        assert all(worker["reasons"] for worker in by_verdict["later"])
    assert match["others"] >= 0
    assert len(match["workers"]) + match["others"] == facts.total


TestExplained = Explained.TestCase
TestExplained.settings = settings(max_examples=40, stateful_step_count=30)


def test_thousands_of_decisions_drawn_at_random():
    before = Explained.explained
    for seed in range(25):
        long_run.run(seed, Explained)
    assert Explained.explained - before > 1_000


def test_workspaces_with_more_workers_than_are_noted(monkeypatch):
    monkeypatch.setattr(decision_facts, "MOST_WORKERS", 4)
    for seed in range(15):
        long_run.run(seed, Explained)
