"""Find or create: what makes every cell of the lesson safe to run again.

`found` looks for one thing, updates what is different and says what it did; it never deletes anything.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from helpers.connection.error_messages import as_lesson_error, describe_error
from helpers.connection.json_text import as_json
from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import OPEN_TASK_STATUSES


@dataclass(frozen=True)
class SearchResult:
    """What a search came to: the instance or None, and what was done to its settings."""

    what: str
    instance: Any | None
    changed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def said(self) -> str:
        """One line for the learner."""
        if self.instance is None:
            return f"{self.what}: none yet."
        parts = [f"{self.what}: found"]
        if self.changed:
            parts.append(f"and updated ({', '.join(self.changed)})")
        if self.fixed:
            parts.append(
                f"but {' and '.join(self.fixed)} cannot be changed after creation: "
                "rename it with .update(friendly_name=...), then run this cell again"
            )
        if self.refusal:
            parts.append(f"but not updated, because {self.refusal}")
        return ", ".join(parts) + "."

    @property
    def as_wanted(self) -> bool:
        """True when it was there and nothing had to be done."""
        return self.instance is not None and not (self.changed or self.fixed or self.refusal)


def found(collection: Any, **settings: Any) -> Any | None:
    """Find what these settings describe, and update what is different. Gives None when there is none yet.

    collection: a list of the twilio client, such as `workspace.workers`.
    settings: the keyword arguments that `collection.create` would get. A thing is known by its
        `friendly_name` (of workers, in any case); a task, which has no name, by its attributes while it is open.

    JSON settings are compared as JSON, not as text; attributes that `settings` does not name are kept. Says
    in one line what happened, so that a cell reads `found(workers, **settings) or workers.create(**settings)`.
    Raises LessonError when TaskRouter does not answer the search.
    """
    result = find(collection, **settings)
    print(result.said)
    return result.instance


def find(collection: Any, among: Iterable[Any] | None = None, **settings: Any) -> SearchResult:
    """Look for what these settings describe, as `found` does, and print nothing.

    among: what the collection holds, when it has just been read; otherwise it is asked for.
    """
    noun = type(collection).__name__.removesuffix("List")
    name = settings.get("friendly_name")
    with as_lesson_error():
        present = collection.stream(page_size=200) if among is None else among
        instance = next((one for one in present if _is_meant(one, settings)), None)
    if name is None:
        return SearchResult(
            f"{noun} with these attributes" if instance is None else f"{noun} {short_sid(instance.sid)}", instance
        )
    what = f'{noun} "{name}"'
    if instance is None:
        return SearchResult(what, None)
    wanted = {key: value for key, value in settings.items() if not _in_line(instance, key, value)}
    changeable = inspect.signature(instance.update).parameters
    changes = {key: _change(instance, key, value) for key, value in wanted.items() if key in changeable}
    fixed = tuple(key for key in wanted if key not in changeable)
    if not changes:
        return SearchResult(what, instance, fixed=fixed)
    try:
        return SearchResult(what, instance.update(**changes), tuple(changes), fixed)
    except TwilioRestException as refused:
        return SearchResult(what, instance, fixed=fixed, refusal=describe_error(refused))


def _is_meant(instance: Any, settings: dict[str, Any]) -> bool:
    if isinstance(instance, TaskInstance):
        return (
            instance.assignment_status in OPEN_TASK_STATUSES
            and instance.workflow_sid == settings.get("workflow_sid", instance.workflow_sid)
            and as_json(instance.attributes) == as_json(settings.get("attributes", "{}"))
        )
    if isinstance(instance, WorkerInstance):  # unique in any case: rest-contract.md §9.2
        return (instance.friendly_name or "").casefold() == settings["friendly_name"].casefold()
    return instance.friendly_name == settings["friendly_name"]


def _in_line(instance: Any, key: str, wanted: Any) -> bool:
    if not hasattr(instance, key):  # a setting of the creation only, such as `template`
        return True
    present = getattr(instance, key)
    if key == "attributes":
        return as_json(wanted).items() <= as_json(present).items() if _both_objects(wanted, present) else False
    if key == "configuration":
        return as_json(present) == as_json(wanted)
    return (present or None) == (wanted or None)  # "", None and False all mean: not set


def _change(instance: Any, key: str, wanted: Any) -> Any:
    if key == "attributes" and _both_objects(wanted, instance.attributes):
        return json.dumps(as_json(instance.attributes) | as_json(wanted))
    return wanted


def _both_objects(*texts: str | None) -> bool:
    return all(isinstance(as_json(text), dict) for text in texts)
