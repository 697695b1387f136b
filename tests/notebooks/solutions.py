"""What a learner writes into the exercises, by notebook and by the id of the cell."""

from __future__ import annotations

from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP

SOLUTIONS: dict[str, dict[str, str]] = {"05-dequeue-to-an-agent": {"your-answer": DEQUEUE_APP}}
