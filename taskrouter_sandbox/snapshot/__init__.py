"""A workspace as one readable JSON file: what its parts are, how it is read from a workspace and made into one, and
what differs between the two.
"""

from .applying import StepRefused, apply
from .changes import plan
from .creation import bring_to, create
from .format import Snapshot, SnapshotError
from .reading import Present, look, missing, read
from .steps import Plan, Step
from .text import decode, encode, load, save

__all__ = [
    "Plan",
    "Present",
    "Snapshot",
    "SnapshotError",
    "Step",
    "StepRefused",
    "apply",
    "bring_to",
    "create",
    "decode",
    "encode",
    "load",
    "look",
    "missing",
    "plan",
    "read",
    "save",
]
