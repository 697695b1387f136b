"""A webhook that is to be delivered, and what has become of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Kind = Literal["assignment", "event"]


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One webhook, as the log keeps it.

    subject_sid: the reservation that is asked about, or the event that is reported; fallback_url: where else to ask;
    number: its place in the log; at: milliseconds since 1970, the sandbox's time; attempts: see `Sender.post`;
    outcome: what came of it, in words, or None while it is under way; repeats: the number of the one that this sends
    again.
    """

    kind: Kind
    workspace_sid: str
    subject_sid: str
    url: str
    parameters: dict[str, str]
    fallback_url: str | None = None
    number: int = 0
    at: int = 0
    attempts: list[dict[str, Any]] = field(default_factory=list)
    outcome: str | None = None
    repeats: int | None = None

    def again(self) -> Delivery:
        """The same once more, as a delivery of its own."""
        return replace(self, number=0, attempts=[], outcome=None, repeats=self.number)

    def told(self) -> dict[str, Any]:
        """As the control plane says it: without the passwords of its addresses."""
        fallback_url = self.fallback_url and without_password(self.fallback_url)
        return asdict(self) | {"url": without_password(self.url), "fallback_url": fallback_url}


def without_password(url: str) -> str:
    """An address as it may be shown."""
    return re.sub(r"(?<=://)([^/?#:]*):[^/?#]*@", r"\1:***@", url, count=1)
