"""When a tunnel has a new address, the callback addresses in TaskRouter follow it.

What `expose` gave out is remembered for each port of the callback server, so that an address of ours is told from
one that somebody else's program is called at. A port that was picked at random means nothing to the next kernel: its
addresses are remembered in this one only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from twilio.rest import Client

from helpers.names import WORKSPACE
from helpers.tunnel import ngrok_processes

KEPT = 20  # addresses remembered for each port, and ports
FIELDS = ("assignment_callback_url", "fallback_assignment_callback_url")


_here: dict[str, list[str]] = {}  # of the ports that were picked at random


def remember(port: int, address: str, *, lasting: bool = True) -> list[str]:
    """Keep the address as the latest of this port. Returns the other ones that it has had.

    lasting: keep it for other kernels, too.
    """
    known = _read() if lasting else _here
    old = [one for one in known.pop(str(port), []) if one != address]
    known[str(port)] = [*old, address][-KEPT:]
    if not lasting:
        return old
    known = dict(list(known.items())[-KEPT:])
    draft = _file().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(known), encoding="utf-8")
    os.replace(draft, _file())
    return old


def latest() -> list[str]:
    """Give what was given out last for each port."""
    return [addresses[-1] for addresses in (*_read().values(), *_here.values())]


def follow(client: Client, old: list[str], new: str) -> list[str]:
    """Bring the new address to whatever in the tutorial's workspace has an old one; says, for each, what it was.

    That is the workspace's event callback, and each workflow's assignment callback and its fallback.
    Raises what the client raises.
    """
    told = []
    for space in client.taskrouter.v1.workspaces.list(friendly_name=WORKSPACE):
        if moved := _moved(space.event_callback_url, old, new):
            space.update(event_callback_url=moved)
            told.append("the workspace's event callback")
        for workflow in space.workflows.list():
            changes = dict(_changes(workflow, old, new))
            if changes:
                workflow.update(**changes)
                told.append(f"the workflow {workflow.friendly_name!r}")
    return told


def _changes(workflow: Any, old: list[str], new: str) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        if moved := _moved(getattr(workflow, field), old, new):
            yield field, moved


def _moved(url: str | None, old: list[str], new: str) -> str | None:
    """Move a URL to the same path at the new address; None when the URL is not at an old one."""
    for address in old:
        rest = (url or "").removeprefix(address)
        if rest != (url or "") and rest[:1] in ("", "/", "?", "#"):
            return new + rest
    return None


def _file() -> Path:
    return ngrok_processes.folder().parent / "addresses.json"


def _read() -> dict[str, list[str]]:
    with suppress(OSError, ValueError):
        known = json.loads(_file().read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}
