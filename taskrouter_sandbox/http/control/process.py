"""The process itself: that it runs, its end, and a fresh start of all that it keeps."""

from __future__ import annotations

import os

from ...code_version import fingerprint
from ...control_types import Done, Health
from ..errors import refusal
from ..operation import Answer, Registry, RequestContext

control = Registry(control=True)


@control.operation("FetchHealth", "GET", "/health", returns=Health, open=True)
def health(context: RequestContext) -> Answer:
    """Tell which process answers. Open to every program that reaches it."""
    worlds = context.server.worlds
    return Answer(
        Health(
            status="ok",
            pid=os.getpid(),
            code=fingerprint(),
            now=context.now,
            notice=worlds.first.notice,
            worlds=len(worlds),
        )
    )


@control.operation("ResetSandbox", "POST", "/reset", returns=Done)
def reset(context: RequestContext) -> Answer:
    """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
    context.service.reset()
    return Answer(Done(status="empty"))


@control.operation("DropWorld", "DELETE", "/world", returns=Done)
def drop(context: RequestContext) -> Answer:
    """Forget the account that asks, with all that it has, its clock and its token (`serve --any-account`)."""
    if not context.server.worlds.drop(context.service):
        raise refusal("the first world", account_sid=context.service.account_sid)
    context.server.limits.forget(context.service.workspaces.engines.keys())
    return Answer(Done(status="gone"))


@control.operation("StopSandbox", "POST", "/stop", returns=Done)
def stop(context: RequestContext) -> Answer:
    """End the process; its state stays."""
    worlds = context.server.worlds
    if context.service is not worlds.first:
        raise refusal("of all worlds", account_sid=worlds.first.account_sid)
    context.server.stop()
    return Answer(Done(status="stopping"))
