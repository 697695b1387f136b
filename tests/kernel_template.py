"""Fork kernels from one process that has imported what every lesson imports: each starts in a fraction of the time.

Run as a program by `tests/forked_kernels.py`, with a socket as its stdin. Each message is the JSON of what `Popen` is
told, `argv`, `env` and `cwd`, with the three standard streams; the answer is the kernel's process id. The program ends
with the socket. Imports of this project have no order that could matter, since there are no cycles among them
(`tests/setup/test_layers.py`).
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys

IMPORTED = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "IPython", "anywidget", "altair", "psutil", "pyngrok.ngrok"),
    *("fastapi", "pydantic.v1", "uvicorn.protocols.http.h11_impl", "uvicorn.lifespan.on", "anyio._backends._asyncio"),
    *("twilio.rest.api.v2010.account", "twilio.rest.monitor.v1", "twilio.rest.taskrouter.v1.workspace"),
    *("twilio.request_validator", "twilio.twiml.voice_response"),
    *("helpers.connection.clients", "helpers.lesson.progress", "helpers.lesson.predictions", "helpers.decisions.why"),
    *("helpers.live.board.board", "helpers.live.widgets.activity_toggle", "helpers.live.widgets.task_inspector"),
    *("helpers.live.widgets.callback_log", "helpers.live.widgets.phone", "helpers.lesson.take_home"),
    *("helpers.agents.page", "helpers.sandbox_tools.faults", "helpers.sandbox_tools.transfers", "helpers.setup.doctor"),
)
"""What lessons import, but for modules that begin something when they are imported: a thread, as `helpers.rehearsals`
does with NumPy, or work for the end of the kernel, as `helpers.tunnel.expose`."""

ADDED = {"JPY_PARENT_PID": str(os.getpid())}
"""What is added to a kernel's environment: whose end is the kernel's too, which `ipykernel` reads when it is imported,
and what modules set there when they are imported."""

LONGEST = 1_000_000
"""Bytes of the longest message: the whole environment of a kernel, and more."""


def serve(requests: socket.socket) -> None:
    """Fork a process for each message. Returns in the new ones, ready to run, and where no message comes any more."""
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        message, streams, _, _ = socket.recv_fds(requests, LONGEST, 3)
        if not message:
            sys.exit()
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            sys.exit(f"{threads} threads run in the template, which a fork would leave behind half-way")
        if pid := os.fork():
            for stream in streams:
                os.close(stream)
            requests.send(str(pid).encode())
        else:
            requests.close()
            _become(streams, **json.loads(message))
            return


def _become(streams: list[int], argv: list[str], env: dict[str, str], cwd: str | None) -> None:
    """Let this process be what `Popen(argv, env=env, cwd=cwd, start_new_session=True)` would have started."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(env, **ADDED)
    if cwd is not None:
        os.chdir(cwd)
    sys.argv = argv


def _reap(*_: object) -> None:
    """Take leave of the kernels that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file, where no kernel looks
    os.environ.update(ADDED, PYDEVD_DISABLE_FILE_VALIDATION="1")  # no word to us about breakpoints
    before = os.environ.copy()
    for module in IMPORTED:
        importlib.import_module(module)
    ADDED.update(os.environ.items() - before.items())
    gc.freeze()  # what all kernels share is never looked at again, and so stays shared
    serve(socket.socket(fileno=os.dup(0)))
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
