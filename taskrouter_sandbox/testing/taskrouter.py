"""What a test is given: a TaskRouter of its own, as a twilio client and the sandbox's control plane."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, ClassVar

from ..control_client import ControlClient
from ..control_types import DeliveryAttempt, DeliveryRecord
from ..snapshot.references import did_you_mean
from .redirect import RestCallRecords

SECONDS = 10.0
FAILURES = 3


@dataclass(frozen=True)
class TaskRouter(ControlClient):
    """A world of a test's own, empty when it begins and gone when it ends.

    url, account_sid, auth_token: of the sandbox; `client` is an unmodified twilio client of it. clock, faults,
    deliveries, alerts, options, calls, phones and transfers are those of ControlClient. rest_calls: what all twilio
    clients of this process have called.
    """

    remedy: ClassVar[str] = (
        "run the tests again; where TASKROUTER_SANDBOX_URL names it, see that it runs, as `taskrouter-sandbox serve "
        "--any-account`: with --idle-exit it ends when nobody asks it, also during a long test"
    )
    client: Any = field(kw_only=True, repr=False)
    rest_calls: RestCallRecords = field(kw_only=True, repr=False)

    def wait_for_webhooks(self, seconds: float = SECONDS, *, failures: int = FAILURES) -> None:
        """Wait until every webhook so far has had its answer, and what the answer said is done.

        Raises AssertionError with those that are still under way; at once where they would never end, since a task is
        offered to the same worker again and again: `failures` times in a row its assignment callback has failed, or has
        rejected it.
        """
        deadline = time.monotonic() + seconds
        while True:
            sent = self.deliveries.list()
            open_ones = [each for each in sent if each["result"] is None]
            if not open_ones:
                return
            for one in open_ones:
                if circle := in_circles(one, sent, failures):
                    raise AssertionError(circle)
            if time.monotonic() > deadline:
                waiting = ", ".join(f"{each['kind']} to {each['url']}" for each in open_ones)
                raise AssertionError(f"webhooks without an answer after {seconds:g} s: {waiting}")
            time.sleep(0.01)


def in_circles(delivery: DeliveryRecord, sent: list[DeliveryRecord], failures: int) -> str:
    """Say that a reservation is only the next of a task which the same worker was offered before, `failures` times in a
    row and in vain; "" where it is not. sent: the newest first."""

    def whose(each: DeliveryRecord) -> tuple[str | None, str | None]:
        return each["parameters"].get("TaskSid"), each["parameters"].get("WorkerSid")

    if delivery["kind"] != "assignment":
        return ""
    before = [
        each for each in sent if each["kind"] == "assignment" and each["result"] and whose(each) == whose(delivery)
    ]
    in_vain = list(takewhile(_is_in_vain, before))
    if len(in_vain) < failures:
        return ""
    given = delivery["parameters"]
    return (
        f"webhooks do not end: task {given.get('TaskSid')} is offered to worker {given.get('WorkerSid')} again and "
        f"again, and {len(in_vain)} times in a row the assignment callback has not taken it: "
        f"{answers(in_vain[0])}, {in_vain[0]['outcome']}"
    )


def answers(delivery: DeliveryRecord, longest: int = 200) -> str:
    """Say of each address that a webhook was sent to what came of it; longest: characters shown of an answer."""

    def said(attempt: DeliveryAttempt) -> str:
        url = attempt.get("url", delivery["url"])
        led = "".join(f", redirected to {each['url']}," for each in attempt.get("redirects", [])[-1:])
        if "error" in attempt:
            return f"{url}{led.rstrip(',')}: {attempt['error']}"
        body = " ".join(attempt.get("body", "").split())[:longest]
        return f"{url}{led} answered {attempt.get('status')} {body}".rstrip()

    return ", then ".join(map(said, delivery["attempts"]))


def _is_in_vain(delivery: DeliveryRecord) -> bool:
    """Tell whether a task goes on after an assignment callback as before it; what a fault has spoilt does not count."""
    if any("fault" in each for each in delivery["attempts"]) or not delivery["attempts"]:
        return False
    return delivery["result"] in ("failed", "refused") or (delivery["outcome"] or "").startswith("rejected")


class ByName(dict[str, Any]):
    """Instances by their names; a name that is not there raises a KeyError that says which are."""

    def __missing__(self, name: str) -> Any:
        """Say which names there are."""
        raise KeyError(f"{name!r} is not there; there is {', '.join(self) or 'none'}{did_you_mean(name, self)}")


@dataclass(frozen=True)
class LoadedWorkspace:
    """A workspace that was made of a snapshot, with all that is in it by name, as twilio instances."""

    workspace: Any
    activities: ByName
    task_channels: ByName
    task_queues: ByName
    workflows: ByName
    workers: ByName

    @classmethod
    def of(cls, workspace: Any) -> LoadedWorkspace:
        """Find all that is in a workspace."""
        return cls(
            workspace,
            activities=ByName({each.friendly_name: each for each in workspace.activities.list()}),
            task_channels=ByName({each.unique_name: each for each in workspace.task_channels.list()}),
            task_queues=ByName({each.friendly_name: each for each in workspace.task_queues.list()}),
            workflows=ByName({each.friendly_name: each for each in workspace.workflows.list()}),
            workers=ByName({each.friendly_name: each for each in workspace.workers.list()}),
        )

    def set_activity(self, worker: str, activity: str) -> Any:
        """Let a worker change to an activity, both by name; gives the worker as it is then."""
        return self.workers[worker].update(activity_sid=self.activities[activity].sid)
