"""Messages: texts that are sent over REST (voice.md §5.6)."""

from __future__ import annotations

import re
from typing import Any, Literal, TypedDict

from msgspec import field

from ....engine.model.errors import TaskRouterError
from ....engine.model.urls import callable_address
from ....voice.engine import VoiceEngine
from ....voice.messages import segments
from ....voice.model.entities import Message
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid
from ...parameters import Listing, Parameters
from .applications import named
from .common import VERSION, Date2822, Span, Times, apply, current, date, dates, equal, found, page, registry, uri

resource = registry()
BAD_TO, BAD_FROM, NO_TO, NO_FROM, NO_BODY, TOO_LONG = 21211, 21212, 21604, 21603, 21602, 21617
BAD_CALLBACK, NO_MEDIA, NO_SERVICE = 21609, 21621, 21701
LONGEST = 1600
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
Status = Literal["queued", "sent", "delivered", "undelivered"]


class CreateMessage(Parameters):
    to: str = ""
    from_: str = field(name="From", default="")
    body: str = ""
    messaging_service_sid: str = ""
    media_url: list[str] | None = None
    status_callback: str = ""
    application_sid: str = ""


class ListMessages(Listing):
    to: str | None = None
    from_: str | None = field(name="From", default=None)
    date_sent: Span | None = None
    date_sent_before: Span | None = field(name="DateSent<", default=None)
    date_sent_after: Span | None = field(name="DateSent>", default=None)


MessageResponse = TypedDict(
    "MessageResponse",
    {
        "body": str,
        "num_segments": str,
        "direction": str,
        "from": str,
        "to": str,
        "date_updated": Date2822,
        "price": str | None,
        "error_message": str | None,
        "uri": str,
        "account_sid": AccountSid,
        "num_media": str,
        "status": Status,
        "messaging_service_sid": str | None,
        "sid": str,
        "date_sent": Date2822 | None,
        "date_created": Date2822,
        "error_code": int | None,
        "price_unit": str,
        "api_version": str,
        "subresource_uris": dict[str, str],
    },
)


def render(context: RequestContext, message: Message) -> dict[str, Any]:
    """Render a message as it is answered."""
    at = uri(context, "Messages", message.sid)
    return {
        "body": message.body,
        "num_segments": str(segments(message.body)),
        "direction": "outbound-api",
        "from": message.from_address,
        "to": message.to,
        **dates(message),
        "price": None,
        "error_message": "Unreachable destination handset" if message.error_code else None,
        "uri": f"{at}.json",
        "account_sid": context.service.account_sid,
        "num_media": "0",
        "status": message.status,
        "messaging_service_sid": None,
        "sid": message.sid,
        "date_sent": date(message.date_sent),
        "error_code": message.error_code,
        "price_unit": "USD",
        "api_version": VERSION,
        "subresource_uris": {"media": f"{at}/Media.json", "feedback": f"{at}/Feedback.json"},
    }


@resource.operation("ListMessage", "GET", "/Messages", ListMessages, returns=MessageResponse, key="messages")
def list_(context: RequestContext, asked: ListMessages) -> Answer:
    """List messages, the newest first."""
    sent = Times(asked.date_sent, asked.date_sent_before, asked.date_sent_after)

    wanted = equal(to=asked.to, from_address=asked.from_) + sent.of("date_sent")
    current(context)
    return page(context, "messages", context.service.telephony.messages.newest_first(*wanted), render, asked)


@resource.operation("CreateMessage", "POST", "/Messages", CreateMessage, 201, returns=MessageResponse)
def create(context: RequestContext, asked: CreateMessage) -> Answer:
    """Send a text message from a number of the account."""
    to, from_address = _addresses(asked)
    _check_content(asked)

    def send(engine: VoiceEngine) -> Message:
        url = asked.status_callback
        if not url and asked.application_sid:
            application = named(engine, asked.application_sid)
            url = application.message_status_callback or application.sms_status_callback
        return engine.messages.create(
            context.now, from_address=from_address, to=to, body=asked.body, status_callback=_callback(url)
        )

    return Answer(render(context, apply(context, send)))


def _addresses(asked: CreateMessage) -> tuple[str, str]:
    """Read whom a message goes to, and from whom. Raises TaskRouterError with Twilio's code."""
    if not asked.to.strip():
        raise TaskRouterError("A 'To' phone number is required: give the number of a phone such as +15005550111", NO_TO)
    if asked.messaging_service_sid:
        text = f"The Messaging Service {asked.messaging_service_sid} does not exist: the sandbox has none"
        raise TaskRouterError(f"{text}. Give From, a number of the account, instead.", NO_SERVICE)
    if not asked.from_.strip():
        text = "A 'From' phone number is required: give a number of the account such as +15005550006"
        raise TaskRouterError(text, NO_FROM)
    to, from_address = (re.sub(r"[\s().-]", "", value) for value in (asked.to, asked.from_))
    if not NUMBER.fullmatch(to):
        text = f"The 'To' number {asked.to} is not a valid phone number: write it as +15005550111"
        raise TaskRouterError(text, BAD_TO)
    if not NUMBER.fullmatch(from_address):
        text = f"The 'From' number {asked.from_} is not a valid phone number: write it as +15005550006"
        raise TaskRouterError(text, BAD_FROM)
    return to, from_address


def _check_content(asked: CreateMessage) -> None:
    """Check what a message says. Raises TaskRouterError with Twilio's code."""
    if asked.media_url:
        text = "The 'From' number has not been enabled for MMS: the sandbox sends texts. Leave MediaUrl away."
        raise TaskRouterError(text, NO_MEDIA)
    if not asked.body.strip():
        raise TaskRouterError("Message body is required: give Body, the text of the message", NO_BODY)
    if len(asked.body) > LONGEST:
        text = f"The concatenated message body exceeds the {LONGEST} character limit: it has {len(asked.body)}"
        raise TaskRouterError(text, TOO_LONG)


def _callback(url: str) -> str | None:
    """Check where a message is reported, if that was asked for. Raises TaskRouterError with Twilio's code."""
    try:
        return callable_address(url) if url else None
    except ValueError as error:
        raise TaskRouterError(f"The 'StatusCallback' URL {url!r} {error}", BAD_CALLBACK) from None


@resource.operation("FetchMessage", "GET", "/Messages/{Sid}", returns=MessageResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a message."""
    current(context)
    sid = context.path["Sid"]
    return Answer(render(context, found("Message", sid, context.service.telephony.messages.get(sid))))


@resource.operation("DeleteMessage", "DELETE", "/Messages/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a message that is not on its way any more."""
    sid = context.path["Sid"]
    apply(context, lambda engine: engine.messages.delete(context.now, sid), sid)
    return Answer()
