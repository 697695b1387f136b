"""What a check raises."""

from __future__ import annotations


class Deviation(Exception):
    """TaskRouter did something else than expected; says what."""
