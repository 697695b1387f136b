"""Warns of what an expression or a configuration can hardly mean, though it is well formed (`behaviour.md §6.5`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, cast

from .expressions import Expression, Operand, misfits
from .parser import Names
from .spelling import bare_letters, other_spellings
from .workflow_configuration import Configuration, Target

Place = Literal["queue", "filter", "step", "skip_if"]

ROUTING_KEYS = ("filters", "default_filter")
FILTER_KEYS = ("filter_friendly_name", "friendly_name", "expression", "targets")
TARGET_KEYS = (
    *("queue", "priority", "timeout", "expression", "skip_if", "order_by"),
    *("known_worker_sid", "known_worker_friendly_name"),
)
DEFAULT_KEYS = (*TARGET_KEYS, "filter_friendly_name")
SPELT_LIKE = {"task": "task", "tasks": "task", "worker": "worker", "workers": "worker", "taskrouter": "taskrouter"}
TIMES = ("currentTime", "currentHour", "currentMin", "dayOfWeek")


def lint_expression(expression: Expression, place: Place) -> list[str]:
    """Warn of what an expression says: names that are not there, texts that are compared as they stand."""
    misplaced = (_misplaced(path, place) for path in sorted(expression.references))
    return [*expression.warnings, *(text for text in misplaced if text)]


def _misplaced(path: str, place: Place) -> str | None:
    """Say what to write instead of a path that finds nothing in such an expression (`behaviour.md §5.3, §6.3`)."""
    root, _, rest = path.partition(".")
    if root == "taskrouter" and place in ("filter", "step"):
        return None if rest in TIMES else f"{path} is not there: there is taskrouter.{', taskrouter.'.join(TIMES)}"
    match place:
        case "skip_if":
            if root == "workers" and (rest in ("available", "unavailable") or rest.startswith("WA")):
                return None
            return f"{path} is not there: skip_if knows workers.available, workers.unavailable and workers.WA..."
        case "step":
            if root in ("task", "worker"):
                return None
            meant = SPELT_LIKE.get(root.lower())
            return f"{path} is not there: write {f'{meant}.{rest}' if meant else f'worker.{path} or task.{path}'}"
        case "filter" if rest and root == "task":
            return f"{path} is not there: a filter names the task's attributes without a prefix, so write {rest}"
        case "filter" if rest and root in ("worker", "workers"):
            return f"{path} is not there: a filter sees the task alone, so ask for it in the expression of a target"
        case "queue" if rest and root == "worker":
            return f"{path} is not there: a queue names the worker's attributes without a prefix, so write {rest}"
        case "queue" if rest and root in ("task", "workers", "taskrouter"):
            return f"{path} is not there: a queue sees the worker alone, so ask for it in the expression of a target"
        case _:
            return None


def lint_operand(operand: Operand) -> str:
    """Say what to do about a value that is a list, or none, where the other is needed (`behaviour.md §6.2`)."""
    path = operand.path
    if operand.needs_list:
        return f'{path} is no list, and HAS and IN look into lists only: make it one, such as ["x"], or compare with =='
    return f"{path} is a list, which only HAS and IN look into: write {path} HAS instead"


def lint_operands(expression: Expression, everybody: Iterable[Names]) -> list[str]:
    """Warn of operands that fit nobody who has them. everybody: what the expression will see, one after the other."""
    if not expression.operands:
        return []
    seen = list(everybody)
    return [lint_operand(operand) for operand in expression.operands if _fits_nobody(operand, seen)]


def _fits_nobody(operand: Operand, everybody: list[Names]) -> bool:
    return {operand.fits(names) for names in everybody} - {None} == {False}


def lint_configuration(configuration: Configuration, document: Any) -> list[str]:
    """Warn of a whole configuration; document: the JSON that it was read from."""
    return [*_lint_keys(document["task_routing"]), *lint_expressions(configuration)]


def lint_filters(configuration: Configuration, names: Names) -> list[str]:
    """Warn of what keeps filters from taking a task with these attributes."""
    found: list[str] = []
    for place, one in enumerate(configuration.filters):
        texts = lint_expression(one.expression, "filter")
        texts += [lint_operand(operand) for operand in misfits(one.expression.operands, names)]
        found += [f"filters[{place}].expression: {text}" for text in texts]
    return found


def lint_expressions(configuration: Configuration) -> Iterator[str]:
    """Warn of what the expressions of filters and steps say."""
    for i, one in enumerate(configuration.filters):
        for text in lint_expression(one.expression, "filter"):
            yield f"Configuration: filters[{i}].expression: {text}"
        for j, target in enumerate(one.targets):
            yield from _lint_target(f"filters[{i}].targets[{j}]", target)
    if configuration.default:
        yield from _lint_target("default_filter", configuration.default.targets[0])


def _lint_target(where: str, target: Target) -> Iterator[str]:
    parts: tuple[tuple[str, Expression | None, Place], ...] = (
        ("expression", target.expression, "step"),
        ("skip_if", target.skip_if, "skip_if"),
    )
    for key, expression, place in parts:
        for text in lint_expression(expression, place) if expression else ():
            yield f"Configuration: {where}.{key}: {text}"


def _lint_keys(routing: Mapping[str, Any]) -> Iterator[str]:
    """Warn of keys that are not read, and are spelt nearly like one that is (`behaviour.md §5.1`)."""
    yield from _nearly("task_routing", routing, ROUTING_KEYS)
    filters = cast("list[dict[str, Any]]", routing.get("filters") or [])
    for i, one in enumerate(filters):
        yield from _nearly(f"filters[{i}]", one, FILTER_KEYS)
        for j, target in enumerate(one["targets"]):
            yield from _nearly(f"filters[{i}].targets[{j}]", target, TARGET_KEYS)
    default = cast("Mapping[str, Any]", routing.get("default_filter") or {})
    yield from _nearly("default_filter", default, DEFAULT_KEYS)
    if default.get("timeout"):
        yield "Configuration: default_filter.timeout is not read: a default filter has none, so leave it out"


def _nearly(where: str, given: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    meant = other_spellings(known)
    for key in given:
        if key not in known and (right := meant.get(bare_letters(key))):
            yield f"Configuration: {where}.{key} is not read: write {right}"
