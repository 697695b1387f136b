"""Run the checks and report each deviation: say first what will be created, and remove it again."""

from __future__ import annotations

import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from helpers import sandbox
from helpers.conformance import callbacks, contract, lifecycles, routing
from helpers.conformance.check_context import LIVE, SANDBOX, CheckContext, Timeouts
from helpers.conformance.checks import CHECKS, Check, Need
from helpers.conformance.deviation import Deviation
from helpers.conformance.receiver import CallbackReceiver
from helpers.connection import account, clients
from helpers.connection.error_messages import describe_error, is_retryable, is_retryable_status, status_of
from helpers.connection.instances import WorkspaceInstance
from helpers.consent import is_agreed
from helpers.errors import LessonError

assert all((callbacks, contract, lifecycles, routing))  # imported for the checks that they hold

MARK = "TaskRouter conformance"
LONGEST_PAUSE = 5.0  # seconds before a check is tried once more, whatever TaskRouter asks for
CONFORMANCE_WORKSPACE = re.compile(rf"{MARK} [0-9a-f]{{8}}( single)?")  # the names of the workspaces of a run

Say = Callable[[str], None]


def main(*, only: str = "", sure: bool = False, timeouts: Timeouts | None = None) -> int:
    """Run the checks against the configured account. Returns the exit code: 1 when something deviates.

    only: a word, to run just the checks with it in their name, group or paragraph; sure: do not ask before a live run;
    timeouts: how long to wait, where it is not as long as suits the account.
    Raises LessonError when the account does not answer, or faults are on in the sandbox.
    """
    checks = _with(only)
    if not checks:
        print(f"No check has {only!r} in its name, group or paragraph; --list names them.", file=sys.stderr)
        return 2
    client = clients.connect()
    live = account.current().mode == "live"
    if not live and (on := sandbox.ensure().faults.descriptions()):
        raise LessonError(
            f"Nothing was checked, since faults are on in the sandbox: {'; '.join(on)}. "
            "Take them back with `from helpers import faults; faults.all_off()`, then run the checks again."
        )
    print(
        f"\n{len(checks)} checks. They create up to two workspaces, named {MARK!r} and a number, with workers, queues, "
        "workflows and tasks in them, and remove both at the end."
    )
    if live and not sure and not is_agreed("Go on?"):
        print("Nothing was created.")
        return 0
    with _receiver(checks) as (receiver, why_not):
        return ConformanceRun(client, timeouts or (LIVE if live else SANDBOX), receiver, why_not).run_all(checks)


def list_checks(only: str = "") -> None:
    """Print the name, group and paragraph of each check, and what it expects; asks no account. only: as in `main`."""
    for one in _with(only):
        print(f"{one.name:<30} {one.group:<11} {one.source:<23} {one.expected}")


def _with(word: str) -> list[Check]:
    """Select the checks with this word in their name, group or paragraph, in whatever case."""
    return [one for one in CHECKS if word.casefold() in one.title.casefold()]


@contextmanager
def _receiver(checks: list[Check]) -> Iterator[tuple[CallbackReceiver | None, str]]:
    if not any("callbacks" in one.needs for one in checks):
        yield None, ""
        return
    try:
        receiver = CallbackReceiver()
    except LessonError as trouble:
        yield None, f"no public address: {trouble}"
        return
    try:
        yield receiver, ""
    finally:
        receiver.close()


class MissingPrerequisite(Exception):
    """Something that a check needs and the account does not have; its text says what."""


class ConformanceRun:
    """One run over some checks.

    why_no_callbacks: in words, when `receiver` is None; say: gets each line of the report; sleep: waits, in seconds.
    """

    def __init__(
        self,
        client: Client,
        timeouts: Timeouts,
        receiver: CallbackReceiver | None,
        why_no_callbacks: str = "",
        say: Say = lambda line: print(line, flush=True),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client, self.timeouts, self.receiver, self.say = client, timeouts, receiver, say
        self._sleep = sleep
        self.missing: dict[Need, str] = {} if receiver else {"callbacks": why_no_callbacks}
        self.deviations: dict[str, str] = {}
        self.not_run: dict[str, str] = {}
        self._workspaces: dict[bool, WorkspaceInstance] = {}
        self._retry_after = ""
        self._number = uuid4().hex[:8]

    def run_all(self, checks: list[Check]) -> int:
        """Run all checks, one after the other, report, and remove everything. Returns the exit code."""
        began = time.monotonic()
        http_client: Any = self.client.http_client
        heard = http_client.request_hooks["response"]
        heard.append(self._heed)
        try:
            for one in checks:
                self._one(one)
        finally:
            heard.remove(self._heed)
            self._remove()
        passed = len(checks) - len(self.deviations) - len(self.not_run)
        self.say(
            f"\n{passed} as expected, {len(self.deviations)} deviating, {len(self.not_run)} not run, "
            f"in {time.monotonic() - began:.0f} s."
        )
        return int(bool(self.deviations))

    def _one(self, check: Check) -> None:
        self._retry_after = ""
        try:
            try:
                self._try(check, check.name)
            except (TwilioException, requests.RequestException) as error:
                if not is_retryable(error):
                    raise
                self._pause()
                self._try(check, f"{check.name}-again")  # a name of its own: the first try has left things behind
        except MissingPrerequisite as missing:
            self.not_run[check.name] = str(missing)
        except Deviation as deviation:
            self.deviations[check.name] = str(deviation)
        except (TwilioException, requests.RequestException) as error:
            passing = is_retryable(error) and status_of(error) != 500  # 500: it goes wrong whenever it is made
            (self.not_run if passing else self.deviations)[check.name] = describe_error(error)
        except Exception as error:  # an answer that nobody foresaw, which is what the checks are to find
            line = traceback.extract_tb(error.__traceback__)[-1]
            self.deviations[check.name] = (
                f"the check could not go on: {type(error).__name__}: {error} (line {line.lineno} of {line.name})"
            )
        if check.name in self.not_run:
            self._tell("not run", check, self.not_run[check.name])
        elif check.name in self.deviations:
            self._tell("DEVIATES", check, f"{self.deviations[check.name]}.", f"read {check.documentation}")
        else:
            self._tell("ok", check)

    def _try(self, check: Check, name: str) -> None:
        """Run one check. Raises MissingPrerequisite, Deviation, and what the client raises."""
        workspace = self._workspace(check)
        for need in sorted(check.needs):
            if need in self.missing:
                raise MissingPrerequisite(self.missing[need])
        context = CheckContext(self.client, workspace, name, self.timeouts, self.receiver)
        try:
            check.run(context)
        finally:
            context.clear()

    def _pause(self) -> None:
        """Wait as long as TaskRouter has asked for, but only so long."""
        asked = self._retry_after
        self._sleep(min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else self.timeouts.pause)

    def _heed(self, answer: requests.Response, *_: object, **__: object) -> None:
        """Keep what the client's exceptions do not bring along."""
        if is_retryable_status(answer.status_code):
            self._retry_after = answer.headers.get("Retry-After", "").strip()

    def _tell(self, state: str, check: Check, *more: str) -> None:
        self.say(f"{state:<9} {check.source:<23} {check.expected}")
        for words in more:
            self.say(f"{'':<9} {'':<23} → {words}")

    def _workspace(self, check: Check) -> WorkspaceInstance | None:
        """Give the workspace for a check, made when it is first wanted; None where the account does not allow it."""
        multi = "single-tasking" not in check.needs
        if multi not in self._workspaces and not ("single-tasking" in self.missing and not multi):
            name = f"{MARK} {self._number}{'' if multi else ' single'}"
            try:
                create = self.client.taskrouter.v1.workspaces.create
                self._workspaces[multi] = create(friendly_name=name, multi_task_enabled=multi)
            except TwilioRestException as refused:
                if is_retryable(refused):
                    raise
                if multi:
                    raise LessonError(f"{describe_error(refused)}.") from None
                self.missing["single-tasking"] = (
                    f"this account has no single-tasking workspaces: {describe_error(refused)}"
                )
        return self._workspaces.get(multi)

    def _remove(self) -> None:
        """Delete the workspaces of this run. Raises LessonError, with the next step, when that fails."""
        removed: list[str] = []
        try:
            for workspace in self.client.taskrouter.v1.workspaces.stream(page_size=200):
                if workspace.friendly_name in (f"{MARK} {self._number}", f"{MARK} {self._number} single"):
                    workspace.delete()
                    removed.append(workspace.friendly_name)
        except (TwilioException, requests.RequestException, KeyboardInterrupt) as error:
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else describe_error(error)
            raise LessonError(
                f"Workspaces of this run may still be there ({why}): `python3 -m helpers clean-up` removes them."
            ) from None
        finally:
            for name in removed:
                self.say(f"Removed the workspace {name!r}.")
