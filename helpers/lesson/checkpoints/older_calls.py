"""A call that came before the app that is served now says nothing about that app."""

from __future__ import annotations

import functools
from collections.abc import Callable

from twilio.rest import Client

from helpers.lesson.checkpoints.call_record import find_record
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet

Look = Callable[[Client], str]


def of_newest_app(lesson: str, again: str, solution: str) -> Callable[[Look], Look]:
    """Have a checkpoint about calls say so where the newest call came before the newest app, and failed.

    lesson: as of `find_record`; again: what there is to do for one more call; solution: the same as code.
    """

    def decorate(look: Look) -> Look:
        @functools.wraps(look)
        def run(client: Client) -> str:
            try:
                return look(client)
            except Unmet as cause:
                if _is_about_another_app(client, lesson, cause):
                    raise NotYet(
                        "the newest call came before the app that you serve now. Call once more.",
                        hints=(again, f"What that call has shown: {cause}"),
                        solution=solution,
                    ) from cause
                raise

        return run

    return decorate


def _is_about_another_app(client: Client, lesson: str, cause: Unmet) -> bool:
    """Tell whether what was found is a fault of an app that has been replaced, and not of what goes on now."""
    try:
        record = find_record(client, lesson)
    except Unmet:
        return False
    if not record.is_older_than_app:
        return False
    return isinstance(cause, NotRight) or (record.is_over and record.task is None)
