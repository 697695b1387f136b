"""Plain HTTP, as no client sends it."""

from __future__ import annotations

import pytest
import requests

from tests.waiting import patience

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ask(sandbox):
    """Plain HTTP with the sandbox's credentials; every answer but an empty one is JSON."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (sandbox.account_sid, sandbox.auth_token)

    def ask(path: str, method: str = "GET", **kwargs) -> requests.Response:
        url = path if path.startswith("http") else f"{sandbox.url}{path}"
        answer = session.request(method, url, timeout=patience(20), **kwargs)
        assert answer.status_code < 500, answer.text
        return answer

    return ask
