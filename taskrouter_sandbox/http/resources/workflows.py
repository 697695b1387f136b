"""Workflows (rest-contract.md §4.11, §5.11)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...engine.model.entities import Workflow
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Parameters, Url, YesNo, a_sid
from ..rendering import common, page
from ..response_types import Links, Resource, UriOrEmpty

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workflows"
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class List(Listing):
    friendly_name: str | None = None


class Create(Parameters):
    friendly_name: Annotated[str, Field(min_length=1)]
    configuration: str
    assignment_callback_url: Url = ""
    fallback_assignment_callback_url: Url | None = None
    task_reservation_timeout: Seconds = 120


class Update(Parameters):
    friendly_name: Annotated[str, Field(min_length=1)] = ""
    assignment_callback_url: Url = ""
    fallback_assignment_callback_url: Url | None = None
    configuration: str = ""
    task_reservation_timeout: Seconds = 120
    re_evaluate_tasks: YesNo = False


class WorkflowShape(Resource):
    sid: a_sid("WW")
    assignment_callback_url: UriOrEmpty
    configuration: str
    document_content_type: str
    fallback_assignment_callback_url: UriOrEmpty | None
    friendly_name: str
    task_reservation_timeout: int
    links: Links


def render(call: Call, workflow: Workflow) -> WorkflowShape:
    workspace_sid = call.workspace.workspace.sid
    link = call.link(workspace_sid, "Workflows", workflow.sid)
    return {
        **common(call, workflow, workspace_sid),
        "assignment_callback_url": workflow.assignment_callback_url,
        "configuration": workflow.configuration,
        "document_content_type": "application/json",
        "fallback_assignment_callback_url": workflow.fallback_assignment_callback_url,
        "friendly_name": workflow.friendly_name,
        "task_reservation_timeout": workflow.task_reservation_timeout,
        "url": link,
        "links": {
            "statistics": f"{link}/Statistics",
            "real_time_statistics": f"{link}/RealTimeStatistics",
            "cumulative_statistics": f"{link}/CumulativeStatistics",
        },
    }


def the(call: Call) -> Workflow:
    return call.workspace.state.get(Workflow, call.path["Sid"])


@resource.operation("ListWorkflow", "GET", PATH, List, returns=WorkflowShape, key="workflows")
def list_(call: Call, asked: List) -> Answer:
    workflows = call.workspace.state.workflows.values()
    every = (w for w in workflows if asked.friendly_name in (None, w.friendly_name))
    return page(call, "workflows", every, render, asked)


@resource.operation("CreateWorkflow", "POST", PATH, Create, 201, returns=WorkflowShape)
def create(call: Call, asked: Create) -> Answer:
    return Answer(render(call, call.workspace.workflows.create(call.now, **asked.given())))


@resource.operation("FetchWorkflow", "GET", PATH + "/{Sid}", returns=WorkflowShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, the(call)))


@resource.operation("UpdateWorkflow", "POST", PATH + "/{Sid}", Update, returns=WorkflowShape)
def update(call: Call, asked: Update) -> Answer:
    return Answer(render(call, call.workspace.workflows.update(call.now, the(call), **asked.given())))


@resource.operation("DeleteWorkflow", "DELETE", PATH + "/{Sid}", status=204)
def delete(call: Call) -> Answer:
    call.workspace.workflows.delete(call.now, the(call))
    return Answer()
