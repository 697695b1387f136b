"""HTTP with limits: who sends the head of a request slowly, or never, is hung up on."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from helpers.callback_server.limits import ServerLimits


class HeadTimeoutProtocol(H11Protocol):
    """uvicorn's protocol, with a time limit for the head of a request. The app that it serves has the `limits`."""

    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head; hang up when too many connections come through tunnels."""
        super().connection_made(transport)
        self._wait()
        protocols: Any = self.connections
        if (
            self._is_from_tunnel()
            and sum(each._is_from_tunnel() for each in protocols) > self._limits.tunnel_connections
        ):
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Stop waiting when the head is complete; wait for the next one when it has begun."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self.conn.trailing_data[0]:
            self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next head, when half of it is there."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _app(self) -> Any:
        return self.config.app

    @property
    def _limits(self) -> ServerLimits:
        return self._app.limits

    def _is_from_tunnel(self) -> bool:
        return self.server is not None and self.server[1] == self._app.tunnel_port

    def _wait(self) -> None:
        if self._hang_up is None:
            self._hang_up = self.loop.call_later(self._limits.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None
