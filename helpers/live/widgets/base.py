"""What every live widget is: a state that the render thread draws, a heartbeat, a place in a cell, words elsewhere."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets
from IPython import get_ipython

from helpers.connection import account
from helpers.errors import LessonError
from helpers.live.widgets.render_thread import render_thread
from helpers.live.widgets.text import with_next_step

ELSEWHERE = "This is a live view: to use it, open this notebook in JupyterLab and run the cell."

DIST = Path(__file__).parents[1] / "front" / "dist"


def front_end(name: str) -> tuple[str, str]:
    """Read a widget's module and its style, as `front/` builds them."""
    module, style = ((DIST / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    return module, style


def _mode() -> str:
    """Tell which TaskRouter is meant as long as no client says it."""
    try:
        return account.current().mode
    except LessonError:  # which `connect` tells
        return "sandbox"


class LiveWidget(anywidget.AnyWidget):
    """A view of something that changes by itself.

    `state` is the whole content; its `mode` is "live" where what is done is real, and it is `gone` when what it shows
    was deleted, so that nothing can be done in it. `heartbeat` says how fresh it is and, by arriving, that the kernel
    lives. Both are set by the render thread alone: everything else calls `_post`.
    """

    state = traitlets.Dict().tag(sync=True)
    heartbeat = traitlets.Dict().tag(sync=True)

    _open = False

    def __init__(self, title: str, **content: Any):
        self._lock = threading.RLock()
        told = {"title": title, "mode": _mode(), "trouble": None, "fault": None, "gone": False}
        self._content: dict[str, Any] = {**told, **content}
        self._key = self._content["model_id"] = uuid.uuid4().hex  # so that the browser knows it at once
        super().__init__(model_id=self._key, state=dict(self._content))
        self.on_msg(self._on_message)
        render_thread().show(self._key, self)
        self._open = True

    # ---- what the parts of a widget call, on any thread

    def _post(self, **content: Any) -> None:
        """Change some of the content and have it drawn."""
        with self._lock:
            self._content |= content
            render_thread().post(self._key, dict(self._content))

    def _on_message(self, _widget: object, content: object, _buffers: object = None) -> None:
        """Take a message from the browser, on whichever thread the kernel chose: hand it over and return."""
        try:
            if isinstance(content, dict) and content.get("kind") != "viewing":
                self._handle_message(content)
                self._post(fault=None)
        except Exception as error:
            self._post(fault=with_next_step(error))

    def _handle_message(self, content: dict) -> None:
        """Do what the learner asked for. To be overridden by widgets with controls."""

    # ---- what the render thread calls

    def draw(self, value: dict) -> None:
        """Set the state that the browser draws."""
        self.state = value

    def send_heartbeat(self) -> None:
        """Tell the browser that the kernel lives; nothing is asked at an interval. `now`: seconds since 1970."""
        self.heartbeat = {"now": time.time(), "every": None}

    def failed(self, error: Exception) -> None:
        """Draw the error in place of a state that could not be drawn."""
        kept = {key: self._content[key] for key in ("title", "mode", "model_id")}
        self.state = kept | {"trouble": with_next_step(error)}

    # ---- for whoever holds the widget

    @property
    def goes_well(self) -> bool:
        """True as long as it is open, and neither in trouble nor told of a fault."""
        return self._open and not (self._content["trouble"] or self._content["fault"] or self.state.get("trouble"))

    def words(self) -> str:
        """Say what it shows, as a sentence."""
        return str(self._content["title"])

    def wait_until_drawn(self, timeout: float = 15.0) -> None:
        """Return when all that was posted so far is drawn.

        Raises:
            TimeoutError: after `timeout` seconds.
        """
        render_thread().wait_until_drawn(timeout)

    def close(self) -> None:
        """End what it listens to, and take it off the page.

        The garbage collector closes a widget too, whatever this thread is doing then: so once, and never again.
        """
        if self._open:
            self._open = False
            self._end()
            render_thread().forget(self._key)
            super().close()

    def _end(self) -> None:
        """Stop listening. To be overridden by a view that listens to something."""

    def __repr__(self) -> str:
        return f"{self.words()}{'' if self._open else ' (closed)'}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle:
            bundle[0]["text/plain"] = f"{self.words()}\n({ELSEWHERE})"
        return bundle


Widget = TypeVar("Widget", bound=LiveWidget)
_current: dict[tuple[str | None, Hashable], tuple[object, LiveWidget]] = {}
_current_lock = threading.Lock()


def replace_previous(
    name: Hashable, make: Callable[[], Widget], is_the_same: Callable[[Any], bool] = lambda _old: False
) -> Widget:
    """Make a widget and close the one whose place it takes.

    Running a cell again closes what its last run made, at its end. Where the front end does not say which cell runs, a
    widget takes the place of the one with the same name.

    is_the_same: tells of what the last run of this cell made whether it may stay, and be shown again, so that a second
    view of it, beside the notebook, stays too. What is in trouble is made anew: that is why people run a cell again.
    """
    cell, run = _running()
    with _current_lock:
        _, old = _current.pop((cell, name), (None, None))
        if old and not (cell and old.goes_well and is_the_same(old)):
            old.close()
            old = None
        widget: Any = old or make()
        _current[cell, name] = run, widget
        is_first = cell and any(key[0] == cell and before != run for key, (before, _) in _current.items())
    if is_first:
        _after_this_run(lambda: _close_all_but(cell, run))
    return widget


def _close_all_but(cell: str | None, run: str | None) -> None:
    """Close what earlier runs of a cell have made, and this one has not shown again."""
    with _current_lock:
        for key, (before, old) in list(_current.items()):
            if key[0] == cell and before != run:
                del _current[key]
                old.close()


def _after_this_run(work: Callable[[], None]) -> None:
    """Do something when the cell that runs has ended; at once, where no cell runs."""
    shell = get_ipython()
    if shell is None:
        work()
        return

    def once(*_: object) -> None:
        shell.events.unregister("post_run_cell", once)
        work()

    shell.events.register("post_run_cell", once)


def _running() -> tuple[str | None, str | None]:
    """Find the id of the cell that runs, and of this run of it, as far as the front end tells."""
    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = (get_parent() if get_parent else None) or {}
    return parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
