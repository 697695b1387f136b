"""A web server of a test's own, which TaskRouter's webhooks reach: answers by the test, or by the application."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any, cast
from urllib.parse import parse_qsl, urljoin
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from .applications import Application, AsgiBridge, Environment, StartResponse, as_wsgi, path_of, phrase

SECONDS = 10.0
LOOPBACK = "127.0.0.1"
HOST_VARIABLE = "TASKROUTER_CALLBACK_HOST"
Answering = Any  # what `CallbackTestServer.answer` takes
WHAT_ANSWERS = (
    "give a dict, a text, TwiML of the twilio library, a status, (status, any of these), None, or a function, not an "
    "asynchronous one, that returns one of these"
)


@dataclass
class CallbackRequest:
    """A request that came. form: of the body, or of the query of a GET; is_signed: does X-Twilio-Signature hold for
    it, with this test's token? status: what it was answered; error: what an answer of the test's has raised; url: by
    which address it came, over which the signature is checked."""

    method: str
    path: str
    query: str
    form: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    is_signed: bool
    status: int | None = None
    answer: bytes = b""
    error: BaseException | None = None
    url: str = ""


@dataclass
class CallbackTestServer:
    """A web server on a thread. url: its address.

    auth_token: what the requests must be signed with; host: the name under which the sandbox reaches this machine, if
    it runs on another, as in a container; requests: all that came, the oldest first.
    """

    auth_token: str
    host: str = LOOPBACK
    requests: list[CallbackRequest] = field(default_factory=list[CallbackRequest])

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._answers: dict[str, Answering] = {}
        self._app: Application | None = None
        self._errors: list[BaseException] = []
        self.fails_at_its_end = True  # where an answer has raised, and the test has not failed for it yet
        self._came = threading.Condition()
        address = LOOPBACK if self.host == LOOPBACK else ""  # that is, all of this machine's
        self._server = make_server(address, 0, self._wsgi, server_class=_Server, handler_class=_Handler)
        self.url = f"http://{self.host}:{self._server.server_port}"
        poll = {"poll_interval": 0.02}
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs=poll, daemon=True)
        self._thread.start()

    # ---- what a test says ----------------------------------------------------------------------------------------

    def url_for(self, path: str) -> str:
        """Give the address of a path."""
        return urljoin(self.url, path)

    def answer(self, path: str, answer: Answering) -> str:
        """Answer requests for a path, from now on; gives its address.

        answer: a dict, which leaves as JSON; a text, which is XML if it begins with `<`; TwiML of the twilio library;
        a status; `(status, any of these)`; or a function that is given the CallbackRequest and returns one of these.
        None is an answer without content (204). Raises TypeError for anything else.
        """
        if not _is_function(answer):
            _rendered(answer)
        self._answers["/" + path.lstrip("/")] = answer
        return self.url_for(path)

    def serve(self, app: Any) -> str:
        """Let an application under test, of WSGI or ASGI, answer what `answer` does not; gives its address.

        It is called on threads of this process, and sees the address and the signature as behind a real server.
        Raises TypeError for what is no application.
        """
        if not callable(app):
            raise TypeError(f"{app!r} is no application of WSGI or ASGI: give the object, as Flask or FastAPI makes it")
        self._end_app()
        self._app = as_wsgi(app)
        return self.url

    def of(self, path: str) -> list[CallbackRequest]:
        """Find the requests for a path that came, the oldest first."""
        path = "/" + path.lstrip("/")
        return [each for each in self.requests if each.path == path and each.status is not None]

    def wait_for(self, path: str, count: int = 1, seconds: float = SECONDS) -> list[CallbackRequest]:
        """Wait until so many requests for a path were answered, and give them.

        Raises AssertionError with what came instead, and at once what a function of the test's has raised as an answer.
        """
        deadline = time.monotonic() + seconds
        with self._came:
            while len(found := self.of(path)) < count:
                self.raise_error()
                if not self._came.wait(deadline - time.monotonic()):
                    came = ", ".join(f"{each.method} {each.path}" for each in self.requests) or "nothing"
                    raise AssertionError(
                        f"{len(found)} of {count} requests for {path} came within {seconds:g} s; all that came: {came}"
                    )
        self.raise_error()
        return found

    def raise_error(self) -> None:
        """Raise what an answer has raised since the last time, the first of it."""
        errors = self.forget_errors()
        if errors:
            raise errors[0]

    def forget_errors(self) -> list[BaseException]:
        """Give what answers have raised since the last time, which is raised no more."""
        errors, self._errors = self._errors, []
        return errors

    # ---- the server ----------------------------------------------------------------------------------------------

    def _wsgi(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        request = self._read(environ)
        with self._came:
            self.requests.append(request)
        try:
            status, headers, body = self._respond(request, environ)
        except BaseException as error:
            request.error = error
            self._errors.append(error)
            status, headers, body = _rendered((500, f"{type(error).__name__}: {error}"))
        request.answer = body
        with self._came:
            request.status = status
            self._came.notify_all()
        start_response(f"{status} {phrase(status)}", headers)
        return [body]

    def _read(self, environ: Environment) -> CallbackRequest:
        from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        query, path = environ.get("QUERY_STRING", ""), path_of(environ)
        posted = body.decode(errors="replace") if environ["REQUEST_METHOD"] == "POST" else ""
        form = dict(parse_qsl(posted or query, keep_blank_values=True))
        headers = {
            name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        address = f"http://{environ.get('HTTP_HOST', self.host)}{environ['RAW_URI']}"
        validator = cast("Any", RequestValidator(self.auth_token))
        signature = headers.get("X-Twilio-Signature", "")
        signed = bool(validator.validate(address, form if posted else {}, signature))
        return CallbackRequest(environ["REQUEST_METHOD"], path, query, form, headers, body, signed, url=address)

    def _respond(self, request: CallbackRequest, environ: Environment) -> tuple[int, list[tuple[str, str]], bytes]:
        if request.path in self._answers:
            if not request.is_signed:
                return _rendered((403, "the signature does not hold for this address, these parameters and this token"))
            answer = self._answers[request.path]
            return _rendered(answer(request) if _is_function(answer) else answer)
        if self._app is not None:
            return _called(self._app, environ)
        return _rendered((404, f"nothing answers {request.path}: taskrouter_callbacks.answer({request.path!r}, ...)"))

    def _end_app(self) -> None:
        if isinstance(self._app, AsgiBridge):
            self._app.close()
        self._app = None

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._end_app()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Listen without asking the network for a name of this machine, which may take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> Environment:
        """Give the path as it was written, too."""
        return super().get_environ() | {"RAW_URI": self.path}

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what came stands in `requests`."""


def _called(app: Application, environ: Environment) -> tuple[int, list[tuple[str, str]], bytes]:
    """Let an application answer."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: object = None) -> Callable[[bytes], None]:
        begun.append((status, headers))
        return written.append

    parts: Any = app(environ, start_response)
    try:
        written += list(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = begun[-1]
    return int(status.split()[0]), headers, b"".join(written)


def _is_function(answer: Answering) -> bool:
    return callable(answer) and not hasattr(answer, "to_xml")


def _rendered(answer: Answering) -> tuple[int, list[tuple[str, str]], bytes]:
    """Render what a test gave as an answer. Raises TypeError."""
    status: Any = 200
    content: Any = answer
    if isinstance(answer, tuple) and len(cast("tuple[Any, ...]", answer)) == 2:
        status, content = cast("tuple[Any, Any]", answer)
    if isinstance(content, int):
        status, content = content, None
    is_content = content is None or isinstance(content, (dict, list, str)) or hasattr(content, "to_xml")
    if not is_content or not isinstance(status, int) or not 100 <= status <= 999:
        if isinstance(answer, Coroutine):
            cast("Coroutine[Any, Any, Any]", answer).close()
        raise TypeError(f"{answer!r} is no answer: {WHAT_ANSWERS}")
    if content is None:
        return (204 if status == 200 else status), [], b""
    if isinstance(content, (dict, list)):
        return status, [("Content-Type", "application/json")], json.dumps(content).encode()
    text = str(content)  # also of the twilio library's TwiML
    kind = "text/xml" if text.lstrip().startswith("<") else "text/plain"
    return status, [("Content-Type", f"{kind}; charset=utf-8")], text.encode()
