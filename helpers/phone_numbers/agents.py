"""The agents' phones: simulated ones in the sandbox, real ones on a live account."""

from __future__ import annotations

from twilio.rest import Client

from helpers.connection.clients import mode_of
from helpers.errors import LessonError
from helpers.names import LANGUAGES
from helpers.phone_numbers.settings import NUMBER, number_setting

PHONES = {name: f"{name.upper()}_PHONE" for name in LANGUAGES}
"""The setting with the number of each agent's phone."""


def contact_uri_for(client: Client, name: str) -> str:
    """Give the address of an agent's phone, for the `contact_uri` of the worker.

    name: "Alice" or "Bob". In the sandbox it is `client:alice`, on a live account the number that ALICE_PHONE sets.
    Raises LessonError when there is no such agent, or no such setting.
    """
    if name not in PHONES:
        raise LessonError(f"The lessons have no agent {name!r}: write {' or '.join(map(repr, PHONES))}.")
    if mode_of(client) == "sandbox":
        return f"client:{name.lower()}"
    setting = PHONES[name]
    phone = phone_of(name)
    if phone is None:
        raise LessonError(
            f"On a live account a real phone rings for {name}: put its number into .env, as in {setting}=+15005550111, "
            "and restart the kernel. A trial account can only call numbers that are verified at console.twilio.com."
        )
    return phone


def phone_of(name: str) -> str | None:
    """Read the number of an agent's real phone. Raises LessonError when it is set, and cannot be one."""
    phone = number_setting(PHONES[name])
    if phone is not None and phone == number_setting(NUMBER):
        raise LessonError(f"{PHONES[name]} is the number that the lessons are called at: set that of a phone there.")
    return phone
