"""What would have to change for a waiting task to be reserved for a worker: the updates over REST that would do it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ..language.clauses import changed_to_hold, with_values
from .answers import Change, ChangeRequest, Reason
from .facts import Decision, MatchFacts
from .reasons import Candidate, candidates, names_for_step, parse, short_sid

IDENTITY = ("sid", "friendly_name", "activity_sid", "activity_name", "channel")  # of a worker: no attributes of it


class Circumstances(Struct):
    """What a decision does not note, of the workspace as it is now.

    available: SIDs and names of the activities that are; open: by worker, SIDs and statuses of the reservations that it
    has.
    """

    available: Sequence[tuple[str, str]]
    open: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict[str, Sequence[tuple[str, str]]])


class _Impossible(Exception):
    """No update that would take this reason away is known."""


def find_changes(now: Decision, circumstances: Circumstances, most: int) -> list[Change]:
    """Find changes for a task that waits, the smallest first; each by itself would do, if nothing else comes before.

    now: a decision of this moment, which found nobody; most: how many.
    """
    match = now.match
    assert match is not None
    found: list[Change] = []
    for one in candidates(now):
        try:
            found.append(_change(now, match, one, circumstances))
        except _Impossible:
            continue
    return sorted(found, key=lambda change: len(change["requests"]))[:most]


def _change(now: Decision, match: MatchFacts, one: Candidate, circumstances: Circumstances) -> Change:
    if not one.reasons:
        raise _Impossible
    worker, texts, requests = one.worker, list[str](), list[ChangeRequest]()

    def ask(text: str, what: Any, sid: str, channel: str | None = None, **values: str) -> None:
        texts.append(text)
        requests.append({"what": what, "sid": sid, "channel": channel, "set": values})

    kinds = {reason["kind"] for reason in one.reasons}
    if kinds & {"not-asked", "at-work", "not-free"}:
        raise _Impossible
    if kinds & {"not-in-queue", "expression"}:
        values = _new_attributes(now, match, one, one.reasons)
        shown = " and ".join(f"{path} to {json.dumps(value)}" for path, value in values.items())
        whole = json.dumps(with_values(worker.attributes, values))
        ask(f"set {shown} in the attributes of {worker.name}", "worker", worker.sid, Attributes=whole)
    if kinds & {"no-capacity", "channel-not-available"}:
        capacity = max(worker.capacity, worker.used + 1 if match.multi_tasking else 1)
        asked = list[str]()
        if capacity != worker.capacity:
            asked.append(f"set the capacity of {worker.name} on the channel {match.channel} to {capacity}")
        if "channel-not-available" in kinds:
            asked.append(f"make the channel {match.channel} available for {worker.name}")
        text = ", and ".join(asked)
        ask(text, "worker-channel", worker.sid, match.channel, Capacity=str(capacity), Available="true")
    if "held" in kinds:
        for sid, status in circumstances.open.get(worker.sid, ()):
            to = "rejected" if status == "pending" else "completed"
            verb = "reject" if to == "rejected" else "complete"
            ask(f"{verb} the reservation {short_sid(sid)} of {worker.name}", "reservation", sid, ReservationStatus=to)
        if not circumstances.open.get(worker.sid):
            raise _Impossible
    if "not-available" in kinds:
        if not circumstances.available:
            raise _Impossible
        sid, name = circumstances.available[0]
        ask(f"set the activity of {worker.name} to {name}", "worker", worker.sid, ActivitySid=sid)
    text = ", and ".join(texts)
    return {
        "worker_sid": worker.sid,
        "worker": worker.name,
        "text": text[:1].upper() + text[1:],
        "requests": requests,
        "reserved": None,
        "outcome": "not tried",
    }


def _new_attributes(now: Decision, match: MatchFacts, one: Candidate, reasons: list[Reason]) -> dict[str, object]:
    """Find attributes of a worker with which it is in the queue, and meets the step. Raises _Impossible."""
    kinds = {reason["kind"] for reason in reasons}
    values: dict[str, object] = {}
    if "not-in-queue" in kinds:
        values |= _holding(match.target_workers, now, dict(one.worker.attributes), "")
    if match.expression is not None:
        names = names_for_step(now, match, one.worker, one.place)
        values |= _holding(match.expression, now, with_values(names, values, "worker."), "worker")
    if any(path.partition(".")[0] in IDENTITY for path in values):
        raise _Impossible
    queue = parse(match.target_workers, now)
    if queue is None or not queue.matches(with_values(one.worker.attributes, values)):
        raise _Impossible
    return values


def _holding(text: str, now: Decision, names: dict[str, Any], root: str) -> dict[str, object]:
    expression = parse(text, now)
    if expression is None or expression.condition is None:
        raise _Impossible
    found = changed_to_hold(expression.condition, names, root)
    if found is None:
        raise _Impossible
    return found
