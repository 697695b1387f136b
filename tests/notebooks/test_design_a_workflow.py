"""Notebook 07 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import pytest

from helpers.lesson.checkpoints.design_a_workflow import REPAIR, SKIP_IF
from tests.notebooks.conftest import assert_all_right
from tests.notebooks.source import source_of

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
    assert "The step is only for the worker that task.agent_sid names: Carla" in texts["known-agent"]
    assert [line.partition(" {")[0] for line in texts["try-samples"].splitlines() if " {" in line] == [
        *["Experts ['Carla']"] * 6,
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
        ('design([], default_filter={"queue": queues["Everyone"]})', "the filter for billing is gone"),
    ):
        run.code(f"workflow = {written}")
        assert words in run.cell("check-default-filter")
        run.solve("check.default_filter(client)")
        assert run.cell("check-default-filter").startswith("✔ ")


def test_skip_if(run):
    assert "no filter of the workflow has two steps" in run.cell("check-skip-if")
    run.code(
        'known = {"queue": queues["Billing"], "known_worker_sid": "task.worker_sid"}\n'
        'design([billing | {"targets": [known, known]}])'
    )
    assert "no filter of the workflow has two steps" in run.cell("check-skip-if")
    run.cell("escalate")
    assert "the first step has no `skip_if`" in run.cell("check-skip-if")
    right = '"skip_if": "workers.available == 0"'
    for written, words in (
        (SKIP_IF.replace(right, '"skip_if": "worker.available == 0"'), "does not look at `workers.available`"),
        (SKIP_IF.replace(right, '"skip_if": "1==2"'), "does not look at `workers.available`"),
        (SKIP_IF.replace(right, '"skip_if": "1==1"'), "always skips the step"),
        (SKIP_IF.replace(right, '"skip_if": "workers.available >= 0"'), "always skips the step"),
        (SKIP_IF.replace(right, '"skip_if": "workers.available == 1"'), "does not say that nobody is available"),
        (SKIP_IF.replace(f", {right}", "").replace('"targets": steps', f'"targets": steps, {right}'), "wrong place"),
    ):
        run.code(written)
        assert words in run.cell("check-skip-if")
    run.code(SKIP_IF.replace('reset("Bob")', 'reset("Bob", "Alice")'))
    assert "somebody in Billing is available" in run.cell("check-skip-if")
    for written in ("workers.available == '0'", "0 >= workers.available", "workers.available < 0.5"):
        run.code(SKIP_IF.replace(right, f'"skip_if": "{written}"'))
        assert run.cell("check-skip-if").startswith("✔ "), written
    run.solve("check.skip_if(client)")
    assert run.cell("check-skip-if").startswith("✔ ")


REPAIRS = (
    ("""'city == "Paris"'""", '"city == “Paris”"'),
    ("""'order_type == "return"'""", """'order-type == "return"'"""),
    ("""'kind == "complaint"'""", """'task.kind == "complaint"'"""),
    ("""'language == "fr"'""", """'language HAS "fr"'"""),
    ('"vip == true"', """'vip == "true"'"""),
    ("""'product == "phone"'""", """'prodcut == "phone"'"""),
    ('"worker.level >= 3"', '"level >= 3"'),
)
CAUSES = (
    ("refused your newest configuration", "the straight ones of a keyboard"),
    ("refused your newest configuration", "A hyphen is read as a minus"),
    ("the complaint is in Everyone", "no `task.` in front"),
    ("the French customer is in Everyone", "`HAS` looks into a list"),
    ("the VIP is in Everyone", "is a text"),
    ("the phone is in Everyone", "letter by letter"),
    ("nobody is asked about the contract", "`worker.` in front"),
)


def test_repaired_one_mistake_after_another(run):
    """The starter has all mistakes; each verdict names the next one, and only the last repair is right."""
    assert "the samples are not there" in run.cell("check-repaired")
    run.cell("escalate")
    written = REPAIR
    for right, wrong in REPAIRS:
        assert right in written
        written = written.replace(right, wrong)
    assert written == source_of(NAME, "your-repair")
    for (right, wrong), (words, hint) in zip(REPAIRS, CAUSES, strict=True):
        run.code(written)
        run.cell("try-samples")
        verdict = run.cell("check-repaired")
        assert words in verdict
        assert hint in verdict
        written = written.replace(wrong, right)
    run.code(written)
    run.cell("try-samples")
    assert run.cell("check-repaired").startswith("✔ ")


def test_a_text_without_quotation_marks(run):
    run.cell("escalate")
    run.code(REPAIR.replace("""'language == "fr"'""", '"language == fr"'))
    run.cell("try-samples")
    assert "the French customer is in Everyone" in run.cell("check-repaired")
    assert run.code("check.repaired(client).hints[1].split('`')[1]") == "'language == \"fr\"'"


def test_repaired_too_much(run):
    run.cell("escalate")
    for wrong, words in (
        ((', "expression": "worker.level >= 3"', ""), "is asked about the contract, but does not have level 3"),
        (('everyone = queues["Everyone"]', 'everyone = queues["Experts"]'), "is in Experts"),
    ):
        run.code(REPAIR.replace(*wrong))
        run.cell("try-samples")
        assert words in run.cell("check-repaired")
    run.solve("check.repaired(client)")
    run.cell("try-samples")
    assert run.cell("check-repaired").startswith("✔ ")


def test_a_refused_workflow_is_not_right_because_the_one_before_was(run):
    run.solve("check.default_filter(client)")
    assert run.cell("check-default-filter").startswith("✔ ")
    refused = "try:\n    workflow = {}\nexcept TwilioRestException as error:\n    print(error.status)"
    assert run.code(refused.format('design([billing], default_filter={"queue": "Everyone"})')) == "400\n"
    assert "TaskRouter has refused your newest configuration" in run.cell("check-default-filter")
    run.solve("check.default_filter(client)")
    assert run.cell("check-default-filter").startswith("✔ ")
    run.cell("escalate")
    run.solve("check.skip_if(client)")
    assert run.cell("check-skip-if").startswith("✔ ")
    run.code("steps[0]['skip_if'] = 'workers.available = = 0'")
    run.code(refused.format("design([{**billing, 'targets': steps}], **rest)"))
    assert "TaskRouter has refused your newest configuration" in run.cell("check-skip-if")
    run.code("steps[0]['skip_if'] = 'workers.available === 0'")
    run.code(refused.format("design([{**billing, 'targets': steps}], **rest)"))
    assert "did you mean ==?\n" in run.cell("check-skip-if")
