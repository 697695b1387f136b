"""Tells why a task went where it went, as the last value of a cell or as text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from helpers import sandbox
from helpers.connection import clients
from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.connection.sids import short_sid
from helpers.errors import LessonError
from taskrouter_sandbox.explanation.words import reason_in_words, values_seen

if TYPE_CHECKING:
    from twilio.rest import Client

    from taskrouter_sandbox.explanation.answers import (
        DecisionAnswer,
        FilterAnswer,
        TaskAnswer,
        WorkerAnswer,
    )

NEWEST = 20
RECORDED = "as TaskRouter decided"
INFERRED = "inferred: live Twilio does not tell its reasons"
VERDICTS = {"chosen": "chosen", "later": "possible, but not first", "impossible": "not possible"}


def why(
    client: Client, task: TaskInstance | str, workspace: WorkspaceInstance | str | None = None, *, newest: int = NEWEST
) -> Explanation:
    """Tell why a task went where it went, or why it waits; to be the last value of a cell.

    In the sandbox it is what was noted at each decision, also about a task of yesterday that is gone. On live Twilio,
    which does not tell, it is inferred from the task's events and from the workspace as it is now, and says so.

    Args:
        client: the twilio client that the lesson uses.
        task: the task or its SID.
        workspace: the workspace or its SID; on live Twilio needed where the task is given by its SID.
        newest: how many of the newest decisions are told, beside the first one.

    Raises LessonError where nothing is known of the task.
    """
    task_sid, of_task = getattr(task, "sid", task), getattr(task, "workspace_sid", None)
    if clients.mode_of(client) == "sandbox":
        return Explanation(sandbox.ensure().why(task_sid, newest))
    workspace_sid = getattr(workspace, "sid", workspace) or of_task
    if workspace_sid is None:
        raise LessonError(f"Say in which workspace {task_sid} is: why(client, task, workspace)")
    from helpers.decisions.inference import infer  # noqa: PLC0415 - it loads the language of expressions

    return Explanation(infer(client, workspace_sid, task_sid, newest))


class Explanation:
    """The answer. `answer` has all of it as a dict: see `taskrouter_sandbox/explanation/answers.py`."""

    def __init__(self, answer: TaskAnswer):
        self.answer = answer

    @property
    def title(self) -> str:
        """The task, and how the answer is known."""
        return f"Why task {short_sid(self.answer['task_sid'])} went there ({self.basis})"

    @property
    def basis(self) -> str:
        """How the answer is known."""
        return RECORDED if self.answer["recorded"] else INFERRED

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """Give the parts of the answer: each a headline, and lines below it."""
        answer = self.answer
        for number, decision in enumerate(answer["decisions"], 1):
            if number == 2 and answer["left_out"]:
                yield f"… {answer['left_out']:,} decisions are left out here", []
            yield f"{number}. {clock(decision['at'])}  {decision['text']}", list(lines_of(decision))
        if answer["now"] is not None:
            yield "Now: who could take it", list(lines_of(answer["now"]))
        in_vain = [f"{one['text']}: {one['outcome']}" for one in answer["changes"] if one["reserved"] is False]
        if in_vain:
            yield "What would not be enough by itself", in_vain
        if changes := [
            f"{one['text']}. {one['outcome']}." for one in answer["changes"] if one["reserved"] is not False
        ]:
            yield "What would help: any one of these", changes
        elif answer["now"] is not None:
            yield "No change to a single worker was found that would help.", []

    def drawn(self, ahead: float = 0) -> dict[str, Any]:
        """Give it as a view draws it, with an id of its own.

        ahead: seconds by which TaskRouter's clock is ahead of this machine's.
        """
        return {
            "id": str(time.time_ns()),
            "task": self.answer["task_sid"],
            "at": clock(round((time.time() + ahead) * 1000)),
            "title": self.title,
            "notes": self.answer["notes"],
            "parts": [list(part) for part in self.parts()],
        }

    def __repr__(self) -> str:
        lines = [self.title, *(f"  {note}" for note in self.answer["notes"])]
        for headline, below in self.parts():
            lines += [headline, *(f"     {line}" for line in below)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.answer["notes"])
        parts = list(self.parts())
        folded = "".join(_folded(*part, is_open=place == len(parts) - 1) for place, part in enumerate(parts))
        return f"<div><p><b>{escape(self.title)}</b></p>{notes}{folded}</div>"


def _folded(headline: str, lines: list[str], is_open: bool) -> str:
    if not lines:
        return f"<p>{escape(headline)}</p>"
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<details{' open' if is_open else ''}><summary>{escape(headline)}</summary><ul>{items}</ul></details>"


def lines_of(decision: DecisionAnswer) -> Iterator[str]:
    """Tell a decision line by line: what was asked and seen, and what was thought of each worker."""
    step, match = decision["step"], decision["match"]
    if step is not None:
        if step["left_out"]:
            yield f"{step['left_out']} filters before these did not match"
        for one in step["filters"]:
            says = "matches" if one["matches"] else "does not match"
            yield f"{_called(one)}: {one['expression']} {says}{values_seen(one['clauses'])}"
    if match is None:
        return
    yield from match["asked"]
    for worker in match["workers"]:
        yield worker_line(worker)
    if match["others"]:
        yield f"{match['others']:,} more workers, of whom nothing was noted"


def _called(one: FilterAnswer) -> str:
    if one["index"] < 0:
        return "Default filter"
    return f'Filter "{one["name"]}"' if one["name"] else f"Filter {one['index'] + 1}"


def worker_line(worker: WorkerAnswer) -> str:
    """Tell what was thought of a worker."""
    said = "; ".join(map(reason_in_words, worker["reasons"]))
    return f"{worker['name']} ({VERDICTS[worker['verdict']]})" + (f": {said}" if said else "")


def clock(ms: int) -> str:
    """Give the time of day here."""
    return datetime.fromtimestamp(ms / 1000).strftime("%H:%M:%S")
