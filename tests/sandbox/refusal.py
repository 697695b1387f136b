"""How the client is told that a call is refused."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException


def refused(call, *args, status=400, code=20001, **kwargs) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(TwilioRestException) as caught:
        call(*args, **kwargs)
    assert (caught.value.status, caught.value.code) == (status, code)
    return caught.value.msg
