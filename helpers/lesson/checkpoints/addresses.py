"""Whether an address that Twilio is to call leads to an app of the learner's."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from helpers.callback_server.other_kernels import other_kernel_at
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import is_live

SERVED = "The server ends with the kernel. Run the cells from `serve` again."


def require_address(url: str | None, path: str, *, setting: str, solution: str) -> str:
    """Give an address that Twilio can reach, and whose path is this one.

    setting: where it stands, such as "the number's `voice_url`"; solution: the code that sets it.
    Raises NotYet when there is none, NotRight when it leads somewhere else.
    """
    if not url:
        hint = f"Run the cell that sets {setting}."
        raise NotYet(f"{setting} is not set, so nobody is asked.", hints=(hint,), solution=solution)
    parts = urlsplit(url)
    if parts.path != path:
        raise NotRight(
            f"{setting} is {url}, but your app answers at the path `{path}`.",
            hints=("Compare the two paths letter by letter.",),
            solution=solution,
        )
    if is_live() and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        raise NotRight(
            f"{setting} is {url}, and live Twilio cannot reach {parts.hostname}.",
            hints=("Only `expose(server)` has the public address: use `public_url`.",),
            solution=solution,
        )
    if other := other_kernel_at(url):
        raise NotRight(
            f"{setting} is {url}, where {other} answers: it has taken the calls over from yours.",
            hints=("Two kernels work with one account. Run the cells from `serve` again, and the calls come here.",),
            solution=f"server = serve(app, port)\npublic_url = expose(server)\n{solution}",
        )
    if not is_live() and not listens(parts.hostname, parts.port):
        raise NotRight(
            f"{setting} is {url}, and no server listens there.",
            hints=(SERVED,),
            solution=f"server = serve(app, port)\npublic_url = expose(server)\n{solution}",
        )
    return url


def listens(host: str | None, port: int | None) -> bool:
    """Tell whether anything takes connections there."""
    try:
        socket.create_connection((host or "", port or 80), timeout=1).close()
    except OSError:
        return False
    return True
