"""Check X-Twilio-Signature on requests to the learner's app; refuse what Twilio did not sign (behaviour.md §3.4)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from helpers import sandbox
from helpers.callback_server.exchange_builder import ExchangeBuilder, RequestRefused
from helpers.callback_server.guards import from_another_page, from_outside
from helpers.errors import LessonError

Token = Callable[[], str]
"""Gives the auth token, or the secret of a shared key, that signatures are checked with."""


def refuse_unsigned(exchange: ExchangeBuilder) -> None:
    """Refuse what has no signature, unless this machine itself asks. Raises RequestRefused (403).

    Whether a signature is Twilio's is for `check_signature` to find out.
    """
    if "x-twilio-signature" in exchange.headers:
        return
    if from_outside(exchange.scope):
        raise RequestRefused(403, "Only requests signed by Twilio are let in from outside.")
    if from_another_page(exchange.scope):
        raise RequestRefused(403, "Another web page asked for this: type the address into the browser instead.")


def check_signature(exchange: ExchangeBuilder, token: Token) -> None:
    """Let in what Twilio signed with the account's token, and what this machine itself asks without a signature.

    Raises RequestRefused (403) for all else. The rule (`behaviour.md §3.4`): the parameters of a form are signed with
    the address, any other body, an empty one too, by its digest in the address. A body that neither covers is not let
    in. A header names the algorithm of what was signed with a shared key, whose secret `token` gives then. The sandbox
    signs on this machine only, so from outside its token proves nothing: it may be one that is easy to guess.
    """
    refuse_unsigned(exchange)
    given = exchange.headers.get("x-twilio-signature")
    if given is None:
        return
    exchange.signature = "invalid"
    shared_key = exchange.headers.get(SIGNATURE_SETTINGS_HEADER)
    try:
        secret = token()
    except LessonError:
        raise RequestRefused(403, "The credentials are incomplete, so no signature can be checked: see .env.") from None
    of_sandbox = from_outside(exchange.scope) and secret == sandbox.credentials().auth_token
    with suppress(ValueError):  # a host that is none, a body that is not text
        signed = exchange.form
        if not signed and "bodySHA256" in parse_qs(exchange.query):
            signed = exchange.body.decode()
        covered = signed is not None and secret and not of_sandbox  # anyone can sign with an empty one
        algorithm = get_signature_algorithm(shared_key)
        known = algorithm.upper() in (HMAC_SHA1, HMAC_SHA256)  # the client logs others, which shows under a cell
        if covered and known and RequestValidator(secret).validate(exchange.public_url, signed, given, algorithm):
            exchange.signature = "valid"
            return
    if shared_key:
        raise RequestRefused(
            403, "This was signed with a shared key: serve(app, token=...) needs a function that gives its secret."
        )
    raise RequestRefused(403, "The Twilio signature does not fit this address, these parameters and this account.")
