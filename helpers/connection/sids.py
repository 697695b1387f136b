"""SIDs, as sentences and widgets show them."""

from __future__ import annotations


def short_sid(sid: str | None) -> str:
    """Shorten a SID so that it fits a line and can still be told from others: `WT…9f3a`. Gives "" for None."""
    if not sid:
        return ""
    return sid if len(sid) <= 8 else f"{sid[:2]}…{sid[-4:]}"
