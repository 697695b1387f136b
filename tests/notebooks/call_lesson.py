"""The scene of the notebooks about phone calls without Jupyter: their cells run here, and the sandbox's phones act."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from helpers import sandbox
from helpers.lesson.checkpoints.call_scene import NOT_REACHED
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP
from helpers.lesson.checkpoints.scene import CLICK_IDLE
from taskrouter_sandbox import ControlClient
from tests.notebooks.solutions import SOLUTIONS
from tests.ports import unused_port
from tests.waiting import wait_for

CALLER, ALICE = "+15005550100", "client:alice"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


class CallLesson:
    """A notebook about calls, run as far as its addresses, with its exercises solved and a free port for 8080."""

    def __init__(
        self,
        client: Any,
        name: str = "05-dequeue-to-an-agent",
        last: str = "show-phones",
        *,
        control: ControlClient | None = None,
        agent: str = ALICE,
    ) -> None:
        self.client, self.port = client, str(unused_port())
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        self.sources = {cell.id: cell.source for cell in cells if cell.cell_type == "code"} | SOLUTIONS[name]
        self.cells: dict[str, Any] = {"display": lambda *_: None}
        self.control, self.agent = control or sandbox.ensure(), agent
        self.phones, self.calls = self.control.phones, self.control.calls
        self.phones.set(CALLER, "by-hand")
        self.phones.set(agent, "by-hand")
        for cell_id in self.sources:
            if not cell_id.startswith(("check-", "predict-", "open-")):
                self.cell(cell_id)
            if cell_id == last:
                break

    def cell(self, cell_id: str) -> None:
        """Run a cell of the notebook."""
        self.run(self.sources[cell_id])

    def run(self, source: str) -> None:
        """Run code as if it stood in a cell."""
        exec(compile(re.sub(r"\b808\d\b", self.port, source), "a cell", "exec"), self.cells)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["cells"][name]
        except KeyError:
            raise AttributeError(name) from None

    def answer(self, code: str, app: str = DEQUEUE_APP) -> None:
        """Serve an app whose assignment callback returns this."""
        before, after = app.split("    return {", 1)
        _, _, end = after.partition("\n    }\n")
        self.run(f"{before}    return {code}\n{end}")

    def play(self, key: str = "1") -> None:
        """Reset, call, press a key, click Idle, and answer the phone, if it rings and a person is to answer it."""
        self.wait_in_queue(key)
        self.click_idle()
        if self.calls_of(self.agent, "ringing"):
            self.pick_up()

    def reset(self) -> None:
        """Run the cell that begins the scene again."""
        self.cell("reset-lesson")

    def dial(self) -> str:
        """Call the number, and give the call's SID once the caller hears the menu, or the call is over."""
        sid = self.calls.dial(self.cells["number"].phone_number, CALLER)["sid"]
        wait_for(lambda: self.calls.fetch(sid)["waits_for"] == "keys" or self.calls.fetch(sid)["ended"])
        return sid

    def wait_in_queue(self, key: str = "1") -> None:
        """Reset, call, press a key, and wait until the call is in the queue, or over."""
        self.reset()
        self.sid = self.dial()
        if self.caller["ended"] is None:
            self.calls.press(self.sid, key)
            wait_for(lambda: self.caller["queue"] or self.caller["ended"])

    def click_idle(self) -> None:
        """Make Alice available, and wait until TaskRouter has asked, and done what it was told."""
        self.run(CLICK_IDLE)
        wait_for(self.is_settled, what="the end of the callback")

    def is_settled(self) -> bool:
        """Tell whether what the first reservation of the task leads to has come to rest."""
        task = self.task
        past = task.reservations.list() if task is not None else []
        if not past or not self.cells["team"].workflow.fetch().assignment_callback_url:
            return True
        first = min(past, key=lambda one: one.date_created)
        records = [one for one in self.control.deliveries.list("assignment") if one["subject_sid"] == first.sid]
        if not records or records[-1]["result"] is None:
            return False
        outcome = records[-1]["outcome"] or ""
        if "the call is being placed" not in outcome:
            return True
        return bool(self.calls_of(self.agent, "ringing", "in-progress", *NOT_REACHED))

    def pick_up(self) -> None:
        """Answer Alice's phone, and wait until she talks with somebody, or the call is over."""
        [sid] = self.calls_of(self.agent, "ringing")
        self.calls.answer(sid)
        wait_for(lambda: self.calls.fetch(sid)["connected_with"] or self.calls.fetch(sid)["ended"])

    def hang_up(self, phone: str = "") -> None:
        """Hang up at a phone, and wait until the task is no longer assigned."""
        sid = self.sid if phone == CALLER else self.calls_of(phone or self.agent, "in-progress", "ringing")[0]
        self.calls.hang_up(sid)
        wait_for(lambda: self.task is None or self.task.assignment_status not in ("reserved", "assigned"))

    def calls_of(self, phone: str, *statuses: str) -> list[str]:
        """The SIDs of the calls at a phone with one of these statuses, that were placed since the caller's."""
        since = self.caller["began"]
        return [
            one["sid"]
            for one in self.calls.list()
            if one["phone"] == phone and one["status"] in statuses and one["began"] >= since
        ]

    @property
    def caller(self) -> Any:
        """The caller's call as the phone shows it."""
        return self.calls.fetch(self.sid)

    @property
    def task(self) -> Any:
        """The task of the caller's call, or None."""
        return next((one for one in self.cells["workspace"].tasks.list() if self.sid in one.attributes), None)
