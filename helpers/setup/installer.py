"""Installs a lock into `.venv`: with uv, which pip fetches for the time being, or else with pip itself.

Standard library only, like `environment`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def install(locks: Sequence[Path], python: Path, *, uv_lock: Path) -> None:
    """Install what `locks` ask for, checked by its hashes.

    python: the Python of the environment to install into.
    uv_lock: the lock that names uv.
    Raises InstallError.
    """
    pip = _pip(python)
    if not _install_with_uv(locks, python, uv_lock, pip):
        print("uv could not do it here, so pip does, which takes longer ...", flush=True)
        run([*pip, "install", "--no-user", *_requirements(locks)], "The packages could not be installed")


def uv_environment(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Translate pip's settings into variables for uv, which does not read pip's configuration.

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


def variables_for_uv(pip: Sequence[str | Path]) -> dict[str, str]:
    """Give the variables of this process, with those that send uv where `pip` asks."""
    _, pip_config = quietly([*pip, "config", "list"])
    return {**os.environ, **uv_environment(pip_config, os.environ)}


def run(
    command: Sequence[str | Path], trouble: str, *, cwd: Path | None = None, variables: Mapping[str, str] | None = None
) -> None:
    """Run a command that has to succeed. Raises InstallError, which begins with `trouble`."""
    code, said = quietly(command, cwd=cwd, variables=variables)
    if code:
        last = next((line for line in reversed(said.splitlines()) if line.strip()), f"exit code {code}")
        print(said, file=sys.stderr)
        raise InstallError(f"{trouble}: {last.strip()} (is this machine online?)")


def quietly(
    command: Sequence[str | Path], *, cwd: Path | None = None, variables: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command without showing what it prints. Returns its exit code and its output."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        env=variables,
    )
    return done.returncode, done.stdout


def locked(package: str, lock: Path) -> str:
    """Give the lines of a lock about one package, its hashes with it."""
    lines, inside = [], False
    for line in lock.read_text().splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith(f"{package}==")
        if inside and not line.lstrip().startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _requirements(locks: Sequence[Path]) -> list[str]:
    return ["--require-hashes", *(word for lock in locks for word in ("-r", str(lock)))]


def _pip(python: Path) -> list[str]:
    """Find the command of a pip that installs for `python`: this Python's, or else one that is put there first."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    if quietly([python, "-m", "ensurepip"])[0]:
        raise InstallError("This Python has no pip; install it first (apt install python3-venv).")
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def _install_with_uv(locks: Sequence[Path], python: Path, uv_lock: Path, pip: list[str]) -> bool:
    """Install `locks` with uv, which is fetched for this purpose alone. Returns whether that went well."""
    with tempfile.TemporaryDirectory(prefix="uv-", dir=python.parent.parent) as name:
        folder = Path(name)
        only_uv = folder / "uv.txt"
        only_uv.write_text(locked("uv", uv_lock))
        quietly([*pip, "install", "--no-user", "--target", folder, "--require-hashes", "-r", only_uv])
        uv = next(filter(Path.is_file, (folder / "bin/uv", folder / "bin/uv.exe", folder / "Scripts/uv.exe")), None)
        if uv is None:
            return False
        return _show_downloads([uv, "pip", "install", "--python", python, *_requirements(locks)], variables_for_uv(pip))


def _show_downloads(command: Sequence[str | Path], variables: Mapping[str, str]) -> bool:
    """Run uv, and print what it downloads as it happens; all it says when it fails. Returns whether it succeeded."""
    said = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", env=variables) as uv:
        assert uv.stderr is not None
        for line in uv.stderr:
            said.append(line)
            if line.startswith(("Downloading", " Downloaded")):
                print(" ", line.strip(), flush=True)
    if uv.returncode:
        print("".join(said), file=sys.stderr, flush=True)
    return uv.returncode == 0
