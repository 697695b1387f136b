"""A workflow's configuration, read once into filters and targets (behaviour.md §5.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar, cast

from msgspec import Struct

from . import expressions
from .expressions import Expression, ExpressionError, Operand, Order, distinct
from .operators import MissingAttribute
from .spelling import otherwise_spelt
from .strict_json import quoted, read_json

P = TypeVar("P")
ReadCondition = Callable[[str], Expression]

MAX_BYTES = 1_038_576  # rest-contract.md §12
MAX_NUMBER = 2_147_483_647
LEAST = {"priority": 0, "timeout": 1}


class ConfigurationError(ValueError):
    """A configuration is wrong; `str()` of it says what, and where (behaviour.md §5.1)."""


class Target(Struct, frozen=True):
    """One routing step: a queue, and which of its workers, for how long.

    timeout: seconds that this step adds to the age at which the task moves on (behaviour.md §2.4); None waits.
    """

    queue_sid: str
    priority: int | None = None
    timeout: int | None = None
    expression: Expression | None = None
    expression_text: str | None = None
    skip_if: Expression | None = None
    order_by: Order | None = None
    known_worker_sid: Callable[[Mapping[str, Any]], Any] | None = None
    known_worker_name: Callable[[Mapping[str, Any]], Any] | None = None
    known_worker_text: str | None = None  # the reference that either of them reads, such as `task.agent_sid`


class Filter(Struct, frozen=True):
    """What picks tasks, and the steps that those tasks go through."""

    name: str | None
    text: str  # its expression, in a JSON list as events carry it
    expression: Expression
    targets: tuple[Target, ...]


class Configuration(Struct, frozen=True):
    """Filters from top to bottom, and the one for tasks that match none of them.

    operands: those of all filters' expressions, each once.
    """

    filters: tuple[Filter, ...]
    default: Filter | None
    reads_time: bool = False  # does a filter ask what time it is?
    operands: tuple[Operand, ...] = ()

    def filter(self, index: int) -> Filter:
        """Give the filter of that place; -1 is the default filter."""
        if index >= 0:
            return self.filters[index]
        if self.default is None:
            raise LookupError("this configuration has no default filter")
        return self.default

    def targets(self) -> Iterator[Target]:
        """Give every routing step, that of the default filter last."""
        for one in self.filters:
            yield from one.targets
        if self.default is not None:
            yield from self.default.targets

    def queue_sids(self) -> set[str]:
        """Find every queue that a task could reach through this configuration."""
        return {target.queue_sid for target in self.targets()}


def parse(text: str, queues: Container[str] | None, missing: MissingAttribute = "differs") -> Configuration:
    """Read a configuration.

    text: the JSON document; queues: the SIDs that it may name, None for a configuration that was taken before: then
    what was allowed at that time is no error now; missing: how its expressions compare what is not there.
    Raises ConfigurationError with the place of the first thing that is wrong.
    """
    if len(text.encode()) > MAX_BYTES:
        raise ConfigurationError(f"Configuration is larger than {MAX_BYTES} bytes")
    try:
        _, document = read_json(text)
    except ValueError as error:
        raise ConfigurationError(f"Configuration is not valid JSON: {error}") from None
    whole = _object(document) or {}
    routing = _object(whole.get("task_routing"))
    if routing is None:
        wanted = _or_so("task_routing", whole, ', which holds "filters"')
        raise ConfigurationError(f'Configuration must be an object with "task_routing"{wanted}')
    filters = _list([] if routing.get("filters") is None else routing["filters"])
    if filters is None:
        raise ConfigurationError('Configuration: "task_routing.filters" must be a list')
    condition = partial(expressions.parse, missing=missing)
    parsed = tuple(_filter(f"filters[{i}]", one, queues, condition) for i, one in enumerate(filters))
    return Configuration(
        parsed,
        _default(routing.get("default_filter"), queues, condition),
        any(expressions.reads_time(one.expression) for one in parsed),
        distinct(operand for one in parsed for operand in one.expression.operands),
    )


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any] | None:
    return cast("list[Any]", value) if isinstance(value, list) else None


def _filter(place: str, value: Any, queues: Container[str] | None, condition: ReadCondition) -> Filter:
    if (one := _object(value)) is None:
        raise ConfigurationError(f"Configuration: {place} must be an object")
    expression = _parsed(place, one, "expression", condition)
    if expression is None:
        wanted = _or_so("expression", one, " over the attributes of a task")
        raise ConfigurationError(f'Configuration: {place} needs an "expression"{wanted}')
    steps = _list(one.get("targets"))
    if not steps:
        wanted = _or_so("targets", one, ", a list with at least one routing step")
        raise ConfigurationError(f'Configuration: {place} needs "targets"{wanted}')
    targets: list[Target] = []
    for i, step in enumerate(steps):
        above = targets[-1].queue_sid if targets else None
        targets.append(_target(f"{place}.targets[{i}]", step, above, queues, condition))
    name = _name(place, one, "filter_friendly_name") or _name(place, one, "friendly_name")
    return Filter(name, _listed(one["expression"]), expression, tuple(targets))


def _or_so(key: str, given: Mapping[str, Any], what: str) -> str:
    """Say which of the keys that were given may stand for one that is missing, or else what that key is."""
    other = otherwise_spelt(key, given)
    return what if other is None else f': give "{other}" that name'


def _listed(expression: str) -> str:
    return json.dumps([expression], separators=(",", ":"))


def _default(value: Any, queues: Container[str] | None, condition: ReadCondition) -> Filter | None:
    """Read the default filter: a single step without a timeout (behaviour.md §5.1); None when it says nothing."""
    if not value:
        return None
    if (one := _object(value)) is None:
        raise ConfigurationError("Configuration: default_filter must be an object")
    if all(said in (None, "") for said in one.values()):
        return None
    name = _name("default_filter", one, "filter_friendly_name") or "Default Filter"
    step = {key: said for key, said in one.items() if key != "timeout"}
    try:
        target = _target("default_filter", step, None, queues, condition)
    except ConfigurationError:
        if queues is not None:
            raise
        step = {key: step.get(key) for key in ("queue", "priority")}
        target = _target("default_filter", step, None, queues, condition)
    return Filter(name, _listed("1==1"), expressions.parse("1==1"), (target,))


def _target(
    place: str, value: Any, above: str | None, queues: Container[str] | None, condition: ReadCondition
) -> Target:
    if (step := _object(value)) is None:
        raise ConfigurationError(f"Configuration: {place} must be an object")
    is_stored = queues is None
    if not is_stored:
        _check_new(place, step, queues)
    queue_sid = step.get("queue") or above
    if not queue_sid:
        raise _no_queue(place, step)
    return Target(
        queue_sid=queue_sid,
        priority=_number(place, step, "priority", is_stored),
        timeout=_number(place, step, "timeout", is_stored),
        expression=_parsed(place, step, "expression", condition),
        expression_text=step.get("expression") or None,
        skip_if=_parsed(place, step, "skip_if", condition),
        order_by=_parsed(place, step, "order_by", expressions.parse_order),
        known_worker_sid=_parsed(place, step, "known_worker_sid", _of_the_task),
        known_worker_name=_parsed(place, step, "known_worker_friendly_name", _of_the_task),
        known_worker_text=step.get("known_worker_sid") or step.get("known_worker_friendly_name"),
    )


def _check_new(place: str, step: dict[str, Any], queues: Container[str]) -> None:
    """Refuse what the sandbox took in earlier versions and takes no more, and a queue that is not there (§5.1)."""
    queue_sid = step.get("queue")
    if not queue_sid and "task_queue_sid" in step:
        raise _no_queue(place, step)
    if queue_sid not in (None, "") and (not isinstance(queue_sid, str) or queue_sid not in queues):
        said = queue_sid if isinstance(queue_sid, str) else quoted(queue_sid)
        raise ConfigurationError(f"Configuration: {place}.queue {said} is not a TaskQueue of this workspace")
    if step.get("known_worker_sid") and step.get("known_worker_friendly_name"):
        raise ConfigurationError(
            f'Configuration: {place} takes "known_worker_sid" or "known_worker_friendly_name", not both: leave one out'
        )


def _no_queue(place: str, step: Mapping[str, Any]) -> ConfigurationError:
    wanted = _or_so("queue", step, ", the SID of a TaskQueue")
    return ConfigurationError(f'Configuration: {place} needs a "queue"{wanted}')


def _of_the_task(text: str) -> expressions.Read:
    """Parse the reference of a known-agent step, which reads the task (behaviour.md §5.4)."""
    read = expressions.parse_reference(text)
    if not text.startswith("task."):
        is_sid = re.fullmatch(r"WK[0-9a-fA-F]{32}", text)
        meant = (None if is_sid else expressions.key_of("task", text)) or "one, as task.agent"
        raise ExpressionError(f"{text} is no attribute of the task: write {meant}", 1)
    return read


def _name(place: str, one: dict[str, Any], key: str) -> str | None:
    name = one.get(key)
    if name is not None and not isinstance(name, str):
        raise ConfigurationError(f"Configuration: {place}.{key} must be a string, not {quoted(name, 40)}")
    return name


def _number(place: str, step: dict[str, Any], key: str, is_stored: bool) -> int | None:
    """Read a whole number, which may come as a string of digits (behaviour.md §5.1).

    is_stored: earlier versions took 0 for every number, and cut fractions off.
    """
    value = step.get(key)
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    least = 0 if is_stored else LEAST[key]
    if isinstance(value, bool) or not (is_stored or _is_whole(value)) or not least <= number <= MAX_NUMBER:
        wanted = f"a whole number from {least} to {MAX_NUMBER}"
        raise ConfigurationError(f"Configuration: {place}.{key} must be {wanted}, not {quoted(value, 40)}")
    return number


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\s*[0-9]+\s*", value, re.ASCII) is not None
    return not isinstance(value, float) or value.is_integer()


def _parsed(place: str, step: dict[str, Any], key: str, parse: Callable[[str], P]) -> P | None:
    """Parse what stands under a key; None when nothing does."""
    text = step.get(key)
    if not text:
        return None
    if not isinstance(text, str):
        raise ConfigurationError(f"Configuration: {place}.{key} must be a string, not {quoted(text, 40)}")
    try:
        return parse(text)
    except ExpressionError as error:
        raise ConfigurationError(f"Configuration: {place}.{key}: {error}") from None
