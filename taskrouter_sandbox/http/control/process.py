"""The process itself: that it runs, its end, and a fresh start of all that it keeps."""

from __future__ import annotations

import os

from ...code_version import fingerprint
from ...control_types import Done, Health
from ..operation import Answer, Registry, RequestContext

control = Registry(control=True)


@control.operation("FetchHealth", "GET", "/health", returns=Health, open=True)
def health(context: RequestContext) -> Answer:
    """Tell which process answers. Open to every program on this machine."""
    return Answer(
        Health(status="ok", pid=os.getpid(), code=fingerprint(), now=context.now, notice=context.service.notice)
    )


@control.operation("ResetSandbox", "POST", "/reset", returns=Done)
def reset(context: RequestContext) -> Answer:
    """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
    context.service.reset()
    return Answer(Done(status="empty"))


@control.operation("StopSandbox", "POST", "/stop", returns=Done)
def stop(context: RequestContext) -> Answer:
    """End the process; its state stays."""
    context.server.stop()
    return Answer(Done(status="stopping"))
