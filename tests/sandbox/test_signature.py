"""The signature of webhooks is the one that the official library makes and checks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from taskrouter_sandbox.webhooks.signature import signature

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT.map(lambda rest: f"https://example.com/{rest}"), st.dictionaries(TEXT, TEXT))
def test_it_is_the_library_s(token, url, parameters):
    assert signature(token, url, parameters) == RequestValidator(token).compute_signature(url, parameters)


def test_it_is_the_one_of_twilio_s_own_example():
    """Address, parameters and token of the tests of its libraries (twilio-ruby, request_validator_spec.rb)."""
    parameters = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    made = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", parameters)
    assert made == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
