"""How compiled code reaches the arrays of a day: a record by the address of its array and its place there.

A state that is one record of addresses makes small calls. Arrays themselves, of which each call would hand on dozens,
took minutes to compile.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import numba
from .layout import (
    ANSWERS,
    ASKED,
    BYTE,
    CHANNEL,
    CLASS,
    EDGE,
    FAILURE,
    INT,
    LIFETIME,
    LINE,
    LONG,
    NODE,
    PACE,
    QUEUE,
    RESERVATION,
    SHIFT_CHANGE,
    STAGE,
    STEP,
    SUPPLY,
    TASK,
    TURN,
    WORKER,
)


def _records(dtype: np.dtype[Any]) -> Any:
    """Make what finds a record: called with the address of an array of such records, and a place in it."""
    if numba is None:
        return None
    record, int64 = numba.from_dtype(dtype), numba.int64

    def record_at(_: Any, address: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            size = context.get_constant(int64, dtype.itemsize)
            address = builder.add(arguments[0], builder.mul(arguments[1], size))
            return builder.inttoptr(address, context.get_value_type(record))

        return record(int64, int64), generate

    return numba.extending.intrinsic(record_at)


asked_at, byte_at, channel_at, class_at, edge_at = map(_records, (ASKED, BYTE, CHANNEL, CLASS, EDGE))
failure_at, int_at, lifetime_at, line_at = map(_records, (FAILURE, INT, LIFETIME, LINE))
long_at, node_at, offer_at, queue_at, shift_at = map(_records, (LONG, NODE, RESERVATION, QUEUE, SHIFT_CHANGE))
stage_at, step_at, supply_at, task_at, turn_at = map(_records, (STAGE, STEP, SUPPLY, TASK, TURN))
answers_at, pace_at, worker_at = map(_records, (ANSWERS, PACE, WORKER))
