"""The code of the notebooks' cells, as it is committed."""

from __future__ import annotations

from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def source_of(name: str, cell_id: str) -> str:
    """Give the code of a cell of that notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return next(cell.source for cell in cells if cell.id == cell_id)
