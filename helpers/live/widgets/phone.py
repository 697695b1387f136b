"""A phone: dial, press keys, answer and hang up in the sandbox, with captions instead of sound."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error, status_of
from helpers.connection.instances import WorkerInstance
from helpers.connection.json_text import as_object
from helpers.errors import LessonError
from helpers.live.feed.call_feed import CallFeed, join
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.widgets.actions import Action, ActionView
from helpers.live.widgets.base import LiveWidget, front_end, replace_previous
from helpers.live.widgets.phone_actions import BEHAVIOURS, phone_action
from helpers.live.widgets.phone_words import ShownCall, shown
from helpers.live.widgets.text import WORKER_GONE
from taskrouter_sandbox.control_types import PhoneBehaviour

QUIET = "No call."
LEASE = 15
"""Seconds that a phone goes on behaving as it was told here when this view, or its kernel, has gone."""

LOOK_EVERY = 3.0
"""Seconds between two looks whether the worker is there whose phone it is."""

ANSWERED_WITHIN = 5.0
"""Seconds that a cell waits for a call which has been dialed to be answered."""


def phone(client: Client, owner: WorkerInstance | str) -> PhoneWidget:
    """Show a phone of the sandbox, to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        owner: a caller's number such as `"+15005550100"`, or the worker whose `contact_uri` the phone has.

    Raises LessonError when the worker has no `contact_uri`, or cannot be read.
    """
    worker = None if isinstance(owner, str) else owner
    address, name = _contact(worker) if worker else (owner, owner)
    make = partial(PhoneWidget, client, address, name, worker)
    return replace_previous(("phone", address), make, lambda old: old.is_of(client, name, worker))


@as_lesson_error()
def _contact(worker: WorkerInstance) -> tuple[str, str]:
    """Read the address and the name of a worker's phone as they are now."""
    now = worker.fetch()
    name = str(now.friendly_name)
    address = as_object(now.attributes).get("contact_uri")
    if not isinstance(address, str) or not address:
        raise LessonError(
            f'{name} has no phone yet: add a contact_uri such as "client:{name.lower()}" to the attributes of the '
            "worker, then run this cell again."
        )
    return address, name


class PhoneWidget(ActionView[CallFeed]):
    """A phone with a keypad, and the calls that it has.

    `state`: `address`, `name`, `dials` (it is a caller's, not a worker's),
    `numbers` (those of the account), `behaviour` (what happens when it is called, one of
    `behaviours`), `calls` (`ShownCall`: those that go on, or else the last), `sentence`, `about_action`, `refused`,
    `advice` (on a live account: what to do instead).
    """

    _esm, _css = front_end("phone")

    def __init__(self, client: Client, address: str, name: str, worker: WorkerInstance | None = None) -> None:
        self.address, self.phones = address, {address: name}
        self._client, self._name, self._worker = client, name, worker
        self._looked_at, self._is_deleted = float("-inf"), False
        self._answer: PhoneBehaviour = "by-hand"
        self._told_at = float("-inf")
        self._telling = threading.Lock()
        is_live = mode_of(client) == "live"
        super().__init__(
            f"Phone {name}" if name == address else f"{name}'s phone, {address}",
            address=address, name=name, dials=name == address, numbers=[], behaviour="by-hand",
            behaviours=[list(each) for each in BEHAVIOURS.items()],
            calls=[], sentence=QUIET, about_action="", refused=False, advice=_advice(address, name) if is_live else "",
        )  # fmt: skip
        self._content["mode"] = mode_of(client)
        if is_live:
            self._post()
        else:
            self._leave = join(client, self)

    def is_of(self, client: Client, name: str, worker: WorkerInstance | None) -> bool:
        """Tell whether this is the phone of that name and worker, over the very client."""
        is_theirs = worker.sid == self._worker.sid if worker and self._worker else worker is self._worker
        return self._client is client and self._name == name and is_theirs

    def words(self) -> str:
        """Say what the phone shows: what its newest call does and waits for."""
        gone = f"{self._name} was deleted." if self._content["gone"] else ""
        return f"{self._content['title']}: {self._content['advice'] or gone or self._content['sentence']}"

    # ---- what a person does, from a cell; each returns at once, and `wait_until_drawn` waits for the sandbox

    def dial(self, number: str | None = None) -> None:
        """Dial a number of the account; by itself its first."""
        self._start_action({"type": "dial", "to": number or self._first_number()})

    def press(self, digits: str) -> None:
        """Press keys: 0 to 9, * and #."""
        self._start_action({"type": "press", "call": self._current("talks"), "digits": digits})

    def say(self, words: str) -> None:
        """Speak."""
        self._start_action({"type": "say", "call": self._current("talks"), "words": words})

    def answer(self) -> None:
        """Answer the call that rings."""
        self._start_action({"type": "answer", "call": self._current("rings")})

    def reject(self) -> None:
        """Reject the call that rings."""
        self._start_action({"type": "reject", "call": self._current("rings")})

    def hang_up(self) -> None:
        """Hang up."""
        self._start_action({"type": "hang-up", "call": self._current("live")})

    def when_called(self, behaviour: str) -> None:
        """Let the phone behave so from the next call on: a key of `BEHAVIOURS`, such as "never"."""
        self._start_action({"type": "set-phone", "answer": behaviour})

    def _start_action(self, asked: dict[str, Any], action_id: str = "") -> None:
        if self._content["advice"]:
            raise LessonError(self._content["advice"])
        super()._start_action(asked, action_id)

    def _first_number(self) -> str:
        if not self.feed.numbers:
            self.wait_until_drawn()
        if not self.feed.numbers:
            raise LessonError("The account has no number to be dialed: make one with client.incoming_phone_numbers.")
        return self.feed.numbers[0]

    def _current(self, what: str) -> str:
        """Find the newest call of which this is true, and wait some seconds for one that has just begun.

        Raises LessonError when there is none.
        """
        deadline = time.monotonic() + ANSWERED_WITHIN
        while True:
            self.wait_until_drawn()
            calls = self._content["calls"]
            found = next((each["sid"] for each in calls if each[what]), None)
            if found is not None:
                return found
            if not any(each["live"] for each in calls) or time.monotonic() > deadline:
                raise LessonError(f"{self._content['title']} has no such call now. {self._content['sentence']}")
            time.sleep(0.05)

    # ---- on any thread

    def _action(self, asked: dict[str, Any]) -> Action:
        return phone_action(asked, self)

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Draw the calls of this phone: those that go on, or else the last."""
        with self._lock:
            own = [each for each in self.feed.calls if each["phone"] == self.address]
            drawn = [each for each in own if each["ended"] is None] or own[:1]
            seen = [shown(each, self.feed.names) for each in drawn]
            self._post(calls=seen, numbers=self.feed.numbers, sentence=_sentence(seen))
            self._tell_deleted()

    def on_refresh(self) -> None:
        """See that somebody answers by hand as long as this phone is shown, unless the sandbox was told otherwise."""
        self._look_for_worker()
        feed = self.feed
        told = feed.phones.get(self.address)
        if told is None or (told["for_now"] and time.monotonic() - self._told_at > LEASE / 5):
            self.tell(told["answer"] if told else self._answer, renew=True)
        told = feed.phones.get(self.address)
        behaviour = told["answer"] if told else self._answer
        trouble = WORKER_GONE if self._is_deleted else None
        now = (self._content["trouble"], self._content["behaviour"], self._content["numbers"])
        if now != (trouble, behaviour, feed.numbers):
            self._post(trouble=trouble, behaviour=behaviour, numbers=feed.numbers)
        self._tell_deleted()

    def _look_for_worker(self) -> None:
        """Find out, now and then, whether the worker was deleted whose phone it is."""
        if self._worker is None or self._is_deleted or time.monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = time.monotonic()
        try:
            self._worker.fetch()
        except TwilioException as error:
            self._is_deleted = status_of(error) == 404

    def _tell_deleted(self) -> None:
        """Take a phone out of use whose worker was deleted; a call that goes on is still seen to its end."""
        gone = self._is_deleted and not any(each["live"] for each in self._content["calls"])
        if gone != self._content["gone"]:
            self._post(gone=gone)

    def tell(self, answer: PhoneBehaviour, renew: bool = False) -> None:
        """Let the phone behave so for as long as it is shown; for good, where it was told something for good.

        renew: it goes on as it is where it was told already, by this view or by that of another kernel.
        """
        with self._telling:
            if self._open:
                before = self.feed.phones.get(self.address)
                lease = LEASE if before is None or before["for_now"] else None
                told = self.feed.sandbox.phones.set(
                    self.address, answer, for_seconds=lease, renew=renew and lease is not None
                )
                self._answer, self._told_at = told["answer"], time.monotonic()
                self.feed.phones = {**self.feed.phones, self.address: told}

    def _end(self) -> None:
        """Let the phone behave as before it was shown: now, or after LEASE seconds where the kernel cannot ask."""
        if not self._content["advice"]:
            feed = self.feed

            def as_before() -> None:
                with self._telling:
                    feed.sandbox.phones.set(self.address, self._answer, for_seconds=0)

            feed.do(as_before)
        super()._end()

    # ---- on the render thread

    def draw(self, value: dict) -> None:
        """Draw it, and what was done last, unless that was at a call which another one has followed."""
        last = value["history"][-1] if value["history"] else None
        if last and last["outcome"] == "done":
            of = last["action"].get("call")
            last = last if of in (None, *(each["sid"] for each in value["calls"])) else None
        value |= {"about_action": _about(last), "refused": bool(last) and last["outcome"] == "refused"}
        super().draw(value)

    def send_heartbeat(self) -> None:
        """Tell the browser that the kernel lives, and how fresh the phone is."""
        LiveWidget.send_heartbeat(self) if self._content["advice"] else super().send_heartbeat()


def _advice(address: str, name: str) -> str:
    if name != address:
        return (
            f"On a live account a real phone is needed: when {name} is called, {address} rings. Set contact_uri to the "
            "number of a phone that you can answer, and answer it there."
        )
    return (
        "On a live account a real phone is needed: take yours and call one of the account's numbers (in Twilio's "
        "Console: Phone Numbers, Active numbers). Each call costs money."
    )


def _sentence(calls: list[ShownCall]) -> str:
    if not calls:
        return QUIET
    return " ".join(f"{each['state']} {each['waits']}".strip() for each in calls)


def _about(last: dict[str, Any] | None) -> str:
    if last is None or last["outcome"] == "pending":
        return ""
    return last["said"] if last["outcome"] == "refused" else f"{last['said']} at {last['at']}."
