"""Gives a number back: its calls go again where they went before the lessons."""

from __future__ import annotations

from dataclasses import replace

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpers.callback_server import public_addresses
from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error
from helpers.connection.instances import IncomingPhoneNumberInstance
from helpers.phone_numbers import notes
from helpers.phone_numbers.notes import APPLICATION, WEBHOOKS, NumberNote
from helpers.phone_numbers.number import OF_THE_SANDBOX

BLANK = dict.fromkeys(WEBHOOKS, "") | dict.fromkeys(WEBHOOKS.values(), "POST") | {APPLICATION: ""}
"""The settings of the sandbox's number as it is there from the start."""


@as_lesson_error()
def restore_number(client: Client) -> None:
    """Let the calls to the numbers that the lessons have taken go where they went before; says what it did.

    A number that somebody else has changed meanwhile is left as it is. In the sandbox its number has no webhooks again.
    Raises LessonError when the account cannot be asked, or refuses.
    """
    if mode_of(client) == "sandbox":
        for number in client.incoming_phone_numbers.list(phone_number=OF_THE_SANDBOX):
            number.update(**BLANK)
            print(f"The number {number.phone_number} of the sandbox calls no server any more.")
        return
    taken = taken_numbers(client)
    for note, number in taken:
        print(put_back(note, number))
    if not taken:
        print("The lessons use no number of this account.")


def noted_numbers(client: Client) -> list[tuple[NumberNote, IncomingPhoneNumberInstance | None]]:
    """List the numbers of a live account that the lessons have or had, as they are now; None for one that is gone."""
    return [(note, _fetch(client, note)) for note in notes.of_account(client.account_sid or "")]


def taken_numbers(client: Client) -> list[tuple[NumberNote, IncomingPhoneNumberInstance | None]]:
    """List likewise those that the lessons have not given back, or that still send calls to their server."""
    return [(note, number) for note, number in noted_numbers(client) if note.taken or (number and still_ours(number))]


def still_ours(number: IncomingPhoneNumberInstance) -> list[str]:
    """Name the fields of a number that send its calls to a callback server of these lessons."""
    return [name for name in WEBHOOKS if public_addresses.is_ours(getattr(number, name))]


def put_back(note: NumberNote, number: IncomingPhoneNumberInstance | None) -> str:
    """Put back what a note says, unless somebody else has changed the number. Says what was done."""
    if number is None:
        notes.forget(note)
        return f"{note.phone_number} is no number of this account any more."
    before = note.settings[APPLICATION] or note.settings["voice_url"] or "nowhere"
    if notes.is_changed(note, number):
        left = still_ours(number)
        said = (
            f"{note.phone_number} was changed by somebody else meanwhile, and is left as it is. Before the lessons its "
            f"calls went to {before}."
        )
        if left:
            said += f" Its {' and '.join(left)} still name the lessons' server."
    else:
        changes = _changes(note, number)
        if changes:
            number.update(**changes)
        said = f"The calls to {note.phone_number} go where they went before the lessons: {before}."
    notes.keep(replace(note, taken=False))
    return said


def _changes(note: NumberNote, number: IncomingPhoneNumberInstance) -> dict[str, str]:
    """Find what to set: what is not as it was, is blank or at our server; what somebody else has set there stays."""
    now, before = notes.settings_of(number), note.settings
    changes = {}
    for url, method in WEBHOOKS.items():
        if now[url] in ("", before[url]) or public_addresses.is_ours(now[url]):
            changes |= {name: before[name] for name in (url, method) if now[name] != before[name]}
    if now[APPLICATION] != before[APPLICATION]:
        changes[APPLICATION] = before[APPLICATION]
    return changes


def _fetch(client: Client, note: NumberNote) -> IncomingPhoneNumberInstance | None:
    try:
        return client.incoming_phone_numbers(note.sid).fetch()
    except TwilioRestException as refused:
        if refused.status == 404:
            return None
        raise
