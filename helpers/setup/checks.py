"""What the lessons stand on, looked at one by one, with the repair of what is wrong.

Nothing outside the standard library is imported before it is looked at, since a missing package is among the things to
be found.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from helpers.setup import environment

PATIENCE = 5.0
"""Seconds that one question to another program may take."""

_SETUP = "`python3 -m helpers setup`"
_NAMES = "`TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`"
_FRONT_ENDS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    name: what was looked at; state: how it is; says: one sentence about it, with commands in backticks;
    repair: what puts it right, likewise, when it is not OK or goes on waiting.
    """

    name: str
    state: Literal["ok", "not-ok", "waiting", "not-needed"]
    says: str
    repair: str | None = None


def diagnose(patience: float = PATIENCE) -> list[Finding]:
    """Look at everything the lessons stand on. Starts the sandbox when the lessons would; shows nothing.

    patience: seconds that one question to live Twilio may take.
    """
    return [
        _careful("Python", _python),
        _careful("Packages", _packages),
        _careful("Environment", _environment),
        _careful("Widgets", _widgets),
        _careful("Sandbox", _sandbox),
        _careful("Credentials", lambda: _credentials(patience)),
        _careful("Tunnel", _tunnel),
        _careful("Phones", lambda: _phones(patience)),
    ]


def _careful(name: str, look: Callable[[], Finding]) -> Finding:
    """Give what `look` finds; a check that fails is a finding as well."""
    try:
        return look()
    except ImportError as error:
        return Finding(name, "not-ok", f"Could not be checked: the package {error.name} is missing.", _reinstall())
    except Exception as error:
        return Finding(name, "not-ok", f"Could not be checked ({type(error).__name__}: {_brief(error)}).")


def _python() -> Finding:
    this = ".".join(str(part) for part in sys.version_info[:3])
    oldest = _project()["requires-python"].removeprefix(">=")
    says = f"This is Python {this}; the lessons need {oldest} or newer."
    if sys.version_info[:2] >= tuple(int(part) for part in oldest.split(".")):
        return Finding("Python", "ok", says)
    return Finding("Python", "not-ok", says, f"install a newer Python, and run {_SETUP} with it")


def _packages() -> Finding:
    from packaging.requirements import Requirement

    wrong = []
    lines = _project()["dependencies"] + _project("taskrouter_sandbox")["dependencies"]
    wanted = {line.name: line for line in map(Requirement, lines) if line.name != "taskrouter-sandbox"}.values()
    for requirement in wanted:
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version} and should be {requirement.specifier}")
    if wrong:
        return Finding("Packages", "not-ok", f"{_listed(wrong)}.", _reinstall())
    lab, twilio = metadata.version("jupyterlab"), metadata.version("twilio")
    return Finding("Packages", "ok", f"All {len(wanted)} are there, with JupyterLab {lab} and twilio {twilio}.")


def _environment() -> Finding:
    if copy := _copy_of_the_sandbox():
        return Finding(
            "Environment",
            "not-ok",
            f"{copy} is a copy of the sandbox that hides the one of this project.",
            f"`{sys.executable} -m pip uninstall taskrouter-sandbox`, then restart JupyterLab",
        )
    if environment.runs_in_venv():
        if not environment.STAMP.exists() or environment.is_current():
            return Finding("Environment", "ok", "This is the project's own .venv.")
        why = "The set-up of .venv did not reach its end."
        if not environment.is_unfinished():
            why = "The project asks for other packages than .venv was made with."
        return Finding("Environment", "not-ok", why, f"{_SETUP}, then restart JupyterLab")
    try:
        metadata.distribution("taskrouter-notebooks")
    except metadata.PackageNotFoundError:
        return Finding(
            "Environment",
            "not-ok",
            f"This is {sys.prefix}, where the project is not installed.",
            "close JupyterLab and open it with `python3 -m helpers lab`",
        )
    return Finding("Environment", "ok", f"This is {sys.prefix}, and the project is installed there.")


def _copy_of_the_sandbox() -> Path | None:
    """Find the folder that the sandbox is imported from, when that is not the one of this project."""
    found = importlib.util.find_spec("taskrouter_sandbox")
    folder = Path(found.origin).resolve().parent if found and found.origin else None
    return folder if folder != environment.ROOT / "taskrouter_sandbox" else None


def _widgets() -> Finding:
    import anywidget
    import ipywidgets
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    missing = [name for name in _FRONT_ENDS if not any((folder / name).is_dir() for folder in folders)]
    if missing:
        return Finding("Widgets", "not-ok", f"JupyterLab lacks its half of {_listed(missing)}.", _reinstall())
    return Finding(
        "Widgets",
        "ok",
        f"ipywidgets {ipywidgets.__version__} and anywidget {anywidget.__version__} are there; "
        "whether they reach the browser shows when `doctor()` runs in a notebook.",
    )


def _sandbox() -> Finding:
    import requests
    from twilio.base.exceptions import TwilioException

    from helpers import sandbox
    from helpers.connection import account, clients, greeting
    from helpers.errors import LessonError

    try:
        if account.current().mode == "live":
            return Finding("Sandbox", "not-needed", "The lessons talk to live Twilio.")
    except LessonError:
        return Finding("Sandbox", "not-needed", "Whether it is wanted depends on the credentials.")
    try:
        client = clients.connect(quiet=True)
        running = sandbox.ensure()
        unusual = greeting.unusual(running)
        if on := running.faults.descriptions():
            says = f"It answers at {running.url}, but faults are on: {'; '.join(on)}."
            return Finding("Sandbox", "not-ok", says, "run `from helpers import faults; faults.all_off()` in a cell")
        client.taskrouter.v1.workspaces.list(limit=1)
    except (LessonError, TwilioException, requests.RequestException) as error:
        return Finding("Sandbox", "not-ok", f"It does not answer: {_brief(error)}", "check again: that starts it anew")
    return Finding("Sandbox", "ok", " ".join([f"It answers at {running.url}.", *unusual]))


def _credentials(patience: float) -> Finding:
    import requests
    from twilio.base.exceptions import TwilioException

    from helpers.connection import account, clients, greeting
    from helpers.connection.error_messages import describe_error
    from helpers.errors import LessonError

    try:
        chosen = account.current()
    except LessonError as error:
        return Finding("Credentials", "not-ok", str(error), "correct them in the environment or in `.env`")
    if chosen.mode == "sandbox":
        says = greeting.about_unused_credentials() or ["The sandbox needs no credentials, and none are set."]
        return Finding("Credentials", "ok", f"The lessons use the sandbox. {says[0]}")
    who = f"{chosen.account_sid}, {chosen.key_in_words}"
    try:
        clients.live_client(chosen, patience).taskrouter.v1.workspaces.page(page_size=1)
    except TwilioException as error:
        says = f"Twilio refuses {who}: {_brief(describe_error(error).partition('. ')[0])}."
        return Finding("Credentials", "not-ok", says, f"compare {_NAMES} with what console.twilio.com shows")
    except requests.RequestException:
        says = f"Live Twilio cannot be reached, so {who} could not be tried."
        repair = (
            "check the internet connection, or set `TASKROUTER_LIVE=0`, where it is exported or else in `.env`, to "
            "work in the sandbox"
        )
        return Finding("Credentials", "not-ok", says, repair)
    return Finding("Credentials", "ok", f"LIVE: Twilio knows {who}. What you create there is real.")


def _tunnel() -> Finding:
    from helpers.connection import account, settings
    from helpers.errors import LessonError
    from helpers.tunnel import ngrok_agent

    try:
        chosen = account.current()
    except LessonError:
        return Finding("Tunnel", "not-needed", "Whether it is wanted depends on the credentials.")
    if chosen.mode == "sandbox":
        return Finding("Tunnel", "not-needed", "The sandbox is on this machine and calls back directly.")
    if not chosen.auth_token:
        says = "Only an API key is set, and Twilio signs its webhooks with the auth token."
        return Finding("Tunnel", "not-ok", says, "put `TWILIO_AUTH_TOKEN` beside the API key")
    if not settings.setting("NGROK_AUTHTOKEN"):
        return Finding(
            "Tunnel",
            "not-ok",
            "`NGROK_AUTHTOKEN` is not set, so Twilio has no way to reach your callback server.",
            "copy the token from dashboard.ngrok.com and put the line `NGROK_AUTHTOKEN=...` into `.env`",
        )
    try:
        there = ngrok_agent.find_program().is_file()
    except LessonError as error:
        says = str(error).partition(": let it name")[0].replace("NGROK_PATH", "`NGROK_PATH`", 1) + "."
        return Finding("Tunnel", "not-ok", says, "correct it, or leave it out: then the agent is fetched by itself")
    agent = "the ngrok agent is there" if there else "the ngrok agent is fetched when it is first used"
    return Finding("Tunnel", "ok", f"`NGROK_AUTHTOKEN` is set, and {agent}.")


def _phones(patience: float) -> Finding:
    from helpers.connection import account, clients
    from helpers.connection.error_messages import as_lesson_error
    from helpers.errors import LessonError
    from helpers.phone_numbers.agents import PHONES, phone_of
    from helpers.phone_numbers.number import find_number
    from helpers.phone_numbers.restoring import taken_numbers

    try:
        chosen = account.current()
    except LessonError:
        return Finding("Phones", "not-needed", "Whether real ones are wanted depends on the credentials.")
    if chosen.mode == "sandbox":
        return Finding("Phones", "not-needed", "The sandbox has a number, and its phones are simulated.")
    try:
        phones = {name: phone_of(name) for name in PHONES}
    except LessonError as error:
        return Finding("Phones", "not-ok", str(error), "correct it in `.env`, and restart the kernel")
    rings = [f"{name}'s phone is {phone}." for name, phone in phones.items() if phone]
    try:
        with as_lesson_error():
            client = clients.live_client(chosen, patience)
            number = find_number(client)
            taken = [one.phone_number for one in taken_numbers(client) if one.is_ours]
    except LessonError as error:
        return Finding("Phones", "not-needed", " ".join([f"Before notebook 04: {_brief(error)}", *rings]))
    says = [f"The lessons are called at {number.phone_number}.", *rings]
    if taken:
        says.append(
            f"The calls to {_listed(taken)} go to your server: `restore_number(client)` in a cell, or `python3 -m "
            "helpers clean-up`, lets them go where they went before."
        )
    return Finding("Phones", "ok", " ".join(says))


def _project(folder: str = ".") -> dict[str, Any]:
    return tomllib.loads((environment.ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _reinstall() -> str:
    if environment.runs_in_venv():
        return "`python3 -m helpers setup --fresh`, then restart JupyterLab"
    if environment.PYTHON.exists():
        return "open JupyterLab with `python3 -m helpers lab`"
    return f"{_SETUP}, or in a conda environment `pip install -e .`"


def _brief(error: Exception | str) -> str:
    """Put an error's own words on one line; the middle of a long text is left out."""
    words = " ".join(str(error).split())
    return words if len(words) <= 300 else f"{words[:140]} … {words[-140:]}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
