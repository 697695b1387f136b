"""What only shows on the wire: credentials, paging, errors, links (rest-contract.md §1, §2, §11)."""

from __future__ import annotations

import pytest
import requests
from twilio.rest import Client

from helpers.connection.clients import SandboxHttpClient
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience


def test_no_credentials_and_wrong_ones(ask):
    """§11.2."""
    without = ask("/v1/Workspaces", auth=lambda request: request)
    wrong = ask("/v1/Workspaces", auth=("AC" + "0" * 32, "wrong"))
    assert (without.status_code, without.json()["code"]) == (401, 20003)
    assert without.json()["message"] == "Authentication Error - No credentials provided"
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Authenticate")


KEY = "SK" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("key", "secret", "status"),
    [
        (KEY, "the account's", 200),
        (KEY, "another", 401),
        (KEY, "", 401),
        (KEY[:-1], "the account's", 401),
        ("AC" + KEY[2:], "the account's", 401),
    ],
)
def test_an_api_key_with_the_token_as_its_secret(ask, sandbox, key, secret, status):
    """§1, §15, point 33."""
    secret = sandbox.auth_token if secret == "the account's" else secret
    assert ask("/v1/Workspaces", auth=(key, secret)).status_code == status
    assert ask("/_sandbox/alerts", auth=(key, secret)).status_code == status


def test_an_api_key_through_the_client(sandbox):
    client = Client(KEY, sandbox.auth_token, sandbox.account_sid, http_client=SandboxHttpClient(sandbox.url))
    assert client.taskrouter.v1.workspaces.create(friendly_name="One").account_sid == sandbox.account_sid


def test_an_api_key_that_was_given_at_the_start(tmp_path, ask):
    """It has its own secret; the account's token is that of others only."""
    service = Service(tmp_path, "AC" + "1" * 32, "token", api_keys={KEY: "own"})
    with served(service) as address:
        answers = [
            ask(f"{address}/v1/Workspaces", auth=(key, secret)).status_code
            for key, secret in ((KEY, "own"), (KEY, "token"), (KEY[::-1], "own"), ("SK" + "0" * 32, "token"))
        ]
    assert answers == [200, 401, 401, 200]


def test_an_error_document(ask):
    """§11.1."""
    sid = "WS" + "0" * 32
    answer = ask(f"/v1/Workspaces/{sid}")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 20404,
        "message": f"The requested resource /Workspaces/{sid} was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


def test_a_wrong_verb_and_a_wrong_path(ask):
    assert ask("/v1/Workspaces", "PUT").json()["code"] == 20004
    assert ask("/v1/Nothing").json()["code"] == 20404
    assert ask("/").json()["code"] == 20404


@pytest.mark.parametrize(
    ("path", "host", "advice"),
    [
        ("/v1/Nothing", None, ""),
        ("/v1/Nothing", "taskrouter.dublin.ie1.twilio.com", ""),
        ("/v1/Services", "sync.twilio.com", "the sandbox does not have it of sync.twilio.com"),
        ("/v2/Services", "verify.dublin.ie1.twilio.com:443", "the sandbox does not have it of verify.twilio.com"),
        ("/v1/Events", "monitor.twilio.com", "the sandbox does not have it of monitor.twilio.com"),
        ("/2010-04-01/Accounts/{}/Recordings.json", None, "the sandbox does not have it of api.twilio.com"),
        ("/nothing", None, "GET /_sandbox/openapi.json names what there is"),
    ],
)
def test_a_path_that_leads_somewhere_on_twilio_alone_is_told(ask, sandbox, path, host, advice):
    """Else a program would read that its service or its recording is not there (§11.2 has the rest)."""
    path = path.format(sandbox.account_sid)
    answer = ask(path, headers={"Host": host} if host else {})
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    said = answer.json()["message"].removeprefix(f"The requested resource {path.removeprefix('/v1')} was not found")
    assert said.startswith(f": {advice}") if advice else said == ""


def test_pages(ask, workspace):
    """§2: the token is PA and the last SID; addresses keep the filters; counting pages is refused."""
    for name in "ABCDE":
        workspace.workers.create(name)
    path = f"/v1/Workspaces/{workspace.sid}/Workers"
    first = ask(path, params={"PageSize": 2, "Available": "false"}).json()
    assert [w["friendly_name"] for w in first["workers"]] == ["A", "B"]
    meta = first["meta"]
    assert (meta["key"], meta["page"], meta["page_size"], meta["previous_page_url"]) == ("workers", 0, 2, None)
    assert f"PageToken=PA{first['workers'][-1]['sid']}" in meta["next_page_url"]
    assert "Available=false" in meta["next_page_url"]
    second = ask(meta["next_page_url"]).json()
    assert [w["friendly_name"] for w in second["workers"]] == ["C", "D"]
    third = ask(second["meta"]["next_page_url"]).json()
    assert [w["friendly_name"] for w in third["workers"]] == ["E"]
    assert third["meta"]["next_page_url"] is None
    back = ask(third["meta"]["previous_page_url"]).json()
    assert [w["friendly_name"] for w in back["workers"]] == ["C", "D"]
    assert [w["friendly_name"] for w in ask(back["meta"]["previous_page_url"]).json()["workers"]] == ["A", "B"]
    assert ask(path, params={"Page": 0}).status_code == 200
    assert ask(path, params={"Page": 1}).json()["code"] == 40153
    assert ask(path, params={"PageSize": 5000}).json()["meta"]["page_size"] == 1000
    assert ask(path, params={"PageSize": 0}).json()["code"] == 20001


@pytest.mark.parametrize(
    ("collection", "filters"),
    [
        ("Events", {"StartDate": "2020-01-01T00:00:00Z"}),
        ("Events", {"EndDate": "2090-01-01T00:00:00Z", "EventType": "worker.created"}),
        ("Events", {"Minutes": "5"}),
        ("Workers", {"Available": "false", "TargetWorkersExpression": "1==1", "Ordering": "DateStatusChanged:asc"}),
        ("TaskQueues", {"EvaluateWorkerAttributes": "{}", "Ordering": "DateUpdated:desc"}),
        ("Tasks", {"EvaluateTaskAttributes": "1==1"}),
        ("Tasks", {"AssignmentStatus": ["pending", "reserved"], "Ordering": "Priority:desc,DateCreated:asc"}),
    ],
)
def test_the_next_page_keeps_every_filter(ask, workspace, collection, filters):
    """§2.2: the addresses that a page gives are addresses that the sandbox takes."""
    queues = [workspace.task_queues.create(name) for name in ("Q1", "Q2", "Q3")]
    workspace.workflows.create("W", f'{{"task_routing": {{"default_filter": {{"queue": "{queues[0].sid}"}}}}}}')
    for name in ("A", "B", "C"):
        workspace.workers.create(name)
        workspace.tasks.create()
    first = ask(f"/v1/Workspaces/{workspace.sid}/{collection}", params={**filters, "PageSize": 1})
    seen, answer = [], first
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += [each["sid"] for each in page[page["meta"]["key"]]]
        if page["meta"]["next_page_url"] is None:
            break
        answer = ask(page["meta"]["next_page_url"])
    whole = ask(f"/v1/Workspaces/{workspace.sid}/{collection}", params=filters).json()
    assert seen == [each["sid"] for each in whole[whole["meta"]["key"]]]
    assert len(seen) >= 3


def test_links_lead_back_to_the_host_that_was_asked(ask, workspace, sandbox):
    here = ask(f"/v1/Workspaces/{workspace.sid}").json()
    assert here["links"]["workers"].startswith(sandbox.url)
    there = ask(f"/v1/Workspaces/{workspace.sid}", headers={"Host": "taskrouter.twilio.com"}).json()
    assert there["url"] == f"https://taskrouter.twilio.com/v1/Workspaces/{workspace.sid}"
    assert set(here["links"]) == {
        "activities", "statistics", "real_time_statistics", "cumulative_statistics", "task_queues", "tasks",
        "workers", "workflows", "task_channels", "events",
    }  # fmt: skip


def test_a_workflow_as_it_was_recorded(ask, workspace):
    """§5.11, §5.12: recordings of 2017 and 2019 have the workspace among its links, and no type of its document."""
    queue = workspace.task_queues.create("Everyone")
    workflow = workspace.workflows.create("W", f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}')
    path = f"/v1/Workspaces/{workspace.sid}/Workflows/{workflow.sid}"
    for body in (ask(path).json(), ask(path, "POST", data={"FriendlyName": "V"}).json()):
        assert body["document_content_type"] is None
        assert body["links"]["workspace"] == body["url"].partition("/Workflows")[0]


def test_a_queue_and_its_events_name_the_operating_unit(ask, workspace, sandbox):
    """§15, point 32."""
    queue = workspace.task_queues.create("Everyone")
    path = f"/v1/Workspaces/{workspace.sid}/TaskQueues/{queue.sid}"
    unit = ask(path).json()["operating_unit_sid"]
    assert unit == "OU" + sandbox.account_sid[2:]
    (event,) = workspace.events.list(task_queue_sid=queue.sid)
    assert event.event_data["operating_unit_sid"] == unit
    assert event.resource_url.endswith(path)


def test_every_path_takes_a_slash_at_its_end(ask, workspace, sandbox):
    """§1: Twilio's own samples write one."""
    path = f"/v1/Workspaces/{workspace.sid}"
    lists = ask("/v1/Workspaces/")
    assert (lists.status_code, len(lists.json()["workspaces"])) == (200, 1)
    assert "/v1/Workspaces?" in lists.json()["meta"]["url"]
    assert ask(path + "/").json()["url"] == sandbox.url + path
    assert ask("/v1/Workspaces/", "POST", data={"FriendlyName": "Two"}).status_code == 201
    assert ask(path + "/", "POST", data={"FriendlyName": "One"}).json()["friendly_name"] == "One"
    assert ask(path + "/Workers/").json()["workers"] == []
    assert ask("/_sandbox/health/").json()["status"] == "ok"
    assert ask(path + "//").json()["code"] == 20404
    assert ask(path + "/", "DELETE").status_code == 204
    assert ask(path).status_code == 404


@pytest.mark.parametrize(
    ("collection", "filters", "found", "alert"),
    [
        ("Tasks", {"AssignmentStatus": "Pending"}, 0, "'Pending' finds nothing; did you mean pending?"),
        (
            "Tasks",
            {"AssignmentStatus": ["pending", "foo"]},
            1,
            "AssignmentStatus 'foo' finds nothing: there is assigned",
        ),
        (
            "Tasks",
            {"AssignmentStatus[]": "completed"},
            1,
            "AssignmentStatus[]: send AssignmentStatus, once for each value",
        ),
        ("Tasks", {"AssignmentStatus": ""}, 0, "AssignmentStatus '' finds nothing: there is assigned"),
        ("Events", {"EventType": ""}, 0, "EventType '' finds nothing: there is activity.created"),
        ("Workers", {"Ordering": ""}, 1, None),
        ("Tasks", {"assignment_status": "completed"}, 1, "Nothing reads assignment_status: send AssignmentStatus"),
        (
            "Events",
            {"EventType": "task.create"},
            0,
            "EventType 'task.create' finds nothing; did you mean task.created?",
        ),
        ("Events", {"EventType": "task.created, task.canceled"}, 0, "finds nothing: it takes one value at a time"),
        ("Workers", {"Ordering": "FriendlyName:asc"}, 1, "Ordering 'FriendlyName:asc' is not known, so that the list"),
        ("TaskQueues", {"Ordering": "x"}, 1, "Ordering 'x' is not known"),
        (
            "Workers",
            {"TargetWorkersExpression": "friendly_name HAS 'Alice'"},
            0,
            "TargetWorkersExpression: friendly_name is no list",
        ),
        (
            "Workers",
            {"TargetWorkersExpression": "worker.level > 1"},
            0,
            "TargetWorkersExpression: worker.level is not there",
        ),
        ("Workers", {"TargetWorkersExpression": "'a' == 'b'"}, 0, "compares two constants"),
        (
            "Tasks",
            {"EvaluateTaskAttributes": "task.level > 1"},
            0,
            "EvaluateTaskAttributes: task.level is not there",
        ),
        ("Workers", {"TargetWorkersExpression": "level > 1 OR friendly_name == 'Alice'"}, 1, None),
        (
            "Events",
            {"EventType": ["task.created", "task.canceled"]},
            0,
            "EventType takes one value: of the 2 that were sent the last counts",
        ),
        ("Events", {"StartDate": "2100-01-01"}, 0, "StartDate finds nothing, as it lies in the future: times are UTC"),
        ("Events", {"StartDate": "2026-01-02", "EndDate": "2026-01-01"}, 0, "finds nothing, as it is after EndDate"),
        ("Events", {"StartDate": "2026-01-02", "EndDate": "2026-01-02"}, 0, None),
        ("Tasks", {"Priority": ["0", "0"]}, 1, None),
        ("Tasks", {"AssignmentStatus": "completed", "Zork": "1"}, 0, None),
        ("Events", {"EventType": "task.completed"}, 0, None),
        ("Workers", {"Ordering": "DateStatusChanged:desc"}, 1, None),
    ],
)
def test_a_filter_that_means_nothing_raises_one_alert(ask, workspace, sandbox, collection, filters, found, alert):
    """§10.12: what the service does is not known; nothing is refused here, and nothing happens silently."""
    queue = workspace.task_queues.create("Everyone", target_workers="1==2")
    workspace.workflows.create("W", f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}')
    workspace.workers.create("Alice")
    workspace.tasks.create()
    for _ in range(2):
        page = ask(f"/v1/Workspaces/{workspace.sid}/{collection}", params=filters).json()
        assert len(page[page["meta"]["key"]]) == found
    alerts = sandbox.alerts.list()
    assert [one["level"] for one in alerts] == ["warning"] * (alert is not None)
    assert alert is None or alert in alerts[0]["text"]


def test_attributes_in_brackets_raise_an_alert(ask, workspace, sandbox):
    """As PHP and others write a map in a form: nothing reads it (§15, point 34)."""
    form = {"FriendlyName": "Alice", "Attributes[level]": "2"}
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Workers", "POST", data=form)
    assert (answer.status_code, answer.json()["attributes"]) == (201, "{}")
    (alert,) = sandbox.alerts.list()
    assert alert["text"] == "Nothing reads Attributes[level]: send Attributes, as one JSON text"


@pytest.mark.parametrize(
    ("collection", "query", "advice"),
    [
        ("Workers", "Attributes=%7B%7D", "Attributes in the address: send it in the form"),
        ("Workers", "attributes=%7B%7D", "attributes in the address: send Attributes in the form, as one JSON text"),
        ("Workers", "activity_sid=WA", "activity_sid in the address: send ActivitySid in the form"),
        ("TaskQueues", "Target-Workers=x", "Target-Workers in the address: send TargetWorkers in the form"),
    ],
)
def test_what_stands_in_the_address_of_a_post_raises_an_alert(ask, workspace, sandbox, collection, query, advice):
    """§15, point 34."""
    answer = ask(f"/v1/Workspaces/{workspace.sid}/{collection}?{query}", "POST", data={"FriendlyName": "Alice"})
    assert answer.status_code == 201
    (alert,) = sandbox.alerts.list()
    assert alert["text"] == f"Nothing reads {advice}"


def test_what_stands_in_the_address_of_a_post_of_json_raises_an_alert(ask, workspace, sandbox):
    """§15, point 34."""
    queue = workspace.task_queues.create("Everyone")
    url = f"/v1/Workspaces/{workspace.sid}/TaskQueues/RealTimeStatistics?QueueSids={queue.sid}"
    assert ask(url, "POST", json={"QueueSids": [queue.sid]}).status_code == 200
    (alert,) = sandbox.alerts.list()
    assert alert["text"] == "Nothing reads QueueSids in the address: send it in the JSON body"


FILTER = "AssignmentStatus in the body: send it in the address"


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ({"data": {"AssignmentStatus": "completed"}}, FILTER),
        ({"data": "AssignmentStatus=completed"}, FILTER),
        ({"json": {"AssignmentStatus": "completed"}}, FILTER),
        ({"files": {"AssignmentStatus": (None, "completed")}}, FILTER),
        ({"data": {"TaskQueueSid": "WQ", "Zork": "1"}}, "TaskQueueSid in the body: send it in the address"),
        (
            {"data": {"assignment_status": "completed"}},
            "assignment_status in the body: send AssignmentStatus in the address, once for each value",
        ),
    ],
)
def test_a_filter_in_the_body_of_a_get_raises_an_alert(ask, workspace, sandbox, body, advice):
    """§15, point 34: the list is that without the filter."""
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Tasks", **body)
    assert (answer.status_code, answer.json()["tasks"]) == (200, [])
    (alert,) = sandbox.alerts.list()
    assert (alert["code"], alert["level"], alert["text"]) == (20001, "warning", f"Nothing reads {advice}")


@pytest.mark.parametrize("body", [b"[1]", b"7", b"\xff\xfe", b"--x\r\n", b"&".join([b"AssignmentStatus=x"] * 10_001)])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_no_body_of_a_get_breaks_it(ask, workspace, body, kind):
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Tasks", data=body, headers={"Content-Type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("sent", [{"params": {"Reason": "x", "B": "1"}}, {"data": {"Reason": "x", "B": "1"}}])
def test_a_parameter_of_what_takes_none_raises_an_alert(ask, workspace, sandbox, sent):
    """§15, point 34: of a GET and a DELETE, whether the resource is there afterwards or not."""
    worker = f"/v1/Workspaces/{workspace.sid}/Workers/{workspace.workers.create('Alice').sid}"
    assert [ask(worker, method, **sent).status_code for method in ("GET", "DELETE")] == [200, 204]
    assert ask(f"/v1/Workspaces/{workspace.sid}", "DELETE", **sent).status_code == 204
    said = "Nothing reads B, Reason: {} takes no parameters"
    names = ("DeleteWorkspace", "DeleteWorker", "FetchWorker")
    assert [alert["text"] for alert in sandbox.alerts.list()] == [said.format(name) for name in names]


def test_what_nothing_reads_is_ignored_and_noted(ask, workspace, sandbox):
    """§1, §9.4: `Available` on an update changes nothing and is answered 200."""
    activity = ask(f"/v1/Workspaces/{workspace.sid}/Activities").json()["activities"][0]
    answer = ask(activity["url"], "POST", data={"Available": "true", "FriendlyName": "Away"})
    assert (answer.status_code, answer.json()["available"]) == (200, False)
    assert sandbox.unread() == [{"operation": "UpdateActivity", "parameter": "Available", "times": 1}]


def test_a_get_with_the_content_type_of_a_form_is_a_get(ask):
    """§13, mismatch 2."""
    answer = ask("/v1/Workspaces", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.json()["workspaces"] == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=%zz&&&=", b"FriendlyName=" + b"x" * 100_000])
def test_no_body_breaks_it(ask, body):
    answer = ask("/v1/Workspaces", "POST", data=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_the_control_plane_needs_credentials_too(ask, sandbox):
    for path, method in (("reset", "POST"), ("stop", "POST"), ("deliveries", "GET")):
        assert ask(f"/_sandbox/{path}", method, auth=("x", "y")).status_code == 401
    assert requests.get(f"{sandbox.url}/_sandbox/health", timeout=patience(5)).json()["status"] == "ok"
    assert len(sandbox.operations()) == 61 + 38 + 2  # TaskRouter's, the voice side's, Monitor's
