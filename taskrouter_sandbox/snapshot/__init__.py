"""A workspace as one readable JSON file: what its parts are, and how it is read from a workspace and made into one."""

from .creation import create
from .format import Snapshot, SnapshotError
from .reading import read
from .text import decode, encode, load, save

__all__ = ["Snapshot", "SnapshotError", "create", "decode", "encode", "load", "read", "save"]
