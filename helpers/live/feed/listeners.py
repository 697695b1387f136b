"""Who is told of what a feed has learned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class ErrorListener(Protocol):
    """Somebody who is told of failures too."""

    def on_error(self, error: Exception) -> None:
        """Say that something has failed."""


L = TypeVar("L", bound=ErrorListener)


class Listeners(Generic[L]):
    """The views of a feed. Told on any thread."""

    def __init__(self) -> None:
        self._all: list[L] = []

    def __iter__(self) -> Iterator[L]:
        return iter(tuple(self._all))

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, listener: L) -> None:
        """Tell this one from now on."""
        self._all.append(listener)

    def remove(self, listener: L) -> bool:
        """Tell this one no more; returns whether it was told so far."""
        known = listener in self._all
        if known:
            self._all.remove(listener)
        return known

    def tell(self, tell: Callable[[L], object], those: Iterable[L] | None = None) -> None:
        """Call `tell` with each of them; one that fails says so, and does not stop the others.

        those: these only.
        """
        for listener in self if those is None else those:
            try:
                tell(listener)
            except Exception as error:
                listener.on_error(error)

    def tell_error(self, error: Exception) -> None:
        """Tell all of them that something has failed."""
        self.tell(lambda listener: listener.on_error(error))
