"""The parameters of each instruction: how they are read, their defaults, and the codes of what is wrong with them.

They are those of behaviour.md §3.3 and rest-contract.md §4.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from ..model.urls import callable_address


class Parameter(NamedTuple):
    """One parameter of an instruction: how it is read, what counts without it, the code when it is wrong."""

    read: Callable[[Any], Any]
    default: Any = None
    code: int = 20001


# reading: each gives the value, or raises ValueError with what is wanted


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


NUMBER = re.compile(r"\+?\d{3,15}", re.ASCII)
URI = r"(?:[\w.~!*'()+=;:,$&?/-]|%[0-9A-Fa-f]{2})+"  # what may stand in a URI, an @ left out
CONTACT = re.compile(rf"[+\w.:@;=-]+|client:{URI}(?:@{URI})?|sips?:{URI}@{URI}")


def _contact(value: Any) -> str:
    """Read a number, or the address of a client: the service's own samples name `18001234567` and `bob`.

    sip:user@host may have parameters and headers (`;transport=tls?X-Team=1`), the name of a client percent-escapes.
    """
    if not isinstance(value, str) or not CONTACT.fullmatch(value):
        raise ValueError("must be a phone number such as +15555555555, client:name or sip:name@domain")
    return value


def _flag(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"\d{1,6}", str(value)) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return read


def _one_of(*values: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = str(value).lower() if isinstance(value, bool) else value
        if text not in values:
            raise ValueError(f"must be one of {', '.join(values)}")
        return text

    return read


def _several(*values: str) -> Callable[[Any], tuple[str, ...]]:
    """Make a reader of a list, or of one text with commas or blanks between its items."""

    def read(value: Any) -> tuple[str, ...]:
        items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
        named: list[Any] = cast("list[Any]", items) if isinstance(items, list) else [None]
        if any(item not in values for item in named):
            raise ValueError(f"must name some of {', '.join(values)}")
        return tuple(named)

    return read


def _sid(prefix: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", value):
            raise ValueError(f"must be a SID {prefix}..., of 34 characters")
        return value

    return read


METHOD = Parameter(_one_of("GET", "POST"), "POST")
CALL_EVENTS = _several("initiated", "ringing", "answered", "completed")
RECORD = Parameter(_one_of("do-not-record", "record-from-answer"), "do-not-record")
RINGING = Parameter(_whole(1, 999), 60)  # seconds
LONGEST_SIP = 600  # seconds that a dequeue lets a SIP address ring

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "dequeue": {
        "to": Parameter(_contact, code=40131),
        "from": Parameter(_contact, code=40132),
        "post_work_activity_sid": Parameter(_sid("WA"), code=40130),
        "record": RECORD,
        "timeout": RINGING,
        "status_callback_url": Parameter(callable_address, code=40157),
        "status_callback_events": Parameter(CALL_EVENTS, (), 40134),
    },
    "call": {
        "to": Parameter(_contact, code=40110),
        "from": Parameter(_contact, code=40111),
        "url": Parameter(callable_address, code=40112),
        "accept": Parameter(_flag, False),
        "record": RECORD,
        "timeout": RINGING,
        "status_callback_url": Parameter(callable_address, code=40158),
    },
    "redirect": {
        "call_sid": Parameter(_sid("CA"), code=40121),
        "url": Parameter(callable_address, code=40120),
        "accept": Parameter(_flag, False),
    },
    "conference": {
        "to": Parameter(_contact, code=40137),
        "from": Parameter(_contact, code=40141),
        "post_work_activity_sid": Parameter(_sid("WA"), code=40143),
        "room_name": Parameter(_text),
        "timeout": RINGING,
        "status_callback": Parameter(callable_address, code=40159),
        "status_callback_method": METHOD,
        "status_callback_event": Parameter(CALL_EVENTS, ()),
        "record": Parameter(_flag, False),
        "muted": Parameter(_flag, False),
        "beep": Parameter(_one_of("true", "false", "onEnter", "onExit"), "true"),
        "start_conference_on_enter": Parameter(_flag, True),
        "end_conference_on_exit": Parameter(_flag, False),
        "wait_url": Parameter(callable_address),
        "wait_method": METHOD,
        "early_media": Parameter(_flag, True),
        "max_participants": Parameter(_whole(2, 250), 250),
        "conference_status_callback": Parameter(callable_address, code=40159),
        "conference_status_callback_method": METHOD,
        "conference_status_callback_event": Parameter(
            _several("start", "end", "join", "leave", "mute", "hold", "speaker"), ()
        ),
        "conference_record": Parameter(_one_of("true", "false", "record-from-start", "do-not-record"), "false"),
        "conference_trim": Parameter(_one_of("trim-silence", "do-not-trim"), "trim-silence"),
        "recording_channels": Parameter(_one_of("mono", "dual"), "mono"),
        "recording_status_callback": Parameter(callable_address),
        "recording_status_callback_method": METHOD,
        "conference_recording_status_callback": Parameter(callable_address),
        "conference_recording_status_callback_method": METHOD,
        "region": Parameter(_one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
        "sip_auth_username": Parameter(_text),
        "sip_auth_password": Parameter(_text),
        "end_conference_on_customer_exit": Parameter(_flag, False),
        "beep_on_customer_entrance": Parameter(_flag, True),
        "jitter_buffer_size": Parameter(_one_of("small", "medium", "large", "off"), "large"),
    },
    "supervise": {
        "supervisor": Parameter(_contact, code=40147),
        "supervisor_mode": Parameter(_one_of("monitor", "whisper", "barge"), "monitor"),
        "from": Parameter(_contact, code=40148),
    },
}

# behaviour.md §3.3: what must be there when all that could stand for it has been looked at
REQUIRED: dict[str, dict[str, int]] = {
    "dequeue": {"to": 40131, "from": 40132},
    "call": {"from": 40111, "url": 40112, "to": 40110},
    "redirect": {"call_sid": 40121, "url": 40120},
    "conference": {"to": 40137, "from": 40138},
    "supervise": {"supervisor": 40147, "from": 40148},
}
