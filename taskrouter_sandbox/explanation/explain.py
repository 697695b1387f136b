"""Decisions in words: which filters were asked, what a worker had to be, and who was found."""

from __future__ import annotations

from collections.abc import Mapping

from ..language.expressions import reads_time
from .answers import DecisionAnswer, FilterAnswer, MatchAnswer, StepAnswer
from .facts import DEFAULT_FILTER, Decision, FilterFacts, MatchFacts, StepFacts, StepReason
from .reasons import clause_answers, judge, parse, wanted_name, with_time

CAME_BY: dict[StepReason, str] = {
    "created": "The task was created",
    "timeout": "The time of its step was up",
    "skipped": "The step was skipped",
    "failed": "Nobody took it in that step",
    "attributes-changed": "Its attributes changed, so it began the workflow again",
    "re-evaluated": "It began the workflow again, because the workflow was edited or a transfer had failed",
}
ENDED = {
    "timeout": "The time of its last step was up, and the workflow had no other for it: the task was canceled",
    "skipped": "Its last step was skipped, and the workflow had no other for it: the task was canceled",
    "failed": "Nobody took it in its last step, and the workflow had no other for it: the task was canceled",
}


def explain(decision: Decision) -> DecisionAnswer:
    """Explain one decision."""
    step = _step(decision, decision.step) if decision.step is not None else None
    match = _match(decision, decision.match) if decision.match is not None else None
    texts = [
        step["text"] if step else "",
        _found(match) if match else "",
        ENDED[decision.ended] if decision.ended else "",
    ]
    return {
        "at": decision.at,
        "text": ". ".join(text for text in texts if text) + ".",
        "attributes": dict(decision.attributes),
        "priority": decision.priority,
        "step": step,
        "match": match,
        "ended": decision.ended,
    }


# the way to a step


def _step(decision: Decision, step: StepFacts) -> StepAnswer:
    filters = [_filter(decision, one) for one in step.filters]
    return {
        "why": step.why,
        "text": _came_to(step),
        "workflow_sid": step.workflow_sid,
        "workflow": step.workflow,
        "filters": filters,
        "left_out": step.left_out,
        "filter": step.filter,
        "filter_name": step.filter_name,
        "target": step.target,
        "targets": step.targets,
    }


def _came_to(step: StepFacts) -> str:
    came = CAME_BY[step.why]
    if step.skip_if is not None:
        seen = ", ".join(f"workers.{name} was {count}" for name, count in _counts(step.skip_if, step.counts or {}))
        came += f", because {step.skip_if}" + (f" ({seen})" if seen else "")
    if not step.filters:
        return f"{came}. It moved on to step {step.target + 1} of {step.targets} of {_name(step)}"
    if step.filter == DEFAULT_FILTER:
        asked = len(step.filters) + step.left_out - 1
        none = "There was no other filter" if not asked else "No filter matched"
        return f"{came}. {none}, so {_name(step)} took it"
    of = f" (step 1 of {step.targets})" if step.targets > 1 else ""
    return f"{came}. The first match was {_name(step)}{of}"


def _counts(skip_if: str, counts: Mapping[str, int | float]) -> list[tuple[str, int | float]]:
    return [(name, count) for name, count in counts.items() if f"workers.{name}" in skip_if]


def _name(step: StepFacts) -> str:
    if step.filter == DEFAULT_FILTER:
        return "the default filter"
    return f'filter "{step.filter_name}"' if step.filter_name else f"filter {step.filter + 1}"


def _filter(decision: Decision, one: FilterFacts) -> FilterAnswer:
    expression = parse(one.expression, decision)
    names = dict(decision.attributes)
    if expression is not None and reads_time(expression):
        names = with_time(decision, names)
    return {
        "index": one.index,
        "name": one.name,
        "expression": one.expression,
        "matches": expression is not None and expression.matches(names),
        "clauses": clause_answers(expression.explain(names)) if expression is not None else [],
    }


# the search for workers


def _match(decision: Decision, match: MatchFacts) -> MatchAnswer:
    workers = judge(decision)
    names = {worker.sid: worker.name for worker in match.workers}
    return {
        "queue_sid": match.queue_sid,
        "queue": match.queue,
        "asked": _asked(match),
        "chosen": [names.get(sid, sid) for sid in match.chosen],
        "workers": workers,
        "others": match.total - len(match.workers),
    }


def _asked(match: MatchFacts) -> list[str]:
    """Say what a worker had to be, in the order in which it is asked."""
    if match.wanted is not None and match.wanted[0] == "direct":
        free = "even if busy" if match.ignores_capacity else f"with capacity left on the channel {match.channel}"
        return [f"The task is only for {wanted_name(match)}, {free}"]
    found = [f"The queue {match.queue} takes {_whom(match.target_workers)}"]
    if match.known_worker is not None:
        found.append(f"The step is only for the worker that {match.known_worker} names: {wanted_name(match)}")
    if match.expression is not None:
        found.append(f"Of these, the step takes those with {match.expression}")
    if match.multi_tasking:
        found.append(f"A worker must be available, and have capacity left on the channel {match.channel}")
    else:
        found.append("A worker must be available, and have no other reservation")
    among = f"Workers come in the order {match.order_by}; among equals, the one" if match.order_by else "The worker"
    on_channel = " on this channel" if match.optimized else ""
    found.append(f"{among} who has gone longest without a reservation{on_channel} comes first")
    if match.max_reserved > 1:
        found.append(f"Up to {match.max_reserved} workers are asked at once")
    return found


def _whom(target_workers: str) -> str:
    """Say whom the expression of a queue takes."""
    if not target_workers.strip():
        return "nobody, since its expression is blank"
    return "every worker" if target_workers.replace(" ", "") == "1==1" else f"workers with {target_workers}"


def _found(match: MatchAnswer) -> str:
    if match["chosen"]:
        return f"It was reserved for {_listed(match['chosen'])}"
    if not match["workers"]:
        return f"It waited in the queue {match['queue']}, because the workspace had no workers"
    return f"It waited in the queue {match['queue']}, because nobody could take it"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
