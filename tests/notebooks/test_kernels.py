"""The kernels of these tests are forked, and yet what a learner's kernel is."""

from __future__ import annotations

import ast
import os
import signal

import pytest
from jupyter_client.manager import AsyncKernelManager

from tests.forked_kernels import ForkedProcess
from tests.notebooks.conftest import running
from tests.waiting import wait_for

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels are forked where there is a pidfd")

SEEN = """\
import gc, os, signal, sys, threading
{
    "where": os.path.dirname(os.getcwd()),
    "path": sys.path,
    "program": (os.path.basename(sys.argv[0]), len(sys.argv), sys.executable, tuple(sys.flags)),
    "environment": {name: os.environ[name] for name in os.environ if not name.startswith("JPY_")},
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "tests": [name for name in sys.modules if name.startswith("tests")],
    "threads": threading.active_count(),
    "leads": os.getsid(0) == os.getpgid(0) == os.getpid(),
    "files": [os.readlink(f"/proc/self/fd/{number}") for number in (1, 2)],
    "collects": gc.isenabled(),
}
"""


def test_a_forked_kernel_sees_what_one_sees_that_was_started():
    with running("00-start-here") as run:
        assert isinstance(run.client.km.provisioner.process, ForkedProcess)
        here = ast.literal_eval(run.code(SEEN))
    with running("00-start-here", kernel_manager_class=AsyncKernelManager) as run:
        there = ast.literal_eval(run.code(SEEN))
    assert here == there
    assert here["tests"] == []


def test_a_forked_kernel_that_is_killed_is_seen_to_have_ended_and_starts_again():
    with running("00-start-here") as run:
        process = run.client.km.provisioner.process
        assert process.poll() is None
        run.code("remembered = 1")
        os.kill(process.pid, signal.SIGKILL)
        wait_for(lambda: process.poll() is not None)
        run.restart()
        assert run.code("'remembered' in globals()") == "False"
