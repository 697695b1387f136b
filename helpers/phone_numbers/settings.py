"""Phone numbers that are set by name in the environment or in `.env`."""

from __future__ import annotations

import re

from helpers.connection import settings
from helpers.errors import LessonError

NUMBER = "TWILIO_PHONE_NUMBER"
"""The setting that names the account's number for the lessons."""


def number_setting(name: str) -> str | None:
    """Read a phone number: `+` with the country and digits, such as +15005550111; blanks and dashes are taken out.

    None when it is not set. Raises LessonError when it is set and no such number.
    """
    given = settings.setting(name)
    if given is None:
        return None
    number = re.sub(r"[\s().-]", "", given)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise LessonError(
            f"{name} is {given!r}, which is no phone number: write it with + and its country, such as "
            f"{name}=+15005550111, and restart the kernel."
        )
    return number
