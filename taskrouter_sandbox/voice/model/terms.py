"""What the other models are written in: methods, parameters, callbacks, and the instruction of TaskRouter's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

Method = Literal["GET", "POST"]
Parameters = tuple[tuple[str, str], ...]


class StatusCallback(Struct, frozen=True):
    """Where the progress of a call, or the events of a conference, are reported, and which (voice.md §1.6, §2.6)."""

    url: str
    method: Method = "POST"
    events: tuple[str, ...] = ("completed",)


class InstructionOrder(Struct, frozen=True):
    """An instruction that needs a call (voice.md §4): a CallRequest of TaskRouter's engine, and its task.

    parameters: all of them, with their defaults; task_attributes: parsed.
    """

    instruction: str
    reservation_sid: str
    task_sid: str
    worker_sid: str
    parameters: Mapping[str, Any]
    task_attributes: Mapping[str, Any]
