"""Where assignment callbacks of the checks arrive: an app of the usual kind, on the usual callback server."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import FastAPI, Request, Response

from helpers.callback_server.server import CallbackServer, serve
from helpers.tunnel.expose import expose


class CallbackReceiver:
    """Answers each path as it was told. `forms`: what came, by path."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[int, str, str]] = {}
        self._lock = threading.Lock()
        self.forms: dict[str, list[dict[str, str]]] = {}
        app = FastAPI()
        app.post("/{path}")(self._answer)
        self.server: CallbackServer = serve(app, 0)
        try:
            self.address = expose(self.server)
        except BaseException:
            self.server.stop()
            raise

    async def _answer(self, path: str, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        with self._lock:
            self.forms.setdefault(path, []).append(form)
            status, kind, text = self._answers.get(path, (404, "text/plain", "no check waits for this"))
        return Response(text, status, media_type=kind)

    def answering(self, path: str, text: str, status: int = 200, kind: str = "application/json") -> str:
        """Answer a path like this from now on. Returns its address."""
        with self._lock:
            self._answers[path] = (status, kind, text)
            self.forms[path] = []
        return f"{self.address}/{path}"

    def signatures(self, path: str) -> list[Any]:
        """Give what the callback server found about the signatures of the requests to a path."""
        return [exchange.signature for exchange in self.server.log.entries() if exchange.path == f"/{path}"]

    def close(self) -> None:
        """Stop listening."""
        self.server.stop()
