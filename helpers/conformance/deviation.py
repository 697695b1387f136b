"""What a check raises."""

from __future__ import annotations


class Deviation(Exception):
    """TaskRouter did something other than expected; says what."""
