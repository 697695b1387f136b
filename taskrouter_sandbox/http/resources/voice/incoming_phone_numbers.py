"""IncomingPhoneNumbers: the numbers of the account (voice.md §5.1, §5.2)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from ....engine.model.errors import NotFound, TaskRouterError
from ....voice.engine import VoiceEngine
from ....voice.model.entities import PhoneNumber
from ....voice.model.terms import Method
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid
from ...parameters import Listing
from .addresses import AddressParameters
from .common import VERSION, Date2822, apply, current, dates, formatted, newest_first, page, registry, uri

resource = registry()
PATH = "/IncomingPhoneNumbers"
NO_NUMBER = 21421


class ListNumbers(Listing):
    phone_number: str | None = None
    friendly_name: str | None = None
    beta: bool | None = None
    origin: str | None = None


class UpdateNumber(AddressParameters):
    voice_application_sid: str = ""
    sms_application_sid: str = ""


class CreateNumber(UpdateNumber):
    phone_number: str | None = None
    area_code: Annotated[str, Meta(pattern=r"^[0-9]{3}$")] | None = None


class NumberResponse(TypedDict):
    account_sid: AccountSid
    address_sid: str | None
    address_requirements: Literal["none", "any", "local", "foreign"]
    api_version: str
    beta: bool
    capabilities: dict[str, bool]
    date_created: Date2822
    date_updated: Date2822
    friendly_name: str
    identity_sid: str | None
    phone_number: str
    origin: str
    sid: str
    sms_application_sid: str
    sms_fallback_method: Method
    sms_fallback_url: str
    sms_method: Method
    sms_url: str
    status_callback: str
    status_callback_method: Method
    trunk_sid: str | None
    uri: str
    voice_receive_mode: Literal["voice", "fax"]
    voice_application_sid: str
    voice_caller_id_lookup: bool
    voice_fallback_method: Method
    voice_fallback_url: str
    voice_method: Method
    voice_url: str
    emergency_status: Literal["Active", "Inactive"]
    emergency_address_sid: str | None
    emergency_address_status: str
    bundle_sid: str | None
    status: str
    type: str


def render(context: RequestContext, number: PhoneNumber) -> dict[str, Any]:
    """Render a number as it is answered (voice.md §5.2)."""
    return {
        "account_sid": context.service.account_sid,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        **dates(number),
        "friendly_name": number.friendly_name,
        "identity_sid": None,
        "phone_number": number.phone_number,
        "origin": "twilio",
        "sid": number.sid,
        "sms_application_sid": number.sms_application_sid,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": None,
        "uri": uri(context, "IncomingPhoneNumbers", number.sid) + ".json",
        "voice_receive_mode": "voice",
        "voice_application_sid": number.voice_application_sid,
        "voice_caller_id_lookup": number.voice_caller_id_lookup,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_method": number.voice_method,
        "voice_url": number.voice_url,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": "local",
    }


@resource.operation("ListIncomingPhoneNumber", "GET", PATH, ListNumbers, returns=NumberResponse,
                    key="incoming_phone_numbers")  # fmt: skip
def list_(context: RequestContext, asked: ListNumbers) -> Answer:
    """List the account's numbers, the newest first; a part of a number will do."""
    wanted = re.escape(re.sub(r"[\s().-]", "", asked.phone_number or "")).replace(r"\*", ".")

    def shown(number: PhoneNumber) -> bool:
        return (
            asked.friendly_name in (None, number.friendly_name)
            and asked.beta in (None, False)
            and asked.origin in (None, "twilio")
            and re.search(wanted, number.phone_number) is not None
        )

    return page(context, "incoming_phone_numbers", newest_first(current(context).state.numbers), render, asked, shown)


@resource.operation("CreateIncomingPhoneNumber", "POST", PATH, CreateNumber, 201, returns=NumberResponse)
def create(context: RequestContext, asked: CreateNumber) -> Answer:
    """Add a number, or any one of an area."""
    settings = asked.given()
    number, area = settings.pop("phone_number", None), settings.pop("area_code", None)
    if number is not None and not re.fullmatch(r"\+[0-9]{7,15}", number):
        raise TaskRouterError(f"PhoneNumber {number!r} is no number: write it as +15005550006", NO_NUMBER)

    def add(engine: VoiceEngine) -> PhoneNumber:
        wanted = number or _free(engine, area or "500")
        return engine.numbers.create(context.now, wanted, **({"friendly_name": formatted(wanted)} | settings))

    return Answer(render(context, apply(context, add)))


def _free(engine: VoiceEngine, area: str) -> str:
    """Find a number of an area that the account does not have. Raises TaskRouterError."""
    taken = {number.phone_number for number in engine.state.numbers.values()}
    for last in range(100, 200):
        if (number := f"+1{area}5550{last}") not in taken:
            return number
    raise TaskRouterError(f"There is no number left in the area {area}: give PhoneNumber", NO_NUMBER)


@resource.operation("FetchIncomingPhoneNumber", "GET", PATH + "/{Sid}", returns=NumberResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a number."""
    numbers = current(context).state.numbers
    if context.path["Sid"] not in numbers:
        raise NotFound(f"IncomingPhoneNumber {context.path['Sid']} was not found")
    return Answer(render(context, numbers[context.path["Sid"]]))


@resource.operation("UpdateIncomingPhoneNumber", "POST", PATH + "/{Sid}", UpdateNumber, returns=NumberResponse)
def update(context: RequestContext, asked: UpdateNumber) -> Answer:
    """Change what becomes of the calls to a number."""
    number = apply(context, lambda engine: engine.numbers.update(context.now, context.path["Sid"], **asked.given()))
    return Answer(render(context, number))


@resource.operation("DeleteIncomingPhoneNumber", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Give a number back."""
    apply(context, lambda engine: engine.numbers.delete(context.now, context.path["Sid"]))
    return Answer()
