"""What parameters may hold, in forms of every kind, and in which words they are refused (rest-contract.md §1, §11)."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import FORM, SPANISH


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


@pytest.mark.parametrize("zone", ["+00:00", "+0200"])
def test_a_plus_that_was_not_encoded_is_told(ask, workspace, zone):
    """It arrives as a blank (§1); with `%2B` the same moment is read."""
    path = f"/v1/Workspaces/{workspace.sid}/Events?StartDate=2026-01-31T12:00:00"
    answer = ask(path + zone)
    assert answer.status_code == 400
    assert "a + in an address has to be %2B; it was" in answer.json()["message"]
    assert ask(path + zone.replace("+", "%2B")).status_code == 200


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
