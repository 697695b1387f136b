"""Settings, and where they stand: in the environment, in the project's own `.env`, in a `.env` of another folder.

Credentials are wanted only where they were put for these lessons: in the project's own `.env`, or anywhere with
`TASKROUTER_LIVE=1`. Many people have those of a real account exported for another purpose.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values, find_dotenv

from helpers.errors import LessonError

PROJECT = Path(__file__).resolve().parents[2]
LIVE = "TASKROUTER_LIVE"
"""The setting that asks for live Twilio (1) or for the sandbox (0), whatever credentials there are."""

CREDENTIALS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_KEY_SECRET")
_YES_OR_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Source:
    """A place where settings stand. `place`: its name in a sentence; `values`: those that are not empty."""

    place: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def credentials(self) -> list[str]:
        """The names of the credentials that stand here."""
        return [name for name in CREDENTIALS if name in self.values]


def setting(name: str) -> str | None:
    """Read a setting that is no credential: from the environment, the project's `.env`, or a `.env` above this folder.

    An empty value counts as not set; in the environment it also hides what a `.env` says.
    """
    return next((source.values[name] for source in _everywhere() if name in source.values), None)


def wants_live() -> bool | None:
    """Tell what TASKROUTER_LIVE asks for; None when it is set neither in the environment nor in the project's `.env`.

    Raises LessonError when it is neither yes nor no.
    """
    source = _source_of_live()
    if source is None:
        return None
    value = source.values[LIVE]
    if value.lower() not in _YES_OR_NO:
        raise LessonError(f"{LIVE} is {value!r}: write 1 for live Twilio, or 0 for the sandbox.")
    return _YES_OR_NO[value.lower()]


def source_of_credentials() -> Source | None:
    """Find the place whose credentials count; None for the sandbox. What stands in several places is not mixed.

    Raises LessonError when TASKROUTER_LIVE asks for an account and there are no credentials, or makes no sense.
    """
    wanted = wants_live()
    if wanted is False:
        return None
    sources = _own_files()
    if wanted:
        asking = _source_of_live()
        environment, nearest = _environment(), _nearest_file()
        sources = [environment, *sources, *nearest] if asking == environment else [*sources, environment, *nearest]
    found = next((source for source in sources if source.credentials), None)
    if wanted and found is None:
        raise LessonError(
            f"{LIVE} asks for live Twilio, but there are no credentials: put TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN "
            f"into {PROJECT / '.env'}, or take {LIVE} away to work in the sandbox; then restart the kernel."
        )
    return found


def unused_credentials() -> Source | None:
    """Find credentials that are there and do not count, for the sandbox is used; None when there are none."""
    if source_of_credentials() is not None:
        return None
    return next((source for source in _everywhere() if source.credentials), None)


def _source_of_live() -> Source | None:
    return next((source for source in (_environment(), *_own_files()) if LIVE in source.values), None)


def _everywhere() -> list[Source]:
    return [_environment(), *_own_files(), *_nearest_file()]


def _environment() -> Source:
    return Source("the environment", {name: value.strip() for name, value in os.environ.items() if value.strip()})


def _own_paths() -> list[Path]:
    return [PROJECT / folder / ".env" for folder in ("my-lessons", "notebooks", ".")]


def _own_files() -> list[Source]:
    """Read the `.env` beside the notebooks, and the one in the project's folder."""
    return [_file(path) for path in _own_paths() if path.is_file()]


def _nearest_file() -> list[Source]:
    """Read the `.env` of this folder or of the nearest one above, unless it is the project's own."""
    path = Path(find_dotenv(usecwd=True) or "/")
    return [_file(path)] if path.is_file() and path.resolve() not in {one.resolve() for one in _own_paths()} else []


def _file(path: Path) -> Source:
    read = dotenv_values(path)
    hidden = {name for name, value in os.environ.items() if not value.strip()}
    values = {name: value.strip() for name, value in read.items() if value and value.strip() and name not in hidden}
    return Source(str(path), values)
