"""Phone calls, as the people at the phones make them, and how phones behave by themselves."""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import quote

from .control_requests import Control
from .control_types import CallState, PhoneBehaviour, PhoneState

CallStates: TypeAlias = list[CallState]
PhoneStates: TypeAlias = list[PhoneState]


class CallControl(Control):
    """What people do at phones. Each of these gives the call as its phone shows it then."""

    def dial(self, to: str = "+15005550006", from_: str = "+15005550100") -> CallState:
        """Dial a number of the account from a phone."""
        return self.client.request("POST", "calls", **{"from": from_, "to": to})

    def fetch(self, sid: str) -> CallState:
        """Tell what a phone shows: status, with whom, captions so far, and what it waits for."""
        return self.client.request("GET", f"calls/{quote(sid)}")

    def press(self, sid: str, digits: str) -> CallState:
        """Press keys: 0 to 9, * and #."""
        return self.client.request("POST", f"calls/{quote(sid)}/press", digits=digits)

    def say(self, sid: str, words: str) -> CallState:
        """Speak."""
        return self.client.request("POST", f"calls/{quote(sid)}/say", words=words)

    def answer(self, sid: str) -> CallState:
        """Answer a phone that rings."""
        return self.client.request("POST", f"calls/{quote(sid)}/answer")

    def reject(self, sid: str) -> CallState:
        """Reject a call; whoever called hears that the line is busy."""
        return self.client.request("POST", f"calls/{quote(sid)}/reject")

    def hang_up(self, sid: str) -> CallState:
        """Hang up."""
        return self.client.request("POST", f"calls/{quote(sid)}/hang-up")

    def list(self, limit: int = 500, *, and_live: bool = False) -> CallStates:
        """List the newest calls, the newest first; limit: up to 10,000.

        and_live: also those that are older and go on.
        """
        return self.client.request("GET", "calls", limit=limit, and_live=and_live)["calls"]


class PhoneControl(Control):
    """How phones behave when they are called."""

    def set(
        self,
        address: str,
        answer: PhoneBehaviour,
        seconds: int | None = None,
        for_seconds: int | None = None,
        *,
        renew: bool | None = None,
    ) -> PhoneState:
        """Let a phone answer after some seconds, never or by hand, or be busy, from the next call on.

        for_seconds: it behaves so unless it was told otherwise for good, and after so many seconds of this machine's
        clock as before, unless it is told again; 0: at once. renew: a phone that was told so for some seconds before
        goes on behaving as it does, for the new seconds. Gives how it behaves now.
        """
        told = {"answer": answer, "seconds": seconds, "for_seconds": for_seconds, "renew": renew}
        return self.client.request("POST", f"phones/{quote(address)}", **told)

    def list(self) -> PhoneStates:
        """List the phones that were told how to behave."""
        return self.client.request("GET", "phones")["phones"]
