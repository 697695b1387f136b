"""What a test suite waits for: the start of a sandbox for its session, and an empty world for each test.

    python benchmarks/test_session.py [--rounds 10] [--moto PYTHON] [--emulate "NODE EMULATE"] [--json]

The start is from the import to the first answer, in a Python that has just begun. The world is made by its first
request and dropped by another, over a connection that is kept. Beside them, in the same rounds:

--moto: a Python that has `moto[server]`: from the import of its server, on a thread, to the first answer; and its
reset. --emulate: the words that run Vercel's emulate: from the start of the process to the first answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shlex
import socket
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

ROOT = Path(__file__).resolve().parent.parent
SESSIONS = 200  # worlds of one process

SANDBOX = """
import time
began = time.perf_counter()
from taskrouter_sandbox.testing.session import running
with running() as url:
    import http.client, json, sys
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("GET", "/v1/Workspaces", headers={"Authorization": sys.argv[1]})
    assert connection.getresponse().status == 200
    print("ready", time.perf_counter() - began, url, flush=True)
    sys.stdin.read()
"""
MOTO = """
import time
began = time.perf_counter()
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
import http.client, sys
host, port = server.get_host_and_port()
connection = http.client.HTTPConnection(host, port)
scope = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sqs/aws4_request"
kind = "application/x-www-form-urlencoded"
connection.request("POST", "/", "Action=ListQueues", {"Authorization": scope, "Content-Type": kind})
assert connection.getresponse().status == 200
print("ready", time.perf_counter() - began, f"http://{host}:{port}", flush=True)
sys.stdin.read()
"""


def authorization(account_sid: str) -> str:
    return "Basic " + b64encode(f"{account_sid}:token".encode()).decode()


def ask(connection: http.client.HTTPConnection, method: str, path: str, **headers: str) -> None:
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (path, answer.status)


def world(connection: http.client.HTTPConnection) -> None:
    """An empty world, made and dropped."""
    header = authorization("AC" + token_hex(16))
    ask(connection, "GET", "/v1/Workspaces", Authorization=header)
    ask(connection, "DELETE", "/_sandbox/world", Authorization=header)


def reset(connection: http.client.HTTPConnection) -> None:
    """What moto offers for each test."""
    ask(connection, "POST", "/moto-api/reset")


def in_python(
    python: str, code: str, each: Callable[[http.client.HTTPConnection], None], repeats: int
) -> tuple[float, list[float]]:
    """Seconds of a start, and of each repeat of what a test needs; in a process of its own."""
    command = [python, "-c", code, authorization("AC" + token_hex(16))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    # a session of its own, as the sandbox has: Linux shares a busy machine out by sessions
    with subprocess.Popen(command, cwd=ROOT, text=True, start_new_session=True, **pipes) as process:
        assert process.stdout is not None
        _, seconds, url = next(line for line in process.stdout if line.startswith("ready")).split()
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        times: list[float] = []
        for _ in range(repeats):
            began = time.perf_counter()
            each(connection)
            times.append(time.perf_counter() - began)
        connection.close()
        process.communicate()
    return float(seconds), times


def processor_ms(python: str, code: str) -> float:
    """Milliseconds of processor time that a start takes, with the processes it starts, and an end; a busy machine
    changes little of that."""

    def used() -> float:
        children = os.times()
        return children.children_user + children.children_system

    before = used()
    in_python(python, code, world, 0)
    return 1000 * (used() - before)


def emulate(words: list[str]) -> float:
    """Seconds from the start of a process to its first answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen([*words, "--service", "twilio", "--port", str(port)], stdout=subprocess.DEVNULL)
    account = "AC" + "0" * 32
    header = b64encode(f"{account}:twilio_test_auth_token".encode()).decode()
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("localhost", port, timeout=30)
                ask(connection, "GET", f"/2010-04-01/Accounts/{account}/Messages.json", Authorization=f"Basic {header}")
                return time.perf_counter() - began
            except ConnectionRefusedError:
                assert process.poll() is None, f"{words} ended with {process.returncode}"
                time.sleep(0.002)
    finally:
        process.terminate()
        process.wait()


def measure(rounds: int, moto: str | None, words: list[str]) -> dict[str, float]:
    """The figures, in milliseconds: of each the best, which a busy machine disturbs least, and the median."""
    starts: dict[str, list[float]] = {"sandbox": [], "moto": [], "emulate": []}
    tests: dict[str, list[float]] = {"world": [], "moto's reset": []}
    for _ in range(rounds):
        start, times = in_python(sys.executable, SANDBOX, world, SESSIONS)
        starts["sandbox"].append(start)
        tests["world"] += times
        if moto:
            start, times = in_python(moto, MOTO, reset, SESSIONS)
            starts["moto"].append(start)
            tests["moto's reset"] += times
        if words:
            starts["emulate"].append(emulate(words))
    found = {"processor time of sandbox": min(processor_ms(sys.executable, SANDBOX) for _ in range(rounds))}
    if moto:
        found["processor time of moto"] = min(processor_ms(moto, MOTO) for _ in range(rounds))
        found["processor time / moto's"] = found["processor time of sandbox"] / found["processor time of moto"]
    for name, times in starts.items():
        if times:
            found[f"start of {name}, best"] = 1000 * min(times)
            found[f"start of {name}, median"] = 1000 * statistics.median(times)
    for name, times in tests.items():
        if times:
            found[f"{name}, best"] = 1000 * min(times)
            found[f"{name}, median"] = 1000 * statistics.median(times)
    if moto:
        for which in ("best", "median"):
            found[f"start / moto's, {which}"] = found[f"start of sandbox, {which}"] / found[f"start of moto, {which}"]
            found[f"world / moto's reset, {which}"] = found[f"world, {which}"] / found[f"moto's reset, {which}"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--moto", metavar="PYTHON", help="a Python that has moto[server]")
    parser.add_argument("--emulate", type=shlex.split, default=[], metavar="WORDS", help="what runs Vercel's emulate")
    given = parser.parse_args()
    found = measure(given.rounds, given.moto, given.emulate)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for name, figure in found.items():
        print(f"{name:<32} {figure:10.2f}{'' if '/' in name else ' ms'}")


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    main()
