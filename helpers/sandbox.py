"""The sandbox as the lessons know it: found, started, stopped and emptied, with errors that a learner can act on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, ParamSpec, TypeVar

import taskrouter_sandbox
from helpers.errors import LessonError
from taskrouter_sandbox import ACCOUNT_SID, SandboxError, credentials

__all__ = ["ACCOUNT_SID", "LessonSandbox", "credentials", "ensure", "find", "reset", "stop"]

P = ParamSpec("P")
T = TypeVar("T")


def _explained(function: Callable[P, T]) -> Callable[P, T]:
    """Raise LessonError where the sandbox raises SandboxError."""

    @wraps(function)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return function(*arguments, **named)
        except SandboxError as error:
            raise LessonError(str(error)) from None

    return wrapped


class LessonSandbox(taskrouter_sandbox.Sandbox):
    """A running sandbox. Whatever it refuses is a LessonError."""

    remedy: ClassVar[str] = "run connect() again, it starts a new one"

    @_explained
    def request(self, method: str, path: str, **parameters: object) -> Any:
        """Ask the control plane. Raises LessonError, with the sandbox's own words."""
        return super().request(method, path, **parameters)


def _for_lessons(found: taskrouter_sandbox.Sandbox) -> LessonSandbox:
    return LessonSandbox(**vars(found))


def find() -> LessonSandbox | None:
    """Find the sandbox that runs now; None when there is none, or one that was started from older code."""
    found = taskrouter_sandbox.find()
    return _for_lessons(found) if found else None


@_explained
def ensure() -> LessonSandbox:
    """Find the sandbox that runs, or start it; state of earlier runs is there again. Raises LessonError."""
    return _for_lessons(taskrouter_sandbox.ensure())


@_explained
def stop() -> None:
    """End the running sandbox, if there is one; its state stays. A live view that is open starts it again."""
    taskrouter_sandbox.stop()


@_explained
def reset() -> None:
    """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
    taskrouter_sandbox.reset()
