"""Activities (rest-contract.md §4.2, §5.2)."""

from __future__ import annotations

from ...engine.model.entities import Activity
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import ActivitySid, ShortName, YesNo, YesNoBoolean
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Activities"


class ListActivity(Listing):
    friendly_name: str | None = None
    available: YesNo | None = None


class CreateActivity(Parameters):
    friendly_name: ShortName
    available: YesNoBoolean = False


class UpdateActivity(Parameters):
    friendly_name: ShortName = ""


class ActivityResponse(Resource):
    sid: ActivitySid
    available: bool
    friendly_name: str
    links: Links


def render(context: RequestContext, activity: Activity) -> ActivityResponse:
    """Render an activity as it is answered (rest-contract.md §5)."""
    workspace_sid = context.workspace.sid
    return {
        **common(context, activity, workspace_sid),
        "available": activity.available,
        "friendly_name": activity.friendly_name,
        "url": context.link(workspace_sid, "Activities", activity.sid),
        "links": {"workspace": context.link(workspace_sid)},
    }


def get_activity(context: RequestContext) -> Activity:
    """Find an activity by the address. Raises NotFound."""
    return context.state.get(Activity, context.path["Sid"])


@resource.operation("ListActivity", "GET", PATH, ListActivity, returns=ActivityResponse, key="activities")
def list_(context: RequestContext, asked: ListActivity) -> Answer:
    """List the activities of a workspace, by name or availability."""

    def shown(activity: Activity) -> bool:
        return asked.friendly_name in (None, activity.friendly_name) and asked.available in (None, activity.available)

    return page(context, "activities", ListInMemory(context.state.activities, shown), render, asked)


@resource.operation("CreateActivity", "POST", PATH, CreateActivity, 201, returns=ActivityResponse)
def create(context: RequestContext, asked: CreateActivity) -> Answer:
    """Create an activity."""
    return Answer(render(context, context.engine.activities.create(context.now, **asked.given())))


@resource.operation("FetchActivity", "GET", PATH + "/{Sid}", returns=ActivityResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch an activity."""
    return Answer(render(context, get_activity(context)))


@resource.operation("UpdateActivity", "POST", PATH + "/{Sid}", UpdateActivity, returns=ActivityResponse)
def update(context: RequestContext, asked: UpdateActivity) -> Answer:
    """Rename an activity."""
    return Answer(
        render(context, context.engine.activities.update(context.now, get_activity(context), **asked.given()))
    )


@resource.operation("DeleteActivity", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete an activity that nothing uses."""
    context.engine.activities.delete(context.now, get_activity(context))
    return Answer()
