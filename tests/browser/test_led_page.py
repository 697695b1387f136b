"""A page that asks Twilio and is not to be changed is led to the sandbox by the script of docs/agents.md."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from helpers import AGENT_SDK
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.realtime.conftest import ACCOUNT, SECRET, Agents
from tests.waiting import milliseconds

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).resolve().parents[2] / "docs/examples/agents_here.js"
PAGE = """<!doctype html><script src="sdk.js"></script><script>
  const worker = new TaskRouter.Worker(%r);
  const heard = [];
  worker.on("ready", () => heard.push("ready"));
  worker.on("activityUpdated", () => heard.push(worker.activity.name));
  worker.on("reservationCreated", async (reservation) => {
    reservation.on("accepted", () => heard.push("accepted"));
    await reservation.accept();
  });
</script>"""


@contextmanager
def web_server(files: dict[str, str]) -> Iterator[str]:
    """Serve these files, at another port than the sandbox's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
            self.end_headers()
            self.wfile.write(files.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_that_asks_twilio_takes_a_task_here(browser: Browser):
    with served(Service(None, ACCOUNT, SECRET)) as url, ExitStack() as stack:
        agents = Agents(url, stack, ACCOUNT, {})
        context = stack.enter_context(browser.new_context())
        page = context.new_page()
        page.set_default_timeout(milliseconds(20))
        here = SCRIPT.read_text(encoding="utf-8")
        assert here.count("http://127.0.0.1:8901") == 1
        page.add_init_script(here.replace("http://127.0.0.1:8901", url))
        text = PAGE % agents.token(agents.alice)
        page.goto(stack.enter_context(web_server({"/": text, "/sdk.js": AGENT_SDK.read_text(encoding="utf-8")})))
        page.wait_for_function("heard[0] === 'ready'")
        agents.make_available(agents.alice)
        agents.task()
        page.wait_for_function("heard.join() === 'ready,Available,accepted'")
        [task] = agents.workspace.tasks.list()
        assert task.assignment_status == "assigned"
