"""When a tunnel has a new address, the callback addresses in the account follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from twilio.rest import Client

from helpers.callback_server.public_addresses import path_at
from helpers.names import WORKSPACE
from helpers.phone_numbers.notes import WEBHOOKS
from helpers.phone_numbers.restoring import noted_numbers

OF_A_WORKFLOW = ("assignment_callback_url", "fallback_assignment_callback_url")


def follow(client: Client, old: list[str], new: str) -> list[str]:
    """Bring the new address to whatever of the lessons has an old one; says, for each, what it was.

    That is the event callback of the tutorial's workspace, each workflow's assignment callback and its fallback, and
    the voice URL, its fallback and the status callback of each number that the lessons have taken.
    Raises what the client raises, and LessonError when the notes about numbers cannot be read.
    """
    told = []
    for space in client.taskrouter.v1.workspaces.list(friendly_name=WORKSPACE):
        if moved := _moved(space.event_callback_url, old, new):
            space.update(event_callback_url=moved)
            told.append("the workspace's event callback")
        for workflow in space.workflows.list():
            if changes := dict(_changes(workflow, OF_A_WORKFLOW, old, new)):
                workflow.update(**changes)
                told.append(f"the workflow {workflow.friendly_name!r}")
    for _, number in noted_numbers(client):
        if number and (changes := dict(_changes(number, WEBHOOKS, old, new))):
            number.update(**changes)
            told.append(f"the number {number.phone_number}")
    return told


def _changes(instance: Any, fields: Iterable[str], old: list[str], new: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        if moved := _moved(getattr(instance, field), old, new):
            yield field, moved


def _moved(url: str | None, old: list[str], new: str) -> str | None:
    """Move a URL to the same path at the new address; None when the URL is not at an old one."""
    return next((new + rest for address in old if (rest := path_at(url, address)) is not None), None)
