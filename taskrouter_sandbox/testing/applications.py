"""Calls an application under test, of either kind, as a WSGI application; nothing listens on a socket of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

Environment = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]
Message = MutableMapping[str, Any]
START_SECONDS = 30.0


def as_wsgi(app: Any) -> Application:
    """Give the application as a WSGI one: an ASGI application, such as FastAPI's, runs on an event loop of its own."""
    called: Any = app if inspect.isroutine(app) else getattr(app, "__call__", None)  # noqa: B004
    return AsgiBridge(app) if inspect.iscoroutinefunction(called) else app


class AsgiBridge:
    """An ASGI application as a WSGI one, with its start-up and shut-down (lifespan)."""

    def __init__(self, app: Callable[..., Awaitable[None]]):
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._state: dict[str, Any] = {}
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._said: asyncio.Queue[str] = asyncio.Queue()
        self._lifespan = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        self._tell("lifespan.startup")

    async def _live(self) -> None:
        async def send(message: Message) -> None:
            await self._said.put(f"{message['type']} {message.get('message', '')}".strip())

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self.app(scope, self._received.get, send)
        except Exception:  # an application without a lifespan raises here, as the specification has it
            await self._said.put("over")
        else:
            await self._said.put("over")

    def _tell(self, event: str) -> None:
        """Tell the application of its start or end. Raises RuntimeError where it says that it has failed."""

        async def told() -> str:
            await self._received.put({"type": event})
            return await self._said.get()

        if self._lifespan.done():
            return
        said = asyncio.run_coroutine_threadsafe(told(), self._loop).result(START_SECONDS)
        if ".failed" in said:
            raise RuntimeError(f"the application under test did not begin or end well: {said}")

    def close(self) -> None:
        """Shut the application down, and end its event loop."""
        try:
            self._tell("lifespan.shutdown")
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(START_SECONDS)
            self._loop.close()

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        status, headers, body = asyncio.run_coroutine_threadsafe(self._answer(environ), self._loop).result()
        start_response(f"{status} {phrase(status)}", headers)
        return [body]

    async def _answer(self, environ: Environment) -> tuple[int, list[tuple[str, str]], bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        parts: list[bytes] = []
        begun: Message = {"status": 500, "headers": []}
        finished = asyncio.Event()
        requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if requests:
                return requests.pop()
            await finished.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    finished.set()

        await self.app(_scope(environ, self._state), receive, send)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in begun.get("headers", [])]
        return begun["status"], headers, b"".join(parts)


def phrase(status: int) -> str:
    """Give the words that go with a status; also one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def path_of(environ: Environment) -> str:
    """Give the path of a request as a text, of which WSGI has the bytes."""
    return environ["PATH_INFO"].encode("latin-1").decode(errors="replace")


def _scope(environ: Environment, state: dict[str, Any]) -> Message:
    headers = [
        (name[5:].replace("_", "-").lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers.append((name.replace("_", "-").lower().encode(), environ[name].encode("latin-1")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "http",
        "path": path_of(environ),
        "raw_path": environ["RAW_URI"].partition("?")[0].encode("latin-1"),
        "root_path": "",
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "headers": headers,
        "client": (environ.get("REMOTE_ADDR", "127.0.0.1"), 0),
        "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        "state": dict(state),
    }
