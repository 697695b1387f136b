"""The agents' pages as a web app: the page itself, its scripts, and a token for whoever has the page's key."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from helpers.agents.sdk import AGENT_SDK
from helpers.live.widgets.base import DIST

PREFIX = "/agent-pages"
FILES = {"agent_page.js", "agent_page.css", AGENT_SDK.name}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Agent</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="files/agent_page.css">
<script src="files/twilio-taskrouter.js" defer></script>
<script src="files/agent_page.js" type="module"></script>
<main class="tr"></main>
</html>
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src "
    "'self' http://127.0.0.1:* ws://127.0.0.1:* https://*.twilio.com wss://*.twilio.com",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
WRONG_KEY = "This address is not complete, or no longer good: open the page again from its cell in the notebook."
NOT_HERE = "There is no page for this agent: run the cell with agent_page(...) again."

Settings = Callable[[], dict[str, Any]]
"""Gives what the page is told: a new token, and where TaskRouter is. It may take its time."""


class AgentPages:
    """The pages of a callback server's agents. Its `app` is a web app of GET requests, which checks the keys itself."""

    def __init__(self) -> None:
        self._settings: dict[str, tuple[str, Settings]] = {}
        self.app = Starlette(
            routes=[
                Route(PREFIX + "/files/{name}", self._file),
                Route(PREFIX + "/{worker}", self._page),
                Route(PREFIX + "/{worker}/token", self._token),
            ]
        )

    def add(self, worker_sid: str, key: str, settings: Settings) -> None:
        """Have a page for a worker, in the place of the one that was there. key: what opens it."""
        self._settings[worker_sid] = (key, settings)

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(PAGE, headers=HEADERS)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES:
            return PlainTextResponse("Not found", 404)
        return FileResponse(DIST / name, headers={"Cache-Control": "no-cache"})

    def _token(self, request: Request) -> Response:
        key, settings = self._settings.get(request.path_params["worker"], ("", None))
        if settings is None:
            return PlainTextResponse(NOT_HERE, 404)
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
            return PlainTextResponse(WRONG_KEY, 403)
        return JSONResponse(settings(), headers={"Cache-Control": "no-store"})
