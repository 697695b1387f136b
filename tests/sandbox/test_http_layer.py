"""The HTTP layer at its edges: whatever arrives is answered, and never with a 500 (rest-contract.md §1, §11, §12)."""

from __future__ import annotations

import json
import socket

import pytest
import requests

from tests.sandbox.conftest import SPANISH
from tests.sandbox.test_resources import refused
from tests.waiting import patience

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ask(sandbox):
    """Plain HTTP with the sandbox's credentials; every answer but an empty one is JSON."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (sandbox.account_sid, sandbox.auth_token)

    def ask(path: str, method: str = "GET", **kwargs) -> requests.Response:
        url = path if path.startswith("http") else f"{sandbox.url}{path}"
        answer = session.request(method, url, timeout=patience(20), **kwargs)
        assert answer.status_code < 500, answer.text
        return answer

    return ask


@pytest.fixture
def skip(ask):
    """Lets seconds pass."""
    return lambda seconds: ask("/_sandbox/clock", "POST", params={"advance": seconds})


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"FriendlyName": "A", "Attributes": "[" * 4000}, "nested too deeply"),
        ({"FriendlyName": "A", "Attributes": '{"a":' * 600 + "1" + "}" * 600}, "nested too deeply"),
        ({"FriendlyName": "A", "Attributes": '{"a":' * 100 + "1" + "}" * 100}, None),
        ({"FriendlyName": "A", "Attributes": r'{"a": "\ud800"}'}, "half a surrogate pair"),
        ({"FriendlyName": "A", "Attributes": '{"a": 1e999}'}, "too large"),
        ({"FriendlyName": "A", "Attributes": '{"a": ' + "9" * 4080 + "}"}, None),
        ({"FriendlyName": "A", "Attributes": '{"a": ' + "9" * 5000 + "}"}, "at most 4096"),
        ({"FriendlyName": "A", "Attributes": "Infinity"}, "not JSON"),
        ({"FriendlyName": "A\0B"}, None),
        ({"FriendlyName": ["A", "B"]}, None),
        ({"FriendlyName": "x" * 65}, "at most 64 characters"),
        ({"FriendlyName": ""}, "at least 1 character"),
        ({"FriendlyName": "A", "ActivitySid": "WA1"}, "ActivitySid"),
        ({"FriendlyName": "A", "ActivitySid": "WA" + "0" * 32}, "is not an Activity of workspace"),
    ],
)
def test_values_of_a_worker(ask, workspace, form, words):
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Workers", "POST", data=form)
    if words is None:
        assert answer.status_code == 201, answer.text
        assert ask(answer.json()["url"]).json() == answer.json()
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        assert words in answer.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"PageSize": "9" * 5000}, {"PageSize": "-1"}, {"PageSize": "x"}, {"Page": "9" * 4000}, {"Page": "-1"},
        {"PageToken": "PA" + "\0"}, {"PageToken": "x"}, {"StartDate": "yesterday"}, {"StartDate": "1899-01-01"},
        {"Minutes": "0"}, {"Minutes": "9" * 30}, {"TaskSid": "WT"}, {"Sid": "\x00"},
        {"Minutes": "1e3"}, {"Minutes": "1_000"}, {"Minutes": "null"}, {"Page": "null"}, {"Page": "x"},
        {"TaskSid": "WT" + "0" * 32 + "\n"},
    ],
    ids=str,
)  # fmt: skip
def test_values_of_a_list(ask, workspace, query):
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Events", params=query)
    assert (answer.status_code, answer.json()["status"]) == (400, 400) or query == {"PageSize": "9" * 4300}
    assert next(iter(query)) in answer.json()["message"]
    assert "`" not in answer.json()["message"]


@pytest.mark.parametrize("sent", ["7", "+7", "007", " 7 ", "7.0"])
def test_ways_to_write_a_whole_number(ask, workspace, sent):
    path = f"/v1/Workspaces/{workspace.sid}"
    assert ask(f"{path}/Events", params={"PageSize": sent}).json()["meta"]["page_size"] == 7
    assert ask(f"{path}/Events", params={"Minutes": sent}).status_code == 200
    queue = ask(f"{path}/TaskQueues", "POST", data={"FriendlyName": "Q", "MaxReservedWorkers": sent})
    assert queue.json()["max_reserved_workers"] == 7
    times = ask(f"{path}/CumulativeStatistics", params={"SplitByWaitTime": f"3,{sent}"}).json()
    assert times["split_by_wait_time"].keys() == {"3", "7"}


def test_null_is_no_status(ask, cast):
    path = f"/v1/Workspaces/{cast.workspace.sid}/Tasks"
    task = cast.workspace.tasks.create(attributes=SPANISH)
    answer = ask(f"{path}/{task.sid}", "POST", data={"AssignmentStatus": "null"})
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert ask(path, params={"Priority": "null"}).status_code == 400


@pytest.mark.parametrize(
    "routing",
    [
        '{"queue": []}', '{"queue": {}}', '{"queue": null, "priority": 1}', '{"queue": "WQ", "priority": 1e400}',
        '{"queue": "Q", "priority": 99999999999}', '{"queue": "Q", "timeout": -1}', '{"queue": "Q", "timeout": true}',
        '{"queue": "Q", "filter_friendly_name": {}}', "[]", '"x"', "1", "[" * 5000, r'{"queue": "Q", "x": "\udfff"}',
        '{"queue": "Q", "x": 1e9999}',
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_configurations_that_are_none(ask, workspace, routing):
    queue = workspace.task_queues.create("Q").sid
    text = '{"task_routing": {"default_filter": ' + routing.replace('"Q"', f'"{queue}"') + "}}"
    form = {"FriendlyName": "F", "Configuration": text}
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Workflows", "POST", data=form)
    if "timeout" in routing or routing == "[]":  # a default filter has no timeout, and is none when it is empty
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, 20001), answer.text
        assert "Configuration" in answer.json()["message"]


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 5000,
        "a == " + "9" * 5000,
        "'" * 999,
        "a == '\0'",
        "\ud83d",
        "not " * 3000 + "a == 1",
        "a IN [" + "1," * 9999,
    ],
    ids=lambda text: text[:12],
)
def test_expressions_that_are_none(ask, workspace, expression):
    form = {"FriendlyName": "Q", "TargetWorkers": expression.encode(errors="replace")}
    assert ask(f"/v1/Workspaces/{workspace.sid}/TaskQueues", "POST", data=form).status_code in (201, 400)


@pytest.mark.parametrize(
    "form", [{"json": {"Attributes": "{}"}}, {"data": b"<x/>", "headers": {"Content-Type": "text/xml"}}]
)
def test_a_body_that_nothing_reads_is_refused_where_no_parameter_is_required(ask, workspace, form):
    """Else a task without attributes would be made, and an update change nothing (rest-contract.md §1)."""
    queue = workspace.task_queues.create("Everyone")
    everything = {"task_routing": {"default_filter": {"queue": queue.sid}}}
    workspace.workflows.create("Everything", configuration=json.dumps(everything))
    path = f"/v1/Workspaces/{workspace.sid}/Tasks"
    for each in (path, f"{path}/{workspace.tasks.create().sid}"):
        before = len(workspace.tasks.list())
        refused = ask(each, "POST", **form)
        assert (refused.status_code, refused.json()["code"]) == (400, 20001)
        assert "The body is no form" in refused.json()["message"]
        assert len(workspace.tasks.list()) == before
        assert ask(each, "POST", headers={"Content-Type": "application/json"}).ok  # there is no body


def _part(name: str, value: str = "x", boundary: str = "b") -> str:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


IN_PARTS = "multipart/form-data; boundary=b"
WHOLE = _part("FriendlyName") + "--b--\r\n"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (WHOLE, "multipart/form-data"),
        (WHOLE, "multipart/form-data; boundary="),
        (WHOLE, "multipart/form-data; boundary=c"),
        (_part("FriendlyName"), IN_PARTS),
        (WHOLE.replace("name=", "nom="), IN_PARTS),
        (WHOLE.replace("\r\n\r\n", "\r\n"), IN_PARTS),
        (_part("FriendlyName") * 20_000 + "--b--", IN_PARTS),
        (WHOLE.replace("Content", "X" * 3000 + ": x\r\nContent"), IN_PARTS),
        (WHOLE, IN_PARTS + "; x=" + "x" * 3000),
    ],
)
def test_forms_in_parts_that_are_none(ask, workspace, body, kind):
    path = f"/v1/Workspaces/{workspace.sid}/Activities"
    refused = ask(path, "POST", data=body.encode(), headers={"Content-Type": kind})
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert refused.json()["message"].startswith(("The body is not the form", "The request has more than"))
    whole = ask(path, "POST", data=WHOLE.encode(), headers={"Content-Type": 'Multipart/Form-Data; Boundary="b"'})
    assert whole.json()["friendly_name"] == "x"


def test_bodies_of_every_kind(ask, workspace):
    path = f"/v1/Workspaces/{workspace.sid}/Activities"
    as_json = ask(path, "POST", json={"FriendlyName": "A"})
    assert "send parameters as application/x-www-form-urlencoded, not as application/json" in as_json.json()["message"]
    in_parts = ask(path, "POST", files=[("FriendlyName", (None, "Ä\r\n--")), ("Available", (None, "true"))])
    assert (in_parts.json()["friendly_name"], in_parts.json()["available"]) == ("Ä\r\n--", True)
    other = _part("FriendlyName", "\r\n--boy\r\n") + "--b--"  # which is not the boundary
    made = ask(path, "POST", data=other.encode(), headers={"Content-Type": IN_PARTS})
    assert made.json()["friendly_name"] == "\r\n--boy\r\n"
    assert ask(path, "POST", data=b"FriendlyName=A%ff%fe", headers=FORM).status_code == 201
    assert ask(path, "POST", data=b"FriendlyName=\xff\xfe", headers=FORM).status_code == 201
    strange = ask(path, "POST", data=b"FriendlyName=C", headers={"Content-Type": "\xe4/\xff"})
    assert "not as \xe4/\xff" in strange.json()["message"]
    assert ask(path, "POST", data=b"FriendlyName=C").status_code == 201  # without a Content-Type
    assert ask(path, "POST", data=b"a=1&" * 20_000, headers=FORM).json()["code"] == 20001
    large = ask(path, "POST", data=b"FriendlyName=" + b"x" * 5_000_000, headers=FORM)
    assert (large.status_code, large.json()["code"]) == (413, 20413)
    chunks = ask(path, "POST", data=(b"x" * 100_000 for _ in range(50)), headers=FORM)
    assert chunks.status_code == 413
    assert ask(path, "POST", data=(part for part in (b"Friendly", b"Name=D")), headers=FORM).status_code == 201


def test_what_nothing_reads_is_kept_within_bounds(ask, workspace, sandbox):
    form = "&".join(f"Unknown{n}=1" for n in range(3000))
    assert ask(f"/v1/Workspaces/{workspace.sid}", "POST", data=form, headers=FORM).status_code == 200
    assert ask(f"/v1/Workspaces/{workspace.sid}", "POST", data="x" * 3000, headers=FORM).status_code == 200
    unread = sandbox.unread()
    assert len(unread) == 1000
    assert max(len(one["parameter"]) for one in unread) <= 100


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic ", "Basic =", "Basic \xff\xfe", "Bearer x", "Basic " + "A" * 9000, "basic !!!!"]
)
def test_authorization_of_every_kind(ask, header):
    answer = ask("/v1/Workspaces", auth=lambda request: request, headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer.json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_paths_and_verbs_of_every_kind(ask, workspace):
    space = f"/v1/Workspaces/{workspace.sid}"
    for path in (
        "/v1", "/v1/", "/v1//", "/v1/Workspaces//", "/v2/Workspaces", "/v1/%2e%2e", f"{space}//", f"{space}//Workers",
        f"{space}/Workers/%00", f"{space}/Workers/%ff%fe", f"{space}/Workers/" + "x" * 5000,
        f"{space}/Tasks/WK{'0' * 32}/Reservations",
    ):  # fmt: skip
        answer = ask(path)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404), path
    for verb in ("PUT", "PATCH", "TRACE"):
        answer = ask(space, verb)
        assert (answer.status_code, answer.json()["code"]) == (405, 20004)
        assert "use DELETE, GET, POST" in answer.json()["message"]
    head = ask(space, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(ask(space).content)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/Workspaces HTTP/1.1\r\n\r\n",
        b"GET http://example.com/_sandbox/health HTTP/1.0\r\n\r\n",
        b"GET http://example.com/_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://localhost@example.com/_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /v1/W\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/Workspaces HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"\0\r\n\r\n",
        b"GET /v1/Workspaces HTTP/1.1\r\nHost: \xff\xfe\r\nIf-Match: \xff\r\n\r\n",
        b"GET " + b"/v1/" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_bytes_that_no_client_sends(ask, sandbox, raw):
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=patience(10)) as connection:
        connection.sendall(raw)
        assert connection.recv(100).split(b" ")[1][:1] == b"4"
    assert ask("/v1/Workspaces").status_code == 200


def test_headers_that_every_answer_has(ask, workspace):
    """§1: rate and CORS headers; a page of this machine may send credentials."""
    gone = ask(f"/v1/Workspaces/{workspace.sid}", "DELETE")
    answers = [ask("/v1/Workspaces"), ask("/v1/Nothing"), ask("/v1/Workspaces", "POST")]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json; charset=utf-8"}
    for answer in [*answers, gone]:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, DELETE, OPTIONS"
        assert all(f"X-Rate-Limit-{word}" in answer.headers for word in ("Limit", "Remaining", "Config"))
    here = ask("/v1/Workspaces", "OPTIONS", headers={"Origin": "http://localhost:8888"}, auth=lambda request: request)
    assert (here.status_code, "Authorization" in here.headers["Access-Control-Allow-Headers"]) == (204, True)


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("http://127.0.0.1:99999/", False),
        ("http://127.0.0.1:0/", False),
        ("http://127.0.0.1:http/", False),
        ("http://h h/", False),
        ("http://h<h/", False),
        ("http://[::1/", False),
        ("http:///there", False),
        ("//there", False),
        ("http://127.0.0.1:1/\r\nX: y", False),
        ("http://127.0.0.1:1/a\tb", False),
        ("http://127.0.0.1:8080/a b?c=d e", True),
        ("HTTP://an_old-name.Example.com", True),
        ("https://bücher.example/é", True),
        ("http://[::1]:8080/", True),
        ("http://me:p%40ss@127.0.0.1:8080/there?a=b#rc=2", True),
    ],
)
@pytest.mark.parametrize("collection", ["Workspaces", "Workflows"])
def test_addresses_to_call(ask, workspace, address, right, collection):
    form = {"FriendlyName": "A", "EventCallbackUrl": address}
    path = "/v1/Workspaces"
    if collection == "Workflows":
        path = f"/v1/Workspaces/{workspace.sid}/Workflows"
        queue = workspace.task_queues.create("Q").sid
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        form = {"FriendlyName": "A", "Configuration": routing, "AssignmentCallbackUrl": address}
    answer = ask(path, "POST", data=form)
    if right:
        assert answer.status_code == 201
        made = answer.json()
        assert made.get("event_callback_url", made.get("assignment_callback_url")) == address
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        assert "Url: must be an absolute http:// or https:// address" in answer.json()["message"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Host": "example.com:8901"}, "not example.com:8901"),
        ({"Host": "127.0.0.1.example.com"}, "not 127.0.0.1.example.com"),
        ({"Host": "nottwilio.com"}, "ask 127.0.0.1, localhost or taskrouter.twilio.com"),
        ({"Host": "taskrouter.twilio.com.example.com"}, "ask 127.0.0.1"),
        ({"Host": ""}, "not nobody"),
        ({"Origin": "https://example.com"}, "a page of https://example.com"),
        ({"Origin": "http://localhost.example.com"}, "a page of http://localhost.example.com"),
        ({"Origin": "null"}, "a page of null"),
        ({"Sec-Fetch-Site": "cross-site"}, "a page of another site"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "a page of another site"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("path", "method"), [("/v1/Workspaces", "POST"), ("/v1/Workspaces", "OPTIONS"), ("/_sandbox/reset", "POST")]
)
def test_what_a_page_from_elsewhere_makes_a_browser_ask(ask, workspace, headers, words, path, method):
    """With the right credentials, which everybody knows; nothing is done, and in the service's own form."""
    answer = ask(path, method, headers=headers, data={"FriendlyName": "Not this one"})
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (403, 20403, 403)
    assert words in answer.json()["message"]
    assert "Access-Control-Allow-Headers" not in answer.headers
    assert [each["sid"] for each in ask("/v1/Workspaces").json()["workspaces"]] == [workspace.sid]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:8901"},
        {"Host": "[::1]"},
        {"Host": "taskrouter.localhost"},
        {"Host": "taskrouter.twilio.com"},
        {"Host": "taskrouter.dublin.ie1.twilio.com:443"},
        {"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Host": "host.docker.internal:8901"},
    ],
    ids=str,
)
def test_who_is_let_in(ask, headers):
    assert ask("/v1/Workspaces", headers=headers).status_code == 200
    assert ask("/_sandbox/rules", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        ("Tasks", {"EvaluateTaskAttributes": "a == 1"}),
        ("Workers", {"TargetWorkersExpression": "a == 1"}),
        ("TaskQueues", {"EvaluateWorkerAttributes": "{}"}),
    ],
)
def test_three_expressions_a_second(ask, skip, workspace, collection, query):
    """§11.5, averaged over ten seconds of the sandbox's own time."""
    path = f"/v1/Workspaces/{workspace.sid}/{collection}"
    first = ask(path, params=query)
    assert (first.headers["X-Rate-Limit-Limit"], first.headers["X-Rate-Limit-Remaining"]) == ("3", "3")
    answer = next(a for a in (ask(path, params=query) for _ in range(2000)) if a.status_code != 200)
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert "Wait some seconds" in answer.json()["message"]
    assert (answer.headers["X-Rate-Limit-Limit"], answer.headers["X-Rate-Limit-Remaining"]) == ("3", "0")
    skip(10)
    assert ask(path, params=query).status_code == 200


def test_a_list_goes_on_when_its_page_was_deleted(client, workspace):
    """A client that deletes what it reads, page by page, reaches the end (§2.2)."""
    queue = workspace.task_queues.create("Q")
    workspace.workflows.create("F", json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}}))
    for _ in range(7):
        workspace.tasks.create()
    for task in workspace.tasks.stream(page_size=2):
        task.delete()
    assert workspace.tasks.list() == []


def test_finished_tasks_go_after_five_minutes(skip, cast):
    """§8, §10.6."""
    task = cast.workspace.tasks.create(attributes='{"selected_language": "es"}')
    task.update(assignment_status="canceled", reason="enough")
    skip(299)
    assert task.fetch().reason == "enough"
    skip(2)
    refused(task.fetch, status=404, code=20404)
    assert cast.workspace.tasks.list() == []


def test_a_routing_target_that_is_not_there(cast):
    """§4.4: the address is right, so it is no 404."""
    for letters, kind in (("WK", "Worker"), ("WQ", "TaskQueue"), ("WW", "Workflow")):
        words = refused(cast.workspace.tasks.create, routing_target=letters + "0" * 32)
        assert f"RoutingTarget {letters}{'0' * 32} is not a {kind} of workspace" in words


def test_versions_of_lists_and_of_several_spellings(ask, cast):
    """§1.1: a list's ETag changes when the page does; If-Match may be plain, quoted, weak, several or any."""
    path = f"/v1/Workspaces/{cast.workspace.sid}/Workers"
    before = ask(path).headers["ETag"]
    assert ask(path).headers["ETag"] == before
    for number, spelled in enumerate(("0", '"1"', 'W/"2"', '"9", "3"', "*")):
        worker = f"{path}/{cast.alice.sid}"
        answer = ask(worker, "POST", data={"FriendlyName": f"A{number}"}, headers={"If-Match": spelled})
        assert (answer.status_code, answer.headers["ETag"]) == (200, str(number + 1)), spelled
    assert ask(path).headers["ETag"] != before
    stale = ask(worker, "DELETE", headers={"If-Match": '"4"'})
    assert (stale.status_code, stale.json()["code"]) == (412, 20412)


def test_attributes_of_old_events_are_redacted(skip, cast):
    """§4.3: after 43,200 minutes."""
    task = cast.workspace.tasks.create(attributes='{"selected_language": "es"}')
    (event,) = cast.workspace.events.list(event_type="task.created", task_sid=task.sid)
    assert event.event_data["task_attributes"] == '{"selected_language":"es"}'
    skip(43_200 * 60 + 1)
    assert event.fetch().event_data["task_attributes"] == "REDACTED"


def test_templates(client, ask, sandbox):
    """§7, §9.4: what a template brings; others are none, and an alert says so."""
    plain = client.taskrouter.v1.workspaces.create(friendly_name="T", template="EMPTY")
    assert plain.task_queues.list() == plain.workflows.list() == []
    (alert,) = sandbox.alerts.list()
    assert (alert["code"], alert["level"]) == (20001, "warning")
    assert alert["text"] == "Template 'EMPTY' counts as NONE: there is FIFO, NONE"
    fifo = client.taskrouter.v1.workspaces.create(friendly_name="T", template="FIFO")
    (queue,), (workflow,) = fifo.task_queues.list(), fifo.workflows.list()
    assert (queue.target_workers, queue.max_reserved_workers, queue.task_order) == ("1==1", 1, "FIFO")
    assert (workflow.task_reservation_timeout, workflow.fallback_assignment_callback_url) == (120, None)
    assert queue.sid in workflow.configuration
    assert [channel.channel_optimized_routing for channel in fifo.task_channels.list()] == [False] * 5
    same = ask(f"/v1/Workspaces/{fifo.sid}", "POST").json()
    assert same["friendly_name"] == "T"


def test_a_parameter_in_the_address_of_a_post_is_read_by_nothing_and_noted(ask, sandbox):
    assert ask("/v1/Workspaces?Zork=1", "POST", data={"FriendlyName": "One"}).status_code == 201
    noted = [each for each in sandbox.unread() if each["parameter"] == "Zork"]
    assert [each["operation"] for each in noted] == ["CreateWorkspace"]


def test_an_empty_events_filter_is_none(client):
    space = client.taskrouter.v1.workspaces.create(friendly_name="One", events_filter="task.created")
    assert space.update(events_filter="").events_filter is None
