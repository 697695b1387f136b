"""What follows from the facts of a match: who could take the task, in which order, and why the others could not.

The rules are those of the engine (behaviour.md §5.1, §5.4, §6.4, §7), over facts instead of a workspace; a test
compares the two for every decision of random workspaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ..language import expressions
from ..language.clauses import Seen
from ..language.expressions import Expression, ExpressionError, time_names
from .answers import ClauseAnswer, Reason, ReasonKind, WorkerAnswer
from .facts import Decision, MatchFacts, WorkerFacts

SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


class Candidate(NamedTuple):
    """A worker of a match: its place among those noted, and why it could not take the task; none where it could."""

    worker: WorkerFacts
    place: int
    reasons: list[Reason]


def candidates(decision: Decision) -> list[Candidate]:
    """Tell of each worker that was noted whether it could take the task, and why not."""
    match = decision.match
    assert match is not None
    outside = frozenset(match.outside)
    return [
        Candidate(worker, place, list(_against(decision, match, worker, place, place not in outside)))
        for place, worker in enumerate(match.workers)
    ]


def _against(
    decision: Decision, match: MatchFacts, worker: WorkerFacts, place: int, is_member: bool
) -> Iterator[Reason]:
    if match.wanted is not None:
        kind, value = match.wanted
        if value != (worker.name if kind == "name" else worker.sid):
            yield _reason("not-asked", _asked_for(match))
            return
        if kind == "direct":
            if not match.ignores_capacity:
                yield from _not_free(match, worker)
            return
    if not is_member:
        seen, text = _clauses(match.target_workers, decision, worker.attributes)
        yield _reason("not-in-queue", f"is not in the queue {match.queue}, which takes {text}", seen)
    yield from _not_free(match, worker)
    if match.expression is not None:
        names = names_for_step(decision, match, worker, place)
        if not holds(match.expression, decision, names):
            seen, text = _clauses(match.expression, decision, names)
            yield _reason("expression", f"does not fit the step, which takes {text}", seen)
    elif match.at_work and worker.sid in match.at_work:
        yield _reason("at-work", "has this very task, which is being transferred")


def _asked_for(match: MatchFacts) -> str:
    what = "task" if match.known_worker is None else "step"
    return f"is not asked: the {what} is only for {wanted_name(match)}"


def wanted_name(match: MatchFacts) -> str:
    """Name the one worker that a match is for: by its SID only where that is of no worker that was noted."""
    value = match.wanted[1] if match.wanted else ""
    names = {worker.sid: worker.name for worker in match.workers}
    return names.get(value, short_sid(value) if SID.fullmatch(value) else value) or "nobody"


def short_sid(sid: str) -> str:
    """Shorten a SID so that it can still be told from others."""
    return f"{sid[:2]}…{sid[-4:]}"


def _not_free(match: MatchFacts, worker: WorkerFacts) -> Iterator[Reason]:
    """Say why a worker could not be given a task of the channel (behaviour.md §2.3, §7)."""
    if worker.free:
        return
    found = False
    if not worker.available:
        found = True
        yield _reason("not-available", f"is in the activity {worker.activity}, which is not available")
    if worker.held:
        found = True
        yield _reason(
            "held", "has a reservation already: in a single-tasking workspace, a worker has one task at a time"
        )
    if not worker.channel_available:
        found = True
        yield _reason("channel-not-available", f"is not available on the channel {match.channel}")
    if worker.capacity == 0:
        found = True
        yield _reason("no-capacity", f"has a capacity of 0 on the channel {match.channel}")
    elif match.multi_tasking and worker.used >= worker.capacity:
        found = True
        used = f"{worker.used} of {worker.capacity} in use"
        yield _reason("no-capacity", f"has no capacity left on the channel {match.channel} ({used})")
    if not found:
        yield _reason("not-free", f"could not be given a task of the channel {match.channel}")


def _reason(kind: ReasonKind, text: str, clauses: list[ClauseAnswer] | None = None) -> Reason:
    return {"kind": kind, "text": text, "clauses": clauses or []}


# what expressions see


def parse(text: str, decision: Decision) -> Expression | None:
    """Parse an expression as it was read then; None for one that cannot be read."""
    try:
        return expressions.parse(text, decision.missing)
    except ExpressionError:
        return None


def holds(text: str, decision: Decision, names: dict[str, Any]) -> bool:
    """Tell whether an expression holds; one that cannot be read never does."""
    expression = parse(text, decision)
    return expression is not None and expression.matches(names)


def _clauses(text: str, decision: Decision, names: Any) -> tuple[list[ClauseAnswer], str]:
    """Give the clauses on which an answer rests, and how to name the condition in a sentence."""
    expression = parse(text, decision)
    if expression is None:
        return [], f"nobody, since {text} cannot be read"
    if not text.strip():
        return [], "nobody, since it is blank"
    return clause_answers(expression.explain(names)), f"workers with {text}"


def clause_answers(seen: list[Seen]) -> list[ClauseAnswer]:
    """Put clauses into the form of an answer."""
    return [{"text": one.text, "holds": one.holds, "wanted": one.wanted, "saw": one.saw} for one in seen]


def with_time(decision: Decision, names: dict[str, Any]) -> dict[str, Any]:
    """Add the names that tell an expression the time of a decision."""
    return {**names, **time_names(decision.at)}


def names_for_step(decision: Decision, match: MatchFacts, worker: WorkerFacts, place: int) -> dict[str, Any]:
    """Give what the expression of a step sees of the task and a worker (behaviour.md §6.3)."""
    return with_time(decision, {"task": decision.attributes, "worker": names_of_worker(match, worker, place)})


def names_of_worker(match: MatchFacts, worker: WorkerFacts, place: int) -> dict[str, Any]:
    """Give a worker as the expression and the order of a step see it."""
    return {
        **worker.attributes,
        "sid": worker.sid,
        "friendly_name": worker.name,
        "activity_sid": worker.activity_sid,
        "activity_name": worker.activity,
        "channel": match.channels[place] if match.channels is not None else {},
    }


# who comes first


def in_order(match: MatchFacts, possible: list[Candidate]) -> list[Candidate]:
    """Sort those who could take the task as they come up; who has let it pass comes last (behaviour.md §2.2, §7)."""
    found = sorted(possible, key=lambda one: (last_reserved(match, one.worker) or 0, one.worker.number))
    if match.order_by is not None:
        order = expressions.parse_order(match.order_by)
        found = order.sort(found, lambda one: names_of_worker(match, one.worker, one.place))
    failures = match.failures or {}
    return sorted(found, key=lambda one: failures.get(one.worker.sid, 0))


def last_reserved(match: MatchFacts, worker: WorkerFacts) -> int | None:
    """Give the time that decides who has been idle longest."""
    return worker.channel_last_reserved if match.optimized else worker.last_reserved


def judge(decision: Decision) -> list[WorkerAnswer]:
    """Judge every worker of a match: those who were chosen first, in order, then those after them, then the others."""
    match = decision.match
    assert match is not None
    everybody = candidates(decision)
    ranked = in_order(match, [one for one in everybody if not one.reasons])
    by_sid = {one.worker.sid: one for one in everybody}
    chosen = [by_sid[sid] for sid in match.chosen if sid in by_sid]
    later = [one for one in ranked if one.worker.sid not in match.chosen]
    impossible = [one for one in everybody if one.reasons and one.worker.sid not in match.chosen]
    return [
        *(_answer(one, "chosen", []) for one in chosen),
        *(_answer(one, "later", [_later(match, one, chosen[-1])] if chosen else []) for one in later),
        *(_answer(one, "impossible", one.reasons) for one in impossible),
    ]


def _answer(one: Candidate, verdict: Any, reasons: list[Reason]) -> WorkerAnswer:
    return {"sid": one.worker.sid, "name": one.worker.name, "verdict": verdict, "reasons": reasons}


def _later(match: MatchFacts, one: Candidate, before: Candidate) -> Reason:
    """Say why a worker comes after another one."""
    failures, name = match.failures or {}, before.worker.name
    offered, of_other = failures.get(one.worker.sid, 0), failures.get(before.worker.sid, 0)
    if offered > of_other:
        times = "once" if offered == 1 else f"{offered} times"
        return _reason("offered-before", f"was offered this task {times} and did not take it, so {name} comes first")
    if match.order_by is not None and _differ_in_order(match, one, before):
        return _reason("order", f"comes after {name} by {match.order_by}")
    mine, other = last_reserved(match, one.worker), last_reserved(match, before.worker)
    if mine is None or other is None or mine == other:
        return _reason("idle-for-less", f"has been without a reservation as long as {name}, who was created earlier")
    channel = f" of the channel {match.channel}" if match.optimized else ""
    since = "has never had one" if not other else f"has had none since {_clock(other)}"
    return _reason(
        "idle-for-less", f"had a reservation{channel} at {_clock(mine)}; {name} {since}, so {name} comes first"
    )


def _differ_in_order(match: MatchFacts, one: Candidate, before: Candidate) -> bool:
    """Tell whether an `order_by` puts one after the other, whoever is named first."""
    order = expressions.parse_order(match.order_by or "")

    def names(each: Candidate) -> dict[str, Any]:
        return names_of_worker(match, each.worker, each.place)

    return order.sort([one, before], names) == order.sort([before, one], names)


def _clock(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%H:%M:%S UTC")
