"""Applications: the addresses of a program, under one SID (voice.md §5.1, §5.2)."""

from __future__ import annotations

from typing import Any, TypedDict

from ....engine.model.errors import NotFound, TaskRouterError
from ....voice.engine import VoiceEngine
from ....voice.model.entities import Application
from ....voice.model.terms import Method
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid, Url
from ...parameters import Listing
from .addresses import AddressParameters
from .common import VERSION, Date2822, apply, current, dates, newest_first, page, registry, uri

resource = registry()
PATH = "/Applications"
NO_APPLICATION = 21218


class ListApplications(Listing):
    friendly_name: str | None = None


class CreateApplication(AddressParameters):
    sms_status_callback: Url = ""
    message_status_callback: Url = ""
    public_application_connect_enabled: bool = False


class UpdateApplication(CreateApplication):
    pass


class ApplicationResponse(TypedDict):
    account_sid: AccountSid
    api_version: str
    date_created: Date2822
    date_updated: Date2822
    friendly_name: str
    message_status_callback: str
    sid: str
    sms_fallback_method: Method
    sms_fallback_url: str
    sms_method: Method
    sms_status_callback: str
    sms_url: str
    status_callback: str
    status_callback_method: Method
    uri: str
    voice_caller_id_lookup: bool
    voice_fallback_method: Method
    voice_fallback_url: str
    voice_method: Method
    voice_url: str
    public_application_connect_enabled: bool


def named(engine: VoiceEngine, sid: str) -> Application:
    """Find the application that a call or message names. Raises TaskRouterError (21218) when there is none."""
    if sid not in engine.state.applications:
        raise TaskRouterError(f"There is no Application {sid}: create it first, or give the addresses", NO_APPLICATION)
    return engine.state.applications[sid]


def render(context: RequestContext, application: Application) -> dict[str, Any]:
    """Render an application as it is answered (voice.md §5.2)."""
    settings = {name: getattr(application, name) for name in CreateApplication.__struct_fields__}
    return settings | {
        "account_sid": context.service.account_sid,
        "api_version": VERSION,
        **dates(application),
        "sid": application.sid,
        "uri": uri(context, "Applications", application.sid) + ".json",
    }


@resource.operation("ListApplication", "GET", PATH, ListApplications, returns=ApplicationResponse, key="applications")
def list_(context: RequestContext, asked: ListApplications) -> Answer:
    """List applications, the newest first."""
    applications = newest_first(current(context).state.applications)

    def shown(application: Application) -> bool:
        return asked.friendly_name in (None, application.friendly_name)

    return page(context, "applications", applications, render, asked, shown)


@resource.operation("CreateApplication", "POST", PATH, CreateApplication, 201, returns=ApplicationResponse)
def create(context: RequestContext, asked: CreateApplication) -> Answer:
    """Create an application."""
    application = apply(context, lambda engine: engine.applications.create(context.now, **asked.given()))
    return Answer(render(context, application))


@resource.operation("FetchApplication", "GET", PATH + "/{Sid}", returns=ApplicationResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch an application."""
    applications = current(context).state.applications
    if context.path["Sid"] not in applications:
        raise NotFound(f"Application {context.path['Sid']} was not found")
    return Answer(render(context, applications[context.path["Sid"]]))


@resource.operation("UpdateApplication", "POST", PATH + "/{Sid}", UpdateApplication, returns=ApplicationResponse)
def update(context: RequestContext, asked: UpdateApplication) -> Answer:
    """Update an application."""
    application = apply(
        context, lambda engine: engine.applications.update(context.now, context.path["Sid"], **asked.given())
    )
    return Answer(render(context, application))


@resource.operation("DeleteApplication", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete an application."""
    apply(context, lambda engine: engine.applications.delete(context.now, context.path["Sid"]))
    return Answer()
