"""What is done to the setting: queues, workflows, channels, the workspace and its activities."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.engine.actions import BOTH, Each, Several, action, index, some
from tests.engine.machine_stage import MachineStage

EXPRESSIONS = ("1==1", "1==1", 'languages HAS "es"', 'languages HAS "en"', "level > 1", "level != 2", "")


class SettingActions(MachineStage):
    """Actions of whoever sets up the workspace."""

    @action(missing=("differs", "null"))
    def choose_reading(self, missing):
        self.options = replace(self.options, missing_attribute=missing)
        self.do("", "choose", self.options)

    @action(expression=index, shape=index)
    def add_queue(self, expression, shape):
        if len(self.state.task_queues) < 4:
            self.do("task_queues", "create", friendly_name=f"Q{self.new_sid('')}", **self.queue_of(expression, shape))

    def queue_of(self, expression: int, shape: int) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "target_workers": EXPRESSIONS[expression % len(EXPRESSIONS)],
            "max_reserved_workers": 1 + shape % 3,
            "task_order": "LIFO" if shape % 4 == 3 else "FIFO",
        }
        if shape % 2:
            settings |= {"reservation_activity_sid": self.activity(5), "assignment_activity_sid": self.activity(6)}
        return settings

    @action(queue=some, expression=index, shape=index)
    def edit_queue(self, queue, expression, shape):
        if one := self.pick(self.state.task_queues, queue):
            self.do("task_queues", "update", one, **self.queue_of(expression, shape))

    @action(queue=some)
    def delete_queue(self, queue):
        if one := self.pick(self.state.task_queues, queue):
            self.do("task_queues", "delete", one)

    @action(
        workflow=some,
        filters=Several(Each.of(index, index, index, index), 1, 3),
        default=BOTH,
        again=BOTH,
    )
    def edit_workflow(self, workflow, filters, default, again):
        one = self.pick(self.state.workflows, workflow)
        if one and self.state.task_queues:
            configuration = self.configuration(filters, default)
            self.do("workflows", "update", one, configuration=configuration, re_evaluate_tasks=again)

    @action(filters=Several(Each.of(index, index, index, index), 0, 2))
    def add_workflow(self, filters):
        if len(self.state.workflows) < 2 and self.state.task_queues:
            configuration = self.configuration(filters, True)
            name = f"F{self.new_sid('')}"
            self.do("workflows", "create", friendly_name=name, configuration=configuration, task_reservation_timeout=8)

    @action(workflow=some)
    def delete_workflow(self, workflow):
        if one := self.pick(self.state.workflows, workflow):
            self.do("workflows", "delete", one)

    @action(optimized=BOTH, new=BOTH)
    def edit_channels(self, optimized, new):
        extra = [c for c in self.state.task_channels.values() if c.unique_name == "extra"]
        if new and not extra:
            self.do("task_channels", "create", friendly_name="Extra", unique_name="extra")
        elif new:
            self.do("task_channels", "delete", extra[0])
        else:
            channel = self.pick(self.state.task_channels, 0)
            self.do("task_channels", "update", channel, channel_optimized_routing=optimized)

    @action(
        order=("FIFO", "LIFO"),
        timeout=(0, 0, 0, 3, 4, 5),
        default=index,
        multi=range(6),
    )
    def edit_workspace(self, order, timeout, default, multi):
        settings = {
            "prioritize_queue_order": order,
            "timeout_activity_sid": self.activity(timeout),
            "default_activity_sid": self.activity(default),
        }
        if multi == 0:
            settings["multi_task_enabled"] = True
        self.do("", "update", **settings)

    @action(activity=index, old=BOTH)
    def edit_activities(self, activity, old):
        one = self.pick(self.state.activities, activity)
        name = "Break" if old else f"A{self.new_sid('')}"
        self.do("activities", "update", one, friendly_name=name)
