"""Which account the lessons use: that of the sandbox on this machine, or a live one of Twilio's.

It is the sandbox, unless the project's own `.env` holds credentials, or TASKROUTER_LIVE asks for those that are
elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from helpers import sandbox
from helpers.connection import settings
from helpers.errors import LessonError

Mode = Literal["sandbox", "live"]


@dataclass(frozen=True)
class Account:
    """The account that the lessons use. `repr` shows no secret.

    mode: "sandbox" or "live"; account_sid: `AC...`; auth_token: what webhooks are signed with, "" when only an API key
    is known, or the sandbox has not run yet; api_key, api_key_secret: what calls are made with instead of the auth
    token, when there is one; region, edge: of Twilio, as its client takes them; place: where the credentials of a live
    account stand, in words.
    """

    mode: Mode
    account_sid: str
    auth_token: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    api_key_secret: str | None = field(default=None, repr=False)
    region: str | None = field(default=None, repr=False)
    edge: str | None = field(default=None, repr=False)
    place: str = field(default="", repr=False)

    @property
    def key_in_words(self) -> str:
        """What calls are made with, as it may be shown: the API key's SID, or the last two characters of the token."""
        return f"API key {self.api_key}" if self.api_key else f"token {'•' * 6}{self.auth_token[-2:]}"


def current() -> Account:
    """Tell which account `connect` would use now; starts nothing and asks nobody.

    Raises LessonError when credentials are incomplete or not what they should be, or TASKROUTER_LIVE asks for some that
    are not there.
    """
    source = settings.source_of_credentials()
    if source is None:
        return Account("sandbox", *sandbox.credentials())
    account_sid, auth_token, api_key, secret = (source.values.get(name, "") for name in settings.CREDENTIALS)
    _require_complete(source)
    if not (account_sid.startswith("AC") and len(account_sid) == 34):
        raise LessonError(
            "TWILIO_ACCOUNT_SID is not an account SID: it starts with AC and has 34 characters (console.twilio.com "
            "shows it); an API key (SK...) belongs in TWILIO_API_KEY, its secret into TWILIO_API_KEY_SECRET."
        )
    if api_key and not api_key.startswith("SK"):
        raise LessonError(
            "TWILIO_API_KEY is not the SID of an API key: it starts with SK (console.twilio.com shows it)."
        )
    region, edge = source.values.get("TWILIO_REGION"), source.values.get("TWILIO_EDGE")
    return Account("live", account_sid, auth_token, api_key or None, secret or None, region, edge, source.place)


def _require_complete(source: settings.Source) -> None:
    """Raise LessonError when a credential is there without the one that it goes with."""
    for there, others in (
        ("TWILIO_AUTH_TOKEN", ["TWILIO_ACCOUNT_SID"]),
        ("TWILIO_API_KEY", ["TWILIO_ACCOUNT_SID"]),
        ("TWILIO_API_KEY", ["TWILIO_API_KEY_SECRET"]),
        ("TWILIO_API_KEY_SECRET", ["TWILIO_API_KEY"]),
        ("TWILIO_ACCOUNT_SID", ["TWILIO_AUTH_TOKEN", "TWILIO_API_KEY"]),
    ):
        if there in source.values and not any(name in source.values for name in others):
            raise LessonError(
                f"{there} is set but {others[0]} is not: set both (in {source.place}) to work on live Twilio, or "
                "neither to work in the sandbox; then run this cell again."
            )
