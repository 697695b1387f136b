"""The calls that reached the callback server, and what the learner's app answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.live.widgets.base import LiveWidget, front_end, replace_previous
from helpers.live.widgets.call_row import call_row, folded
from helpers.live.widgets.text import with_next_step

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from helpers.callback_server.server import CallbackServer

AT_MOST = 40
"""Rows shown, the newest last."""

FOLDED_AT_MOST = 150
"""Calls that those rows are made of, the newest."""


def callback_log(server: CallbackServer) -> CallbackLog:
    """Show the calls to the callback server as they arrive, to be the last value of a cell.

    Args:
        server: what `serve` returned.
    """
    return replace_previous(("callbacks", server.url), lambda: CallbackLog(server))


class CallbackLog(LiveWidget):
    """One row for each call; a row unfolds to the whole form.

    `state`: `summary` in words, `earlier` (how many are not shown), `rows` [{number, at, request, said,
    signature, signed, status, instruction, warning, problem, times, since, answer, ms, error, form}].
    """

    _esm, _css = front_end("callback_log")

    def __init__(self, server: CallbackServer):
        super().__init__(f"Calls to {server.url}", summary="", earlier=0, rows=[])
        self._log = server.log
        self._unsubscribe = server.log.subscribe(self._arrived)
        self._arrived()

    def words(self) -> str:
        """Give the title and how many calls there were."""
        return f"{self._content['title']}: {self._content['summary']}"

    def _end(self) -> None:
        self._unsubscribe()

    def _arrived(self, _exchange: Exchange | None = None) -> None:
        """Post what is to be drawn, and return; on the server's thread."""
        try:
            with self._lock:
                entries = self._log.entries()
                rows = folded(call_row(each) for each in entries[-FOLDED_AT_MOST:])[-AT_MOST:]
                earlier = len(entries) - sum(row["times"] for row in rows)
                self._post(rows=rows, earlier=earlier, summary=_summary(entries), trouble=None)
        except Exception as error:
            self._post(trouble=with_next_step(error))


def _summary(entries: tuple[Exchange, ...]) -> str:
    if not entries:
        return "No calls yet. When TaskRouter calls your app, the call appears here by itself."
    return f"{len(entries)} call{'' if len(entries) == 1 else 's'}, the newest last."
