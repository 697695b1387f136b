"""The learner's own copy of the lessons, which `lab` opens: nothing that they have written is ever overwritten.

A page that they have not saved since it was copied follows the original. Of another, a new original is put beside it
once, as "NAME (updated).ipynb", and both are theirs. Standard library only, like `environment`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from helpers import whole_file
from helpers.setup.environment import ROOT
from helpers.setup.installer import InstallError

ORIGINALS = ROOT / "notebooks"
USUAL = ROOT / "my-lessons"
RECORD = ".originals.json"
"""A file in the folder: of each original the hash that was last copied or offered, and whether the copy follows it."""

BARE = {"display_name", "language", "name"}
"""What JupyterLab leaves alone in the metadata of a notebook that nobody has run."""


@dataclass
class Known:
    """What is remembered of a file. seen: the hash of the original; follows: the copy was just that original."""

    seen: str
    follows: bool


def bring(folder: Path = USUAL) -> list[str]:
    """Copy the lessons into a folder that is made if need be, or bring the copies there up to date.

    Returns what there is to say about it, a sentence each. The folder of the originals itself is left as it is.
    Raises InstallError when the folder cannot be written.
    """
    if folder.resolve() == ORIGINALS.resolve():
        return []
    new = not folder.exists()
    said = [f"Your own copy of the lessons is in {folder}."] if new else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = _read(folder)
        originals = (path for path in sorted(ORIGINALS.rglob("*")) if path.is_file() and _is_of_the_lessons(path))
        for original in originals:
            name = original.relative_to(ORIGINALS)
            said += _bring_one(original, folder / name, known)
        _write(folder / RECORD, json.dumps({name: vars(one) for name, one in known.items()}, indent=1).encode())
    except OSError as error:
        raise InstallError(
            f"Your copy of the lessons cannot be kept in {folder} ({error.strerror or error}): name another folder "
            "with `lab --folder FOLDER`."
        ) from error
    return said


def _is_of_the_lessons(path: Path) -> bool:
    """Tell a page or a picture from what a learner or an editor has left in the folder of the originals."""
    inside = path.relative_to(ORIGINALS).parts
    return inside[0] == "images" or (len(inside) == 1 and path.suffix == ".ipynb")


def _bring_one(original: Path, mine: Path, known: dict[str, Known]) -> list[str]:
    name, content = original.relative_to(ORIGINALS).as_posix(), original.read_bytes()
    now, before = _hash(content), known.get(name)
    if mine.exists() and before and before.seen == now:
        return []
    if not mine.exists() or mine.read_bytes() == content:
        _write(mine, content)
        known[name] = Known(now, follows=_is_untouched(original, content))
        return []
    if before and before.follows and _hash(mine.read_bytes()) == before.seen:
        _write(mine, content)
        known[name] = Known(now, follows=_is_untouched(original, content))
        return [f"{mine.name} is brought up to date; you had not changed it."]
    known[name] = Known(now, follows=False)
    if mine.suffix != ".ipynb":
        return []
    beside = _unused(mine)
    _write(beside, content)
    return [f"There is a new version of {mine.name}: it is beside yours, as {beside.name}."]


def _is_untouched(original: Path, content: bytes) -> bool:
    """Tell whether an original is as it was published: JupyterLab leaves its traces in one that somebody has run."""
    if original.suffix != ".ipynb":
        return True
    try:
        notebook = json.loads(content)
        language = notebook["metadata"].get("language_info", {})
        return set(language) <= BARE and not any(cell.get("execution_count") for cell in notebook["cells"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _unused(mine: Path) -> Path:
    """Give a name beside a page that nothing has yet."""
    names = (mine.with_name(f"{mine.stem} (updated{f' {n}' if n > 1 else ''}){mine.suffix}") for n in range(1, 1000))
    return next(name for name in names if not name.exists())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(folder: Path) -> dict[str, Known]:
    """Read the record; without one, or with a damaged one, every copy counts as changed by the learner."""
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {name: Known(str(one["seen"]), one["follows"] is True) for name, one in kept.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write(file, content)
