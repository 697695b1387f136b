"""Every error document, in one place (rest-contract.md §11)."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse

from ..routing.refusals import Refusal


class Unauthorized(Refusal):
    """No credentials, or wrong ones."""

    status = 401
    code = 20003


class NotAllowed(Refusal):
    """There is such a path, but not with this verb."""

    status = 405
    code = 20004


class NotBuilt(Refusal):
    """An operation of TaskRouter that this sandbox does not have yet; it says so by name."""

    status = 501
    code = 20501


class Failed(Refusal):
    """A fault of the sandbox itself: nothing of the request was kept."""

    status = 500
    code = 20500


def document(refusal: Refusal, **more: Any) -> JSONResponse:
    """The answer for a refusal."""
    return JSONResponse(
        {
            "code": refusal.code,
            "message": refusal.text,
            "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
            "status": refusal.status,
            **more,
        },
        status_code=refusal.status,
        headers={"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.status == 401 else None,
    )


def not_found(path: str) -> Refusal:
    """Nothing is there; the path is shown without its version (rest-contract.md §11.2)."""
    refusal = Refusal(f"The requested resource {path.removeprefix('/v1')} was not found")
    refusal.status, refusal.code = 404, 20404
    return refusal


def invalid(error: ValidationError) -> Refusal:
    """The first parameter that is missing or wrong, in a sentence."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "The request"
    if first["type"] == "missing":
        return Refusal(f"{name} field is required")
    text = first["msg"].removeprefix("Value error, ")
    return Refusal(f"{name}: {text[:1].lower()}{text[1:]}; it was {str(first['input'])[:80]!r}")
