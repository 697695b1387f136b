"""What became of the calls to a number before the lessons took it, remembered on disk.

A note is written before anything is changed, and as a whole or not at all, so that it is there whatever becomes of the
kernel. Only this user can read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.callback_server import public_addresses
from helpers.connection import json_file
from helpers.connection.instances import IncomingPhoneNumberInstance
from helpers.errors import LessonError

WEBHOOKS = {
    "voice_url": "voice_method",
    "voice_fallback_url": "voice_fallback_method",
    "status_callback": "status_callback_method",
}
"""The addresses of a number that calls are told to, and the field with the method of each."""

APPLICATION = "voice_application_sid"
"""The field of the TwiML application whose addresses take the place of the number's own (voice.md §5.2)."""

FIELDS = (*WEBHOOKS, *WEBHOOKS.values(), APPLICATION)


@dataclass(frozen=True)
class NumberNote:
    """A number that the lessons have taken, or had.

    account_sid: `AC...`; sid: `PN...`; phone_number: such as "+15005550006"; settings: its FIELDS as they were before;
    taken: the lessons have not given it back yet.
    """

    account_sid: str
    sid: str
    phone_number: str
    settings: dict[str, str]
    taken: bool = True


def settings_of(number: IncomingPhoneNumberInstance) -> dict[str, str]:
    """Give the FIELDS of a number as they are; one that is not set is ""."""
    return {name: getattr(number, name) or "" for name in FIELDS}


def of_account(account_sid: str) -> list[NumberNote]:
    """Give the notes about the numbers of an account. Raises LessonError when they cannot be read."""
    return [NumberNote(account_sid, sid, **noted) for sid, noted in _read().get(account_sid, {}).items()]


def find(number: IncomingPhoneNumberInstance) -> NumberNote | None:
    """Find the note about a number. Raises LessonError when the notes cannot be read."""
    return next((note for note in of_account(number.account_sid) if note.sid == number.sid), None)


def is_changed(note: NumberNote, number: IncomingPhoneNumberInstance) -> bool:
    """Tell whether somebody else has changed, since then, where the calls to a number go."""
    application, url = number.voice_application_sid or "", number.voice_url or ""
    if number.trunk_sid or application not in ("", note.settings[APPLICATION]):
        return True
    return url != note.settings["voice_url"] and not public_addresses.is_ours(url)


def noted_now(number: IncomingPhoneNumberInstance) -> NumberNote:
    """Make the note about a number as it is now."""
    return NumberNote(number.account_sid, number.sid, number.phone_number, settings_of(number))


def keep(note: NumberNote) -> None:
    """Write a note, in the place of the one about the same number. Raises LessonError when that cannot be done."""
    kept = asdict(note)
    account_sid, sid = kept.pop("account_sid"), kept.pop("sid")
    with _changed() as noted:
        noted.setdefault(account_sid, {})[sid] = kept


def forget(note: NumberNote) -> None:
    """Forget about a number. Raises LessonError when the notes cannot be read or written."""
    with _changed() as noted:
        noted.get(note.account_sid, {}).pop(note.sid, None)


@contextmanager
def _changed() -> Iterator[dict[str, dict[str, Any]]]:
    """Give all notes, by account and number, and write them back with what was changed."""
    file = _file()
    try:
        with json_file.alone_with(file):
            noted = _read()
            yield noted
            json_file.write(file, {account: numbers for account, numbers in noted.items() if numbers})
    except OSError as error:
        raise LessonError(
            f"What your number does with its calls could not be remembered in {file} ({error}), so it was not changed: "
            "name another folder with TASKROUTER_TUNNEL_DIR, and restart JupyterLab."
        ) from None


def _read() -> dict[str, dict[str, Any]]:
    with suppress(OSError, ValueError):
        return json_file.read(_file())
    raise LessonError(
        f"{_file()}, which says where the calls to your numbers went before the lessons, cannot be read. Put the "
        "webhooks of your numbers right at console.twilio.com, then move this file away."
    )


def _file() -> Path:
    return public_addresses.folder() / "phone_numbers.json"
