"""The signature of a webhook, in its header X-Twilio-Signature, as Twilio makes it (behaviour.md §3.4)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping


def signature(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """Sign the address and the form of a request: HMAC-SHA1 over the address and each parameter, sorted by name.

    The official library does the same; it is some fifty megabytes, of which the sandbox would need these lines.
    """
    return b64encode(hmac.digest(auth_token.encode(), signed_text(url, parameters).encode(), "sha1")).decode()


def signed_text(url: str, parameters: Mapping[str, str]) -> str:
    """Give the text that is signed: the address, and behind it the name and the value of each parameter."""
    return url + "".join(name + parameters[name] for name in sorted(parameters))
