"""SIDs: two letters that tell the kind, and 32 hexadecimal digits (rest-contract.md §1)."""

from __future__ import annotations

from os import urandom


def new_sid(prefix: str) -> str:
    """Make a SID that nobody has used yet."""
    return prefix + urandom(16).hex()
