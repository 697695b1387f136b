"""Whatever is sent, every operation answers as its document says, and nothing breaks.

`schemathesis` makes requests from the sandbox's own OpenAPI document, right and wrong ones, the same in every run.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from helpers.sandbox import LessonSandbox
from taskrouter_sandbox.http import control, resources
from taskrouter_sandbox.http.app import other_operations
from taskrouter_sandbox.http.openapi import document

EXAMPLES = 8  # of each operation, half of them with SIDs that exist
OPERATIONS = {
    each.id: each
    for each in (*resources.OPERATIONS, *control.OPERATIONS, *other_operations())
    if each.id != "StopSandbox"
}


def furnished(sandbox: LessonSandbox, session: requests.Session) -> dict[str, str]:
    """A workspace with one of everything: what may stand in a path, by the segment or the name before it."""

    def post(path: str, **data: str) -> dict:
        answer = session.post(f"{sandbox.url}/v1/Workspaces{path}", data=data)
        assert answer.status_code == 201, answer.text
        return answer.json()

    space = post("", FriendlyName="Storm")["sid"]
    activities = session.get(f"{sandbox.url}/v1/Workspaces/{space}/Activities").json()["activities"]
    queue = post(f"/{space}/TaskQueues", FriendlyName="Queue")["sid"]
    routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    flow = post(f"/{space}/Workflows", FriendlyName="Flow", Configuration=routing)["sid"]
    worker = post(f"/{space}/Workers", FriendlyName="Worker", ActivitySid=activities[1]["sid"])["sid"]
    task = post(f"/{space}/Tasks", WorkflowSid=flow)["sid"]
    (reservation,) = session.get(f"{sandbox.url}/v1/Workspaces/{space}/Tasks/{task}/Reservations").json()[
        "reservations"
    ]
    session.post(
        f"{sandbox.url}/v1/Workspaces/{space}/Tasks/{task}/Reservations/{reservation['sid']}",
        data={"ReservationStatus": "accepted"},
    )
    target = {"reservation": reservation["sid"], "to": queue}
    transfer = session.post(f"{sandbox.url}/_sandbox/transfers", params=target).json()["sid"]
    fault = session.post(f"{sandbox.url}/_sandbox/faults", params={"deliveries": "twice"}).json()["number"]
    (event, *_) = session.get(f"{sandbox.url}/v1/Workspaces/{space}/Events").json()["events"]
    account = f"{sandbox.url}/2010-04-01/Accounts/{sandbox.account_sid}"
    called = {"To": "client:alice", "From": "+15005550006"}
    participant = session.post(f"{account}/Conferences/Room/Participants.json", data=called).json()
    line = session.post(f"{account}/Queues.json", data={"FriendlyName": "line"}).json()["sid"]
    application = session.post(f"{account}/Applications.json", data={"FriendlyName": "Application"}).json()["sid"]
    text = {"To": "+15005550111", "From": "+15005550006", "Body": "Hello"}
    message = session.post(f"{account}/Messages.json", data=text).json()["sid"]
    (number,) = session.get(f"{account}/IncomingPhoneNumbers.json").json()["incoming_phone_numbers"]
    return {
        "AccountSid": sandbox.account_sid, "Calls": participant["call_sid"], "CallSid": participant["call_sid"],
        "call_sid": participant["call_sid"], "Conferences": participant["conference_sid"],
        "ConferenceSid": participant["conference_sid"], "Queues": line, "QueueSid": line,
        "Applications": application, "Messages": message, "OutgoingCallerIds": f"PN{1:032d}", "task_sid": task,
        "IncomingPhoneNumbers": number["sid"], "address": "client:alice",
        "WorkspaceSid": space, "Workspaces": space, "TaskSid": task, "Tasks": task, "WorkerSid": worker,
        "Workers": worker, "TaskQueueSid": queue, "TaskQueues": queue, "WorkflowSid": flow, "Workflows": flow,
        "Activities": activities[2]["sid"], "Reservations": reservation["sid"], "Events": event["sid"],
        "Alerts": f"NO{1:032d}", "TaskChannels": "voice", "Channels": "voice", "transfer_sid": transfer,
        "number": fault,
    }  # fmt: skip


@pytest.fixture
def session(sandbox) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = (sandbox.account_sid, sandbox.auth_token)
    return session


@pytest.fixture(scope="module")
def storm() -> SimpleNamespace:
    """`schemathesis` with the document, imported here: it takes as long as all other tests of a worker together."""
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    schema = schemathesis.openapi.from_dict(document(OPERATIONS.values(), "http://127.0.0.1"))
    found = [one.ok() for one in schema.get_all_operations()]
    return SimpleNamespace(
        operations={one.definition.raw["operationId"]: one for one in found},
        checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_breaks_it(name, storm, sandbox, session):
    operation = storm.operations[name]
    known = furnished(sandbox, session)
    parts = operation.path.removesuffix(".json").split("/")
    names = {part[1:-1]: parts[i - 1] if part == "{Sid}" else part[1:-1] for i, part in enumerate(parts) if "{" in part}
    turn = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        nonlocal turn
        turn += 1
        if turn % 2:
            case.path_parameters = {name: known[key] for name, key in names.items()}
        response = case.call(base_url=sandbox.url, session=session)
        case.validate_response(response, checks=storm.checks)

    ask()
    assert turn > (name != "FetchHealth")  # where nothing can be varied
