"""What `connect` and the doctor say of the TaskRouter that is used: which one it is, and what is not as usual there."""

from __future__ import annotations

import os
import sys

from helpers import sandbox
from helpers.connection import settings
from helpers.connection.account import Account
from helpers.connection.error_messages import ONLY_AN_API_KEY
from helpers.lines import in_lines
from taskrouter_sandbox.code_version import SOURCE


def about_live(account: Account) -> list[str]:
    """Say, a sentence a line, that calls go to a live account, which one, and how to return to the sandbox."""
    details = [account.key_in_words]
    details += [f"{name} {value}" for name, value in (("region", account.region), ("edge", account.edge)) if value]
    told = [
        f"{_loud(' LIVE ')} You are talking to live Twilio, account {account.account_sid} "
        f"({', '.join(details)}), with the credentials in {account.place}.",
        "What you create here is real. To go back to the sandbox, take the credentials away or set "
        f"{settings.LIVE}=0, and restart the kernel.",
    ]
    if not account.auth_token:
        told.append(f"{ONLY_AN_API_KEY}.")
    return told


def about_sandbox(running: sandbox.LessonSandbox) -> list[str]:
    """Say, a sentence a line, that calls go to the sandbox, and what is not as usual there."""
    told = [
        f"You are talking to the sandbox on this machine ({running.url}).",
        "No account is needed and nothing leaves this machine.",
        *about_unused_credentials(),
    ]
    if on := running.faults.descriptions():
        told.append(f"Faults are on: {'; '.join(on)}. `faults.all_off()`, from helpers, takes them back.")
    return [*told, *(in_lines(one, indent=2) for one in unusual(running))]


def about_unused_credentials() -> list[str]:
    """Say, in at most one sentence, which credentials are there and not used, and how to use them."""
    source = settings.unused_credentials()
    if source is None:
        return []
    names = " and ".join(source.credentials)
    verb, them = ("is", "it") if len(source.credentials) == 1 else ("are", "them")
    if settings.wants_live() is False:
        return [f"{names} (in {source.place}) {verb} not used, since {settings.LIVE} asks for the sandbox."]
    return [
        f"{names} (in {source.place}) {verb} not used: to work on that account, put {them} into "
        f"{settings.PROJECT / '.env'} and restart the kernel, or start JupyterLab with {settings.LIVE}=1."
    ]


def _loud(words: str) -> str:
    """Set words off in white on red, where colours are shown."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    coloured = "NO_COLOR" not in os.environ and (hasattr(shell, "kernel") or sys.stdout.isatty())
    return f"\x1b[1;97;41m{words}\x1b[0m" if coloured else words.strip() + ":"


def unusual(running: sandbox.LessonSandbox) -> list[str]:
    """Say what is not as usual in the sandbox, each in a sentence with the way back: state, code, clock, options."""
    told = []
    if notice := running.health()["notice"]:
        told.append(notice)
    if running.source not in ("", str(SOURCE)):
        told.append(
            f"It was started from another checkout, {running.source}: `sandbox.stop()`, from helpers, ends it, and the "
            "next connect() starts this one's."
        )
    if (ahead := running.clock.ahead()) >= 1:
        told.append(
            f"Its clock is {_length(ahead)} ahead, since time was skipped or this machine's clock was set back. "
            "Nothing is wrong; `sandbox.reset()`, from helpers, sets it right, and empties the sandbox."
        )
    if options := running.options.unusual():
        chosen = ", ".join(f"{name} is {choice!r}" for name, (choice, _) in options.items())
        back = ", ".join(f"{name}={usual!r}" for name, (_, usual) in options.items())
        told.append(
            f"Its options are not the usual ones: {chosen}. "
            f"`sandbox.ensure().options.set({back})`, `sandbox` from helpers, brings the usual ones back."
        )
    return told


def _length(seconds: float) -> str:
    """Write a length of time in its largest unit of which there are two: `119 seconds`, `2 minutes`."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} second{'s' if round(seconds) > 1 else ''}"
