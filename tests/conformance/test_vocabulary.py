"""The tutorial's spelling of statuses and event types, and the sandbox's own: two independent ones that agree."""

from __future__ import annotations

from typing import get_args

import pytest

from helpers.connection import vocabulary
from helpers.lesson.task_history import SENTENCES
from taskrouter_sandbox.engine.model.entities import ReservationStatus, TaskStatus
from taskrouter_sandbox.engine.reporting.event_recorder import RESERVATION_EVENTS
from taskrouter_sandbox.event_types import TYPES


def test_the_statuses_are_the_sandboxs():
    assert set(vocabulary.TASK_STATUSES) == set(get_args(TaskStatus))
    assert set(vocabulary.RESERVATION_STATUSES) == set(get_args(ReservationStatus))


def test_the_groups_of_statuses_are_parts_of_the_whole():
    assert {*vocabulary.OPEN_TASK_STATUSES, *vocabulary.ENDED_TASK_STATUSES} == set(vocabulary.TASK_STATUSES)
    assert set(vocabulary.WAITING_TASK_STATUSES) < set(vocabulary.OPEN_TASK_STATUSES)
    assert set(vocabulary.HELD_RESERVATION_STATUSES) < set(vocabulary.RESERVATION_STATUSES)


def test_a_reservations_status_after_an_event_is_the_sandboxs():
    told = {event: status for status, (event, _) in RESERVATION_EVENTS.items()} | {"reservation.created": "pending"}
    assert told == vocabulary.RESERVATION_STATUS_AFTER


@pytest.mark.parametrize(
    "types",
    [
        vocabulary.EVENT_TYPES,
        vocabulary.TASK_STATUS_AFTER,
        vocabulary.RESERVATION_ENDS_OFFER,
        vocabulary.TASK_ENDED,
        vocabulary.TASK_DELETED,
        vocabulary.TASK_TRANSFER_ENDED,
        SENTENCES,
    ],
)
def test_every_event_type_is_one_of_taskrouters(types):
    assert set(types) <= TYPES
