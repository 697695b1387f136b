"""A workspace as one readable JSON file: what its parts are, how it is read from a workspace and made into one, and
what differs between the two.
"""

from .applying import StepRefused, apply
from .changes import plan
from .checks import mistakes, oddities
from .creation import bring_to, create
from .format import Snapshot, SnapshotError, SnapshotWarning
from .json_file import decode, encode, load, save
from .reading import Present, look, missing, read
from .steps import Plan, PlanStep

__all__ = [
    "Plan",
    "PlanStep",
    "Present",
    "Snapshot",
    "SnapshotError",
    "SnapshotWarning",
    "StepRefused",
    "apply",
    "bring_to",
    "create",
    "decode",
    "encode",
    "load",
    "look",
    "missing",
    "mistakes",
    "oddities",
    "plan",
    "read",
    "save",
]
