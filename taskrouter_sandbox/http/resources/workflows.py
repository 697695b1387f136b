"""Workflows (rest-contract.md §4.11, §5.11)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ...engine.model.entities import Workflow
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import JsonText, Url, WorkflowSid, YesNo
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..response_types import Links, Resource, UriOrEmpty

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workflows"
Seconds = Annotated[int, Meta(ge=1, le=86_400)]


class ListWorkflow(Listing):
    friendly_name: str | None = None


class CreateWorkflow(Parameters):
    friendly_name: Annotated[str, Meta(min_length=1)]
    configuration: JsonText
    assignment_callback_url: Url = ""
    fallback_assignment_callback_url: Url | None = None
    task_reservation_timeout: Seconds = 120


class UpdateWorkflow(Parameters):
    friendly_name: Annotated[str, Meta(min_length=1)] = ""
    assignment_callback_url: Url = ""
    fallback_assignment_callback_url: Url | None = None
    configuration: JsonText = ""
    task_reservation_timeout: Seconds = 120
    re_evaluate_tasks: YesNo = False


class WorkflowResponse(Resource):
    sid: WorkflowSid
    assignment_callback_url: UriOrEmpty
    configuration: str
    document_content_type: str | None
    fallback_assignment_callback_url: UriOrEmpty | None
    friendly_name: str
    task_reservation_timeout: int
    links: Links


def render(context: RequestContext, workflow: Workflow) -> WorkflowResponse:
    """Render a workflow as it is answered (rest-contract.md §5)."""
    workspace_sid = context.workspace.sid
    link = context.link(workspace_sid, "Workflows", workflow.sid)
    return {
        **common(context, workflow, workspace_sid),
        "assignment_callback_url": workflow.assignment_callback_url,
        "configuration": workflow.configuration,
        "document_content_type": None,
        "fallback_assignment_callback_url": workflow.fallback_assignment_callback_url,
        "friendly_name": workflow.friendly_name,
        "task_reservation_timeout": workflow.task_reservation_timeout,
        "url": link,
        "links": {
            "workspace": context.link(workspace_sid),
            "statistics": f"{link}/Statistics",
            "real_time_statistics": f"{link}/RealTimeStatistics",
            "cumulative_statistics": f"{link}/CumulativeStatistics",
        },
    }


def get_workflow(context: RequestContext) -> Workflow:
    """Find a workflow by the address. Raises NotFound."""
    return context.state.get(Workflow, context.path["Sid"])


@resource.operation("ListWorkflow", "GET", PATH, ListWorkflow, returns=WorkflowResponse, key="workflows")
def list_(context: RequestContext, asked: ListWorkflow) -> Answer:
    """List the workflows of a workspace, by name."""

    def shown(workflow: Workflow) -> bool:
        return asked.friendly_name in (None, workflow.friendly_name)

    return page(context, "workflows", ListInMemory(context.state.workflows, shown), render, asked)


@resource.operation("CreateWorkflow", "POST", PATH, CreateWorkflow, 201, returns=WorkflowResponse)
def create(context: RequestContext, asked: CreateWorkflow) -> Answer:
    """Create a workflow."""
    return Answer(render(context, context.engine.workflows.create(context.now, **asked.given())))


@resource.operation("FetchWorkflow", "GET", PATH + "/{Sid}", returns=WorkflowResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a workflow."""
    return Answer(render(context, get_workflow(context)))


@resource.operation("UpdateWorkflow", "POST", PATH + "/{Sid}", UpdateWorkflow, returns=WorkflowResponse)
def update(context: RequestContext, asked: UpdateWorkflow) -> Answer:
    """Update a workflow, and route its tasks again if that is asked for."""
    return Answer(render(context, context.engine.workflows.update(context.now, get_workflow(context), **asked.given())))


@resource.operation("DeleteWorkflow", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a workflow that no task uses."""
    context.engine.workflows.delete(context.now, get_workflow(context))
    return Answer()
