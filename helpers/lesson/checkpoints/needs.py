"""What a page needs: where it is not there, a checkpoint says so before whatever is left to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from twilio.rest import Client

from helpers.connection.instances import WorkspaceInstance
from helpers.lesson.checkpoints import framework
from helpers.lesson.checkpoints.framework import Missing, Unmet
from helpers.lesson.checkpoints.lookups import get_workspace, missing
from helpers.lesson.checkpoints.practice import get_practice_workspace, missing_in_practice
from helpers.names import ACTIVITIES, LANGUAGES, QUEUES, WORKFLOW

COLLECTIONS = {"activity": "activities", "worker": "workers", "queue": "task_queues", "workflow": "workflows"}
"""Where what a page needs is found, by its kind in words."""

OF_NOTEBOOK_01 = {"activity": ACTIVITIES, "worker": LANGUAGES, "queue": QUEUES.values(), "workflow": (WORKFLOW,)}
"""The names of what notebook 01 creates in its workspace."""


def _first_missing(space: WorkspaceInstance, needs: Mapping[str, Collection[str]]) -> tuple[str, str] | None:
    """Give kind and name of the first thing that a workspace does not have; names in any case."""
    for kind, names in needs.items():
        there = {one.friendly_name.casefold() for one in getattr(space, COLLECTIONS[kind]).list()}
        for name in names:
            if name.casefold() not in there:
                return kind, name
    return None


def find_missing(client: Client) -> Missing | None:
    """Find the first thing of notebook 01 that is not there; None where all is, or the workspace is not right."""
    try:
        lacking = _first_missing(get_workspace(client), OF_NOTEBOOK_01)
    except Unmet:  # the workspace itself, of which the checkpoint has told
        return None
    return lacking and missing(*lacking)


def _of_practice(needs: Mapping[str, Collection[str]], client: Client) -> Missing | None:
    try:
        lacking = _first_missing(get_practice_workspace(client), needs)
    except Unmet:
        return None
    return lacking and missing_in_practice(*lacking)


checkpoint = partial(framework.checkpoint, missing=find_missing)
"""Make a checkpoint of a page that needs what notebook 01 creates."""


def missing_of_practice(**needs: Collection[str]) -> Callable[[Client], Missing | None]:
    """Give what finds the first thing that a page needs in the practice workspace; needs: names, by their kind."""
    return partial(_of_practice, {"activity": ("Available", "Offline"), **needs})


def checkpoint_in_practice(**needs: Collection[str]) -> partial[framework.Decorator]:
    """Give what makes checkpoints of a page that works in the practice workspace; needs: names, by their kind."""
    return partial(framework.checkpoint, missing=missing_of_practice(**needs))
