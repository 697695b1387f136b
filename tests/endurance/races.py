"""Eight programs that ask for a sandbox at once: `python -m tests.endurance.races [rounds] [odd rounds] [seed]`.

Each round has a folder of its own: fresh, or with a run file that leads nowhere. All eight must get the same process,
it must be the only one, and nobody may see a traceback. A failure names the seed of its round.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil

from taskrouter_sandbox import ACCOUNT_SID, launcher
from taskrouter_sandbox.code_version import fingerprint
from tests.arguments import whole_numbers

ASKERS = 8
NOBODY = 2**22 - 1  # a pid that no process has


class Port:
    """A port that belongs to another program, which answers `said`; None for never."""

    def __init__(self, said: bytes | None):
        self.said, self.server = said, socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        held: list[socket.socket] = []
        while True:
            try:
                client, _ = self.server.accept()
                if self.said is None:
                    held.append(client)
                    continue
                with client:
                    client.recv(10_000)
                    client.sendall(self.said)
            except OSError:
                return


def run_file(url: str, pid: int = NOBODY, code: str | None = None) -> str:
    said = {"url": url, "pid": pid, "account_sid": ACCOUNT_SID, "auth_token": "old"}
    return json.dumps(said | {"code": fingerprint() if code is None else code})


def odd_files(ports: list[Port]) -> list[Callable[[], str]]:
    """Everything that may stand in a run file without a sandbox behind it."""
    closed = "http://127.0.0.1:1"
    return [
        *(lambda text=text: text for text in ("", "[]", "null", "7", "{", "{}", "\0" * 64)),
        lambda: run_file(closed)[:-20],
        lambda: run_file(closed),
        lambda: run_file(closed, code="older"),
        lambda: run_file(closed, os.getpid()),
        lambda: run_file("nowhere"),
        lambda: json.dumps(json.loads(run_file(closed)) | {"pid": "x"}),
        *(lambda port=port: run_file(port.url) for port in ports),
        *(lambda port=port: run_file(port.url, os.getpid()) for port in ports),
    ]


def ask(start: int, say: int) -> None:
    """Wait for the others, ask for the sandbox, say its pid or what went wrong."""
    os.read(start, 1)
    try:
        said = str(launcher.ensure().pid)
    except BaseException:
        said = traceback.format_exc()
    os.write(say, said.encode()[-4000:])
    os._exit(0)


def race() -> list[str]:
    """Let eight processes ask at once; what each of them got."""
    start, go = os.pipe()
    pipes = [os.pipe() for _ in range(ASKERS)]
    children: list[int] = []
    for _, say in pipes:
        if not (child := os.fork()):
            os.close(go)
            ask(start, say)
        children.append(child)
    os.close(start)
    os.close(go)
    for _, say in pipes:
        os.close(say)
    said = [os.read(read, 4096).decode() for read, _ in pipes]
    for child in children:
        os.waitpid(child, 0)
    for read, _ in pipes:
        os.close(read)
    return said


def sandboxes_on(folder: Path) -> list[int]:
    return [one.pid for one in psutil.process_iter() if str(folder) in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def check(folder: Path, said: list[str]) -> None:
    """Raise AssertionError unless there is one sandbox and all were told of it."""
    running = sandboxes_on(folder)
    try:
        assert len(running) == 1, (running, *said)
        assert set(said) == {str(running[0])}, (running, *said)
        assert not any("Traceback" in log.read_text() for log in folder.glob("*.log"))
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def main(rounds: int, odd_rounds: int, seed: int) -> None:
    answers = (b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"")
    odd = odd_files([Port(said) for said in (*answers, None)])
    took: list[float] = []
    for kind, number in (("fresh", rounds), ("odd run file", odd_rounds)):
        for done in range(number):
            folder = Path(tempfile.mkdtemp(), "data")
            os.environ["TASKROUTER_SANDBOX_DIR"] = str(folder)
            random, said = Random(seed + done), None
            if kind != "fresh":
                folder.mkdir()
                (folder / "run.json").write_text(said := random.choice(odd)())
            began = time.monotonic()
            try:
                check(folder, race())
            except BaseException as error:
                error.add_note(f"{kind}, seed {seed + done}, run file {said}, {folder}")
                raise
            took.append(time.monotonic() - began)
            shutil.rmtree(folder.parent)
            if (done + 1) % 20 == 0 or done + 1 == number:
                took.sort()
                print(
                    f"{kind}: {done + 1:,} rounds of {ASKERS}, one process each; "
                    f"p50 {took[len(took) // 2]:.1f} s, worst {took[-1]:.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main(*whole_numbers(__doc__, rounds=1_000, odd_rounds=300, seed=0))
