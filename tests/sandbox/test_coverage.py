"""The proofs of `coverage.md` are made again, and hold."""

from __future__ import annotations

import pytest

from tests.sandbox import evidence, facts


@pytest.fixture
def found(sandbox) -> list[evidence.Proof]:
    return evidence.gather(sandbox)


def test_every_operation_is_proved_and_the_table_is_current(found):
    assert {proof.id for proof in found} == facts.read().keys()
    assert len(found) == 61
    assert [text for proof in found for text in proof.problems] == []
    made = evidence.table(found)
    assert made == evidence.TABLE.read_text(), "run `python -m tests.sandbox.evidence` and commit the table"


def test_the_proofs_can_fail(found, sandbox):
    """A field that is missing, a parameter that is not declared and an operation that nobody drove all show."""
    client, witness = evidence.connect(sandbox)
    space = client.taskrouter.v1.workspaces.create(friendly_name="One")
    space.fetch()
    document = sandbox.openapi()
    del document["paths"]["/v1/Workspaces"]["post"]["requestBody"]
    document["components"]["schemas"]["UpdateWorkspace"]["properties"]["EventsFilter"] = {
        "type": "string",
        "maxLength": 9,
    }
    witness.seen["FetchWorkspace"][0].body.pop("links")
    problems = {proof.id: " ".join(proof.problems) for proof in evidence.proofs(witness, document)}
    assert "field links is too many or missing" in problems["FetchWorkspace"]
    assert "links has no activities" in problems["FetchWorkspace"]
    assert "parameter FriendlyName is None" in problems["CreateWorkspace"]
    assert "parameter EventsFilter is form string [..9], Twilio's is form string" in problems["UpdateWorkspace"]
    assert "the client got no answer" in problems["CreateTask"]
