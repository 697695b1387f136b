"""The application: the REST API below `/v1`, the control plane below `/_sandbox`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from ..runtime.service import Service
from . import control, resources
from .dispatcher import Dispatcher
from .operation import ServerState


def create_app(service: Service, stop: Callable[[], None]) -> Dispatcher:
    """Make what answers the requests to a service; stop: called when a client asks for the end of the process."""
    return Dispatcher(ServerState(service, (*resources.OPERATIONS, *control.OPERATIONS), stop))
