#!/usr/bin/env bash
# What people guess: what a thread prints in a notebook lands under the cell that started the thread; so it was with
# ipykernel 6.31 and 7.0, whatever the learner did afterwards.
#
# What really happens: with ipykernel 7.4 a plain `threading.Thread` has no cell. Its text is filed under the message
# that the kernel handled last. After another cell that is this other cell; after a widget moved, a completion (Tab) or
# a front end's `kernel_info_request` it is that message, which belongs to no cell: JupyterLab shows the text nowhere
# in it. A thread whose target is `contextvars.copy_context().run` keeps its cell, on all three versions.
#
# Why it matters: a callback server on a thread is how a webhook is tried in a notebook, and `print` in its endpoint is
# the first thing that anybody tries. Beside a live widget it shows nothing, and the webhook seems never to have come.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
export IPYTHONDIR="$PWD/ipython"
python3 -m venv v >/dev/null
cat >try.py <<'PY'
import importlib.metadata
import logging
import socket

from jupyter_client.manager import start_new_kernel

SERVE = """
import contextvars, socket, sys, threading, ipywidgets
slider = ipywidgets.IntSlider()
def serve(listener):
    while True:
        peer, _ = listener.accept()
        with peer:
            print("visit", peer.recv(100).decode())
            sys.stdout.flush()
            peer.sendall(b"seen")
plain, keeping = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
threading.Thread(target=serve, args=[plain], daemon=True).start()
threading.Thread(target=contextvars.copy_context().run, args=[serve, keeping], daemon=True).start()
plain.getsockname()[1], keeping.getsockname()[1], slider.model_id
"""
logging.disable(logging.WARNING)
manager, client = start_new_kernel(extra_arguments=["--log-level=ERROR"])
cells = {}


def finished(request: str) -> str:
    """Wait for the kernel to be idle after a request, and return the result of a cell."""
    result = ""
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") == request:
            if message["msg_type"] == "execute_result":
                result = message["content"]["data"]["text/plain"]
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return result


def run(code: str, name: str) -> str:
    request = client.execute(code)
    cells[request] = name
    return finished(request)


def move(model: str) -> None:
    content = {"comm_id": model, "data": {"method": "update", "state": {"value": 7}}}
    message = client.session.msg("comm_msg", content)
    client.shell_channel.send(message)
    finished(message["header"]["msg_id"])


def printed(port: int, text: str) -> str:
    """Visit a thread, and return where its line was filed."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as peer:
        peer.sendall(text.encode())
        assert peer.recv(10) == b"seen"
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["msg_type"] == "stream" and f"visit {text}" in message["content"]["text"]:
            parent = message["parent_header"]
            return cells.get(parent["msg_id"], parent["msg_type"])


try:
    plain, keeping, model = eval(run(SERVE, "cell 1"))
    steps = {
        "another cell": lambda: run("1 + 1", "cell 2"),
        "Tab": lambda: finished(client.complete("sli")),
        "a moved slider": lambda: move(model),
        "kernel_info": lambda: finished(client.kernel_info()),
    }
    version, found = importlib.metadata.version("ipykernel"), []
    for number, (step, act) in enumerate(steps.items()):
        act()
        found.append((printed(plain, f"plain {number}"), printed(keeping, f"keeping {number}")))
        where = f"plain thread under {found[-1][0]}, with the cell's context under {found[-1][1]}"
        print(f"ipykernel {version}, after {step}: {where}")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
lost = ["cell 2", "complete_request", "comm_msg", "kernel_info_request"]
expected = lost if version == "7.4.0" else ["cell 1"] * 4
assert found == [(place, "cell 1") for place in expected], found
PY
for version in 6.31.0 7.0.1 7.4.0; do
    v/bin/pip -q install "ipykernel==$version" jupyter_client==8.10.0 ipywidgets==8.1.9
    v/bin/python try.py
done
# Seen:
#   ipykernel 6.31.0, after another cell: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 6.31.0, after Tab: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 6.31.0, after a moved slider: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 6.31.0, after kernel_info: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 7.0.1, after another cell: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 7.0.1, after Tab: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 7.0.1, after a moved slider: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 7.0.1, after kernel_info: plain thread under cell 1, with the cell's context under cell 1
#   ipykernel 7.4.0, after another cell: plain thread under cell 2, with the cell's context under cell 1
#   ipykernel 7.4.0, after Tab: plain thread under complete_request, with the cell's context under cell 1
#   ipykernel 7.4.0, after a moved slider: plain thread under comm_msg, with the cell's context under cell 1
#   ipykernel 7.4.0, after kernel_info: plain thread under kernel_info_request, with the cell's context under cell 1
