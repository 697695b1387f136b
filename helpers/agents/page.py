"""An agent's page: `agent_page`, which serves it on the callback server and shows it in the notebook."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from weakref import WeakKeyDictionary

from starlette.applications import Starlette
from twilio.rest import Client

from helpers.agents.sdk import LIFETIME, agent_token, sdk_options
from helpers.agents.web import PREFIX, AgentPages
from helpers.callback_server.server import CallbackServer, serve, servers
from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error
from helpers.connection.instances import WorkerInstance
from helpers.errors import LessonError
from helpers.live.widgets.base import LiveWidget, front_end, replace_previous

_pages: WeakKeyDictionary[CallbackServer, AgentPages] = WeakKeyDictionary()


def agent_page(
    client: Client, worker: WorkerInstance, server: CallbackServer | None = None, *, seconds: int = LIFETIME
) -> AgentPage:
    """Show a worker's page, to be the last value of a cell: activities, reservations, and buttons to answer them.

    The page runs Twilio's own SDK for agents in the browser. It is served by the callback server, at an address that
    lets whoever has it act as the worker: locally, and through the tunnel where there is one.

    client: the twilio client that the lesson uses. worker: whose page it is. server: a callback server; by itself the
    one that was given its app last, or a new one. seconds: how long a token is good for; the page
    fetches a new one in time.
    Raises LessonError when the worker cannot be read.
    """
    if server is None:
        server = next(reversed(servers()), None) or serve(Starlette(), 0)
    name = _name_of(worker)
    key = _add(client, worker, server, seconds)
    path = f"{PREFIX}/{worker.sid}#key={key}"

    def is_the_same(old: AgentPage) -> bool:
        return old.url == server.url + path

    return replace_previous(("agent page", worker.sid), lambda: AgentPage(client, name, server, path), is_the_same)


@as_lesson_error()
def _name_of(worker: WorkerInstance) -> str:
    return str(worker.fetch().friendly_name)


def _add(client: Client, worker: WorkerInstance, server: CallbackServer, seconds: int) -> str:
    """Have the page served. Returns its key, which is the same in the next kernel: windows that are open go on."""
    if server not in _pages:
        _pages[server] = AgentPages()
        server.mount(PREFIX, _pages[server].app)

    def settings() -> dict[str, Any]:
        told: dict[str, Any] = {"mode": mode_of(client), "name": str(worker.friendly_name)}
        try:
            told["name"] = _name_of(worker)
            token = agent_token(client, str(worker.workspace_sid), str(worker.sid), told["name"], seconds)
            return told | {"token": token, "options": sdk_options(client)}
        except LessonError as error:
            return told | {"token": "", "options": {}, "wrong": str(error)}

    secret = (client.password or "").encode()
    key = hmac.new(secret, f"{PREFIX}/{worker.sid}".encode(), hashlib.sha256).hexdigest()[:32]
    _pages[server].add(str(worker.sid), key, settings)
    return key


class AgentPage(LiveWidget):
    """A worker's page in a frame.

    `url`: its address, which opens it in a window of its own; `public_url`: that through the tunnel, or None.
    `state`: `url`, `sentence`.
    """

    _esm, _css = front_end("agent_window")

    def __init__(self, client: Client, name: str, server: CallbackServer, path: str) -> None:
        self.url = server.url + path
        self.public_url = f"{server.public_url}{path}" if server.public_url else None
        elsewhere = self.public_url if mode_of(client) == "live" else None
        sentence = f"On another device: {elsewhere}" if elsewhere else f"It acts as {name}: give its address to nobody."
        super().__init__(f"{name}'s page", url=self.url, sentence=sentence)
        self._post(mode=mode_of(client))

    def words(self) -> str:
        """Say what it is; the address, which is a secret, is left to `url`."""
        return f"{self._content['title']}, to be opened in a browser: see its url"
