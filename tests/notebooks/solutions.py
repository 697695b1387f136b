"""What a learner writes into the exercises, by notebook and by the id of the cell."""

from __future__ import annotations

SOLUTIONS: dict[str, dict[str, str]] = {}
