"""Workflows: which tasks go to which queues, in which order, for how long."""

from __future__ import annotations

from .. import dispatch, happenings
from ..configuration import Configuration, compact, parse
from ..entities import Workflow
from ..refusals import Refusal
from ..state import State
from .common import Any, add, assign, begin, drop, free_name


class Workflows:
    """Commands on workflows."""

    def __init__(self, state: State):
        self.state = state

    def create(self, now: int, *, friendly_name: str, configuration: str, **settings: Any) -> Workflow:
        """A new workflow. Raises Refusal when the name is taken or the configuration is wrong (behaviour.md §5.1)."""
        state = begin(self.state, now)
        free_name(self.state, Workflow, friendly_name)
        parsed = self._read_configuration(configuration)
        text = compact(configuration)
        workflow = add(
            self.state,
            Workflow,
            friendly_name=friendly_name,
            configuration=text,
            revisions=[text],
            **settings,
        )
        workflow.parsed = [parsed]
        state.journal.created(workflow)
        return workflow

    def _read_configuration(self, text: str) -> Configuration:
        return parse(text, self.state.task_queues)

    def update(self, now: int, workflow: Workflow, *, re_evaluate_tasks: bool = False, **settings: Any) -> Workflow:
        """Change a workflow; tasks in it keep the old routing unless `re_evaluate_tasks` (behaviour.md §5.2)."""
        state = begin(self.state, now)
        if "friendly_name" in settings:
            free_name(self.state, Workflow, settings["friendly_name"], but=workflow)
        if "configuration" in settings:
            parsed = self._read_configuration(settings["configuration"])
            settings["configuration"] = text = compact(settings["configuration"])
            if text != workflow.revisions[-1]:
                workflow.revisions.append(text)
                workflow.parsed.append(parsed)
        assign(workflow, settings)
        state.journal.changed(workflow)
        happenings.setting(state, workflow, "updated")
        if re_evaluate_tasks:
            self._re_evaluate(workflow)
        return workflow

    def _re_evaluate(self, workflow: Workflow) -> None:
        """Let every waiting task begin the workflow again, with its newest configuration.

        A task that matches nothing any more stays where it is.
        """
        state, newest = self.state, len(workflow.revisions) - 1
        waiting = [
            t for t in state.tasks.values() if t.workflow_sid == workflow.sid and t.assignment_status == "pending"
        ]
        for task in waiting:
            queue, revision = state.queue_of(task), task.revision
            task.revision = newest
            index = dispatch.first_match(state, task)
            if index is None and workflow.parsed[-1].default is None:
                task.revision = revision
                continue
            queue.waiting.discard(task)
            task.step_limit = None
            dispatch.take_step(state, task, -1 if index is None else index, 0)
            state.queue_of(task).waiting.add(task)
            state.journal.changed(task)
            happenings.target_matched(state, task)
            if state.queue_of(task) is not queue:
                happenings.queue_moved(state, task, queue)
                happenings.queue_entered(state, task)
            state.unsettled[task.sid] = task
        dispatch.dispatch(state)

    def delete(self, now: int, workflow: Workflow) -> None:
        """Raises Refusal while the workflow controls unfinished tasks (rest-contract.md §8)."""
        state = begin(self.state, now)
        for task in state.tasks.values():
            if task.workflow_sid == workflow.sid and task.assignment_status in ("pending", "reserved"):
                raise Refusal(
                    f"Cannot delete Workflow {workflow.friendly_name} ({workflow.sid}): it still controls task "
                    f"{task.sid}, which is {task.assignment_status}."
                )
        drop(self.state, workflow)
