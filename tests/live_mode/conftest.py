"""A live account, as near as can be on a machine without one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from twilio.rest import Client

from helpers.connection import clients
from helpers.phone_numbers import notes
from helpers.tunnel.expose import tunnels
from tests.live_mode.service import NUMBER, PUBLIC_HOST, Service, live_twilio


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the whole run; tests ask for `twilio`, which empties the account."""
    try:
        socket.create_server((PUBLIC_HOST, 0)).close()
    except OSError:
        pytest.skip(f"this machine has no {PUBLIC_HOST}, which the public address is on here")
    with live_twilio(tmp_path_factory.mktemp("twilio")) as service:
        yield service


@pytest.fixture
def twilio(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An account with a number and nothing else; its credentials, for this process and the kernels that it starts."""
    for name in ("HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    service.proxy.multitasking_only = False
    service.proxy.single_tasking = 0
    service.proxy.prices.clear()
    service.proxy.lost.clear()
    service.sandbox.reset()
    client = Client(service.environment["TWILIO_ACCOUNT_SID"], service.environment["TWILIO_AUTH_TOKEN"])
    for number in client.incoming_phone_numbers.list():
        number.delete()
    client.incoming_phone_numbers.create(phone_number=NUMBER)
    notes._file().unlink(missing_ok=True)
    service.proxy.asked.clear()
    yield service
    tunnels.close()


@pytest.fixture
def live_client(twilio: Service) -> Client:
    """What `connect` returns in live mode: the plain client."""
    client = clients.connect(quiet=True)
    assert type(client.http_client).__module__ == "twilio.http.http_client"
    return client
