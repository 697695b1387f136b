"""A workspace on the sandbox, a callback server, and boards that are closed when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from helpers import cast, serve
from helpers.callback_server import CallbackServer
from helpers.lesson import Cast
from helpers.widgets import live
from helpers.workspace_board import Board, board


@pytest.fixture
def team(client) -> Cast:
    """What notebook 01 builds: Alice, Bob, two queues and a workflow."""
    return cast(client)


@pytest.fixture
def task(team) -> Callable:
    """`task()` creates a Spanish task."""

    def create(language: str = "es", **settings):
        attributes = f'{{"selected_language": "{language}"}}'
        return team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes, **settings)

    return create


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
def show(client, team) -> Iterator[Callable[..., Board]]:
    """`show()` or `show(server)`: the board."""

    def show(server: CallbackServer | None = None) -> Board:
        view = board(client, team.workspace, server)
        view.settle()
        return view

    yield show
    for _run, widget in live._shown.values():
        widget.close()
    live._shown.clear()
