"""Warn of what is well formed and will never match: alerts for which the service says nothing (behaviour.md §6.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from ...language.expressions import misfits
from ...language.lint import lint_configuration, lint_expression, lint_operand, lint_operands
from ...language.workflow_configuration import Target
from ..model.entities import Task, TaskChannel, TaskQueue, Worker, Workflow
from ..model.state import State
from . import workflow_steps

CODE = 20001


def _warn(state: State, texts: Iterable[str], subject_sid: str) -> None:
    """Raise an alert for each text."""
    for text in texts:
        state.recorder.alert(CODE, text, subject_sid, "warning")


def warn_about_queue(state: State, queue: TaskQueue) -> None:
    """Warn of an expression that finds nobody, as it is written or as workers are."""
    texts = lint_expression(queue.expression, "queue")
    texts += lint_operands(queue.expression, (worker.parsed_attributes for worker in state.workers.values()))
    _warn(state, (f"TargetWorkers of TaskQueue {queue.friendly_name}: {text}" for text in texts), queue.sid)


def warn_about_workflow(state: State, workflow: Workflow) -> None:
    """Warn of what a configuration names that is not there, and of steps that no worker of their queue can meet."""
    configuration = workflow_steps.newest_configuration(workflow)
    _warn(state, lint_configuration(configuration, json.loads(workflow.configuration)), workflow.sid)
    for target in configuration.targets():
        _warn(state, (f"Configuration: {text}" for text in _lint_members(state, target)), workflow.sid)


def _lint_members(state: State, target: Target) -> Iterator[str]:
    """Warn of attributes of the workers of a step's queue that its expression or its order cannot use."""
    queue = state.task_queues[target.queue_sid]
    members = queue.members.values()
    if target.expression is not None:
        where = f"the expression {target.expression.text} in TaskQueue {queue.friendly_name}"
        seen = ({"worker": state.names_of_worker(worker)} for worker in members)
        yield from (f"{where}: {text}" for text in lint_operands(target.expression, seen))
    if (order := target.order_by) is None:
        return
    if odd := next((worker for worker in members if order.cannot_sort(state.names_of_worker(worker))), None):
        yield (
            f"order_by {order.text} is ignored in TaskQueue {queue.friendly_name} while Worker {odd.friendly_name} "
            "has something other than a whole number there: make it one"
        )


def warn_about_worker(state: State, worker: Worker, queues: Iterable[TaskQueue]) -> None:
    """Warn of attributes that are a list, or none, and keep a worker out of these queues."""
    found: dict[str, list[str]] = {}
    for queue in queues:
        for operand in misfits(queue.expression.operands, worker.parsed_attributes):
            found.setdefault(lint_operand(operand), []).append(queue.friendly_name)
    texts = (f"Worker {worker.friendly_name} is not in {', '.join(names)}: {text}" for text, names in found.items())
    _warn(state, texts, worker.sid)


def warn_about_task_channel(state: State, channel: TaskChannel) -> None:
    """Warn of a unique name that no expression can name (behaviour.md §6.1)."""
    if not re.fullmatch(r"(?!\d)[\w$]+", channel.unique_name):
        text = f"No expression can name TaskChannel {channel.unique_name}: use letters, digits, _ and $ in UniqueName"
        _warn(state, [text], channel.sid)


def warn_about_task(state: State, task: Task) -> None:
    """Warn of attributes that are a list, or none, and keep a task out of the filters before its own."""
    configuration, names = state.configuration_of(task), task.parsed_attributes
    if configuration is None or not misfits(configuration.operands, names):
        return
    passed = configuration.filters[: task.filter_index] if task.filter_index >= 0 else configuration.filters
    for one in passed:
        where = f"Filter {one.name or one.expression.text} does not take task {task.sid}"
        texts = (f"{where}: {lint_operand(operand)}" for operand in misfits(one.expression.operands, names))
        _warn(state, texts, task.sid)
