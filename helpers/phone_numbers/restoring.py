"""Gives numbers back: their calls go again where they went before the lessons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpers.callback_server import public_addresses
from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error
from helpers.connection.instances import IncomingPhoneNumberInstance
from helpers.errors import LessonError
from helpers.phone_numbers import notes
from helpers.phone_numbers.notes import APPLICATION, WEBHOOKS, NumberNote
from helpers.phone_numbers.number import OF_THE_SANDBOX

BLANK = dict.fromkeys(WEBHOOKS, "") | dict.fromkeys(WEBHOOKS.values(), "POST") | {APPLICATION: ""}
"""The settings of the sandbox's number as it is there from the start."""


class LeftAlone(LessonError):
    """Somebody else has changed the number meanwhile: it stays as it is."""


@dataclass(frozen=True)
class TakenNumber:
    """A number that the lessons use.

    phone_number: such as "+15005550006"; before: where its calls went, in words; is_ours: there is something to put
    back, and nobody else has changed it; put_back: puts it back, and says so; raises LeftAlone.
    """

    phone_number: str
    before: str
    is_ours: bool
    put_back: Callable[[], str]


@as_lesson_error()
def restore_number(client: Client) -> None:
    """Let the calls to the numbers that the lessons have taken go where they went before; says what it did.

    A number that somebody else has changed meanwhile is left as it is. In the sandbox its number has no webhooks again.
    Raises LessonError when the account cannot be asked, or refuses.
    """
    taken = taken_numbers(client)
    for one in taken:
        try:
            print(one.put_back())
        except LeftAlone as changed:
            print(changed)
    if not taken:
        print("The lessons use no number of this account.")


def taken_numbers(client: Client) -> list[TakenNumber]:
    """List the numbers that the lessons have not given back, or that still send calls to their server."""
    if mode_of(client) == "sandbox":
        numbers = client.incoming_phone_numbers.list(phone_number=OF_THE_SANDBOX)
        return [_of_the_sandbox(one) for one in numbers if notes.settings_of(one) != BLANK]
    return [
        _of_the_account(client, note, number)
        for note, number in noted_numbers(client)
        if note.taken or (number and still_ours(number))
    ]


def noted_numbers(client: Client) -> list[tuple[NumberNote, IncomingPhoneNumberInstance | None]]:
    """List the numbers of a live account that the lessons have or had, as they are now; None for one that is gone."""
    return [(note, _fetch(client, note)) for note in notes.of_account(client.account_sid or "")]


def still_ours(number: IncomingPhoneNumberInstance) -> list[str]:
    """Name the fields of a number that send its calls to a callback server of these lessons."""
    return [name for name in WEBHOOKS if public_addresses.is_ours(getattr(number, name))]


def _of_the_sandbox(number: IncomingPhoneNumberInstance) -> TakenNumber:
    def put_back() -> str:
        number.update(**BLANK)
        return f"The number {number.phone_number} of the sandbox calls no server any more."

    return TakenNumber(number.phone_number, "nowhere", True, put_back)


def _of_the_account(client: Client, note: NumberNote, number: IncomingPhoneNumberInstance | None) -> TakenNumber:
    before = note.settings[APPLICATION] or note.settings["voice_url"] or "nowhere"
    is_ours = number is not None and not notes.is_changed(note, number)
    return TakenNumber(note.phone_number, before, is_ours, partial(_put_back, client, note, before))


def _put_back(client: Client, note: NumberNote, before: str) -> str:
    number = _fetch(client, note)
    if number is None:
        notes.forget(note)
        return f"{note.phone_number} is no number of this account any more."
    is_changed = notes.is_changed(note, number)
    if not is_changed and (changes := _changes(note, number)):
        number.update(**changes)
    notes.keep(replace(note, taken=False))
    if is_changed:
        left = " and ".join(still_ours(number))
        raise LeftAlone(
            f"{note.phone_number} was changed by somebody else meanwhile, and is left as it is. Before the lessons its "
            f"calls went to {before}.{f' Its {left} still goes to the server of the lessons.' if left else ''}"
        )
    return f"The calls to {note.phone_number} go where they went before the lessons: {before}."


def _changes(note: NumberNote, number: IncomingPhoneNumberInstance) -> dict[str, str]:
    """Find what to set: what is not as it was, is blank or at our server; what somebody else has set there stays."""
    now, then = notes.settings_of(number), note.settings
    changes = {}
    for url, method in WEBHOOKS.items():
        if now[url] in ("", then[url]) or public_addresses.is_ours(now[url]):
            changes |= {name: then[name] for name in (url, method) if now[name] != then[name]}
    if now[APPLICATION] != then[APPLICATION]:
        changes[APPLICATION] = then[APPLICATION]
    return changes


def _fetch(client: Client, note: NumberNote) -> IncomingPhoneNumberInstance | None:
    try:
        return client.incoming_phone_numbers(note.sid).fetch()
    except TwilioRestException as refused:
        if refused.status == 404:
            return None
        raise
