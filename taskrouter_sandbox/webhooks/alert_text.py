"""The form in which alerts are explained."""

from __future__ import annotations

from typing import NamedTuple


class AlertText(NamedTuple):
    """What a code is called, and what to do next."""

    title: str
    advice: str
