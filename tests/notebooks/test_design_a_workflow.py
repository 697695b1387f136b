"""Notebook 07 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import pytest

from helpers.lesson.checkpoints.design_a_workflow import REPAIR, SKIP_IF
from tests.notebooks.conftest import assert_all_right

NAME = "07-design-a-workflow"


def test_solved_from_top_to_bottom(notebook):
    with notebook(NAME, solved=True) as run:
        texts = run.all()
        picture = next(cell for cell in run.client.nb.cells if cell.id == "your-default-filter")

    assert_all_right(texts, checkpoints=3)
    assert "400 " in texts["try-another-topic"]
    assert "('Billing', 'pending')" in texts["escalate"]
    assert "('Everyone', 5, 'reserved')" in texts["let-time-pass"]
    assert texts["your-skip-if"].endswith("'Everyone'")
    assert texts["order-by-level"].endswith("['Alice']")
    assert "It was reserved for Carla" in texts["known-agent"]
    assert "the task asks for the worker that task.agent_sid names" in texts["known-agent"]
    assert [line.partition("→ ")[2] for line in texts["try-samples"].splitlines() if "→" in line] == [
        "Experts ['Carla']",
        "Experts ['Carla']",
        "Experts ['Carla']",
        "Everyone ['Carla']",
    ]
    (drawn,) = [one.data["text/vnd.mermaid"] for one in picture.outputs if "data" in one]
    assert drawn.splitlines() == [
        "flowchart LR",
        """task --> f0["topic == 'billing'"]""",
        "f0 --> f0t0([Billing])",
        "task -. else .-> d([Everyone])",
    ]


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, ready for its parts."""
    with notebook(NAME) as run:
        run.up_to("try-another-topic")
        yield run


def test_default_filter(run):
    assert "no default filter" in run.cell("check-default-filter")
    for written, words in (
        (
            'design([billing, {"expression": "1==1", "targets": [{"queue": queues["Everyone"]}]}])',
            "only while it stays last",
        ),
        ('design([{**billing, "default_filter": {"queue": queues["Everyone"]}}])', "is inside a filter"),
        ('design([billing], default_filter={"queue": queues["Experts"]})', "the rest goes to Experts"),
    ):
        run.code(f"workflow = {written}")
        assert words in run.cell("check-default-filter")
        run.solve("check.default_filter(client)")
        assert run.cell("check-default-filter").startswith("✔ ")


def test_skip_if(run):
    assert "no filter of the workflow has two steps" in run.cell("check-skip-if")
    run.cell("escalate")
    assert "the first step has no `skip_if`" in run.cell("check-skip-if")
    right = '"skip_if": "workers.available == 0"'
    for written, words in (
        (SKIP_IF.replace(right, '"skip_if": "worker.available == 0"'), "a name that does not exist here"),
        (SKIP_IF.replace(right, '"skip_if": "1==1"'), "always skips the step"),
        (SKIP_IF.replace(right, '"skip_if": "workers.available == 1"'), "does not say that nobody is available"),
        (SKIP_IF.replace(f", {right}", "").replace('"targets": steps', f'"targets": steps, {right}'), "wrong place"),
    ):
        run.code(written)
        assert words in run.cell("check-skip-if")
    run.code(SKIP_IF.replace('reset("Bob")', 'reset("Bob", "Alice")'))
    assert "somebody in Billing is available" in run.cell("check-skip-if")
    run.solve("check.skip_if(client)")
    assert run.cell("check-skip-if").startswith("✔ ")


def test_repaired(run):
    assert "the samples are not there" in run.cell("check-repaired")
    run.cell("escalate")
    for wrong, words in (
        (("kind ==", "task.kind =="), "the complaint is in Everyone"),
        (("language ==", "language HAS"), "the French customer is in Everyone"),
        (('"vip == true"', """'vip == "true"'"""), "the VIP is in Everyone"),
        (("worker.level", "level"), "nobody is asked about the contract"),
        ((', "expression": "worker.level >= 3"', ""), "is asked about the contract, but does not have level 3"),
        (('[{"queue": everyone', '[{"queue": experts'), "the contract is in Experts"),
    ):
        run.code(REPAIR.replace(*wrong))
        run.cell("try-samples")
        assert words in run.cell("check-repaired")
    run.solve("check.repaired(client)")
    run.cell("try-samples")
    assert run.cell("check-repaired").startswith("✔ ")
