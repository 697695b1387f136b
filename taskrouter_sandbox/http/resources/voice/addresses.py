"""The addresses that a number has, or an application (voice.md §5.2), as parameters of a request."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ....voice.model.terms import Method
from ...parameter_types import Url
from ...parameters import Parameters


class AddressParameters(Parameters):
    friendly_name: Annotated[str, Meta(max_length=64)] = ""
    voice_url: Url = ""
    voice_method: Method = "POST"
    voice_fallback_url: Url = ""
    voice_fallback_method: Method = "POST"
    status_callback: Url = ""
    status_callback_method: Method = "POST"
    voice_caller_id_lookup: bool = False
    sms_url: Url = ""
    sms_method: Method = "POST"
    sms_fallback_url: Url = ""
    sms_fallback_method: Method = "POST"
