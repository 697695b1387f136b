"""What a checkpoint says, of the lessons' workspace."""

from __future__ import annotations

import pytest

from helpers import cast
from helpers.lesson.checkpoints.framework import CheckpointResult, CheckpointState


def not_yet(verdict: CheckpointResult, *words: str) -> None:
    judged(CheckpointState.NOT_YET, verdict, *words)


def not_right(verdict: CheckpointResult, *words: str) -> None:
    judged(CheckpointState.NOT_RIGHT, verdict, *words)


def right(verdict: CheckpointResult, *words: str) -> None:
    judged(CheckpointState.RIGHT, verdict, *words)


def judged(state: CheckpointState, verdict: CheckpointResult, *words: str) -> None:
    """Check that the verdict is of this state, a whole sentence, and has these words."""
    assert verdict.state is state, repr(verdict)
    for word in words:
        assert word in verdict.sentence
    assert verdict.sentence.endswith(".")


@pytest.fixture
def team(bare):
    return cast(bare)
