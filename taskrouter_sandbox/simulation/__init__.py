"""Rehearse a day: what a workspace would do with it, decided by the rules of routing themselves (docs/simulation.md).

`rehearse(workspace, day)` needs no account, no server and no waiting: nobody is called, and the clock is the day's own.
"""

from importlib.util import find_spec

if find_spec("numpy") is None:
    raise ModuleNotFoundError("rehearsals need numpy: pip install 'taskrouter-sandbox[simulation]'", name="numpy")

from .columns import Columns
from .compare import DifferenceRow, compare
from .day import Day, rates
from .engines import EngineName
from .erlang import QueueingTheory, erlang_a, erlang_c
from .errors import RehearsalError
from .estimates import EstimateRow
from .past.day import PastDay, day_from_events
from .pool import Progress
from .records import Step, TaskRecord
from .rehearsal import Rehearsal, rehearse
from .rows import Rows
from .staff import StaffPlan, StaffRow, staff_for
from .summary import SummaryRow, summarize
from .sweep import Sweep, sweep
from .targets import TargetRow
from .variants import Variant, grid
from .why import Why
from .workers import WorkerRow

__all__ = [
    "Columns",
    "Day",
    "DifferenceRow",
    "EngineName",
    "EstimateRow",
    "PastDay",
    "Progress",
    "QueueingTheory",
    "Rehearsal",
    "RehearsalError",
    "Rows",
    "StaffPlan",
    "StaffRow",
    "Step",
    "SummaryRow",
    "Sweep",
    "TargetRow",
    "TaskRecord",
    "Variant",
    "Why",
    "WorkerRow",
    "compare",
    "day_from_events",
    "erlang_a",
    "erlang_c",
    "grid",
    "rates",
    "rehearse",
    "staff_for",
    "summarize",
    "sweep",
]
