"""The application: the REST APIs below `/v1` and `/2010-04-01`, and the control plane below `/_sandbox`."""

from __future__ import annotations

from collections.abc import Callable

from ..runtime.worlds import Worlds
from . import control, resources
from .dispatcher import Dispatcher
from .messages import RealtimeBridge
from .operation import Operation, ServerState


def create_app(
    worlds: Worlds,
    stop: Callable[[], None],
    any_host: bool = False,
    load_bridge: Callable[[Dispatcher], RealtimeBridge] | None = None,
) -> Dispatcher:
    """Make what answers the requests to a sandbox.

    stop: called when a client asks for the end of the process; any_host: may it be asked by any name, not only by those
    of this machine and Twilio's? load_bridge: makes what answers agents' browsers, when one first asks.
    """
    operations = (*resources.OPERATIONS, *control.OPERATIONS)
    return Dispatcher(ServerState(worlds, operations, other_operations, stop, any_host), load_bridge)


def other_operations() -> list[Operation]:
    """Import the operations on calls, alerts and so on, with all that belongs to them: a start does without."""
    from .control import alerts, calls, decisions, documents, options, phones, transfers
    from .resources import monitor, voice

    of_control = (alerts, options, transfers, documents, decisions, calls, phones)
    found = [operation for module in of_control for operation in module.control.operations]
    return [*monitor.OPERATIONS, *voice.OPERATIONS, *found]
