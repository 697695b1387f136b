"""The application: the REST API below `/v1`, the control plane below `/_sandbox`, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..runtime.service import Service
from . import control, resources
from .dispatcher import Dispatcher, Receive, Scope, Send
from .operation import ServerState


class App:
    """Serve the sandbox as an ASGI application, and run its timers and webhooks meanwhile.

    stop: called when a client asks for the end of the process.
    """

    def __init__(self, service: Service, stop: Callable[[], None]):
        self.service = service
        operations = (*resources.OPERATIONS, *control.OPERATIONS)
        self.dispatcher = Dispatcher(ServerState(service, operations, stop))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.dispatcher(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run the service from the server's start to its end."""
        await receive()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.service.run())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            running.cancel()
        await self.service.close()
        await send({"type": "lifespan.shutdown.complete"})

    @property
    def last_request(self) -> float:
        """When the REST API was last asked, on the clock of `time.monotonic`."""
        return self.dispatcher.last_request


def create_app(service: Service, stop: Callable[[], None]) -> App:
    """Make the sandbox for an ASGI server; stop: called when a client asks for the end of the process."""
    return App(service, stop)
