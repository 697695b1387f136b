"""What a phone's controls do: for each type of action the call to the sandbox that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from helpers.errors import LessonError
from helpers.live.feed.call_feed import CallFeed
from helpers.live.widgets.actions import Action, required
from taskrouter_sandbox.control_types import PhoneBehaviour

BEHAVIOURS = {
    "by-hand": "I answer",
    "after": "it answers by itself",
    "never": "nobody answers",
    "busy": "it is busy",
    "reject": "it rejects",
    "unreachable": "it cannot be reached",
}
"""What happens when a phone is called, in words (`behaviour` of a phone of the sandbox)."""


class PhoneInterface(Protocol):
    """What the actions need of a phone. address: its own."""

    address: str

    @property
    def feed(self) -> CallFeed:
        """The feed of calls, whose sandbox is asked."""
        ...

    def tell(self, answer: PhoneBehaviour) -> None:
        """Let the phone behave so when it is called."""
        ...


def phone_action(asked: dict[str, Any], view: PhoneInterface) -> Action:
    """Make the action that is asked for. Raises LessonError for one that is not known or lacks something."""
    make = ACTIONS.get(asked.get("type", ""))
    if make is None:
        raise LessonError(f"This phone does not know {asked.get('type')!r}; reload the page.")
    return make(view, asked)


def _at_call(view: PhoneInterface, asked: dict[str, Any], method: str, said: str, *arguments: str) -> Action:
    """Make the action of somebody who has a call. method: of `CallControl`, with its arguments after the call."""
    [call] = required(asked, "call")
    given = ", ".join(repr(each) for each in (call, *arguments))

    def run() -> str:
        calls = view.feed.sandbox.calls
        view.feed.put(getattr(calls, method)(call, *arguments))
        return said

    return Action(f"from helpers import sandbox\nsandbox.ensure().calls.{method}({given})", run)


def _dial(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    [to] = required(asked, "to")
    code = f"from helpers import sandbox\nsandbox.ensure().calls.dial({to!r}, {view.address!r})"

    def run() -> str:
        view.feed.put(view.feed.sandbox.calls.dial(to, view.address))
        return f"You dialed {to}"

    return Action(code, run)


def _press(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    [digits] = required(asked, "digits")
    return _at_call(view, asked, "press", f"You pressed {digits}", digits)


def _say(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    [words] = required(asked, "words")
    return _at_call(view, asked, "say", "You spoke", words)


def _answer(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    return _at_call(view, asked, "answer", "You answered")


def _reject(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    return _at_call(view, asked, "reject", "You rejected the call")


def _hang_up(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    return _at_call(view, asked, "hang_up", "You hung up")


def _set_phone(view: PhoneInterface, asked: dict[str, Any]) -> Action:
    [answer] = required(asked, "answer")
    if answer not in BEHAVIOURS:
        raise LessonError(f"A phone cannot behave {answer!r}. Choose one of: {', '.join(BEHAVIOURS)}.")
    code = f"from helpers import sandbox\nsandbox.ensure().phones.set({view.address!r}, {answer!r})"

    def run() -> str:
        view.tell(answer)
        return f"From the next call on: {BEHAVIOURS[answer]}, set"

    return Action(code, run)


ACTIONS: dict[str, Callable[[PhoneInterface, dict[str, Any]], Action]] = {
    "dial": _dial,
    "press": _press,
    "say": _say,
    "answer": _answer,
    "reject": _reject,
    "hang-up": _hang_up,
    "set-phone": _set_phone,
}
"""What the browser can ask a phone for."""
