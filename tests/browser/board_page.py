"""The cells that show a board, and what is found on it."""

from __future__ import annotations

from playwright.sync_api import Locator

from .lab import Lab

SETUP = """
from fastapi import FastAPI
from helpers import board, cast, connect, expose, serve
client = connect(quiet=True)
team = cast(client)
workspace, alice = team.workspace, team.alice
app = FastAPI()
@app.post("/assignment_callback")
def assignment_callback():
    return {"instruction": "accept"}
server = serve(app, port=0)
public_url = expose(server)
workflow = team.workflow.update(assignment_callback_url=f"{public_url}/assignment_callback")
"""
BOARD = "board(client, workspace, server)"
LISTEN = 'workspace = workspace.update(event_callback_url=f"{public_url}/taskrouter-events")'
TASK = """task = workspace.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "es"}')"""
CLICKED = 'alice = alice.update(activity_sid=team.activities["Idle"].sid)'


def lane(lab: Lab, status: str) -> Locator:
    """The lane of the tasks in that state."""
    return lab.output("board").get_by_role("group", name=f"Tasks {status}")


def worker(lab: Lab, name: str) -> Locator:
    """A worker's card."""
    return lab.output("board").locator(".tr-worker").filter(has_text=name)


def tab(lab: Lab, name: str) -> None:
    """Open one of the board's tabs."""
    lab.output("board").get_by_role("tab", name=name).click()
