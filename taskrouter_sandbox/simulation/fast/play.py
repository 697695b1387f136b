"""A day in the fast engine: the kernel on the tables of a workspace."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import numpy as np
from filelock import FileLock

from ..columns import TYPES, Columns, columns_of
from ..draws import Draws
from ..habits import NEVER, Habits
from ..pool import stream
from .compiled import numba
from .kernel import advance
from .layout import ARRAYS, COLUMNS, GROWING, ROOM, STATE, TOLD_OF_TASKS
from .outcome import tell
from .tables import NotHeldError, Tables

EVENTS_AT_A_TIME = 1_000_000
MOST_LEFT, MOST_ROOMS = 1 << 25, 4  # bytes that a day leaves to the next ones, and of how many days at most
IS_OVER, GOES_ON, NEEDS_ROOM = range(3)
CHANGED = ("classes", "supplies", "queues", "workers", "channels")  # the tables in which a day writes


def get_ready(*, says: bool) -> None:
    """Compile the kernel, or load what was compiled before. says: tells what takes so long."""
    kernel, outcome = cast("tuple[Any, Any]", (advance, tell))
    if kernel.signatures and outcome.signatures:
        return
    over = Event()
    telling = Thread(target=_tell, args=(over,), daemon=True)
    if says:
        telling.start()
    try:
        with alone(kernel.stats.cache_path):
            states, columns = (numba.types.Array(numba.from_dtype(each), 1, "C") for each in (STATE, COLUMNS))
            # by their arguments alone, as a call does: a signature with what comes back is kept apart from that
            kernel.compile((states, numba.int64))
            outcome.compile((states, columns, numba.boolean))
    finally:
        over.set()
        if says:
            telling.join()


def alone(folder: str | None) -> AbstractContextManager[object]:
    """Keep other processes from compiling the same for as long: they load what this one has kept in the folder."""
    if folder is None:
        return nullcontext()
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return FileLock(Path(folder) / "compiling.lock").acquire()
    except OSError:  # a folder that is only read: nothing will be kept there
        return nullcontext()


def _tell(over: Event) -> None:
    """Say that the kernel is compiled, for how long, and in the end how long it took, when it is not merely loaded."""
    began, out, was_told = time.monotonic(), stream(), False
    text = "\rThe fast engine {} compiled, once for each version of it, or loaded: {:.0f} s {}"
    wait = 2.0  # loading takes less
    while not over.wait(wait):
        wait, was_told = 0.5, True
        out.write(text.format("is", time.monotonic() - began, "so far"))
        out.flush()
    if was_told:
        out.write(text.format("was", time.monotonic() - began, "in all\n"))


def play(tables: Tables, draws: Draws) -> Columns:
    """Play a day until the last task of it has ended, and tell what came of each.

    Raises NotHeldError when more happens in one millisecond than there is room for.
    """
    get_ready(says=False)  # in another process than the one in which the engine was chosen
    day = _Memory(tables, draws)
    while (said := advance(day.state, EVENTS_AT_A_TIME)) != IS_OVER:
        if said == NEEDS_ROOM:
            day.grow()
        elif said != GOES_ON:
            raise NotHeldError(f"more than {ROOM:,} reservations or steps in one millisecond")
    return day.columns()


_rooms: list[dict[str, Any]] = []
"""Arrays of days that are over, for the next days: memory that is new to a process costs it more than what it does."""


class _Memory:
    """The arrays of a day, and its state, which has their addresses."""

    def __init__(self, tables: Tables, draws: Draws) -> None:
        self.tables, self.draws = tables, draws
        self.state = np.zeros(1, STATE)
        self.arrays: dict[str, Any] = {}
        try:
            self.rooms = _rooms.pop()
        except IndexError:
            self.rooms = {}
        for name, array in tables.arrays.items():
            self._put(name, array.copy() if name in CHANGED else array)
        for name in ("kind", "number", "at", "talk", "wrap_up", "patience"):
            self._put(name, getattr(draws, name))
        self._put_habits(draws.habits)
        self.arrays["classes"]["key"] = draws.keys
        if (draws.habits.back != NEVER).any():
            self.arrays["workers"]["back_key"] = [draws.back_key(name) for name in tables.names.workers]
        size, lines, workers = draws.at.size, self._size("lines"), self._size("workers")
        self._put("roots", np.full(lines + self._size("supplies"), -1, np.int64))
        lifetimes = np.zeros(len(tables.lifetimes), ARRAYS["lifetimes"])
        lifetimes["lifetime"] = tables.lifetimes
        self._put("lifetimes", lifetimes)
        offers = int(self.arrays["channels"]["capacity"].clip(max=50).sum()) + ROOM
        rooms = {
            "tasks": size,
            "nodes": size + self._size("edges"),
            "reservations": size + size // 16,
            "steps": size + size // 4,
            "failures": 0,
            "events": 0,
            "answers": 1 << offers.bit_length(),
            "entered": offers,
            "again": offers,
            "freed": workers,
            "turns": workers + offers,
            "chosen": workers,
            "asked": workers,
        }
        for name, room in rooms.items():
            self._put(name, self._room(name, room + (2 * ROOM if name in GROWING else 0)))
        self.arrays["nodes"]["inside"] = 0
        self._set("hangs_up", -1)
        self._set("is_multitasking", tables.is_multitasking)
        self._set("timeout_activity", tables.timeout_activity)
        self._set("activities", self._size("is_available"))
        self._set("channels_each", self.arrays["channels"].shape[1])

    def _put_habits(self, habits: Habits) -> None:
        self._put("tables", habits.tables)
        answers, paces = np.empty(habits.after.shape, ARRAYS["habits"]), np.empty(habits.back.shape, ARRAYS["paces"])
        answers["after"], answers["reject"] = habits.after, habits.reject
        answers["reject_or_let"] = habits.reject + habits.let_time_out
        at_once: Any = ~habits.tables.any(axis=1)
        answers["always_accepts"] = (answers["reject_or_let"] == 0) & at_once[habits.after]
        for name in ("back", "talk", "wrap_up", "talk_factor", "wrap_up_factor"):
            paces[name] = getattr(habits, name)
        own = [habits.talk != NEVER, habits.wrap_up != NEVER, habits.talk_factor != 1, habits.wrap_up_factor != 1]
        paces["is_that_of_class"] = ~np.any(own, axis=0)
        self._put("habits", answers)
        self._put("paces", paces)
        self.arrays["workers"]["habit"] = [habits.of(name) for name in self.tables.names.workers]

    def _put(self, name: str, array: Any) -> None:
        assert array.flags.c_contiguous
        assert array.dtype.itemsize == ARRAYS[name].itemsize
        self.arrays[name] = array
        self._set(name, array.ctypes.data)
        self._set(f"{name}_size", array.size)

    def _set(self, name: str, value: float) -> None:
        self.state[name][0] = value

    def _size(self, name: str) -> int:
        return int(self.arrays[name].size)

    def _room(self, name: str, size: int) -> Any:
        """Give an array of so many records that are not set."""
        room = self.rooms.get(name)
        if room is None or room.size < size:
            room = self.rooms[name] = np.empty(size, ARRAYS[name])
        return room[:size]

    def grow(self) -> None:
        """Make room where there is little."""
        for name in GROWING:
            array, used = self.arrays[name], int(self.state[f"{name}_used"][0])
            if used + ROOM > array.size:
                larger = self.rooms[name] = np.empty(used + used // 2 + 4 * ROOM, array.dtype)
                larger[:used] = array[:used]
                self._put(name, larger)

    def columns(self) -> Columns:
        """Give the columns of a day that is over; its arrays go to another day, unless they are many bytes."""
        tasks, steps, offers = (int(self.state[n][0]) for n in ("tasks_size", "steps_used", "reservations_used"))
        are_left = sum(room.nbytes for room in self.rooms.values()) <= MOST_LEFT
        if not are_left:
            del self.arrays["nodes"], self.rooms["nodes"]
        found = self._told({name: tasks + (name == "step_from") for name in TOLD_OF_TASKS}, of_tasks=True)
        if not are_left:
            del self.arrays["tasks"], self.rooms["tasks"]
        sizes = {"step_at": steps, "step_place": steps, "offer_at": offers, "offer_worker": offers}
        found |= self._told(sizes, of_tasks=False)
        self.arrays.clear()
        if are_left and len(_rooms) < MOST_ROOMS:
            _rooms.append(self.rooms)
        return columns_of(self.draws, self.tables.names, **found)

    def _told(self, sizes: dict[str, int], *, of_tasks: bool) -> dict[str, Any]:
        """Give columns of these sizes."""
        columns = {name: np.empty(size, TYPES[name]) for name, size in sizes.items()}
        addresses = np.zeros(1, COLUMNS)
        for name, column in columns.items():
            addresses[name] = column.ctypes.data
        tell(self.state, addresses, of_tasks)
        return columns
