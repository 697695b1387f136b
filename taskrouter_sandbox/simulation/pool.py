"""Work that is done here, or by an executor on other processors and machines; once stopped, it keeps what is done."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TextIO, TypeVar

from .errors import RehearsalError

R = TypeVar("R")
Progress = Callable[[int, int], None] | bool | None
PAUSE = 0.2  # seconds between two lines of progress; and in which an interrupt is noticed


def run_all(
    function: Callable[..., R],
    jobs: Sequence[tuple[Any, ...]],
    executor: Any,
    progress: Progress,
    sizes: Sequence[int] | None = None,
) -> dict[int, R]:
    """Call a function with the arguments of each job, and give what is done, by the place of the job.

    executor: None to work here; whatever has `submit` as `concurrent.futures` has it; or a client of
    `dask.distributed`. progress: is told how much is done, of how much; True prints a line. sizes: how much each job
    is, 1 where left out.

    An interrupt (Ctrl-C, or a notebook's stop button) ends it, and what is done by then is given; where nothing is, it
    is raised. Raises whatever a job raises, and RehearsalError where a job cannot be sent.
    """
    tell, done = teller(progress), dict[int, R]()
    amounts = [1] * len(jobs) if sizes is None else sizes
    total, so_far = sum(amounts), 0

    def finish(place: int, result: R) -> None:
        nonlocal so_far
        done[place] = result
        so_far += amounts[place]
        tell(so_far, total)

    tell(0, total)
    try:
        if executor is None:
            for place, job in enumerate(jobs):
                finish(place, function(*job))
        else:
            _submit(function, jobs, executor, finish)
    except KeyboardInterrupt:
        if not done:
            raise
    finally:
        tell(-1, total)
    return done


def _submit(
    function: Callable[..., R],
    jobs: Sequence[tuple[Any, ...]],
    executor: Any,
    finish: Callable[[int, R], None],
) -> None:
    """Let an executor do the jobs."""
    if hasattr(executor, "get_executor"):  # a client of dask
        executor = executor.get_executor(pure=False)
    if isinstance(executor, type) or not hasattr(executor, "submit"):
        given = f"the class {executor.__name__}" if isinstance(executor, type) else type(executor).__name__
        raise RehearsalError(f"executor is {given}: give one of concurrent.futures, or a client of dask.distributed")
    finished: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    futures: list[Any] = []
    try:
        for place, job in enumerate(jobs):
            future = executor.submit(function, *job)
            futures.append(future)
            future.add_done_callback(partial(_finish, finished, place))
        left = len(jobs)
        while left:
            try:
                place, ended = finished.get(timeout=PAUSE)
            except Empty:
                continue
            finish(place, ended.result())
            left -= 1
    except (pickle.PicklingError, AttributeError, TypeError):
        for job in jobs[:1]:
            _refuse_unsent(job)
        raise
    finally:
        for future in futures:
            future.cancel()


def _finish(finished: SimpleQueue[tuple[int, Any]], place: int, future: Any) -> None:
    finished.put((place, future))


def _refuse_unsent(job: tuple[Any, ...]) -> None:
    """Raise RehearsalError where a job cannot be sent to another process."""
    try:
        pickle.dumps(job)
    except Exception as error:
        text = "write distributions by name, or as functions of a module; or use threads, or dask"
        raise RehearsalError(f"day: a part of it cannot be sent to another process ({error}); {text}") from None


def teller(progress: Progress) -> Callable[[int, int], None]:
    """Give what is told how much is done; -1 for the end."""
    if progress is None or progress is False:
        return lambda done, total: None
    if progress is True:
        return _Line()
    if not callable(progress):  # pyright: ignore[reportUnnecessaryComparison]
        accepted = "True, or a function that is told how many are done, and of how many"
        raise RehearsalError(f"progress is {progress!r}: give {accepted}")
    return lambda done, total: progress(done, total) if done >= 0 else None


def stream() -> TextIO:
    """Give where progress is written: the standard error; in a notebook, where that is red, the output."""
    return sys.stdout if type(sys.stderr).__module__.startswith("ipykernel") else sys.stderr


class _Line:
    """A line that is written over as work goes on."""

    def __init__(self) -> None:
        self.stream = stream()
        self.began = self.shown = time.monotonic()
        self.text = ""

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < 0:
            if self.text:
                self.stream.write("\n")
            return
        if done < total and now - self.shown < PAUSE:
            return
        self.shown = now
        left = (now - self.began) / done * (total - done) if done else 0
        rest = f", about {left:.0f} s left" if left >= 1 else ""
        self.text = f"{done:,} of {total:,} rehearsed{rest}".ljust(len(self.text))
        self.stream.write(f"\r{self.text}")
        self.stream.flush()
