"""What a test is given: a TaskRouter of its own, as a twilio client and the sandbox's control plane."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..control_client import ControlClient
from ..errors import SandboxError
from .redirect import Calls

SECONDS = 10.0


@dataclass(frozen=True)
class TaskRouter(ControlClient):
    """A world of a test's own, empty when it begins and gone when it ends.

    url, account_sid, auth_token: of the sandbox; `client` is an unmodified twilio client of it. clock, faults,
    deliveries, alerts, options, calls, phones and transfers are those of ControlClient. rest_calls: what all twilio
    clients of this process have called.
    """

    client: Any = field(kw_only=True, repr=False)
    rest_calls: Calls = field(kw_only=True, repr=False)

    def wait_for_webhooks(self, seconds: float = SECONDS) -> None:
        """Wait until every webhook so far has had its answer, and what the answer said is done.

        Raises AssertionError with those that are still under way.
        """
        deadline = time.monotonic() + seconds
        while open_ones := [each for each in self.deliveries.list() if each["result"] is None]:
            if time.monotonic() > deadline:
                waiting = ", ".join(f"{each['kind']} to {each['url']}" for each in open_ones)
                raise AssertionError(f"webhooks without an answer after {seconds:g} s: {waiting}")
            time.sleep(0.01)

    def drop_others(self) -> None:
        """Forget what clients with other credentials have made, so that the next test does not find it."""
        for user, password in self.rest_calls.credentials - {(self.account_sid, self.auth_token)}:
            with suppress(SandboxError):  # no account, or the one that the sandbox was started for
                ControlClient(self.url, user, password).drop()


@dataclass(frozen=True)
class LoadedWorkspace:
    """A workspace that was made of a snapshot, with all that is in it by name, as twilio instances."""

    workspace: Any
    activities: dict[str, Any]
    task_channels: dict[str, Any]
    task_queues: dict[str, Any]
    workflows: dict[str, Any]
    workers: dict[str, Any]

    @classmethod
    def of(cls, workspace: Any) -> LoadedWorkspace:
        """Find all that is in a workspace."""
        return cls(
            workspace,
            activities={each.friendly_name: each for each in workspace.activities.list()},
            task_channels={each.unique_name: each for each in workspace.task_channels.list()},
            task_queues={each.friendly_name: each for each in workspace.task_queues.list()},
            workflows={each.friendly_name: each for each in workspace.workflows.list()},
            workers={each.friendly_name: each for each in workspace.workers.list()},
        )

    def set_activity(self, worker: str, activity: str) -> Any:
        """Let a worker change to an activity, both by name; gives the worker as it is then."""
        return self.workers[worker].update(activity_sid=self.activities[activity].sid)
