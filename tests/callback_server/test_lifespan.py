"""An app's startup and shutdown (the ASGI lifespan protocol), as plain uvicorn runs them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from contextlib import asynccontextmanager

import pytest
import requests
from fastapi import FastAPI, Request

from helpers import LessonError
from helpers.callback_server.limits import ServerLimits
from tests.ports import unused_port
from tests.waiting import patience, wait_for


def get(server, path: str = "/") -> requests.Response:
    return requests.get(server.url + path, timeout=patience(10))


class Diary:
    """Apps that write down when they start and stop."""

    def __init__(self) -> None:
        self.entries: list[str] = []

    def app(self, name: str, *, fails_at: str = "") -> FastAPI:
        @asynccontextmanager
        async def lifespan(app: FastAPI):
            if fails_at == "startup":
                raise RuntimeError(f"no database for {name}")
            self.entries.append(f"{name} starts")
            app.state.name = name
            yield {"pool": 7}
            if fails_at == "shutdown":
                raise RuntimeError(f"{name} lost its database")
            self.entries.append(f"{name} stops")

        app = FastAPI(lifespan=lifespan)

        @app.get("/")
        def tell(request: Request):
            return {"name": request.app.state.name, "pool": request.state.pool}

        return app


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_the_startup_is_over_before_serve_returns_and_its_state_reaches_the_handlers(served, diary):
    server = served(diary.app("first"), 0)
    assert diary.entries == ["first starts"]
    assert get(server).json() == {"name": "first", "pool": 7}
    server.stop()
    assert diary.entries == ["first starts", "first stops"]
    served(server.app, server.port)
    assert diary.entries == ["first starts", "first stops", "first starts"]
    assert get(server).json() == {"name": "first", "pool": 7}


def test_another_app_starts_when_the_present_one_has_stopped(served, diary):
    """Both may use the same variables of the notebook."""
    server = served(diary.app("first"), 0)
    again = diary.app("second")
    served(again, server.port)
    served(again, server.port)
    assert diary.entries == ["first starts", "first stops", "second starts", "second stops", "second starts"]
    assert get(server).json()["name"] == "second"


def test_what_each_request_changes_of_the_state_is_its_own(served, diary):
    app = diary.app("first")

    @app.get("/count")
    def count(request: Request) -> int:
        request.state.pool += 1
        return request.state.pool

    server = served(app, 0)
    assert [get(server, "/count").json() for _ in range(2)] == [8, 8]


def test_a_startup_that_raises_is_one_sentence_and_leaves_the_port_free(served, diary):
    port = unused_port()
    words = r"^The app's startup failed \(RuntimeError: no database for it, line \d+ of test_lifespan\.py\): put that"
    with pytest.raises(LessonError, match=words):
        served(diary.app("it", fails_at="startup"), port)
    socket.create_server(("127.0.0.1", port)).close()
    assert get(served(diary.app("it"), port)).json()["name"] == "it"


def test_after_a_startup_that_raises_a_running_server_says_why_it_does_not_answer(served, diary):
    server = served(diary.app("first"), 0)
    with pytest.raises(LessonError, match="no database for second"):
        served(diary.app("second", fails_at="startup"), server.port)
    assert diary.entries == ["first starts", "first stops"]
    answer = get(server)
    assert (answer.status_code, "no database for second" in answer.text) == (503, True)
    assert "no database for second" in repr(server.log)
    served(diary.app("third"), server.port)
    assert get(server).json()["name"] == "third"


def test_a_shutdown_that_raises_is_told(served, diary, capsys):
    server = served(diary.app("first", fails_at="shutdown"), 0)
    served(diary.app("second", fails_at="shutdown"), server.port)
    assert "The app's shutdown failed: RuntimeError: first lost its database, line " in capsys.readouterr().out
    assert get(server).json()["name"] == "second"
    server.stop()
    assert "second lost its database" in capsys.readouterr().out
    assert not server.running


def test_a_shutdown_that_hangs_is_given_up(served, capsys):
    forever = threading.Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        yield
        while not forever.is_set():
            await asyncio.sleep(0.01)

    server = served(FastAPI(lifespan=lifespan), 0, limits=ServerLimits(shutdown_seconds=0.05))
    server.stop()
    forever.set()
    assert not server.running
    assert "did not end within 0.05 seconds" in capsys.readouterr().out


def test_a_startup_that_is_interrupted_can_be_repeated(served, diary):
    """As a learner does who stops the cell, mends it and runs it again."""
    entered = threading.Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        entered.set()
        await asyncio.Event().wait()
        yield

    def interrupt() -> None:
        assert entered.wait(patience(10))
        entered.clear()
        os.kill(os.getpid(), signal.SIGINT)

    port = unused_port()
    for _ in range(2):  # when the server begins, and when it runs
        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            served(FastAPI(lifespan=lifespan), port)
    server = served(diary.app("mended"), port)
    wait_for(lambda: get(server).ok)
    assert get(server).json()["name"] == "mended"


def test_an_app_that_knows_no_lifespan_is_served_as_before(served):
    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    assert get(served(app, 0)).status_code == 204


def test_what_a_handler_of_the_old_app_does_ends_before_that_app_stops(served, diary):
    app, entered, leave = diary.app("first"), threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        leave.wait(patience(10))
        diary.entries.append("answered")
        return "late"

    server, answers = served(app, 0, limits=ServerLimits(grace_seconds=int(patience(10)))), []
    asker = threading.Thread(target=lambda: answers.append(get(server, "/slow").json()), daemon=True)
    asker.start()
    assert entered.wait(patience(10))
    threading.Timer(0.05, leave.set).start()
    served(diary.app("second"), server.port)
    asker.join(patience(10))
    assert answers == ["late"]
    assert diary.entries == ["first starts", "answered", "first stops", "second starts"]
