"""Ask a running sandbox for what the real service does not have: its control plane under `/_sandbox/`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field

from .errors import SandboxError

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address on loopback, and what its clients present."""

    url: str
    account_sid: str
    auth_token: str = field(repr=False)
    pid: int = 0

    def ask(self, path: str, *, method: str = "GET") -> dict:
        """Ask the control plane, such as `ask("deliveries")`.

        Raises SandboxError when the sandbox has gone, or refuses, with its own words.
        """
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method)
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        request.add_header("Authorization", f"Basic {credentials}")
        try:
            with DIRECT.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise SandboxError(json.load(refusal)["message"]) from None
        except urllib.error.URLError as error:
            raise SandboxError(
                f"the sandbox at {self.url} does not answer ({error}): run connect() again, it starts a new one"
            ) from None

    def faults(self) -> list[str]:
        """As `armed`, in words."""
        return [fault["what"] for fault in self.armed()]

    def armed(self) -> list[dict]:
        """What is ordered to go wrong and has not done so as often as ordered. Raises as `ask` does."""
        return [fault for fault in self.ask("faults")["faults"] if fault["left"]]

    def notice(self) -> str | None:
        """Tell what its start found amiss, such as state that it cannot read; None for nothing.

        Raises as `ask` does.
        """
        return self.ask("health")["notice"]

    def ahead(self) -> float:
        """Seconds that its clock is ahead of this machine's. Raises as `ask` does."""
        return float(self.ask("clock")["ahead"])

    def unusual_rules(self) -> dict[str, tuple[str, str]]:
        """What it reads in another way than usual: name of the rule -> reading, usual reading. Raises as `ask` does."""
        told = self.ask("rules")
        usual = told["usual"]
        return {name: (reading, usual[name]) for name, reading in told["rules"].items() if reading != usual[name]}
