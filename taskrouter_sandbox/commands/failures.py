"""What has gone wrong with a command, as a sentence."""

from __future__ import annotations

import json
from typing import Any

from ..errors import SandboxError
from ..snapshot import SnapshotError
from .common import CannotDo


def in_a_sentence(error: Exception) -> str | None:
    """Say what an error means and what to do; None for one that is a fault of this program."""
    if isinstance(error, CannotDo | SnapshotError):
        return str(error)
    if isinstance(error, SandboxError):
        return f"{str(error)[0].upper()}{str(error)[1:]}."
    if isinstance(error, EOFError):
        return "Nobody answered, so nothing was changed: give --yes."
    try:
        from twilio.base.exceptions import TwilioException  # pyright: ignore[reportMissingTypeStubs]
    except ModuleNotFoundError:
        return None
    if not isinstance(error, TwilioException):
        return None
    status, text = _refusal(error)
    if status in (401, 403):
        return (
            f"The account refuses the credentials ({status}, {text}): look at TWILIO_ACCOUNT_SID and at "
            "TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_KEY_SECRET."
        )
    return f"TaskRouter answered {status}: {text}." if status else f"{text}."


def _refusal(error: Any) -> tuple[int | None, str]:
    """Give status and words of a refusal; those of a list are in a response (rest-contract.md §11.1)."""
    if getattr(error, "status", None):
        return error.status, str(error.msg).rstrip(".")
    answer = error.args[1] if len(error.args) > 1 else None
    status = getattr(answer, "status_code", None)
    if answer is None or status is None:
        return None, str(error).rstrip(".")
    try:
        return status, str(json.loads(answer.text)["message"]).rstrip(".")
    except (ValueError, LookupError, TypeError):
        return status, "no words"
