"""The number that the lessons are called at: the sandbox's own, or one of a live account, taken with care."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from twilio.rest import Client

from helpers.callback_server import public_addresses
from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error
from helpers.connection.instances import IncomingPhoneNumberInstance
from helpers.consent import is_agreed
from helpers.errors import LessonError
from helpers.phone_numbers import notes, prices
from helpers.phone_numbers.agents import PHONES
from helpers.phone_numbers.settings import NUMBER, number_setting

OF_THE_SANDBOX = "+15005550006"
DEMO = re.compile("https?://demo\\.twilio\\.com/")
"""Where the voice URL of a number that nobody has set up yet is (it plays a greeting)."""

NAMED_AT_MOST = 20


@as_lesson_error()
def phone_number(client: Client) -> IncomingPhoneNumberInstance:
    """Give the number of the account that the lessons are called at, as a plain twilio instance.

    In the sandbox that is the one that is there from the start. Of a live account it is its only one with voice, or
    the one that TWILIO_PHONE_NUMBER names. Where its calls go is remembered before the first change, and
    `restore_number` puts it back; a number that something else uses is named, and taken only after a yes, or when the
    setting names it. What calls to it cost is said, and those to the agents' phones that are set.

    Raises LessonError when there is no such number, nobody agrees, or the account cannot be asked.
    """
    if mode_of(client) == "sandbox":
        return _of_the_sandbox(client)
    number = _take(find_number(client))
    print(f"LIVE: the lessons are called at {number.phone_number}. `restore_number(client)` puts it back.")
    print(prices.of_calls_to(client, number.phone_number))
    for phone in filter(None, map(number_setting, PHONES.values())):
        print(prices.of_calls_from(client, number.phone_number, phone))
    return number


def _of_the_sandbox(client: Client) -> IncomingPhoneNumberInstance:
    numbers = client.incoming_phone_numbers.list(phone_number=OF_THE_SANDBOX)
    if numbers:
        return numbers[0]
    raise LessonError(
        f"The number {OF_THE_SANDBOX} of the sandbox was deleted: "
        f'client.incoming_phone_numbers.create(phone_number="{OF_THE_SANDBOX}") brings it back.'
    )


def find_number(client: Client) -> IncomingPhoneNumberInstance:
    """Find the number of a live account that the lessons are to be called at, and change nothing.

    Raises LessonError when there is none, or several and none is named, or it belongs to a SIP trunk.
    """
    number = _choose(client)
    if number.trunk_sid:
        raise LessonError(
            f"{number.phone_number} belongs to the SIP trunk {number.trunk_sid}, which takes all its calls: name "
            f"another number with {NUMBER} in .env, or take this one out of the trunk at console.twilio.com."
        )
    return number


def _choose(client: Client) -> IncomingPhoneNumberInstance:
    wanted = number_setting(NUMBER)
    everyone: Iterator[IncomingPhoneNumberInstance] = client.incoming_phone_numbers.stream()
    numbers = [one for one in everyone if (one.capabilities or {}).get("voice")]
    if wanted is not None:
        found = next((one for one in numbers if one.phone_number == wanted), None)
        if found is None:
            raise LessonError(
                f"{NUMBER} is {wanted}, which is no number of this account that takes calls. {_listed(numbers)}"
            )
        return found
    if not numbers:
        raise LessonError(
            "This account has no number that takes calls. Buy one at console.twilio.com under Phone Numbers, with the "
            f"capability Voice, then run this cell again. {prices.of_a_number(client)}"
        )
    if len(numbers) > 1:
        raise LessonError(
            f"This account has several numbers: say which one the lessons may use, with a line {NUMBER}=... in .env, "
            f"and restart the kernel. {_listed(numbers)}"
        )
    return numbers[0]


def _listed(numbers: Sequence[IncomingPhoneNumberInstance]) -> str:
    if not numbers:
        return "It has none."
    more = f", and {len(numbers) - NAMED_AT_MOST} more" if len(numbers) > NAMED_AT_MOST else ""
    each = [
        f"{one.phone_number} ({use})" if (use := use_of(one)) else f"{one.phone_number} (free)"
        for one in numbers[:NAMED_AT_MOST]
    ]
    return f"Its numbers: {', '.join(each)}{more}."


def use_of(number: IncomingPhoneNumberInstance) -> str:
    """Say what the calls to a number go to now; "" when that is nothing, or Twilio's demo."""
    if number.trunk_sid:
        return f"its calls go to the SIP trunk {number.trunk_sid}"
    if number.voice_application_sid:
        return f"its calls go to the TwiML application {number.voice_application_sid}"
    url = number.voice_url or ""
    return "" if not url or DEMO.match(url) else f"its calls go to {url}"


def _take(number: IncomingPhoneNumberInstance) -> IncomingPhoneNumberInstance:
    """Remember where the calls to a number go, unless that is done; see that its own voice URL counts."""
    note = notes.find(number)
    if note is None or notes.is_changed(note, number):
        note = replace(notes.noted_now(number), taken=False)
        use = use_of(number)
    else:
        use = "" if public_addresses.is_ours(number.voice_url) else use_of(number)
    if not note.taken:
        if use and number_setting(NUMBER) is None:
            _require_consent(number, use)
        notes.keep(replace(note, taken=True))
    if number.voice_application_sid:  # whose addresses come before the number's own
        number.update(voice_application_sid="")
    return number


def _require_consent(number: IncomingPhoneNumberInstance, use: str) -> None:
    instead = f"name a number with {NUMBER} in .env, this one to agree, and restart the kernel"
    print(f"{number.phone_number} is in use: {use}. The lessons would let its calls come to your server instead.")
    try:
        if is_agreed("May they, until restore_number(client) puts it back?"):
            return
    except (EOFError, NotImplementedError):  # nobody is there to be asked
        raise LessonError(f"{number.phone_number} is in use ({use}), and nobody could be asked: {instead}.") from None
    raise LessonError(f"Nothing was changed. Let the lessons use another number: {instead}.")
