"""HTTP with limits: who sends the head of a request slowly, or never, is hung up on."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0  # from the first byte of a request, or from the connection, to the end of its headers
HEAD_LIMIT = 2**15  # bytes of request line and headers
CONNECTIONS = 200  # at once; who comes on top is answered 503
TUNNEL_CONNECTIONS = 150  # of them, so that strangers leave room for this machine; who comes on top is hung up on


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which alone waits for the head of a request for ever."""

    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()
        if self._is_from_tunnel() and sum(map(PatientProtocol._is_from_tunnel, self.connections)) > TUNNEL_CONNECTIONS:
            transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self.conn.trailing_data[0]:
            self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:  # half of the next request is there
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_from_tunnel(self) -> bool:
        return self.server is not None and self.server[1] == self.config.app.tunnel_port

    def _wait(self) -> None:
        if self._hang_up is None:
            self._hang_up = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None
