"""A workspace on the sandbox, a callback server, and boards that are closed when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from helpers import serve
from helpers.callback_server.server import CallbackServer
from helpers.live.board.board import Board, board


@pytest.fixture
def server() -> Iterator[CallbackServer]:
    """A callback server whose app answers with no instruction."""
    app = FastAPI()

    @app.post("/assignment_callback")
    def assignment_callback():
        return {}

    server = serve(app, port=0)
    yield server
    server.stop()


@pytest.fixture
def show(client, team, closed_at_the_end) -> Callable[..., Board]:
    """`show()` or `show(server)`: the board."""

    def show(server: CallbackServer | None = None) -> Board:
        view = board(client, team.workspace, server)
        view.wait_until_drawn()
        return view

    return show
