"""Callback server and tunnel in a real kernel: interrupted, restarted, shut down."""

from __future__ import annotations

import json
import socket

import pytest
import requests
from jupyter_client.manager import KernelManager

from tests.ports import unused_port
from tests.waiting import patience

SERVE = """\
from fastapi import FastAPI
from helpers import expose, serve

app = FastAPI()

@app.get("/")
def ok():
    return "ok"

@app.get("/divide")
def divide():
    return 1 / 0

server = serve(app, 0)
public = expose(server)
"""


class Kernel:
    """A kernel that is asked as a notebook asks it."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.connect()

    def connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=patience(30))

    def run(self, code: str) -> dict:
        """Run a cell; its outputs by kind."""
        outputs = {"status": None, "stdout": "", "stderr": ""}

        def keep(message: dict) -> None:
            if message["msg_type"] == "stream":
                outputs[message["content"]["name"]] += message["content"]["text"]

        reply = self.client.execute_interactive(code, output_hook=keep, timeout=patience(30))
        outputs["status"] = reply["content"]["status"]
        return outputs

    def parent_of(self, words: str) -> str:
        """Wait for words on stdout. Returns the id of the request under whose cell a front end shows them."""
        while True:
            message = self.client.get_iopub_msg(timeout=patience(10))
            if message["msg_type"] == "stream" and words in message["content"]["text"]:
                return message["parent_header"]["msg_id"]

    def value(self, expression: str):
        return json.loads(self.run(f"import json; print(json.dumps({expression}))")["stdout"])

    def restart(self) -> None:
        self.client.stop_channels()
        self.manager.restart_kernel()
        self.connect()

    def shut_down(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture
def kernel(live):
    kernel = Kernel()
    yield kernel
    kernel.shut_down()


def test_server_and_tunnel_live_as_long_as_their_kernel(kernel, live, tools):
    assert kernel.run(SERVE)["status"] == "ok"
    url = kernel.value("server.url")

    busy = kernel.client.execute("import time; time.sleep(60)")
    while kernel.client.get_iopub_msg(timeout=patience(10))["msg_type"] != "execute_input":
        pass
    assert requests.get(f"{url}/divide", timeout=patience(10)).status_code == 500
    kernel.manager.interrupt_kernel()
    while (reply := kernel.client.get_shell_msg(timeout=patience(10)))["parent_header"]["msg_id"] != busy:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"

    assert requests.get(url, timeout=patience(10)).json() == "ok"
    assert len(tools.agents(live)) == 1
    assert kernel.value("[exchange.error for exchange in server.log.entries()]") == [
        "ZeroDivisionError: division by zero, line 12 of the cell",
        None,
    ]

    kernel.restart()
    assert tools.agents(live) == []
    socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))).close()
    assert list((live / "data" / "ngrok").iterdir()) == []

    refused = kernel.run("from helpers import serve; serve('main:app')")
    assert refused["status"] == "error"
    assert refused["stderr"] == ""


PRINTING = """\
from contextlib import asynccontextmanager
from fastapi import FastAPI
from helpers import serve

@asynccontextmanager
async def lifespan(app):
    print("the app starts")
    yield

app = FastAPI(lifespan=lifespan)

@app.get("/thread")
def in_a_thread():
    print("said by a thread")

@app.get("/loop")
async def on_the_loop():
    print("said on the loop")

server = serve(app, PORT)
"""


def test_what_a_handler_prints_appears_under_the_cell_that_served_it(kernel):
    """Also after other cells, a completion and a question of a front end, and when that cell has run again."""
    port = unused_port()
    assert kernel.run("%config IPCompleter.use_jedi = False")["status"] == "ok"  # which takes seconds
    for _ in range(2):
        served_by = kernel.client.execute(PRINTING.replace("PORT", str(port)))
        assert kernel.parent_of("the app starts") == served_by
        kernel.client.get_shell_msg(timeout=patience(10))
        for ask in (
            lambda: kernel.client.execute("1 + 1"),
            lambda: kernel.client.complete("ser"),
            kernel.client.kernel_info,
        ):
            ask()
            kernel.client.get_shell_msg(timeout=patience(10))
            for path, words in (("thread", "said by a thread"), ("loop", "said on the loop")):
                assert requests.get(f"http://127.0.0.1:{port}/{path}", timeout=patience(10)).ok
                assert kernel.parent_of(words) == served_by
