"""The callback server over real HTTP: serving, swapping, stopping, and what the log tells."""

from __future__ import annotations

import http.client
import re
import socket
import sys
import threading

import pytest
import requests
from fastapi import APIRouter, BackgroundTasks, FastAPI

from helpers import LessonError, serve
from helpers.callback_server.exchange_log import Exchange, ExchangeLog
from helpers.callback_server.limits import ServerLimits
from helpers.callback_server.middleware import InterceptorReply
from helpers.connection.error_messages import _known_trouble
from tests.waiting import patience, wait_for


def answering(words: str) -> FastAPI:
    app = FastAPI()
    app.get("/")(lambda: words)
    return app


def get(server, path: str = "/") -> requests.Response:
    return requests.get(server.url + path, timeout=patience(10))


def test_it_counts_the_routes_of_an_included_router(served):
    router = APIRouter()
    for path in ("/one", "/two"):
        router.get(path)(lambda: "here")
    app = FastAPI()
    app.include_router(router)
    app.post("/three")(lambda: "here")

    assert repr(served(app)).endswith("with 3 routes")


def test_a_served_app_answers_and_says_where(served, echo):
    server = served(echo)
    assert get(server, "/create-task").json() == {"created": True}
    assert repr(server) == f"callback server at {server.url} with 2 routes"
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.app is echo


def test_serving_again_swaps_the_app_and_keeps_server_and_log(served):
    server = served(answering("first"))
    get(server)
    assert served(answering("second"), server.port) is server
    assert get(server).json() == "second"
    assert [exchange.answer for exchange in server.log.entries()] == ['"first"', '"second"']


def test_no_request_fails_while_apps_are_swapped(served):
    server = served(answering("0"))
    seen, failures, done = [], [], threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not done.is_set():
                try:
                    seen.append(session.get(server.url, timeout=patience(10)).json())
                except Exception as failure:
                    failures.append(failure)

    askers = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for asker in askers:
        asker.start()
    for turn in range(1, 41):
        served(answering(str(turn)), server.port)
        assert get(server).json() == str(turn)
    done.set()
    for asker in askers:
        asker.join(patience(10))
    assert failures == []
    assert len(set(seen)) > 1


def test_a_handler_may_call_its_own_server(served):
    app = answering("inner")
    server = served(app)
    app.get("/outer")(lambda: "outer and " + get(server).json())
    assert get(server, "/outer").json() == "outer and inner"


@pytest.mark.parametrize("thing", ["main:app", None, FastAPI, lambda environ, start_response: [], sys])
def test_what_is_no_app_is_refused_in_one_sentence(thing):
    with pytest.raises(LessonError, match=r"^serve\(\) needs a web app and was given .*FastAPI\(\), then serve"):
        serve(thing)


@pytest.mark.parametrize("port", [-1, 70_000, "8080"])
def test_a_port_that_is_none_is_refused(echo, port):
    with pytest.raises(LessonError, match="cannot be used"):
        serve(echo, port)


def test_a_port_of_another_program(echo):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        impatient = ServerLimits(identify_seconds=0.1)  # it never says who it is
        with pytest.raises(
            LessonError,
            match=rf"^Port {port} is taken by another .*or write \d+ wherever this notebook has {port}\.$",
        ) as taken:
            serve(echo, port, limits=impatient)
        other = int(re.search(r"write (\d+)", str(taken.value))[1])
        with socket.create_server(("127.0.0.1", other)), pytest.raises(LessonError, match="is taken") as taken:
            serve(echo, port, limits=impatient)  # a port that somebody has, too, is not advised
        assert other > port + 9  # those of the other pages are close together
        assert f"write {other}" not in str(taken.value)


def test_stopping_frees_the_port_and_serving_starts_it_again(served, echo):
    server = served(echo)
    get(server, "/create-task")
    server.stop()
    assert repr(server).endswith("(stopped)")
    with pytest.raises(requests.ConnectionError):
        get(server)
    socket.create_server(("127.0.0.1", server.port)).close()
    assert served(echo, server.port) is server
    assert get(server, "/create-task").ok
    assert len(server.log.entries()) == 2


def test_stopping_does_not_wait_for_a_handler_that_hangs(served):
    app, entered, leave = FastAPI(), threading.Event(), threading.Event()

    @app.get("/")
    def hang() -> None:
        entered.set()
        leave.wait(patience(30))

    server = served(app, 0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/")
    assert entered.wait(patience(10))
    server.stop()
    assert not server.running
    assert not leave.is_set()
    leave.set()
    connection.close()


def test_every_thread_is_a_daemon(served, echo):
    before = set(threading.enumerate())
    get(served(echo, 0), "/create-task")
    new = set(threading.enumerate()) - before
    assert len(new) >= 2  # the server's, and the one that ran the handler
    assert all(thread.daemon for thread in new)


def test_a_handler_that_raises(served, capfd):
    app = FastAPI()

    @app.get("/")
    def divide():
        return 1 / 0

    @app.get("/leave")
    def leave():
        sys.exit(3)

    server, told = served(app), []
    leave_log = server.log.subscribe(told.append)
    answer = get(server)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert get(server, "/leave").status_code == 500
    assert get(server).status_code == 500
    line = divide.__code__.co_firstlineno + 2
    leave_log()
    assert server.log.entries() == tuple(told)
    assert [exchange.error for exchange in told] == [
        f"ZeroDivisionError: division by zero, line {line} of test_callback_server.py",
        f"SystemExit: 3, line {leave.__code__.co_firstlineno + 2} of test_callback_server.py",
        f"ZeroDivisionError: division by zero, line {line} of test_callback_server.py",
    ]
    assert capfd.readouterr() == ("", "")


def test_apps_that_break_the_rules(served, capfd):
    async def says_nothing(scope, receive, send):
        pass

    async def stops_halfway(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise KeyError("the rest")

    server = served(says_nothing)
    assert get(server).status_code == 500
    served(stops_halfway, server.port)
    with pytest.raises(requests.RequestException):
        get(server)
    first, second = server.log.entries()
    assert (first.status, first.error) == (500, "the app gave no answer")
    assert (second.status, second.answer) == (200, "half")
    assert second.error.startswith("KeyError: 'the rest', line ")
    assert capfd.readouterr() == ("", "")


def test_work_after_the_answer_does_not_hold_it_up_and_its_failure_is_told(served, tools):
    app, answered, told = FastAPI(), threading.Event(), []

    @app.get("/")
    def answer_first(background: BackgroundTasks) -> str:
        def work() -> None:
            assert answered.wait(patience(10))
            raise LookupError("no such worker")

        background.add_task(work)
        return "done"

    server = served(app)
    server.log.subscribe(told.append)
    assert get(server).json() == "done"
    answered.set()
    wait_for(lambda: len(told) == 2)
    assert told[0].error is None
    assert told[1].error.startswith("LookupError: no such worker, line ")
    assert server.log.entries() == (told[1],)


def test_the_log_has_the_exchange_by_the_time_the_answer_is_there(served, echo, tools):
    server = served(echo)
    for count in range(1, 31):
        tools.post(server.url + "/assignment_callback?from=alice", {"TaskSid": "WT1", "TaskAge": ""})
        assert len(server.log.entries()) == count
    last = server.log.entries()[-1]
    assert last.number - server.log.entries()[0].number == 29
    assert (last.method, last.path, last.query) == ("POST", "/assignment_callback", "from=alice")
    assert last.form == {"TaskSid": "WT1", "TaskAge": ""}
    assert (last.status, last.answer, last.error) == (200, '{"instruction":"accept"}', None)
    assert last.signature == "none"
    assert last.at.utcoffset().total_seconds() == 0
    assert 0 < last.seconds < 10


def test_long_answers_are_cut_in_the_log_only(served):
    server = served(answering("ä" * 5_000))
    assert len(get(server).json()) == 5_000
    assert server.log.entries()[0].answer == '"' + "ä" * 1_999


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_not_let_in(served, chunked):
    reached = []
    app = FastAPI()
    app.post("/")(lambda: reached.append(True))
    server = served(app)
    body = b"x" * (2**20 + 1)
    answer = requests.post(server.url, data=iter([body]) if chunked else body, timeout=patience(10))
    assert answer.status_code == 413
    assert reached == []
    assert server.log.entries()[0].status == 413
    assert requests.post(server.url, data=body[1:], timeout=patience(10)).status_code == 200


def test_a_form_without_end_is_not_let_in(served, echo, tools):
    answer = tools.post(served(echo).url + "/assignment_callback", [("a", "b")] * 1_001)
    assert answer.status_code == 400


def test_a_websocket_is_refused_in_words(served, capsys):
    app, router = FastAPI(), APIRouter()

    @router.websocket("/ws")
    async def talk(socket):
        await socket.accept()

    app.include_router(router)
    server = served(app, 0)
    assert capsys.readouterr().out.startswith("WebSockets are not served here: this app's WebSocket routes cannot be")
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    handshake["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    answer = requests.get(f"{server.url}/ws", headers=handshake, timeout=patience(10))
    assert (answer.status_code, "WebSockets are not served here" in repr(server.log)) == (501, True)


def exchange(number: int) -> Exchange:
    from datetime import UTC, datetime

    return Exchange(number, datetime.now(UTC), "GET", "/", {}, "none", 200, "", 0.001)


def test_listeners_hear_until_they_leave_and_do_not_disturb_one_another(served, echo):
    server, heard, threads = served(echo), [], []

    def broken(_: Exchange) -> None:
        threads.append(threading.current_thread().name)
        raise RuntimeError("a view that fails")

    server.log.subscribe(broken)
    leave = server.log.subscribe(heard.append)
    get(server, "/create-task")
    leave()
    leave()
    assert get(server, "/create-task").ok
    assert heard == [server.log.entries()[0]]
    assert threads == [f"callback server {server.port}"] * 2


def test_a_cell_is_told_of_an_app_whose_own_error_speaks_of_taskrouter(served):
    def fail():
        raise RuntimeError("TaskRouter answered too little")

    app = FastAPI()
    app.get("/tell")(fail)
    with pytest.raises(requests.exceptions.JSONDecodeError) as failure:
        get(served(app), "/tell").json()
    line, file = fail.__code__.co_firstlineno + 1, "test_callback_server.py"
    words = f"RuntimeError: TaskRouter answered too little, line {line} of {file}"
    assert _known_trouble(failure.value, lambda sid: True) == f"Your app has failed at /tell: {words}."


def test_the_log_keeps_500_and_can_be_cleared():
    log = ExchangeLog()
    for number in range(1, 502):
        log.record(exchange(number))
    assert [entry.number for entry in log.entries()] == list(range(2, 502))
    log.clear()
    assert log.entries() == ()
    assert repr(log) == "no requests yet"
    log.record(exchange(7))
    assert repr(log).startswith("7. ")
    assert "GET / -> 200 in 0.001 s, signature: none" in repr(log)


def test_an_interceptor_answers_before_the_app_and_only_what_it_wants(served):
    server = served(FastAPI(), port=0)
    asked = []

    def interceptor(path: str, form: dict[str, str]) -> InterceptorReply | None:
        asked.append((path, form))
        return {"/quiet": InterceptorReply(logged=False), "/told": InterceptorReply({"instruction": "accept"})}.get(
            path
        )

    close = server.intercept(interceptor)
    assert requests.post(f"{server.url}/quiet", data={"a": "1"}, timeout=patience(10)).status_code == 204
    assert requests.post(f"{server.url}/told", timeout=patience(10)).json() == {"instruction": "accept"}
    assert requests.post(f"{server.url}/other", timeout=patience(10)).status_code == 404
    assert asked[0] == ("/quiet", {"a": "1"})
    assert [each.path for each in server.log.entries()] == ["/told", "/other"]
    close()
    close()
    assert requests.post(f"{server.url}/told", timeout=patience(10)).status_code == 404


def test_an_interceptor_is_not_asked_about_what_the_guards_turn_away(served):
    server = served(FastAPI(), port=0)
    asked = []
    server.intercept(lambda path, form: asked.append(path))
    answer = requests.post(f"{server.url}/told", headers={"X-Twilio-Signature": "no"}, timeout=patience(10))
    assert answer.status_code == 403
    assert asked == []


def test_an_interceptor_that_fails_is_a_failure_in_the_log(served):
    server = served(FastAPI(), port=0)
    server.intercept(lambda path, form: 1 / 0)
    assert requests.post(f"{server.url}/told", timeout=patience(10)).status_code == 500
    assert "ZeroDivisionError" in server.log.entries()[0].error


def test_strangers_cannot_forge_a_line_of_the_log_or_push_others_out(served, echo, tools):
    server = served(echo)
    requests.get(server.url + "/create-task", timeout=patience(10))
    for number in range(60):
        requests.get(f"{server.url}/{number}", headers={"Host": "tunnel.example"}, timeout=patience(10))
    path = "/x%0a7.%20POST%20/assignment_callback%20-%3E%20200%0a%1b[2J"
    requests.get(server.url + path, headers={"Host": "tunnel.example"}, timeout=patience(10))
    entries = server.log.entries()
    assert entries[0].path == "/create-task"
    assert sum(entry.status == 403 for entry in entries) == 50
    assert len(repr(server.log).splitlines()) == len(entries)
    assert "\x1b" not in repr(server.log)


def test_a_proxy_is_not_asked_for_the_server(served, echo, monkeypatch):
    monkeypatch.setenv("no_proxy", "example.com")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert requests.get(served(echo).url + "/create-task", timeout=patience(10)).ok
