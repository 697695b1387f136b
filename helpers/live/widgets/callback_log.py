"""The calls that reached the callback server, and what the learner's app answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from helpers.live.widgets.base import LiveWidget, front_end, replace_previous
from helpers.live.widgets.text import clock, short, with_next_step

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from helpers.callback_server.server import CallbackServer

AT_MOST = 40
"""Calls shown, the newest last."""

SIGNATURE = {
    "valid": "signature valid: it came from TaskRouter",
    "invalid": "signature invalid: not from TaskRouter",
    "none": "not signed",
}


def callback_log(server: CallbackServer) -> CallbackLog:
    """Show the calls to the callback server as they arrive, to be the last value of a cell.

    Args:
        server: what `serve` returned.
    """
    return replace_previous(("callbacks", server.url), lambda: CallbackLog(server))


class CallbackLog(LiveWidget):
    """One row for each call; a row unfolds to the whole form.

    `state`: `summary` in words, `earlier` (how many are not shown), `rows` [{number, at, request, said,
    signature, signed, status, instruction, answer, ms, error, form}].
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
                rows = [call_row(each) for each in entries[-AT_MOST:]]
                earlier = len(entries) - len(rows)
                self._post(rows=rows, earlier=earlier, summary=_summary(entries), trouble=None)
        except Exception as error:
            self._post(trouble=with_next_step(error))


def call_row(exchange: Exchange) -> dict:
    """Make the row that the browser draws of one request and its answer."""
    return {
        "number": exchange.number,
        "at": f"{clock(exchange.at)}.{exchange.at.microsecond // 1000:03d}",
        "request": f"{exchange.method} {exchange.path}{f'?{exchange.query}' if exchange.query else ''}",
        "said": _said(exchange.form),
        "signature": SIGNATURE[exchange.signature],
        "signed": exchange.signature,
        "status": exchange.status,
        "instruction": instruction_of(exchange),
        "answer": exchange.answer,
        "ms": round(exchange.seconds * 1000, 1 if exchange.seconds < 0.01 else None),
        "error": exchange.error,
        "form": [[name, value] for name, value in exchange.form.items()],
    }


def _said(form: dict[str, str]) -> list[str]:
    """Pick out what an assignment callback says, the worker first (`behaviour.md §3.1`), or what an event is about."""
    if "EventDescription" in form:
        return [form["EventDescription"]]
    parts = [form.get("WorkerName"), form.get("TaskAttributes"), short(form.get("ReservationSid"))]
    return [part for part in parts if part]


def instruction_of(exchange: Exchange) -> str | None:
    """Read the instruction in the app's answer; empty when it gave none, None when none was due."""
    if "ReservationSid" not in exchange.form or exchange.error:
        return None
    try:
        answer = json.loads(exchange.answer or "{}")
    except ValueError:
        return ""
    return str(answer.get("instruction", "")) if isinstance(answer, dict) else ""


def _summary(entries: tuple[Exchange, ...]) -> str:
    if not entries:
        return "No call yet. When TaskRouter calls the app, it appears here by itself."
    return f"{len(entries)} call{'' if len(entries) == 1 else 's'}, the newest last."
