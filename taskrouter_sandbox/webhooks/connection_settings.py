"""How webhooks of calls and events are to be connected: the settings in the fragment of an address (voice.md §1.4)."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl

from msgspec import Struct

MOST_REDIRECTS = 10
LIMITS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
POLICIES = ("4xx", "5xx", "ct", "rt", "all")


class ConnectionSettings(Struct, frozen=True):
    """How an address is asked: ct, rt and tt are milliseconds to connect, to read and for all of it; rc: how often it
    is tried again; rp: after which failures."""

    ct: int = 5_000
    rt: int = 15_000
    tt: int = 15_000
    rc: int = 1
    rp: frozenset[str] = frozenset({"ct"})

    def tries_again(self, failed: Literal["connect", "read"] | None, status: int | None) -> bool:
        """Say whether a failure is one after which the request is made once more."""
        kinds = {"connect": "ct", "read": "rt"}
        kind = kinds[failed] if failed else f"{status // 100}xx" if status else ""
        return kind in POLICIES and (kind in self.rp or "all" in self.rp)


def connection(url: str) -> ConnectionSettings:
    """Read the settings in the fragment of an address; one that is not known, or out of its limits, does not count."""
    settings = dict(parse_qsl(url.partition("#")[2]))
    numbers = {name: int(text) for name in LIMITS if (text := settings.get(name, "")).isdecimal() and len(text) < 8}
    kept = {name: number for name, number in numbers.items() if LIMITS[name][0] <= number <= LIMITS[name][1]}
    policies = frozenset(settings.get("rp", "").split(","))
    return ConnectionSettings(**kept, rp=policies if policies <= frozenset(POLICIES) else frozenset({"ct"}))
