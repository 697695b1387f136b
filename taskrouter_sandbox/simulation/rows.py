"""Rows of an answer: a list of data classes, and the same as what other libraries take."""

from __future__ import annotations

from dataclasses import asdict, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import RehearsalError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Row = TypeVar("Row", bound=DataclassInstance)
else:
    Row = TypeVar("Row")


class Rows(list[Row]):
    """A list of rows of one kind; `kind` is their data class."""

    def __init__(self, kind: type[Row], rows: list[Row]) -> None:
        super().__init__(rows)
        self.kind = kind

    def records(self) -> list[dict[str, Any]]:
        """Give a dictionary of each row: plain values, as JSON and `altair.Data(values=...)` take them."""
        return [asdict(each) for each in self]

    def columns(self) -> dict[str, list[Any]]:
        """Give a list of each column, by name, as data frames of any library are made of it."""
        return {each.name: [getattr(row, each.name) for row in self] for each in fields(self.kind)}

    def frame(self) -> Any:
        """Make a `pandas.DataFrame`. Raises RehearsalError where pandas is not installed."""
        return frame(self.columns())


def frame(columns: dict[str, Any]) -> Any:
    """Make a `pandas.DataFrame` of columns. Raises RehearsalError where pandas is not installed."""
    try:
        pandas: Any = import_module("pandas")
    except ImportError:
        text = "pandas is not installed: `pip install pandas`, or take .columns() or .records()"
        raise RehearsalError(text) from None
    return pandas.DataFrame(columns)
