"""A port that the callback server of another kernel has: what is said of it is what is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from helpers import LessonError, serve
from helpers.callback_server.limits import ServerLimits
from helpers.callback_server.other_kernels import other_kernel_at
from tests.waiting import patience

NAME = "03-accept-by-callback.ipynb"


@pytest.fixture
def port() -> Iterator[int]:
    """That of a kernel of a notebook."""
    code = (
        "import sys; from fastapi import FastAPI; from helpers import serve\n"
        "print(serve(FastAPI(), 0).port, flush=True); sys.stdin.read()"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "JPY_SESSION_NAME": f"/home/alice/notebooks/{NAME}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield int(kernel.stdout.readline())
    finally:
        kernel.communicate(timeout=patience(10))


def test_a_port_of_another_notebook(echo, port):
    with pytest.raises(LessonError, match=r"taken by the callback server of 03-accept-by-callback\.ipynb: shut"):
        serve(echo, port, limits=ServerLimits(identify_seconds=patience(5)))


@pytest.mark.parametrize("folder", ["/home/alice/notebooks", "/home/alice/copies"])
def test_a_notebook_called_as_this_one_is_another_kernel_s_wherever_it_runs(echo, port, folder, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", f"{folder}/{NAME}")
    words = f"the callback server of another kernel of a notebook called {NAME}"
    with pytest.raises(LessonError, match=f"Port {port} is taken by {words}: shut down that kernel ") as taken:
        serve(echo, port, limits=ServerLimits(identify_seconds=patience(5)))
    assert "the JupyterLab that has started it, this one or another, lists it" in str(taken.value)
    assert other_kernel_at(f"http://127.0.0.1:{port}/assignment_callback") == words
