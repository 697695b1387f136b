"""Workflows: which tasks go to which queues, in which order, for how long."""

from __future__ import annotations

from ...language.strict_json import read_json
from ...language.workflow_configuration import Configuration, ConfigurationError, parse
from ..model.entities import Workflow
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import expression_alerts, routing
from ..rules.expiry import advance
from .common import Any, add, assign, drop, free_name, what_first


class Workflows:
    """Commands on workflows."""

    def __init__(self, state: State):
        self.state = state

    def create(self, now: int, *, friendly_name: str, configuration: str, **settings: Any) -> Workflow:
        """Create a workflow.

        Raises TaskRouterError when the name is taken or the configuration is wrong (behaviour.md §5.1).
        """
        advance(self.state, now)
        free_name(self.state, Workflow, friendly_name)
        parsed = self._read_configuration(configuration)
        text, _ = read_json(configuration)
        workflow = add(
            self.state,
            Workflow,
            friendly_name=friendly_name,
            configuration=text,
            revisions=[text],
            **settings,
        )
        workflow.parsed = [parsed]
        expression_alerts.warn_about_workflow(self.state, workflow)
        return workflow

    def _read_configuration(self, text: str) -> Configuration:
        try:
            return parse(text, self.state.task_queues, self.state.options.missing_attribute)
        except ConfigurationError as error:
            raise TaskRouterError(str(error)) from None

    def update(self, now: int, workflow: Workflow, *, re_evaluate_tasks: bool = False, **settings: Any) -> Workflow:
        """Change a workflow; tasks in it keep the old routing unless `re_evaluate_tasks` (behaviour.md §5.2)."""
        state = advance(self.state, now)
        if "friendly_name" in settings:
            free_name(self.state, Workflow, settings["friendly_name"], but=workflow)
        text, parsed = workflow.configuration, workflow.parsed[-1]
        if "configuration" in settings:
            parsed = self._read_configuration(settings["configuration"])
            text, _ = read_json(settings["configuration"])
            settings["configuration"] = text
        if text != workflow.revisions[-1] or re_evaluate_tasks:
            self._forget_unused_revisions(workflow)
            workflow.revisions.append(text)
            workflow.parsed.append(parsed)
        if re_evaluate_tasks:
            workflow.re_evaluated_from = len(workflow.revisions) - 1
        state.rename(workflow, settings.pop("friendly_name", workflow.friendly_name))
        assign(workflow, settings)
        state.recorder.changed(workflow, state.now)
        state.observer.reconfigured(state.now, workflow)
        if "configuration" in settings:
            expression_alerts.warn_about_workflow(state, workflow)
        if re_evaluate_tasks:
            for task in state.tasks.values():
                if task.workflow_sid == workflow.sid and task.assignment_status == "pending":
                    state.pending.look_again(task, "evaluate")
        routing.dispatch(state)
        return workflow

    def _forget_unused_revisions(self, workflow: Workflow) -> None:
        """Keep the configurations that a task has come by: what is told of it reads them (behaviour.md §5.4)."""
        used = {task.revision for task in self.state.tasks.values() if task.workflow_sid == workflow.sid}
        for index in range(len(workflow.revisions)):
            if index not in used:
                workflow.revisions[index], workflow.parsed[index] = "", None

    def delete(self, now: int, workflow: Workflow) -> None:
        """Delete a workflow. Raises TaskRouterError while it controls unfinished tasks (rest-contract.md §8)."""
        state = advance(self.state, now)
        for task in state.tasks.values():
            if task.workflow_sid == workflow.sid and task.assignment_status in ("pending", "reserved"):
                raise TaskRouterError(
                    f"Cannot delete Workflow {workflow.friendly_name} ({workflow.sid}): it still controls task "
                    f"{task.sid}, which is {task.assignment_status}: {what_first(task)}."
                )
        drop(state, workflow)
        for task in state.tasks.values():
            if task.workflow_sid == workflow.sid:
                state.find_target(task)  # no step any more
