"""Activities (rest-contract.md §4.2, §5.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from ...engine.model.entities import Activity
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Name, Parameters, YesNo, a_sid
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Activities"


class List(Listing):
    friendly_name: str | None = None
    available: YesNo | None = None


class Create(Parameters):
    friendly_name: Name
    available: Annotated[YesNo, WithJsonSchema({"type": "boolean"})] = False


class Update(Parameters):
    friendly_name: Name = ""


class ActivityShape(Resource):
    sid: a_sid("WA")
    available: bool
    friendly_name: str
    links: Links


def render(call: Call, activity: Activity) -> ActivityShape:
    workspace_sid = call.workspace.workspace.sid
    return {
        **common(call, activity, workspace_sid),
        "available": activity.available,
        "friendly_name": activity.friendly_name,
        "url": call.link(workspace_sid, "Activities", activity.sid),
        "links": {"workspace": call.link(workspace_sid)},
    }


def the(call: Call) -> Activity:
    return call.workspace.state.get(Activity, call.path["Sid"])


@resource.operation("ListActivity", "GET", PATH, List, returns=ActivityShape, key="activities")
def list_(call: Call, asked: List) -> Answer:
    every = (
        a
        for a in call.workspace.state.activities.values()
        if asked.friendly_name in (None, a.friendly_name) and asked.available in (None, a.available)
    )
    return page(call, "activities", every, render, asked)


@resource.operation("CreateActivity", "POST", PATH, Create, 201, returns=ActivityShape)
def create(call: Call, asked: Create) -> Answer:
    return Answer(render(call, call.workspace.activities.create(call.now, **asked.given())))


@resource.operation("FetchActivity", "GET", PATH + "/{Sid}", returns=ActivityShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, the(call)))


@resource.operation("UpdateActivity", "POST", PATH + "/{Sid}", Update, returns=ActivityShape)
def update(call: Call, asked: Update) -> Answer:
    return Answer(render(call, call.workspace.activities.update(call.now, the(call), **asked.given())))


@resource.operation("DeleteActivity", "DELETE", PATH + "/{Sid}", status=204)
def delete(call: Call) -> Answer:
    call.workspace.activities.delete(call.now, the(call))
    return Answer()
