"""The instances of the twilio client, for annotations.

The client declares every field of its instances as optional, whatever the service promises; a checker would want each
use of `task.sid` to be guarded. So to a checker they are `Any`, and to a reader still what they are.
"""

from __future__ import annotations

from typing import Any, TypeAlias

ActivityInstance: TypeAlias = Any
CallInstance: TypeAlias = Any
EventInstance: TypeAlias = Any
IncomingPhoneNumberInstance: TypeAlias = Any
ReservationInstance: TypeAlias = Any
TaskInstance: TypeAlias = Any
TaskQueueInstance: TypeAlias = Any
WorkerInstance: TypeAlias = Any
WorkflowInstance: TypeAlias = Any
WorkspaceInstance: TypeAlias = Any
