"""The run file of a data folder: where its sandbox is found. The sandbox writes it, who looks for one reads it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from . import private_file
from .code_version import SOURCE, __version__, fingerprint, fingerprint_on_disk

NAME = "run.json"
LAST_PORT = "last-port"


class RunFile(msgspec.Struct, frozen=True):
    """What a run file says of a sandbox; `source`, `version` and `data` were not in it once.

    code: fingerprint of its source files; source: their folder; version: of the package; data: the data folder.
    """

    url: str
    pid: int
    code: str
    account_sid: str
    auth_token: str
    source: str = ""
    version: str = ""
    data: str = ""

    def __repr__(self) -> str:
        """Show no secret."""
        return f"RunFile({self.url!r}, {self.pid})"

    @property
    def is_current(self) -> bool:
        """Tell whether the sandbox may be used as it is.

        An earlier state of this code may not; a later one may, where this program began before an update. Another
        checkout's may, as long as the version is the same: two that are used at once would else stop each other's by
        turns.
        """
        elsewhere = self.source not in ("", str(SOURCE))
        if self.code == fingerprint() or (elsewhere and self.version == __version__):
            return True
        return self.code == fingerprint_on_disk()


def read(folder: Path) -> RunFile | None:
    """Read which sandbox runs on a folder; None for a file that is not there, not as it should be, or of a folder of
    which this one is a copy."""
    try:
        said = msgspec.json.decode((folder / NAME).read_bytes(), type=RunFile)
    except (OSError, ValueError):
        return None
    return None if _is_elsewhere(said.data, folder) else said


def _is_elsewhere(data: str, folder: Path) -> bool:
    """Tell whether another folder is there under that name. A container may have another name for the same one."""
    try:
        return not os.path.samefile(data, folder)
    except (OSError, ValueError):
        return False


def write(folder: Path, url: str, account_sid: str, auth_token: str) -> None:
    """Say where this process answers, for this user alone, and remember its port. Raises OSError."""
    data = str(folder.resolve()).encode(errors="replace").decode()
    said = RunFile(url, os.getpid(), fingerprint(), account_sid, auth_token, str(SOURCE), __version__, data)
    private_file.write(folder / NAME, msgspec.json.encode(said))
    private_file.write(folder / LAST_PORT, str(urlsplit(url).port).encode())


def last_port(folder: Path) -> int:
    """Give the port that the last sandbox of a folder had; 0 where none is known."""
    try:
        port = int((folder / LAST_PORT).read_text("ascii"))
    except (OSError, ValueError):
        return 0
    return port if 1024 <= port <= 65_535 else 0


def remove(folder: Path) -> None:
    """Remove this process's run file; another's stays, which may have begun in a folder that was made anew."""
    said = read(folder)
    if said is not None and said.pid == os.getpid():
        with suppress(OSError):
            (folder / NAME).unlink()
