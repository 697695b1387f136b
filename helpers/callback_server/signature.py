"""Check X-Twilio-Signature on requests to the learner's app; refuse what Twilio did not sign (behaviour.md §3.4)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from helpers.callback_server.exchange_builder import ExchangeBuilder, Refused
from helpers.callback_server.guards import from_another_page, from_outside
from helpers.errors import LessonError
from helpers.sandbox import AUTH_TOKEN

Token = Callable[[], str]
"""Gives the auth token that signatures are checked with."""


def require_signature(exchange: ExchangeBuilder) -> None:
    """Let in what is signed, by whomever, and what this machine itself asks. Raises Refused (403) for all else."""
    if "x-twilio-signature" in exchange.headers:
        return
    if from_outside(exchange.scope):
        raise Refused(403, "Only requests signed by Twilio are let in from outside.")
    if from_another_page(exchange.scope):
        raise Refused(403, "Another web page asked for this: type the address into the browser instead.")


def check_signature(exchange: ExchangeBuilder, token: Token) -> None:
    """Let in what Twilio signed with the account's token, and what this machine itself asks without a signature.

    Raises Refused (403) for all else. The rule (`behaviour.md §3.4`): the parameters of a form are signed with
    the address, any other body by its digest in the address. A body that neither covers is not let in. The sandbox
    signs on this machine only: its token can be read by everybody, so from outside it proves nothing.
    """
    require_signature(exchange)
    given = exchange.headers.get("x-twilio-signature")
    if given is None:
        return
    exchange.signature = "invalid"
    try:
        secret = token()
    except LessonError:
        raise Refused(403, "The credentials are incomplete, so no signature can be checked: see .env.") from None
    published = secret == AUTH_TOKEN and from_outside(exchange.scope)
    with suppress(ValueError):  # a host that is none, a body that is not text
        signed = exchange.form
        if signed is None and "bodySHA256" in parse_qs(exchange.query):
            signed = exchange.body.decode()
        covered = signed is not None and secret and not published  # anyone can sign with an empty or a published one
        if covered and RequestValidator(secret).validate(exchange.public_url, signed, given):
            exchange.signature = "valid"
            return
    raise Refused(403, "The Twilio signature does not fit this address, these parameters and this account.")
