"""Which attributes, values and nested elements each verb and noun of TwiML has, in one table (voice.md §2).

A code is that of the debugger for a value that is not allowed (voice.md §1.8); where Twilio has none of its own, it is
12200, that of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from . import values
from .values import Check, boolean, method

SCHEMA = 12200


class Attribute(Struct, frozen=True):
    """An attribute. default: what counts when it is absent, None for nothing. check, code, level: of a bad value."""

    default: str | None = None
    check: Check = values.anything
    code: int = SCHEMA
    level: Literal["error", "warning"] = "warning"


class Words(Struct, frozen=True):
    """What is wanted of the words in an element, and the code if they are not so.

    unless: an attribute with which they may be left away.
    """

    check: Check
    code: int = SCHEMA
    level: Literal["error", "warning"] = "warning"
    unless: str | None = None


class Element(Struct, frozen=True):
    """A verb or noun.

    children: what may be nested; misplaced: the code of a known verb that may not. text: whether words may stand in it;
    marked_up: with SSML; words: what is wanted of them. unread: nothing in it is looked at, as the sandbox runs no such
    verb.
    """

    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    children: tuple[str, ...] = ()
    misplaced: int = SCHEMA
    text: bool = False
    words: tuple[Words, ...] = ()
    marked_up: bool = False
    unread: bool = False


def _methods(code: int, *names: str) -> dict[str, Attribute]:
    return {name: Attribute("POST", method, code) for name in names}


def _texts(*names: str) -> dict[str, Attribute]:
    return {name: Attribute() for name in names}


PROGRESS = values.names("initiated", "ringing", "answered", "completed")
RECORDED = values.names("in-progress", "completed", "absent")
ROOM = values.names("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
RECORDING = {
    "recordingStatusCallback": Attribute(check=values.address, code=13256),
    "recordingStatusCallbackEvent": Attribute("completed", RECORDED, 13621, "error"),
    "recordingConfigurationId": Attribute(),
    **_methods(SCHEMA, "recordingStatusCallbackMethod"),
}
STATUS = {
    "statusCallback": Attribute(),
    "statusCallbackEvent": Attribute("completed", PROGRESS),
    **_methods(SCHEMA, "statusCallbackMethod"),
}
MACHINE = _texts(
    "machineDetection",
    "amdStatusCallback",
    "amdStatusCallbackMethod",
    "machineDetectionTimeout",
    "machineDetectionSpeechThreshold",
    "machineDetectionSpeechEndThreshold",
    "machineDetectionSilenceTimeout",
)
TASK = Element(  # with the limits of tasks (behaviour.md §2.1)
    {
        "priority": Attribute("0", values.whole(0, 2_147_483_647)),
        "timeout": Attribute("86400", values.whole(1, 1_209_600)),
    },
    text=True,
)
DECLINED = Element(unread=True)

ELEMENTS: dict[str, Element] = {
    "Say": Element(
        {
            "voice": Attribute("man", values.voice, 13511),
            "language": Attribute("en-US", values.language, 13512),
            "loop": Attribute("1", values.whole(0, 1000), 13510),
        },
        text=True,
        words=(Words(values.given, 13520), Words(values.at_most(4096), 13521)),
        marked_up=True,
    ),
    "Play": Element(
        {"loop": Attribute("1", values.whole(0, 1000), 13410), "digits": Attribute(None, values.tones, 13430)},
        text=True,
        words=(Words(values.given, 11100, "error", "digits"), Words(values.address, 11100, "error")),
    ),
    "Pause": Element({"length": Attribute("1", values.whole(1), 13910)}),
    "Gather": Element(
        {
            "input": Attribute("dtmf", values.names("dtmf", "speech"), 13326),
            "action": Attribute(),
            "numDigits": Attribute(None, values.whole(1), 13314),
            "timeout": Attribute("5", values.whole(1, None, "auto"), 13313),
            "finishOnKey": Attribute("#", values.keys(1), 13310),
            "actionOnEmptyResult": Attribute("false", boolean, 13338, "error"),
            "speechTimeout": Attribute(None, values.whole(1, None, "auto"), 13327),
            "maxSpeechTime": Attribute("60", values.whole(1, 60), 13328),
            "language": Attribute("en-US", values.language, 13331),
            "hints": Attribute(),
            "profanityFilter": Attribute("true", boolean, 13333),
            "bargeIn": Attribute("true", boolean, 13332),
            "debug": Attribute("false", boolean),
            "enhanced": Attribute("false", boolean),
            "speechModel": Attribute("default"),
            "partialResultCallback": Attribute(),
            **_methods(13312, "method"),
            **_methods(13329, "partialResultCallbackMethod"),
        },
        ("Say", "Play", "Pause"),
        13320,
    ),
    "Enqueue": Element(
        {
            "action": Attribute(None, values.address, 14203, "error"),
            "method": Attribute("POST", method, 14201, "error"),
            "waitUrl": Attribute(None, values.address, 14202, "error"),
            "waitUrlMethod": Attribute(None, method, 14206, "error"),
            "maxQueueSize": Attribute(None, values.whole(1, 5000)),
            "workflowSid": Attribute(),
        },
        ("Task", "TaskAttributes"),
        text=True,
    ),
    "Task": TASK,
    "TaskAttributes": TASK,
    "Leave": Element(),
    "Hangup": Element(children=("Parameter",)),
    "Reject": Element({"reason": Attribute("rejected", values.one_of("rejected", "busy"), 13810)}, ("Parameter",)),
    "Redirect": Element(_methods(13710, "method"), text=True),
    "Record": Element(
        {
            "action": Attribute(),
            "timeout": Attribute("5", values.whole(1), 13611),
            "finishOnKey": Attribute("1234567890*#", values.keys(), 13613),
            "maxLength": Attribute(None, values.whole(1, 86_400), 13612),
            "playBeep": Attribute("true", boolean, 13616),
            "trim": Attribute("trim-silence", values.one_of("trim-silence", "do-not-trim"), 13699),
            "transcribe": Attribute("false", boolean, 13614),
            "transcribeCallback": Attribute(None, values.address, 13257, "error"),
            **_methods(13610, "method"),
            **RECORDING,
        }
    ),
    "Dial": Element(
        {
            "action": Attribute(),
            "timeout": Attribute("30", values.whole(5, 600), 13212),
            "hangupOnStar": Attribute("false", boolean, 13213),
            "callerId": Attribute(None, values.caller_id, 13214),
            "timeLimit": Attribute("14400", values.whole(1), 13216),
            "record": Attribute(
                "do-not-record",
                values.one_of(
                    "do-not-record",
                    "record-from-answer",
                    "record-from-ringing",
                    "record-from-answer-dual",
                    "record-from-ringing-dual",
                    "true",
                    "false",
                ),
                13217,
            ),
            "trim": Attribute("do-not-trim", values.one_of("trim-silence", "do-not-trim")),
            "recordingTrack": Attribute("both", values.one_of("inbound", "outbound", "both")),
            "sequential": Attribute("false", boolean, 13218),
            "answerOnBridge": Attribute("false", boolean, 13219),
            "ringTone": Attribute(None, values.ring_tone, 13220),
            "referUrl": Attribute(),
            "events": Attribute(),
            "passports": Attribute(),
            **_methods(13210, "method"),
            **_methods(SCHEMA, "referMethod"),
            **RECORDING,
        },
        ("Number", "Client", "Sip", "Queue", "Conference", "Sim", "Application", "WhatsApp"),
        13215,
        text=True,
        words=(Words(values.phone_number, 13223),),
    ),
    "Number": Element(
        {
            "url": Attribute(),
            "sendDigits": Attribute(None, values.tones, 13222),
            "byoc": Attribute(),
            **_methods(13221, "method"),
            **STATUS,
            **MACHINE,
        },
        text=True,
        words=(Words(values.given, 13223), Words(values.phone_number, 13223)),
    ),
    "Client": Element(
        {"url": Attribute(), **_methods(SCHEMA, "method"), **STATUS},
        ("Identity", "Parameter"),
        text=True,
    ),
    "Identity": Element(text=True, words=(Words(values.longest(256)),)),
    "Parameter": Element(_texts("name", "value")),
    "Sip": Element(
        {**_texts("username", "password", "url"), **_methods(13241, "method"), **STATUS, **MACHINE},
        ("Uri", "Headers"),
        text=True,
        words=(Words(values.sip_address, 13243),),
    ),
    "Uri": DECLINED,
    "Headers": DECLINED,
    "Queue": Element(
        {
            "url": Attribute(None, values.address, 14211, "error"),
            "method": Attribute("POST", method, 14210, "error"),
            "reservationSid": Attribute(),
            "postWorkActivitySid": Attribute(),
        },
        text=True,
        words=(Words(values.given, 14212, "error", "reservationSid"), Words(values.at_most(64), 14213, "error")),
    ),
    "Conference": Element(
        {
            "muted": Attribute("false", boolean, 13230),
            "beep": Attribute("true", values.one_of("true", "false", "onEnter", "onExit"), 13235),
            "startConferenceOnEnter": Attribute("true", boolean, 13232),
            "endConferenceOnExit": Attribute("false", boolean, 13231, "error"),
            "participantLabel": Attribute(None, values.longest(128), 16023, "error"),
            "waitUrl": Attribute(None, values.address, 13233),
            "waitMethod": Attribute("POST", method, 13234),
            "maxParticipants": Attribute("250", values.whole(2, 250)),
            "record": Attribute("do-not-record", values.one_of("do-not-record", "record-from-start", "true", "false")),
            "trim": Attribute("trim-silence", values.one_of("trim-silence", "do-not-trim"), 13239, "error"),
            "region": Attribute(),
            "jitterBufferSize": Attribute("large", values.one_of("off", "small", "medium", "large")),
            "coach": Attribute(),
            "statusCallback": Attribute(),
            "statusCallbackEvent": Attribute(None, ROOM),
            "eventCallbackUrl": Attribute(),
            **_methods(SCHEMA, "statusCallbackMethod"),
            **RECORDING,
        },
        text=True,
        words=(Words(values.longest(128), 13237),),
    ),
} | dict.fromkeys(
    ["Sim", "Application", "WhatsApp", "Connect", "Start", "Stop", "Pay", "Prompt", "Refer", "Sms", "Echo"], DECLINED
)

VERBS = ("Say", "Play", "Pause", "Gather", "Enqueue", "Leave", "Hangup", "Reject", "Redirect", "Record", "Dial")
OTHER_VERBS = ("Connect", "Start", "Stop", "Pay", "Prompt", "Refer", "Sms", "Echo")
RESPONSE = Element(children=(*VERBS, *OTHER_VERBS))
SSML = frozenset(["break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"])


def default(verb: str, attribute: str) -> str | None:
    """Give what an attribute is when it is absent, or None for nothing. Raises KeyError for one that there is not."""
    return ELEMENTS[verb].attributes[attribute].default
