"""The token of a data folder, which nobody else knows: made at its first start, used where no other is given."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

from . import private_file

NAME = "auth-token"
MOST_BYTES = 1_000
FEWEST_CHARACTERS = 16  # of a token that others may try to guess

NEW = "the sandbox has a new token, which `taskrouter-sandbox status --show-token` shows"

log = logging.getLogger(__name__)


class Unreadable(Exception):
    """A token file is there and cannot be read. The message says why."""


def new() -> str:
    """Make a token as Twilio's are: 32 hexadecimal digits, at random."""
    return os.urandom(16).hex()


def read(folder: Path) -> str | None:
    """Read the token of a folder; None where there is none yet, or none that can be used."""
    try:
        return _read(folder / NAME).token
    except OSError:
        return None


def ensure(folder: Path) -> str:
    """Give the token of a folder, and make one where there is none, or one that is no secret any more.

    folder: held by this process alone. Raises Unreadable, and OSError where a new one cannot be kept.
    """
    path = folder / NAME
    try:
        kept = _read(path)
    except FileNotFoundError:
        return _renewed(path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    if kept.token is None:
        log.warning("%s held no token: %s", path, NEW)
        return _renewed(path)
    if kept.is_private:
        return kept.token
    token = _renewed(path)
    if not private_file.is_private(path.stat()):  # this file system keeps no modes
        private_file.write(path, kept.token.encode())
        return kept.token
    log.warning("other people could read %s: %s", path, NEW)
    return token


class _Kept(NamedTuple):
    token: str | None
    is_private: bool


def _read(path: Path) -> _Kept:
    """Read what a file holds, None for what is no token. Raises OSError."""
    with open(path, "rb", opener=_open) as file:
        text = file.read(MOST_BYTES).strip()
        token = text.decode() if re.fullmatch(rb"[!-~]{%d,}" % FEWEST_CHARACTERS, text) else None
        return _Kept(token, private_file.is_private(os.fstat(file.fileno())))


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe that stands there would never answer


def _renewed(path: Path) -> str:
    token = new()
    private_file.write(path, token.encode())
    return token
