"""Makes the project's own `.venv` from its locks, once, and hands over to the programs in it.

Standard library only: this runs on a machine where nothing has been installed yet.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from helpers.setup.installer import InstallError, install, quietly, run

__all__ = ["InstallError", "become", "is_current", "is_unfinished", "prepare", "runs_in_venv"]

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
"""What the lessons need."""

TEST_LOCK = ROOT / "requirements-test.lock"
"""What the tests need besides, and uv."""

VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "taskrouter-setup"
"""Holds the hash of each lock that `.venv` was made from, one a line, or UNFINISHED."""

UNFINISHED = "unfinished"

_LAB_DEFAULTS = {
    # Without this JupyterLab asks at its first start whether it may fetch news.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}

_COMMAND = "taskrouter-sandbox"


def prepare(*, tests: bool = False, fresh: bool = False) -> bool:
    """Make sure that `.venv` holds what the lock asks for. Returns False when it did already.

    A set-up that was cut short is made again from nothing: half a package looks like a whole one to an installer.
    A `.venv` that somebody made by other means is kept and brought in line.

    tests: with what the tests need.
    fresh: throw `.venv` away first.
    Raises InstallError.
    """
    if not fresh and is_current(tests=tests):
        return False
    if runs_in_venv():  # its Python must not be replaced from under this process
        become([getattr(sys, "_base_executable", sys.executable), "-m", "helpers", *sys.argv[1:]])
    started = time.monotonic()
    try:
        with _one_at_a_time():
            if not fresh and is_current(tests=tests):
                return False  # somebody else has just finished the same work
            _make([LOCK, TEST_LOCK] if tests else [LOCK], fresh)
    except OSError as error:
        reason = error.strerror or error
        raise InstallError(f"{VENV} cannot be written ({reason}); put that right and try again.") from error
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)
    return True


def is_current(*, tests: bool = False) -> bool:
    """Tell whether `.venv` was made from the lock as it is now; with `tests`, from that of the tests too."""
    wanted = {_hash(LOCK), _hash(TEST_LOCK)} if tests else {_hash(LOCK)}
    return PYTHON.exists() and wanted <= set(_stamp().split())


def is_unfinished() -> bool:
    """Tell whether a set-up of `.venv` was begun that did not reach its end."""
    return _stamp() == UNFINISHED


def runs_in_venv() -> bool:
    """Tell whether the Python that runs this is the one of `.venv`."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def become(command: Sequence[str], environment: Mapping[str, str] | None = None) -> NoReturn:
    """Replace this process by `command`, in the project's folder and with `.venv` first on the path.

    environment: variables to set besides. Windows cannot replace a process: there this one waits, and exits alike.
    """
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)])
    variables = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), **(environment or {})}
    os.chdir(ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execve(command[0], list(command), variables)
    process = subprocess.Popen(command, env=variables)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the program gets it as well, and decides
            sys.exit(process.wait())


def _make(locks: Sequence[Path], fresh: bool) -> None:
    if VENV.exists() and (fresh or is_unfinished() or (STAMP.exists() and not PYTHON.exists())):
        shutil.rmtree(VENV)
    new = not VENV.exists()
    if not new and not _has_a_good_python():
        raise InstallError(f"{VENV} holds no Python that works here; remove it and run this command again.")
    VENV.mkdir(exist_ok=True)
    STAMP.write_text(UNFINISHED)
    if new:
        print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "The folder .venv could not be made")
    print(f"Installing the packages of {' and '.join(lock.name for lock in locks)} ...", flush=True)
    install(locks, PYTHON, uv_lock=TEST_LOCK)
    _make_importable()
    _write_command()
    _write_lab_defaults()
    STAMP.write_text("\n".join(_hash(lock) for lock in locks))


def _has_a_good_python() -> bool:
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and quietly([PYTHON, "-c", code])[0] == 0


def _make_importable() -> None:
    """Let every program of `.venv` import this project. The way is relative, so that the folder can be moved."""
    code = "import sysconfig; print(ascii(sysconfig.get_path('purelib')))"
    packages = Path(ast.literal_eval(quietly([PYTHON, "-c", code])[1]))
    way = os.path.relpath(ROOT, packages) + "\n"
    (packages / "taskrouter_notebooks.pth").write_text(way, encoding="ascii")


def _write_command() -> None:
    """Write `taskrouter-sandbox` as an installed sandbox would have it, but with a relative way to its Python."""
    if os.name == "nt":
        (SCRIPTS / f"{_COMMAND}.cmd").write_text('@"%~dp0python.exe" -m taskrouter_sandbox %*\n')
        return
    command = SCRIPTS / _COMMAND
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m taskrouter_sandbox "$@"\n')
    command.chmod(0o755)


def _write_lab_defaults() -> None:
    folder = VENV / "etc/jupyter/labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "default_setting_overrides.json").write_text(json.dumps(_LAB_DEFAULTS, indent=2) + "\n")


def _hash(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _stamp() -> str:
    try:
        return STAMP.read_text().strip()
    except OSError:
        return ""


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold off a second set-up of the same folder. The lock is held on a file that is always there."""
    with LOCK.open() as file:
        with contextlib.suppress(ImportError, OSError):  # not on Windows, not on every network disk
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
