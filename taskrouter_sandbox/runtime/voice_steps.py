"""What the voice side has left to do, one step after the other, each as soon as the event loop is free."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable

from ..storage.errors import NotKept

Step = Callable[[], None]

log = logging.getLogger(__name__)


class Steps:
    """A queue of steps. One that cannot be kept now, by NotKept, is done again after `retry_seconds`, before the rest;
    one that fails in any other way is over, and in the log."""

    def __init__(self, retry_seconds: float):
        self.retry_seconds = retry_seconds
        self._left: deque[Step] = deque()
        self._is_awake = False

    def __bool__(self) -> bool:
        return bool(self._left)

    def append(self, step: Step) -> None:
        """Do this after all others; it begins with `wake`."""
        self._left.append(step)

    def extend(self, steps: Iterable[Step]) -> None:
        """Do these after all others; they begin with `wake`."""
        self._left.extend(steps)

    def append_first(self, step: Step) -> None:
        """Do this before all others."""
        self._left.appendleft(step)

    def clear(self) -> None:
        """Do none of them."""
        self._left.clear()

    def wake(self) -> None:
        """Do what is left to do as soon as the event loop is free; without one, once there is one."""
        if self._left and not self._is_awake:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._is_awake = True
            loop.call_soon(self._work)

    def catch_up(self) -> None:
        """Do all that is left to do at once; without an event loop, nothing."""
        if self._left:
            self.wake()
        while self._is_awake and self._left and self._do_one():
            pass

    def _work(self) -> None:
        """Do one step, and let others have their turn before the next."""
        self._is_awake = False
        if self._left and self._do_one():
            self.wake()

    def _do_one(self) -> bool:
        """Do one step; False when it has to wait."""
        step = self._left.popleft()
        try:
            step()
        except NotKept as waiting:
            log.warning("calls wait: %s", waiting)
            self._left.appendleft(step)
            asyncio.get_running_loop().call_later(self.retry_seconds, self.wake)
            return False
        except Exception:
            log.exception("a step of the voice side")
        return True
