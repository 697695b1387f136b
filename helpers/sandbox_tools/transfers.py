"""Passes a task on, as a worker does by the Transfer button of Flex: in the sandbox only, for REST cannot do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError
from taskrouter_sandbox.control_types import TransferRecord


@dataclass(frozen=True)
class TransferInstance:
    """Describe a task on its way to another worker or to a queue, as it was when it was asked for.

    sid: `TT...`; to: SID of a Worker or a TaskQueue; status: initiated, complete, failed or canceled; failed_reason: in
    words, when it has failed.
    """

    sid: str
    task_sid: str
    mode: Literal["WARM", "COLD"]
    to: str
    status: Literal["initiated", "complete", "failed", "canceled"]
    failed_reason: str | None

    def fetch(self) -> TransferInstance:
        """Read the same transfer as it is now. Raises LessonError when its task has gone."""
        return _read(sandbox.ensure().transfers.fetch(self.sid))

    def cancel(self) -> TransferInstance:
        """Take it back: the task stays with a worker who is at work on it, or is routed again when there is none.

        Raises LessonError when the transfer is over.
        """
        return _read(sandbox.ensure().transfers.cancel(self.sid))


def transfer(
    reservation: Any,
    to: Any,
    *,
    mode: Literal["WARM", "COLD"] = "WARM",
    attributes: str | None = None,
    priority: int | None = None,
) -> TransferInstance:
    """Pass on the task of an accepted reservation, as in `transfer(reservation, bob, mode="COLD")`.

    reservation: of the worker who has the task; to: the worker or the queue that is to have it; both as `twilio` gives
    them, or by SID. In a WARM transfer the first worker keeps the task until somebody accepts it, in a COLD one that
    worker wraps up at once. attributes (JSON), priority: what the task has from now on.

    Raises LessonError on live Twilio, and says why for what cannot be passed on.
    """
    if account.current().mode == "live":
        raise LessonError(
            "On live Twilio a worker's browser passes tasks on: use the Transfer button of Flex, or task.transfer() of "
            "the worker SDK. REST cannot do it."
        )
    begin = sandbox.ensure().transfers.begin
    sids = _sid(reservation, "WR"), _sid(to, "WK", "WQ")
    return _read(begin(*sids, mode=mode, attributes=attributes, priority=priority))


def _sid(named: Any, *kinds: str) -> str:
    sid = named if isinstance(named, str) else getattr(named, "sid", None)
    if not isinstance(sid, str) or not sid.startswith(kinds):
        raise LessonError(
            "transfer() takes an accepted reservation, and the worker or queue that is to have its task, as in "
            f"transfer(reservation, team.bob); a SID will do ({'..., '.join(kinds)}...). This was {named!r:.60}."
        )
    return sid


def _read(told: TransferRecord) -> TransferInstance:
    return TransferInstance(
        sid=told["sid"],
        task_sid=told["task_sid"],
        mode=told["transfer_mode"],
        to=told["transfer_to"],
        status=told["transfer_status"],
        failed_reason=told["transfer_failed_reason"],
    )
