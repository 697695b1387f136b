"""Make a workspace of a snapshot, with the REST API and any `twilio` client."""

from __future__ import annotations

from typing import Any

from .addresses import complete
from .applying import StepRefused, apply
from .changes import plan
from .format import Snapshot
from .reading import look, missing


def create(client: Any, snapshot: Snapshot, *, callbacks: str | None = None) -> Any:
    """Make a new workspace as a snapshot says, and give its instance.

    client: a `twilio.rest.Client`; callbacks: where addresses lead that begin with a slash, as in
    `https://example.com`. Events of the making are not reported. Raises SnapshotError where an address needs
    `callbacks`, and StepRefused for what the service refuses; what was made until then stays.
    """
    wanted = complete(snapshot, callbacks)
    try:
        sid = apply(client, plan(missing(wanted), wanted, delete=True))
    except StepRefused as refused:
        if refused.workspace_sid:
            refused.args = (
                f"{refused.what} Workspace {refused.workspace_sid} is there, and not as the snapshot says: mend "
                "that, and delete it, or bring it there by `bring_to` or `taskrouter-sandbox apply`.",
            )
        raise
    return client.taskrouter.v1.workspaces(sid).fetch()


def bring_to(client: Any, workspace_sid: str, snapshot: Snapshot, *, callbacks: str | None = None) -> Any:
    """Bring a workspace to what a snapshot says, delete what it does not name, and give the workspace's instance.

    Its tasks stay. Workers go to the activities of the snapshot. Raises as `create` does.
    """
    wanted = complete(snapshot, callbacks)
    apply(client, plan(look(client, workspace_sid), wanted, delete=True, move_workers=True))
    return client.taskrouter.v1.workspaces(workspace_sid).fetch()
