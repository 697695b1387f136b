"""What calls cost on a live account, in words, as Twilio's price API says it (twilio.com/docs/voice/pricing).

Most of Twilio's voice products count a begun minute as a whole one
(twilio.com/en-us/changelog/billing-changes-for-voice-insights-advanced-features-usage-trunking, of 27 September 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

PRICES = "twilio.com/en-us/voice/pricing"
"""The page that lists the prices."""


def of_calls_to(client: Client, number: str) -> str:
    """Say in a sentence what a call to a number of the account costs, as far as Twilio says it."""
    found = _ask(lambda: client.pricing.v2.voice.numbers(number).fetch())
    price = (found.inbound_call_price or {}).get("current_price") if found else None
    return f"Each call to {number} costs you {_a_minute(price, found)}."


def of_calls_from(client: Client, number: str, to: str) -> str:
    """Say in a sentence what a call from a number of the account to a phone costs, as far as Twilio says it."""
    found = _ask(lambda: client.pricing.v2.voice.numbers(to).fetch(origination_number=number))
    prices = [one.get("current_price") for one in found.outbound_call_prices or []] if found else []
    price = max(filter(None, prices), key=float, default=None)
    return f"Each call to {to} costs you {_a_minute(price, found)}, beside the call that it is connected with."


def of_a_number(client: Client, country: str = "US") -> str:
    """Say in a sentence what a local number of a country costs. country: ISO 3166-1, two letters."""
    found = _ask(lambda: client.pricing.v1.phone_numbers.countries(country).fetch())
    kinds = (found.phone_number_prices or []) if found else []
    price = next((one.get("current_price") for one in kinds if one.get("number_type") == "local"), None)
    if price is None:
        return f"What one costs a month depends on its country and kind: {PRICES} lists it."
    return f"A local one in the country {country} costs {price} {_currency(found)} a month, Twilio says now."


def _a_minute(price: Any, found: Any) -> str:
    if price is None:
        return f"what {PRICES} lists for a minute (Twilio gave no price now), and a begun minute counts whole"
    return f"{price} {_currency(found)} a minute, Twilio says now, and a begun minute counts whole"


def _currency(found: Any) -> str:
    return str(found.price_unit or "").upper()


def _ask(fetch: Callable[[], Any]) -> Any:
    """Give what Twilio answers; None when it gives no price: nothing in a lesson depends on it."""
    try:
        return fetch()
    except (TwilioException, requests.RequestException, ValueError):
        return None
