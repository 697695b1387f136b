"""What TaskRouter would refuse in a snapshot, and what it takes though it is hardly meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from ..event_types import TYPES
from ..language import expressions, lint, workflow_configuration
from ..language.expressions import ExpressionError
from ..language.strict_json import MAX_ATTRIBUTES, to_json
from ..language.workflow_configuration import ConfigurationError
from .format import Snapshot
from .references import NEW_ACTIVITIES, did_you_mean

ADDRESS = re.compile(r"(?:/|https?://[^\s/])[^\s\x00-\x1f\x7f]*|", re.IGNORECASE)
IN_ROUTING = re.compile(r"(?:Configuration: )?(?P<place>(?:filters|default_filter)\S*?)(?::? )(?P<what>.*)", re.DOTALL)


def mistakes(snapshot: Snapshot) -> Iterator[str]:
    """Find addresses, expressions, configurations and attributes that TaskRouter refuses; each as a sentence that
    begins with its place.

    Of one configuration the first is found. Queues that are not there are found by `references.problems`.
    """
    for place, address in _addresses(snapshot):
        if not _is_callable(address):
            yield f"{place}: {address!r} must begin with http:// or https://, or with a slash"
    for i, queue in enumerate(snapshot.task_queues):
        try:
            expressions.parse(queue.target_workers)
        except ExpressionError as error:
            yield f"task_queues[{i}].target_workers: {error}"
    for i, workflow in enumerate(snapshot.workflows):
        try:
            workflow_configuration.parse(to_json(workflow.configuration), _Everything())
        except ConfigurationError as error:
            text = str(error).replace("the SID of a TaskQueue", "the name of a task queue")
            yield in_configuration(f"workflows[{i}]", text)
    for i, worker in enumerate(snapshot.workers):
        if (length := len(to_json(worker.attributes))) > MAX_ATTRIBUTES:
            yield f"workers[{i}].attributes: has {length} characters as JSON; at most {MAX_ATTRIBUTES} are allowed"


def _addresses(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield "workspace.event_callback_url", snapshot.workspace.event_callback_url
    for i, workflow in enumerate(snapshot.workflows):
        yield f"workflows[{i}].assignment_callback_url", workflow.assignment_callback_url
        yield f"workflows[{i}].fallback_assignment_callback_url", workflow.fallback_assignment_callback_url


def _is_callable(address: str) -> bool:
    """Tell whether an address is empty, a path, or one of HTTP with a host."""
    try:
        parts = urlsplit(address)
        return ADDRESS.fullmatch(address) is not None and (not parts.scheme or bool(parts.hostname)) and parts.port != 0
    except ValueError:
        return False


def oddities(snapshot: Snapshot) -> Iterator[str]:
    """Find what TaskRouter takes, and what is hardly meant: keys and types of events that it does not know, texts in
    expressions that lead nowhere, new workers who are available at once. Each begins with its place.
    """
    activities = {each.friendly_name: each.available for each in snapshot.activities} or NEW_ACTIVITIES
    activity = snapshot.workspace.default_activity
    if activities.get(activity):
        yield (
            f"workspace.default_activity: {activity!r} is available, so that a new worker without an activity is given "
            "tasks at once; name one that is not"
        )
    for i, kind in enumerate(snapshot.workspace.events_filter):
        if kind not in TYPES:
            place = f"workspace.events_filter[{i}]"
            yield f"{place}: {kind!r} is no type of an event, and nothing is reported for it{did_you_mean(kind, TYPES)}"
    for i, queue in enumerate(snapshot.task_queues):
        try:
            expression = expressions.parse(queue.target_workers)
        except ExpressionError:
            continue
        for text in lint.lint_expression(expression, "queue"):
            yield f"task_queues[{i}].target_workers: {text}"
    for i, workflow in enumerate(snapshot.workflows):
        place = f"workflows[{i}]"
        yield from _unread_keys(f"{place}.configuration", workflow.configuration)
        try:
            read = workflow_configuration.parse(to_json(workflow.configuration), _Everything())
        except ConfigurationError:
            continue
        yield from (in_configuration(place, text) for text in lint.lint_expressions(read))


def in_configuration(place: str, text: str) -> str:
    """Put the place of a workflow before what is said of its configuration: `filters[0] needs ...` is said of
    `workflows[0].configuration.task_routing.filters[0]`.
    """
    found = IN_ROUTING.fullmatch(text)
    if found is None:
        return f"{place}.configuration: {text.removeprefix('Configuration: ').removeprefix('Configuration ')}"
    return f"{place}.configuration.task_routing.{found['place']}: {found['what']}"


class _Everything:
    """Contains whatever is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


def _unread_keys(place: str, configuration: dict[str, Any]) -> Iterator[str]:
    """Find keys that TaskRouter does not read (behaviour.md §5.1), and say which are read there."""
    yield from _unread(place, configuration, ("task_routing",))
    routing, place = configuration.get("task_routing"), f"{place}.task_routing"
    yield from _unread(place, routing, lint.ROUTING_KEYS)
    if not isinstance(routing, dict):
        return
    members = cast("dict[str, Any]", routing)
    for i, one in enumerate(_list(members.get("filters"))):
        yield from _unread(f"{place}.filters[{i}]", one, lint.FILTER_KEYS)
        steps = _list(cast("dict[str, Any]", one).get("targets")) if isinstance(one, dict) else []
        for j, step in enumerate(steps):
            yield from _unread(f"{place}.filters[{i}].targets[{j}]", step, lint.TARGET_KEYS)
    default = members.get("default_filter")
    yield from _unread(f"{place}.default_filter", default, tuple(k for k in lint.DEFAULT_KEYS if k != "timeout"))


def _unread(place: str, given: Any, known: Collection[str]) -> Iterator[str]:
    for key in cast("dict[str, Any]", given) if isinstance(given, dict) else ():
        if key not in known:
            yield f"{place}.{key}: is not read; there is {', '.join(known)}{did_you_mean(key, known)}"


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
