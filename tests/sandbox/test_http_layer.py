"""The HTTP layer at its edges: whatever arrives is answered, and never with a 500 (rest-contract.md §1, §11, §12)."""

from __future__ import annotations

import itertools
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.sandbox.conftest import FORM
from tests.sandbox.test_resources import refused
from tests.waiting import patience


@pytest.fixture
def skip(ask):
    """Lets seconds pass."""
    return lambda seconds: ask("/_sandbox/clock", "POST", params={"advance": seconds})


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
    "path", ["//v1/Workspaces", "/v1/v1/Workspaces", "/v1//2010-04-01/Accounts.json", "/v1/_sandbox/clock"]
)
def test_an_address_with_a_path_or_a_slash_is_told(ask, path):
    """As where a client has TASKROUTER_SANDBOX_URL with a slash at its end, or with /v1."""
    assert "was not found: give clients the sandbox's address alone" in ask(path).json()["message"]


def test_a_version_alone_is_named(ask):
    assert ask("/v1").json()["message"].startswith("The requested resource /v1 was not found: ")


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


def test_an_empty_if_match_is_told_in_plain_words(ask, cast):
    """§1.1, §15, 1: it names no version, so that of the resource is another one."""
    task = cast.workspace.tasks.create(attributes='{"selected_language": "es"}')
    for one in (cast.alice, task):
        path = urlsplit(one.url).path
        for method, empty in itertools.product(("POST", "DELETE"), ("", '""', 'W/""', ",")):
            answer = ask(path, method, headers={"If-Match": empty})
            assert (answer.status_code, answer.json()["code"]) == (412, 20412), (method, empty)
            assert answer.json()["message"] == (
                "Precondition failed: the version is 0, If-Match is empty. Send the version, or no If-Match."
            )


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
    client.taskrouter.v1.workspaces.create(friendly_name="T", template="none")
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


def test_a_list_where_one_value_belongs_raises_an_alert(client, sandbox):
    """As the twilio client sends a Python list: the parameter comes several times (§15, point 34)."""
    types = ["task.created", "task.canceled"]
    space = client.taskrouter.v1.workspaces.create(friendly_name="One", events_filter=types)
    assert space.events_filter == "task.canceled"
    (alert,) = sandbox.alerts.list()
    assert (alert["code"], alert["level"]) == (20001, "warning")
    assert alert["text"] == "EventsFilter takes one value: of the 2 that were sent the last counts"
    assert space.update(events_filter=",".join(types)).events_filter == "task.created,task.canceled"


def test_json_that_came_several_times_raises_one_too(ask, workspace, sandbox):
    form = {"FriendlyName": "Alice", "Attributes": ['{"level": 1}', '{"level": 2}']}
    answer = ask(f"/v1/Workspaces/{workspace.sid}/Workers", "POST", data=form)
    assert answer.json()["attributes"] == '{"level":2}'
    assert [each["text"] for each in sandbox.alerts.list()] == [
        "Attributes takes one value: of the 2 that were sent the last counts"
    ]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("clock", "advance=5", "parameters go into the query, as in ?advance=..."),
        ("phones/client:alice", "answer=busy", "parameters go into the query, as in ?answer=..."),
        ("reset", '{"hard": true}', "Nothing reads a body here: it takes no parameter"),
        ("options?empty_answer=failed&empty_answer=nothing", "", "empty_answer: give one value, not several"),
    ],
)
def test_the_control_plane_refuses_what_it_does_not_read(ask, sandbox, path, body, words):
    """A phone would not be busy, and a workspace would be gone, without a word."""
    refused = ask(f"/_sandbox/{path}", "POST", data=body)
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert words in refused.json()["message"]
    assert ask("/_sandbox/reset", "POST", json={}).ok  # as clients send that have nothing to say
