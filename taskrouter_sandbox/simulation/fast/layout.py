"""What the kernel works on: a workspace as tables, and the state of a day, as arrays of records.

Numbers refer by position: -1 is none. Times are milliseconds since the day began. A *stage* is a target of a workflow
as the tasks of one class come to it; a *line* is what waits in one queue for the same workers (as in
`engine/model/task_lines.py`); a *supply* is those who could take what is in a line, in the order in which they come up;
an *edge* is a worker in a supply.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..columns import REASONS
from .compiled import digest

PENDING, RESERVED, ASSIGNED, WRAPPING, ENDED = range(1, 6)  # of tasks
OPEN, ACCEPTED, CLOSED = range(3)  # of reservations
ENTER, AGAIN = range(2)  # why a task is looked at
OFFER_DUE, TASK_DUE, ANSWER, END, SHIFT, BACK, HANG_UP, ARRIVAL = range(8)  # kinds of events, the first ones first
KIND_BITS, NUMBER_BITS = 3, 28  # of an event: from above its time, its kind and its number
LATEST = 2**32  # milliseconds: by then all tasks have ended, and no event is planned
MOST_OFFERS = 2**27  # of a day, so that twice their number is one of an event
HUNG, EXPIRED, ATTEMPTS, TIMED_OUT, SKIPPED, TOO_LONG = range(len(REASONS))
MOST_PRIORITY = 2**31 - 1
ROOM = 4096  # how many records are free before each event
int64: Any = np.int64
NO_EVENT, ONE = int64(2**63 - 1), int64(1)

NODE = np.dtype([("key", "i8"), ("child", "i4"), ("sibling", "i4"), ("before", "i4"), ("inside", "i4")])
CLASS = np.dtype(
    [("first", "i4"), ("end", "i4"), ("priority", "i8"), ("lifetime", "i8"), ("expires", "i8"), ("key", "u8"),
     ("channel", "i4")]
)  # fmt: skip
STAGE = np.dtype(
    [("line", "i4"), ("supply", "i4"), ("queue", "i4"), ("place", "i4"), ("priority", "i8"), ("timeout", "i8"),
     ("skip", "i4"), ("is_last", "i1"), ("is_default", "i1")]
)  # fmt: skip
LINE = np.dtype([("is_lifo", "i4"), ("is_behind", "i4")])  # is_behind: queues of the other order are served first
SUPPLY = np.dtype(
    [("line", "i4"), ("channel", "i4"), ("is_optimized", "i4"), ("most", "i4"), ("unsortable", "i4")]
)  # most: max_reserved_workers; unsortable: how many are ready whom its order_by cannot sort
EDGE = np.dtype([("worker", "i4"), ("supply", "i4"), ("rank", "i4"), ("is_unsortable", "i4")])
QUEUE = np.dtype([("reservation_activity", "i4"), ("assignment_activity", "i4"), ("available", "i4")])
WORKER = np.dtype(
    [("listed", "i8"), ("last_reserved", "i8"), ("back_key", "u8"), ("habit", "i4"), ("activity", "i4"), ("duty", "i4"),
     ("first_edge", "i4"), ("end_edge", "i4"), ("first_queue", "i4"), ("end_queue", "i4"), ("first_open", "i4"),
     ("last_open", "i4"), ("busy", "i4"), ("holding", "i4"), ("cleared", "i4"), ("is_away", "i1"), ("is_freed", "i1")]
)  # fmt: skip
CHANNEL = np.dtype([("capacity", "i4"), ("used", "i4"), ("last_reserved", "i8")])  # capacity: 0 where not available
SHIFT_CHANGE = np.dtype([("at", "i8"), ("worker", "i4"), ("activity", "i4")])
# by class and habit: the number of the table of how long an answer takes, and shares of the answers
ANSWERS = np.dtype([("after", "i4"), ("always_accepts", "i4"), ("reject", "f8"), ("reject_or_let", "f8")])
# by habit: numbers of tables (see `Habits`), and factors
PACE = np.dtype(
    [("back", "i4"), ("talk", "i4"), ("wrap_up", "i4"), ("is_that_of_class", "i4"), ("talk_factor", "f8"),
     ("wrap_up_factor", "f8")]
)  # fmt: skip
TASK = np.dtype(
    [("answered", "i8"), ("ended", "i8"), ("limit", "i8"), ("step_end", "i8"), ("priority", "i4"), ("worker", "i4"),
     ("queue", "i4"), ("reservations", "i4"), ("steps", "i4"), ("stage", "i4"), ("attempts", "i4"), ("batch", "i4"),
     ("failures", "i4"), ("size", "i1"), ("status", "i1"), ("how", "i1"), ("reason", "i1"), ("timed_out", "i1")]
)  # fmt: skip
RESERVATION = np.dtype(
    [("at", "i8"), ("task", "i4"), ("worker", "i4"), ("next", "i4"), ("before", "i4"), ("cleared", "i4"),
     ("moved", "i2"), ("previous", "i2"), ("status", "i1")]
)  # fmt: skip
FAILURE = np.dtype([("worker", "i4"), ("count", "i4"), ("next", "i4")])
STEP = np.dtype([("at", "i8"), ("row", "i4"), ("place", "i4")])
TURN = np.dtype([("urgency", "i8"), ("number", "i8"), ("task", "i4"), ("worker", "i4"), ("reason", "i4")])
LIFETIME = np.dtype([("lifetime", "i8"), ("row", "i8")])
ASKED = np.dtype([("node", "i8"), ("failures", "i8")])
LONG, INT, BYTE = (np.dtype([("value", kind)]) for kind in ("i8", "i4", "i1"))

# the arrays of a day, by name, and of what records they are
ARRAYS = {
    "kind": INT, "number": INT, "at": LONG, "talk": LONG, "wrap_up": LONG, "patience": LONG,
    "tables": LONG, "habits": ANSWERS, "paces": PACE,
    "classes": CLASS, "stages": STAGE, "lines": LINE, "supplies": SUPPLY, "edges": EDGE, "queues": QUEUE,
    "workers": WORKER, "channels": CHANNEL, "shifts": SHIFT_CHANGE, "is_available": BYTE, "meets": BYTE,
    "queues_of": INT, "skips": BYTE, "lifetimes": LIFETIME, "tasks": TASK, "nodes": NODE, "roots": LONG,
    "reservations": RESERVATION,
    "failures": FAILURE, "steps": STEP, "events": LONG, "answers": LONG, "entered": LONG, "again": LONG, "freed": LONG,
    "turns": TURN, "chosen": LONG, "asked": ASKED,
}  # fmt: skip
GROWING = ("reservations", "failures", "steps", "events")
# what a day gives, by the names of `Columns`: addresses of arrays
TOLD_OF_TASKS = ("answered", "ended", "worker", "queue", "how", "reason", "reservations", "step_from")
TOLD = (*TOLD_OF_TASKS, "step_at", "step_place", "offer_at", "offer_worker")
COLUMNS = np.dtype([(name, "i8") for name in TOLD])
STATE = np.dtype(
    [(name, "i8") for name in ARRAYS]
    + [(f"{name}_size", "i8") for name in ARRAYS]
    + [(f"{name}_used", "i8") for name in (*GROWING, "entered", "again", "freed", "turns")]
    + [(name, "i8") for name in (
        "now", "arrived", "shift", "waiting", "turn_number", "answer_from", "answer_to", "hangs_up", "lifetime",
        "lifetime_end", "is_multitasking", "timeout_activity", "activities",
        "channels_each", "is_full",
    )]
    + [(f"sources_{digest()}", "i1")]
)  # fmt: skip
"""The state of a day: of each array its address, its size in records and how many are used, and what counts besides.

kind to patience: as in `Draws`; roots: heaps of nodes, first the lines, whose nodes are tasks, then the supplies, whose
nodes are edges, behind those of the tasks; meets: whether the worker of an edge meets the target's expression, by
activity; channels: `channels_each` of each worker; queues_of: the queues with a `skip_if`, by worker; skips: whether a
stage is skipped, by how many members of its queue are available; answers: reservations that are answered in this
millisecond; entered, again, freed, turns: what is left to be matched; chosen, asked: room for choosing.
"""
