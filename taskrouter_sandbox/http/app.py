"""The application: the REST APIs below `/v1` and `/2010-04-01`, and the control plane below `/_sandbox`."""

from __future__ import annotations

from collections.abc import Callable

from ..runtime.service import Service
from . import control, resources
from .dispatcher import Dispatcher
from .operation import ServerState
from .resources import voice


def create_app(service: Service, stop: Callable[[], None]) -> Dispatcher:
    """Make what answers the requests to a service; stop: called when a client asks for the end of the process."""
    return Dispatcher(ServerState(service, (*resources.OPERATIONS, *voice.OPERATIONS, *control.OPERATIONS), stop))
