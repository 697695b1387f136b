"""A snapshot without what is private about workers, in which the same expressions hold as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from msgspec.structs import replace

from .format import Snapshot, WorkerPart

STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)
NAME = re.compile(r"(?!\d)[\w$]+(?:\.[\w$]+)*")
INTO = r"(?:\bcontains\b|[<>](?!-(?!\.?\d))=?)"  # what looks into a value, or at its size; >- is HAS, <- is IN
LOOKED_INTO = re.compile(rf"({NAME.pattern})\s*{INTO}|{INTO}\s*({NAME.pattern})", re.IGNORECASE)
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)")  # which a string may be compared as (behaviour.md §6.2)
PHONE = re.compile(r"\+\d{6,15}")
SID = re.compile(r"\b(?:WS|WA|WK|WQ|WW|TC)[0-9a-f]{32}\b")


def masked(snapshot: Snapshot, *, names: bool = False) -> Snapshot:
    """Copy a snapshot with other values in the attributes of workers; the same value is replaced by the same.

    Values that an expression names stay, and so does an attribute that an expression compares by its size or its parts,
    or a workflow with a task. Of an attribute that no expression names, numbers are replaced, too. The names of
    attributes stay. names: the names of workers are replaced as well.
    """
    mask = _Mask(snapshot)
    return replace(snapshot, workers=[mask.worker(each, i, names) for i, each in enumerate(snapshot.workers, 1)])


def foreign_sids(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Find SIDs in expressions, which lead nowhere in another workspace: (place, SID)."""
    for place, text in _expressions(snapshot):
        for sid in SID.findall(text):
            yield place, sid


def _expressions(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for queue in snapshot.task_queues:
        yield f"queue {queue.friendly_name}", queue.target_workers
    for workflow in snapshot.workflows:
        for text in _texts(workflow.configuration):
            yield f"workflow {workflow.friendly_name}", text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in cast("dict[str, Any]", value).items():
            if name not in ("queue", "filter_friendly_name", "friendly_name"):
                yield from _texts(member)
    elif isinstance(value, list):
        for member in cast("list[Any]", value):
            yield from _texts(member)
    elif isinstance(value, str):
        yield value


def _first(path: str) -> str:
    return path.removeprefix("worker.").split(".")[0]


class _Mask:
    def __init__(self, snapshot: Snapshot):
        self.literals: set[str] = set()
        self.named: set[str] = set()
        self.whole: set[str] = set()
        self.seen: dict[tuple[str, Any], int] = {}
        queues = len(snapshot.task_queues)
        for i, (_, text) in enumerate(_expressions(snapshot)):
            self.literals |= {re.sub(r"\\(.)", r"\1", found[1:-1]) for found in STRING.findall(text)}
            bare = STRING.sub('""', text)
            paths = NAME.findall(bare)
            if i < queues:
                names = {_first(path) for path in paths}
                self.whole |= {_first(path) for pair in LOOKED_INTO.findall(bare) for path in pair if path}
            else:
                names = {path.split(".")[1] for path in paths if path.startswith("worker.")}
                self.whole |= names
            self.named |= names

    def worker(self, worker: WorkerPart, number: int, names: bool) -> WorkerPart:
        attributes = {name: self.attribute(name, value) for name, value in worker.attributes.items()}
        hidden = names and worker.friendly_name not in self.literals
        return replace(
            worker,
            friendly_name=f"Worker {number}" if hidden else worker.friendly_name,
            attributes=attributes,
        )

    def attribute(self, name: str, value: Any) -> Any:
        return value if name in self.whole else self.value(value, name in self.named)

    def value(self, value: Any, named: bool) -> Any:
        if isinstance(value, dict):
            return {name: self.value(member, named) for name, member in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return [self.value(member, named) for member in cast("list[Any]", value)]
        if isinstance(value, str):
            is_kept = not value or value in self.literals or (named and NUMBER.fullmatch(value))
            return value if is_kept else self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and not named:
            return self.number(value)
        return value

    def number(self, value: float | str) -> int:
        return self.seen.setdefault((type(value).__name__, value), len(self.seen) + 1)

    def text(self, value: str) -> str:
        """Give another text, in the form of a worker's contact where it is one."""
        number = self.number(value)
        if PHONE.fullmatch(value):
            return f"+1500555{number:04d}"
        if value.startswith("client:"):
            return f"client:masked-{number}"
        if value.startswith("sip:"):
            return f"sip:masked-{number}@example.com"
        return f"masked-{number}"
