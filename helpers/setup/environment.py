"""Makes the project's own `.venv` from `requirements.lock`, once, and hands over to the programs in it.

Standard library only: this runs on a machine where nothing has been installed yet.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "taskrouter-setup"
"""Holds the hash of the lock that `.venv` was made from, or UNFINISHED."""

UNFINISHED = "unfinished"

_LAB_DEFAULTS = {
    # Without this JupyterLab asks at its first start whether it may fetch news.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}

_UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
"""pip's settings, and the variable in which uv expects each."""


class InstallError(Exception):
    """The set-up cannot go on. The message is one sentence with the next step."""


def prepare(*, fresh: bool = False) -> bool:
    """Make sure that `.venv` holds exactly what the lock asks for. Returns False when it did already.

    A set-up that was cut short is made again from nothing: half a package looks like a whole one to an installer.
    A `.venv` that somebody made by other means is kept and brought in line.

    fresh: throw `.venv` away first.
    Raises InstallError.
    """
    if not fresh and is_current():
        return False
    if runs_in_venv():  # its Python must not be replaced from under this process
        become([sys._base_executable, "-m", "helpers", *sys.argv[1:]])
    started = time.monotonic()
    try:
        with _one_at_a_time():
            if not fresh and is_current():
                return False  # somebody else has just finished the same work
            _make(fresh)
    except OSError as error:
        reason = error.strerror or error
        raise InstallError(f"{VENV} cannot be written ({reason}); put that right and try again.") from error
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)
    return True


def is_current() -> bool:
    """Whether `.venv` was made from the lock as it is now."""
    return PYTHON.exists() and _stamp() == _lock_hash()


def is_unfinished() -> bool:
    """Whether a set-up of `.venv` was begun that did not reach its end."""
    return _stamp() == UNFINISHED


def runs_in_venv() -> bool:
    """Whether the Python that runs this is the one of `.venv`."""
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
    import subprocess

    process = subprocess.Popen(command, env=variables)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the program gets it as well, and decides
            sys.exit(process.wait())


def uv_environment(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What uv must be told so that it asks where pip asks: uv does not read pip's configuration.

    pip_config: what `pip config list` prints.
    environment: the present variables; one that is set already is left to uv as it is.
    """
    settings: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # each outweighs the one before
        for line in pip_config.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(f"{section}."):
                with contextlib.suppress(ValueError, SyntaxError):
                    settings[name[len(section) + 1 :]] = str(ast.literal_eval(value))
    told = {"UV_SYSTEM_CERTS": "true"}  # as pip does: a certificate that this machine trusts is good
    for name, variable in _UV_NAMES.items():
        if value := settings.get(name, "").strip():
            separator = "," if variable == "UV_FIND_LINKS" else " "
            told[variable] = separator.join(value.split()) if name != "cert" else value
    if "UV_INDEX" in told:
        told["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # pip's own way; the lock's hashes make it safe
    return {name: value for name, value in told.items() if name not in environment}


def _make(fresh: bool) -> None:
    if VENV.exists() and (fresh or is_unfinished() or (STAMP.exists() and not PYTHON.exists())):
        shutil.rmtree(VENV)
    new = not VENV.exists()
    if not new and not _has_a_good_python():
        raise InstallError(f"{VENV} holds no Python that works here; remove it and run this command again.")
    VENV.mkdir(exist_ok=True)
    STAMP.write_text(UNFINISHED)
    if new:
        print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "The folder .venv could not be made")
    print("Installing the packages of requirements.lock ...", flush=True)
    pip = _pip()
    if not _install_with_uv(pip):
        print("uv could not do it here, so pip does, which takes longer ...", flush=True)
        install = [*pip, "install", "--no-user", "--require-hashes", "-r", str(LOCK)]
        _run(install, "The packages could not be installed")
    _make_importable()
    _write_lab_defaults()
    STAMP.write_text(_lock_hash())


def _has_a_good_python() -> bool:
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and _quietly([PYTHON, "-c", code])[0] == 0


def _pip() -> list[str]:
    """The command of a pip that installs into `.venv`: this Python's, or else one that is put there first."""
    import importlib.util

    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON), "--disable-pip-version-check"]
    if _quietly([PYTHON, "-m", "ensurepip"])[0]:
        raise InstallError("This Python has no pip; install it first (apt install python3-venv).")
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]


def _install_with_uv(pip: list[str]) -> bool:
    """Install the lock with uv, which pip fetches. Returns whether that went well."""
    import subprocess

    only_uv = VENV / "only-uv.txt"
    only_uv.write_text(_entry("uv"))
    missing, _ = _quietly([*pip, "install", "--no-user", "--require-hashes", "-r", only_uv])
    only_uv.unlink()
    if missing:
        return False
    _, pip_config = _quietly([*pip, "config", "list"])
    command = [SCRIPTS / "uv", "pip", "install", "--python", PYTHON, "--require-hashes", "-r", LOCK]
    variables = {**os.environ, **uv_environment(pip_config, os.environ)}
    said = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", env=variables) as uv:
        for line in uv.stderr:
            said.append(line)
            if line.startswith(("Downloading", " Downloaded")):
                print(" ", line.strip(), flush=True)
    if uv.returncode:
        print("".join(said), file=sys.stderr, flush=True)
    return uv.returncode == 0


def _make_importable() -> None:
    """Let every program of `.venv` import `helpers`. The way is relative, so that the folder can be moved."""
    code = "import sysconfig; print(ascii(sysconfig.get_path('purelib')))"
    packages = Path(ast.literal_eval(_quietly([PYTHON, "-c", code])[1]))
    way = os.path.relpath(ROOT, packages) + "\n"
    (packages / "taskrouter_notebooks.pth").write_text(way, encoding="ascii")


def _write_lab_defaults() -> None:
    folder = VENV / "etc/jupyter/labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "default_setting_overrides.json").write_text(json.dumps(_LAB_DEFAULTS, indent=2) + "\n")


def _lock_hash() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _entry(package: str) -> str:
    """The lines of the lock about one package, its hashes with it."""
    lines, inside = [], False
    for line in LOCK.read_text().splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith(f"{package}==")
        if inside and not line.lstrip().startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _stamp() -> str | None:
    try:
        return STAMP.read_text().strip()
    except OSError:
        return None


def _run(command: list[str], trouble: str) -> None:
    code, said = _quietly(command)
    if code:
        last = next((line for line in reversed(said.splitlines()) if line.strip()), f"exit code {code}")
        print(said, file=sys.stderr)
        raise InstallError(f"{trouble}: {last.strip()} (is this machine online?)")


def _quietly(command: Sequence[str | Path]) -> tuple[int, str]:
    """Run a command and keep what it says to ourselves. Returns its exit code and its words."""
    import subprocess

    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold off a second set-up of the same folder. The lock is held on a file that is always there."""
    with LOCK.open() as file:
        with contextlib.suppress(ImportError, OSError):  # not on Windows, not on every network disk
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
