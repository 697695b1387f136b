"""Who is let in: signatures as Twilio computes them (behaviour.md §3.4), under a public name and on loopback."""

from __future__ import annotations

import hashlib
import http.client
import json
from urllib.parse import urlencode

import pytest
import requests
from fastapi import APIRouter, Depends, FastAPI
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from helpers import LessonError, only_here
from tests.waiting import patience

AUTH_TOKEN = "the-auth-token-of-the-account"
PATH = "/assignment_callback"
FORM = {"TaskSid": "WT1", "TaskAttributes": '{"selected_language": "es"}', "WorkerName": "Zoë & co", "TaskAge": ""}
PUBLIC = "https://abc.example.ngrok.app"
FOLLOWED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
FORWARDED = {"Host": "abc.example.ngrok.app", "X_Forwarded_Proto": "https", "X_Forwarded_For": "3.4.5.6"}


def last(server):
    entry = server.log.entries()[-1]
    return entry.status, entry.signature


@pytest.mark.parametrize("path", [PATH, f"{PATH}?step=1&name=Zo%C3%AB", f"{PATH}?"])
def test_what_twilio_signed_is_let_in(server, tools, path):
    answer = tools.post(server.url + path, FORM, signed_as=PUBLIC + path.rstrip("?"), **FORWARDED)
    assert answer.json() == {"instruction": "accept"}
    assert last(server) == (200, "valid")
    assert server.log.entries()[-1].form == FORM


def test_the_sandbox_signs_loopback_addresses(server, tools):
    assert tools.post(server.url + PATH, FORM, signed_as=server.url + PATH).ok
    assert last(server) == (200, "valid")


def test_repeated_parameters_are_signed_once_for_each_value(server, tools):
    pairs = [("Event", "b"), ("Event", "a"), ("Event", "b"), ("TaskSid", "WT1")]
    signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + PATH, ImmutableMultiDict(pairs))
    assert tools.post(server.url + PATH, pairs, X_Twilio_Signature=signature, **FORWARDED).ok
    assert not tools.post(server.url + PATH, pairs[1:2], X_Twilio_Signature=signature, **FORWARDED).ok


@pytest.mark.parametrize(
    "change",
    [
        {"form": {**FORM, "TaskAge": "1"}},
        {"form": {**FORM, "More": "x"}},
        {"form": {}},
        {"token": "the-token-of-somebody-else"},
        {"signed_as": PUBLIC + "/create-task"},
        {"signed_as": PUBLIC.replace("https", "http") + PATH},
        {"signed_as": "https://other.example.ngrok.app" + PATH},
    ],
)
def test_a_signature_that_does_not_fit_is_kept_out(server, tools, change):
    signed_as = change.get("signed_as", PUBLIC + PATH)
    signature = RequestValidator(change.get("token", AUTH_TOKEN)).compute_signature(signed_as, FORM)
    answer = tools.post(server.url + PATH, change.get("form", FORM), X_Twilio_Signature=signature, **FORWARDED)
    assert answer.status_code == 403
    assert "signature does not fit" in answer.text
    assert last(server) == (403, "invalid")


def test_a_wrong_signature_is_kept_out_on_loopback_too(server, tools):
    assert tools.post(server.url + PATH, FORM, X_Twilio_Signature="bm9uc2Vuc2U=").status_code == 403
    assert last(server) == (403, "invalid")


@pytest.mark.parametrize(
    "headers",
    [
        FORWARDED,
        {"Host": "abc.example.ngrok.app"},
        {"X_Forwarded_For": "3.4.5.6"},
        {"X_Forwarded_Host": "127.0.0.1"},
        {"Forwarded": "for=3.4.5.6"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": "[bad"},
        {"Host": "evil@127.0.0.1"},
        {"Host": "127.0.0.1#evil.com"},
        {"X_Real_IP": "3.4.5.6"},
        {"CF_Connecting_IP": "3.4.5.6"},
    ],
)
def test_nothing_unsigned_comes_in_from_outside(server, tools, headers):
    assert tools.post(server.url + PATH, FORM, **headers).status_code == 403
    assert last(server) == (403, "none")


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, False),
        ({**FOLLOWED, "Referer": "http://localhost:8888/"}, True),  # a link or a frame in JupyterLab
        ({**FOLLOWED, "Sec-Fetch-Site": "same-site", "Referer": "http://127.0.0.1:8888/lab?token=1"}, True),
        ({**FOLLOWED, "Referer": "https://evil.example/"}, False),
        ({**FOLLOWED, "Referer": "http://localhost.evil.example/"}, False),
        ({**FOLLOWED, "Referer": "http://[::1"}, False),
        ({**FOLLOWED, "Sec-Fetch-Mode": "no-cors", "Referer": "http://localhost:8888/"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:1"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "https://evil.example/page"}, False),
        ({"Referer": "http://[bad"}, False),
        ({"Origin": "own"}, True),
        ({"Referer": "own/docs"}, True),
    ],
    ids=str,
)
def test_a_page_in_the_learners_browser_cannot_use_the_doors(server, headers, let_in):
    headers = {name: value.replace("own", server.url) for name, value in headers.items()}
    answer = requests.get(f"{server.url}/create-task", headers=headers, timeout=patience(10))
    assert answer.status_code == (200 if let_in else 403)
    if not let_in:
        assert "type the address into the browser" in answer.text
        assert repr(server.log).endswith(answer.text)


def test_a_browser_asks_no_leave_for_another_page(server):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Private-Network": "true"}
    answer = requests.options(f"{server.url}/create-task", headers=headers, timeout=patience(10))
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("headers", [FORWARDED, {"Via": "1.1 proxy"}, {"Sec_Fetch_Site": "cross-site"}])
def test_a_door_for_this_machine_stays_shut_even_to_what_twilio_signed(served, tools, headers):
    app, used = FastAPI(), []
    routes = APIRouter(dependencies=[Depends(only_here)])
    routes.post("/create-task")(lambda: used.append(True))
    app.include_router(routes)
    server = served(app)
    signed_as = (PUBLIC if headers is FORWARDED else server.url) + "/create-task"
    answer = tools.post(f"{server.url}/create-task", FORM, signed_as=signed_as, **headers)
    assert answer.status_code == 403
    assert answer.json() == {"detail": "/create-task answers on this machine only."}
    assert last(server) == (403, "valid")
    assert used == []
    assert tools.post(f"{server.url}/create-task", FORM).ok
    assert used == [True]


def test_a_signed_request_cannot_be_played_again_at_another_door(server, tools):
    signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + PATH, FORM)
    for path in ("/create-task", f"{PATH}/", f"{PATH}?more=1", f"{PATH}/../create-task", f"/{PATH}", PATH.upper()):
        answer = raw(server, "POST", path, FORM, {**FORWARDED, "X_Twilio_Signature": signature})
        assert (answer, last(server)) == (403, (403, "invalid"))
    assert raw(server, "POST", PATH, FORM, {**FORWARDED, "X_Twilio_Signature": signature}) == 200


def test_every_route_asks_for_a_signature_also_those_that_are_added_later(served, tools):
    app = FastAPI()
    app.post("/events")(lambda: None)
    server = served(app)
    for path in ("/events", "/docs", "/openapi.json", "/", "/nothing"):
        for ask in (requests.get, requests.post, requests.put, requests.delete, requests.options):
            assert ask(server.tunnel_target + path, timeout=patience(10)).status_code == 403
            assert last(server) == (403, "none")


def raw(server, method: str, path: str, form: dict, headers: dict) -> int:
    """The status of a request whose path is sent as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience(10))
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form), headers)
    try:
        answer = connection.getresponse()
        answer.read()  # by its end it is in the log
        return answer.status
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost", "LOCALHOST:8080", "[::1]:8080"])
def test_the_learners_own_requests_need_no_signature(server, host):
    assert requests.get(f"{server.url}/create-task", headers={"Host": host}, timeout=patience(10)).ok
    assert last(server) == (200, "none")


def test_json_is_signed_by_its_digest(server, tools):
    body = json.dumps({"é": 1}).encode()
    path = f"{PATH}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"Content_Type": "application/json", **FORWARDED}
    for sent, status in ((body, 200), (body + b" ", 403), (b"\xff", 403)):
        answer = tools.post(server.url + path, sent, X_Twilio_Signature=signature_of(path), **headers)
        assert answer.status_code == status
    for path in (PATH, f"{PATH}?bodySHA256=", f"{PATH}?notbodySHA256=1"):
        answer = tools.post(server.url + path, body, X_Twilio_Signature=signature_of(path), **headers)
        assert (answer.status_code, last(server)) == (403, (403, "invalid"))


FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("kind", ["application/json", FORM_TYPE, ""])
@pytest.mark.parametrize("sent", [b"", b"&", b"&&"])
def test_a_body_that_was_taken_away_is_noticed(server, tools, kind, sent):
    """The address is signed alone where it names a digest: a form without parameters would pass for it."""
    path = f"{PATH}?bodySHA256={hashlib.sha256(b'{}').hexdigest()}"
    headers = {"Content_Type": kind, **FORWARDED}
    answer = tools.post(server.url + path, sent, X_Twilio_Signature=signature_of(path), **headers)
    assert (answer.status_code, last(server)) == (403, (403, "invalid"))


def test_an_empty_body_that_was_signed_as_such_is_let_in(server, tools):
    path = f"{PATH}?bodySHA256={hashlib.sha256(b'').hexdigest()}"
    headers = {"Content_Type": "application/json", **FORWARDED}
    assert tools.post(server.url + path, b"", X_Twilio_Signature=signature_of(path), **headers).ok


SHARED = {"X_Twilio_Webhooks_Signature_Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}


def test_what_was_signed_with_a_shared_key_is_let_in_by_its_secret(served, echo, tools):
    secret = "the-secret-of-the-shared-key"
    server = served(echo, token=lambda: secret)
    signature = RequestValidator(secret).compute_signature(PUBLIC + PATH, FORM, "HMAC_SHA256")
    headers = {"X_Twilio_Signature": signature, **SHARED, **FORWARDED}
    assert tools.post(server.url + PATH, FORM, **headers).ok
    assert not tools.post(server.url + PATH, {**FORM, "More": "x"}, **headers).ok
    without = tools.post(server.url + PATH, FORM, X_Twilio_Signature=signature, **FORWARDED)
    assert (without.status_code, "does not fit" in without.text) == (403, True)


@pytest.mark.parametrize("algorithm", ["HMAC_SHA256", "HMAC_MD5"])
def test_a_shared_key_that_is_not_known_is_named(server, tools, caplog, algorithm):
    settings = {"X_Twilio_Webhooks_Signature_Settings": f"key=webhooks_sharedkey_1,algorithm={algorithm}"}
    signature = RequestValidator("another secret").compute_signature(PUBLIC + PATH, FORM, "HMAC_SHA256")
    answer = tools.post(server.url + PATH, FORM, X_Twilio_Signature=signature, **settings, **FORWARDED)
    assert answer.status_code == 403
    assert answer.text.startswith("This was signed with a shared key: serve(app, token=...)")
    assert caplog.records == []


def signature_of(path: str) -> str:
    return RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + path, {})


def test_an_empty_token_lets_nobody_in(served, echo, tools):
    server = served(echo, token=lambda: "")
    assert tools.post(server.url + PATH, FORM, signed_as=server.url + PATH, token="").status_code == 403


def test_what_the_sandbox_signs_is_let_in_on_this_machine_only(served, echo, tools, sandbox_process):
    server = served(echo, token=lambda: sandbox_process.auth_token)
    signed = {"signed_as": PUBLIC + PATH, "token": sandbox_process.auth_token}
    assert tools.post(server.url + PATH, FORM, **signed, **FORWARDED).status_code == 403
    assert last(server) == (403, "invalid")
    assert tools.post(server.url + PATH, FORM, **{**signed, "signed_as": server.url + PATH}).ok


def test_with_half_of_the_credentials_nobody_is_let_in(served, echo, tools):
    def half() -> str:
        raise LessonError("TWILIO_AUTH_TOKEN is not set; then run this cell again.")

    server = served(echo, token=half)
    answer = tools.post(server.url + PATH, FORM, signed_as=server.url + PATH)
    assert answer.status_code == 403
    assert "credentials are incomplete" in answer.text
    assert "run this cell" not in answer.text
    assert last(server) == (403, "invalid")


def test_without_a_token_nobody_is_let_in_and_the_log_says_why(served, echo, tools):
    def no_account() -> str:
        raise LookupError("half of the credentials is missing")

    server = served(echo, token=no_account)
    assert tools.post(server.url + PATH, FORM, signed_as=server.url + PATH).status_code == 500
    entry = server.log.entries()[-1]
    assert entry.signature == "invalid"
    assert entry.error.startswith("LookupError: half of the credentials is missing")
    assert entry.answer == "Internal Server Error"


def test_the_introduction_is_for_only_here(server):
    url = f"{server.url}/_callback_server"
    assert "callback_server_of" in requests.get(url, timeout=patience(10)).json()
    assert requests.get(url, headers={"X-Forwarded-For": "3.4.5.6"}, timeout=patience(10)).status_code == 403
    assert len(server.log.entries()) == 1


def test_no_token_and_no_signature_in_the_log(server, tools):
    signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + PATH, FORM)
    tools.post(server.url + PATH, FORM, X_Twilio_Signature=signature, **FORWARDED)
    told = repr(server.log.entries()) + repr(server.log) + repr(server)
    assert signature not in told
    assert AUTH_TOKEN not in told
