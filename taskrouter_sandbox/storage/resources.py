"""The stored form of resources: which kinds there are, and under which names their fields are kept.

The names are a contract with the data of earlier versions, apart from the attributes of the classes: where an attribute
is renamed, its stored name stays, and the new attribute is named beside it, as in `StoredForm(Task, "... attempts",
attempts="tries")`. A step in `migrations` is needed for a field that is stored no more, and for a new one without
a default; where a new one has a default, data without it is read with that.
"""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any, cast, get_type_hints

from msgspec import UNSET, Struct, UnsetType, convert, defstruct
from msgspec import json as msgspec_json

from ..engine.model.entities import (
    Activity,
    Entity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from .errors import UnreadableState
from .migrations import VERSION

COMMON = "sid date_created date_updated"
encode = msgspec_json.Encoder().encode


class StoredForm:
    """How one kind of resource is stored: as a JSON object.

    entity: its class; names: the stored names, apart by spaces; attributes: the class's own name for each that differs.
    """

    def __init__(self, entity: type[Entity], names: str, **attributes: str):
        self.entity = entity
        self.attributes = {name: attributes.get(name, name) for name in f"{COMMON} {names}".split()}
        self._stored = _stored_class(entity, self.attributes)
        self._values = attrgetter(*self.attributes.values())

    def write(self, entity: Entity) -> str:
        """Put a resource's state down as JSON."""
        return encode(self._stored(*self._values(entity))).decode()

    def read(self, text: str) -> Entity:
        """Make a resource of its JSON; a field that the class has a default for may be missing.

        Raises UnreadableState for an unknown or missing field, or one of another type, and for what is no JSON object.
        """
        name = self.entity.__name__
        state = read_object(name, text)
        try:
            if unknown := state.keys() - self.attributes.keys():
                raise UnreadableState(f"{name} {state.get('sid')} has an unknown field {min(unknown)!r}", VERSION)
            convert(state, self._stored)
            return self.entity(**{self.attributes[name]: value for name, value in state.items()})
        except (TypeError, ValueError) as error:
            raise UnreadableState(f"one {name} is not stored as it should be ({error})", VERSION) from None


def read_object(name: str, text: str) -> dict[str, Any]:
    """Read the JSON object that a resource of that name is stored as. Raises UnreadableState for anything else, which
    no version writes."""
    try:
        state: object = json.loads(text)
    except (TypeError, ValueError):
        state = None
    if not isinstance(state, dict):
        raise UnreadableState(f"one {name} is damaged ({str(text)[:40]!r} is no JSON object)", None)
    return cast(dict[str, Any], state)


def _stored_class(entity: type[Entity], attributes: dict[str, str]) -> type[Struct]:
    """Make a class of the stored fields, to write and to check them; which may be missing, the entity itself says."""
    hints = Entity.__annotations__ | entity.__annotations__
    members = {name: hints[attribute] for name, attribute in attributes.items()}
    plain = type(entity.__name__, (), {"__annotations__": members, "__module__": entity.__module__})
    fields = [(name, hint | UnsetType, UNSET) for name, hint in get_type_hints(plain).items()]
    return defstruct(entity.__name__, fields)


FORMS = {
    "Workspace": StoredForm(
        Workspace,
        "friendly_name event_callback_url events_filter multi_task_enabled prioritize_queue_order "
        "default_activity_sid timeout_activity_sid",
    ),
    "Activity": StoredForm(Activity, "friendly_name available"),
    "TaskChannel": StoredForm(TaskChannel, "friendly_name unique_name channel_optimized_routing"),
    "Worker": StoredForm(Worker, "friendly_name attributes activity_sid date_status_changed version last_reserved"),
    "WorkerChannel": StoredForm(
        WorkerChannel, "worker_sid task_channel_sid configured_capacity available last_reserved"
    ),
    "TaskQueue": StoredForm(
        TaskQueue,
        "friendly_name target_workers max_reserved_workers task_order reservation_activity_sid assignment_activity_sid",
    ),
    "Workflow": StoredForm(
        Workflow,
        "friendly_name configuration assignment_callback_url fallback_assignment_callback_url "
        "task_reservation_timeout revisions re_evaluated_from",
    ),
    "Task": StoredForm(
        Task,
        "attributes workflow_sid task_channel_sid assignment_status priority timeout reason addons "
        "virtual_start_time task_queue_sid task_queue_entered_date routing_target ignore_capacity version attempts "
        "ended assigned_at counted_from revision filter_index target_index step_limit timed_out has_new_attributes",
    ),
    "Reservation": StoredForm(
        Reservation,
        "task_sid worker_sid task_queue_sid workflow_sid task_channel_sid reservation_status expires "
        "worker_previous_activity_sid worker_activity_sid holds_worker instruction post_work_activity_sid "
        "transfer_sid version",
    ),
    "Transfer": StoredForm(
        Transfer,
        "task_sid initiating_reservation_sid initiating_worker_sid initiating_queue_sid initiating_workflow_sid "
        "transfer_to transfer_mode transfer_status transfer_failed_reason",
    ),
}
KIND_NAMES = {form.entity: name for name, form in FORMS.items()}


def write_resource(entity: Entity) -> tuple[str, str]:
    """Give the stored name of a resource's kind, and its state as JSON."""
    name = KIND_NAMES[type(entity)]
    return name, FORMS[name].write(entity)


def read_resource(kind: str, text: str) -> Entity:
    """Make a resource of its stored form. Raises UnreadableState for what is not known."""
    form = FORMS.get(kind)
    if form is None:
        raise UnreadableState(f"it holds a resource of the unknown kind {kind!r}", VERSION)
    return form.read(text)
