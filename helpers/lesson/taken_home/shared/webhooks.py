"""What every webhook of Twilio needs: settings from the environment, and a check of who has sent it."""

from __future__ import annotations

import os

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator


def setting(name: str) -> str:
    """Read a setting from the environment. Raises RuntimeError when it is not set."""
    if value := os.environ.get(name, ""):
        return value
    raise RuntimeError(f"{name} is not set: see .env.example.")


async def signed_form(request: Request) -> FormData:
    """Give the form of a request that Twilio has signed. Raises HTTPException (403) for any other request.

    Twilio signs the address that it knows, which behind a proxy is not the one that arrives here: PUBLIC_URL has it.
    """
    form = await request.form()
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{setting('PUBLIC_URL').rstrip('/')}{request.url.path}{query}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(setting("TWILIO_AUTH_TOKEN")).validate(address, form, signature):
        raise HTTPException(403, "Twilio has not signed this request.")
    return form
