"""Infers why a task went where it went, from what every TaskRouter tells over REST: its events, and the workspace.

What is inferred is said to be so. The reasons follow from the facts by the same rules as in the sandbox.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from twilio.base.exceptions import TwilioRestException

from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import EVENT_RANK
from helpers.decisions.past import RecordedEvent, WorkerThen, as_now, before, failures
from helpers.errors import LessonError
from taskrouter_sandbox.explanation.answers import TaskAnswer
from taskrouter_sandbox.explanation.changes import Circumstances, find_changes
from taskrouter_sandbox.explanation.explain import explain
from taskrouter_sandbox.explanation.facts import Decision, FilterFacts, MatchFacts, StepFacts, WorkerFacts
from taskrouter_sandbox.explanation.reasons import holds
from taskrouter_sandbox.language.workflow_configuration import Configuration, ConfigurationError, Target, parse

if TYPE_CHECKING:
    from twilio.rest import Client

MOST_WORKERS, MOST_EVENTS = 50, 1_000
MOST_CHANGES = 10
SAME_COMMAND = 100
"""Milliseconds within which events are of one command: each is dated a millisecond after the one before it."""
LEADS_TO = {
    "task-queue.timeout": "timeout",
    "workflow.skipped": "skipped",
    "task.updated": "attributes-changed",
    "reservation.rejected": "failed",
    "reservation.timeout": "failed",
}
"""Why a task comes to another step after an event of this type."""
UNSURE = "What attributes {} had then is not known: they are told as they were changed later."
NO_STEP = Target(queue_sid="")


def infer(client: Client, workspace_sid: str, task_sid: str, newest: int) -> TaskAnswer:
    """Read what there is to read, and infer. Takes a request for each worker, of at most 50.

    Raises LessonError where nothing is known of the task.
    """
    place = client.taskrouter.v1.workspaces(workspace_sid)
    task = _found(place.tasks(task_sid))
    since = datetime.now(UTC) - timedelta(days=30)
    told = [
        RecordedEvent.read(event) for event in place.events.list(task_sid=task_sid, start_date=since, limit=MOST_EVENTS)
    ]
    if task is None and not told:
        raise LessonError(f"Task {task_sid} was not found, nor any event of the last thirty days about it")
    return _Inference(
        place, task_sid, task, sorted(told, key=lambda one: (one.at, EVENT_RANK.get(one.type, 0)))
    ).answer(newest)


def _found(resource: Any) -> Any | None:
    try:
        return resource.fetch()
    except TwilioRestException as error:
        if error.status != 404:
            raise
        return None


class _Inference:
    """What was read, and what is made of it. own: the events of the task, the oldest first."""

    def __init__(self, place: Any, task_sid: str, task: Any, own: list[RecordedEvent]):
        self.place, self.task_sid, self.task, self.own = place, task_sid, task, own
        self.notes = [
            "Inferred: live Twilio does not tell why. Workers are as REST shows them now, less the events since."
        ]
        self.workspace = place.fetch()
        self.queues = {queue.sid: queue for queue in place.task_queues.list()}
        self.channels = {channel.sid: channel for channel in place.task_channels.list()}
        self.activities = {one.sid: one for one in place.activities.list()}
        everybody = sorted(place.workers.list(), key=lambda worker: worker.date_created)
        self.total = len(everybody)
        noted = everybody[:MOST_WORKERS]
        self.workers = [as_now(one, number, one.worker_channels.list()) for number, one in enumerate(noted)]
        self.events = self._events()
        self.configuration = self._configuration()

    def _events(self) -> list[RecordedEvent]:
        """Read what happened to workers since an hour before the task came, the newest first."""
        if not self.own:
            return []
        begin = datetime.fromtimestamp(self.own[0].at / 1000, UTC) - timedelta(hours=1)
        found = [RecordedEvent.read(event) for event in self.place.events.list(start_date=begin, limit=MOST_EVENTS)]
        if len(found) == MOST_EVENTS:
            self.notes.append(f"There are more than {MOST_EVENTS:,} events since: what was before is not known.")
        return sorted(found, key=lambda one: -one.at)

    def _configuration(self) -> Configuration | None:
        sid = next((one.data["workflow_sid"] for one in self.own if one.data.get("workflow_sid")), None)
        sid = sid or getattr(self.task, "workflow_sid", None)
        workflow = _found(self.place.workflows(sid)) if sid else None
        if workflow is None:
            return None
        if self.own and workflow.date_updated.timestamp() * 1000 > self.own[0].at:
            self.notes.append("The workflow was edited since the task came: its filters are told as they are now.")
        self.workflow = workflow
        try:
            return parse(workflow.configuration, None)
        except ConfigurationError as error:
            self.notes.append(f"The configuration of the workflow cannot be read: {error}")
            return None

    # decisions

    def answer(self, newest: int) -> TaskAnswer:
        made = self._decisions()
        wanted = made if len(made) <= newest + 1 else [made[0], *made[len(made) - newest :]]
        status = self.task.assignment_status if self.task is not None else None
        now = self._now() if status == "pending" else None
        circumstances = Circumstances(
            [(one.sid, one.friendly_name) for one in self.activities.values() if one.available]
        )
        changes = find_changes(now, circumstances, MOST_CHANGES) if now is not None else []
        for change in changes:
            change["outcome"] = "Inferred, not tried; another task that waits may come first"
        return TaskAnswer(
            workspace_sid=self.workspace.sid,
            task_sid=self.task_sid,
            status=status,
            recorded=False,
            notes=self.notes,
            decisions=[explain(one) for one in wanted],
            left_out=len(made) - len(wanted),
            now=explain(now) if now is not None else None,
            changes=changes,
        )

    def _decisions(self) -> list[Decision]:
        """Make a decision of each step that was entered, and of each batch of reservations."""
        made: list[Decision] = []
        target, step, why, entered = NO_STEP, None, "created", list[tuple[Decision, RecordedEvent, Target]]()
        for kind, group in groupby(self.own, key=lambda one: one.type):
            told = list(group)
            why = LEADS_TO.get(kind, why)
            if kind == "workflow.target-matched":
                for one in told:
                    if (found := self._step(one, step, why)) is not None:
                        step, target = found
                        made.append(self._decision(one, step))
                        entered.append((made[-1], one, target))
                    why = "skipped"
            elif kind == "reservation.created":
                if not made or made[-1].match is not None or not self._follows(made[-1].at, told[0].at):
                    made.append(self._decision(told[0]))
                made[-1].match = self._match(told[0].data, target, told[0].at, [one.data["worker_sid"] for one in told])
        for decision, one, where in entered:
            if decision.match is None:
                decision.match = self._match(one.data, where, one.at, [])
        return made

    def _follows(self, at: int, later: int) -> bool:
        """Tell whether what happened later was of the same command: soon, and nothing else happened in between."""
        between = (one for one in self.events if at < one.at < later)
        return later - at < SAME_COMMAND and all(one.data.get("task_sid") == self.task_sid for one in between)

    def _decision(self, told: RecordedEvent, step: StepFacts | None = None) -> Decision:
        data = told.data
        attributes, priority = as_object(data.get("task_attributes")), int(data.get("task_priority") or 0)
        return Decision(self.task_sid, told.at, attributes, priority, step=step)

    def _step(self, told: RecordedEvent, last: StepFacts | None, why: str) -> tuple[StepFacts, Target] | None:
        """Find the filter and the step that an event tells of; None where the workflow does not have them any more."""
        data, configuration = told.data, self.configuration
        if configuration is None:
            return None
        name, text = data.get("workflow_filter_name"), data.get("workflow_filter_expression")
        default = [(-1, configuration.default)] if configuration.default else []
        for index, one in [*enumerate(configuration.filters), *default]:
            if (one.name or None) != name or one.text != text:
                continue
            goes_on = last is not None and last.filter == index
            for place, target in enumerate(one.targets):
                is_it = target.queue_sid == data.get("task_queue_sid")
                is_it = is_it and (target.expression_text or None) == data.get("workflow_filter_target_expression")
                if is_it and not (goes_on and last is not None and place <= last.target and why != "created"):
                    asked = self._asked(index, last, goes_on and place > 0)
                    reason: Any = why if last is not None else "created"
                    facts = StepFacts(
                        reason, self.workflow.sid, self.workflow.friendly_name, asked, 0, index, one.name or "",
                        place, len(one.targets),
                    )  # fmt: skip
                    return facts, target
        return None

    def _asked(self, index: int, last: StepFacts | None, goes_on: bool) -> list[FilterFacts]:
        """Give the filters that were asked for a step: none within a filter, else those after the last one."""
        assert self.configuration is not None
        if goes_on:
            return []
        first = last.filter + 1 if last is not None and 0 <= last.filter < index else 0
        filters = self.configuration.filters
        found = [
            FilterFacts(i, filters[i].name or "", filters[i].expression.text)
            for i in range(first, len(filters) if index < 0 else index + 1)
        ]
        if index < 0 and self.configuration.default:
            found.append(FilterFacts(index, self.configuration.default.name or "", "1==1"))
        return found

    def _now(self) -> Decision:
        task, now = self.task, int(datetime.now(UTC).timestamp() * 1000)
        last = next((one for one in reversed(self.own) if one.type == "workflow.target-matched"), None)
        found = self._step(last, None, "created") if last is not None else None
        attributes = as_object(task.attributes)
        decision = Decision(self.task_sid, now, attributes, task.priority)
        data = {
            "task_queue_sid": task.task_queue_sid,
            "task_channel_sid": task.task_channel_sid,
            "task_attributes": task.attributes,
        }
        decision.match = self._match(data, found[1] if found else NO_STEP, None, [])
        return decision

    # what a match looks at

    def _match(self, data: dict[str, Any], target: Target, at: int | None, chosen: list[str]) -> MatchFacts:
        """Put together what there was to see just before an instant; now where that is None."""
        queue, channel_sid = self.queues.get(data["task_queue_sid"]), data["task_channel_sid"]
        everybody = before(self.workers, self.events, at if at is not None else 1 << 62)
        channel = self.channels[channel_sid]
        if (unsure := [one.name for one in everybody if one.unsure]) and (
            note := UNSURE.format(", ".join(unsure))
        ) not in self.notes:
            self.notes.append(note)
        text = queue.target_workers if queue is not None else "1==1"
        facts = [self._facts(one, channel_sid) for one in everybody]
        probe = Decision(self.task_sid, 0, {}, 0)
        routing_target = getattr(self.task, "routing_target", None) or ""
        wanted = _known(target, as_object(data.get("task_attributes")))
        if data.get("transfer_type") == "WORKER" or routing_target.startswith("WK"):
            wanted = ("direct", data.get("transfer_to") or routing_target)
        outside = [place for place, one in enumerate(everybody) if not holds(text, probe, one.attributes)]
        return MatchFacts(
            data["task_queue_sid"],
            queue.friendly_name if queue is not None else data.get("task_queue_name", ""),
            text,
            queue.max_reserved_workers if queue is not None else 1,
            target.expression_text,
            target.order_by.text if target.order_by else None,
            target.known_worker_text,
            wanted,
            wanted is not None and wanted[0] == "direct",
            "task_transfer_sid" in data,
            channel.unique_name,
            bool(channel.channel_optimized_routing),
            self.workspace.multi_task_enabled,
            chosen,
            self.total,
            len(everybody) - len(outside),
            facts,
            outside,
            [self._channels(one) for one in everybody],
            failures(self.own, at),
        )

    def _facts(self, one: WorkerThen, channel_sid: str) -> WorkerFacts:
        activity = self.activities.get(one.activity_sid)
        is_available, multi = activity is not None and activity.available, self.workspace.multi_task_enabled
        capacity, used = one.capacity.get(channel_sid, 0), one.used.get(channel_sid, 0)
        is_open = one.open_channel.get(channel_sid, False)
        room = used < capacity if multi else capacity > 0
        own = [at for at, channel in one.reserved if channel == channel_sid]
        return WorkerFacts(
            one.sid, one.name, one.attributes, one.activity_sid, one.activity, is_available,
            is_available and is_open and room, is_open, capacity, used, False,
            one.reserved[0][0] if one.reserved else None, own[0] if own else None, one.number,
        )  # fmt: skip

    def _channels(self, one: WorkerThen) -> dict[str, Any]:
        return {
            self.channels[sid].unique_name: {
                "configured_capacity": capacity,
                "assigned_tasks": one.used.get(sid, 0),
                "available_capacity_percentage": max(0, (capacity - one.used.get(sid, 0)) * 100 // capacity)
                if capacity
                else 0,
            }
            for sid, capacity in one.capacity.items()
            if sid in self.channels
        }


def _known(target: Target, attributes: dict[str, Any]) -> tuple[str, str] | None:
    """Find the worker that a known-agent step asks for (behaviour.md §5.4)."""
    for kind, read in (("sid", target.known_worker_sid), ("name", target.known_worker_name)):
        if read is not None:
            value = read({"task": attributes})
            return kind, value if isinstance(value, str) else ""
    return None
