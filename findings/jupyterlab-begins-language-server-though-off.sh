#!/usr/bin/env bash
# What people guess: JupyterLab's language service is off until somebody turns it on. The setting *Activate* of *Language
# Servers* has the default "off", the manual says that the service "is disabled by default", and that it has no effect
# without an extension for the editor.
#
# What really happens: with "off", and no such extension, JupyterLab 4.6 begins a language server as soon as a notebook
# in its language is opened. What is on PATH is found by itself: also a type checker that was installed into the same
# environment for the tests, since basedpyright brings a language server that jupyter-lsp knows.
#
# Why it matters: nothing of it is to be seen in the page, but it works. Tests of notebooks and widgets in a browser took
# nearly twice the processor time (119 against 65 seconds for 23 tests), all the rest of it in processes that nobody had
# asked for. `LanguageServerManager.autodetect = False`, in the server's configuration, ends that.
#
# Needs a Chromium or Chrome: CHROMIUM names it, or Playwright's own is used if there is one.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install jupyterlab==4.6.6 jupyter-lsp==2.3.1 ipykernel==7.4.0 basedpyright==1.40.2 playwright==1.65.2 nbformat==5.11.1 psutil==7.2.2
cat >try.py <<'PY'
import importlib.metadata, json, os, pathlib, shutil, socket, subprocess, sys, time, urllib.request

import nbformat
import psutil
from playwright.sync_api import sync_playwright

program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def get(port, path):
    return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?token=t"))


def opened(*options):
    """What runs, 30 s after a notebook was opened: the setting, the status of the language server, its processes."""
    home = pathlib.Path(f"home{len(options)}").resolve()
    home.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["language_info"] = {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}
    nbformat.write(notebook, home / "n.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}",
         "--IdentityProvider.token=t", f"--ServerApp.root_dir={home}", "--LabApp.expose_app_in_browser=True", *options],
        env=os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_RUNTIME_DIR": str(home / "run"),
                          "PATH": path},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                get(port, "/api/status")
                break
            except OSError:
                time.sleep(0.2)
        setting = get(port, "/lab/api/settings/@jupyterlab/lsp-extension:plugin")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto(f"http://127.0.0.1:{port}/lab/tree/n.ipynb?token=t")
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            running = lambda: [each for each in psutil.Process(server.pid).children(recursive=True)
                               if any("langserver" in word for word in each.cmdline())]
            until = time.monotonic() + 30
            while not running() and time.monotonic() < until:
                page.wait_for_timeout(200)
            sessions = get(port, "/lsp/status")["sessions"]
            return (setting["settings"] or setting["schema"]["properties"]["activate"]["default"],
                    {name: session["status"] for name, session in sessions.items()}, bool(running()))
    finally:
        server.terminate()
        server.wait()


print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("jupyterlab", "jupyter-lsp", "basedpyright")))
seen = opened()
print("as it comes: activate, sessions, processes:", *seen)
told = opened("--LanguageServerManager.autodetect=False")
print("autodetect=False: activate, sessions, processes:", *told)
assert seen[0] == told[0] == "off" and seen[1]["basedpyright"] == "started" and seen[2], seen
assert told[1:] == ({}, False), told
PY
v/bin/python try.py
# Seen:
#   jupyterlab 4.6.6, jupyter-lsp 2.3.1, basedpyright 1.40.2
#   as it comes: activate, sessions, processes: off {'basedpyright': 'started'} True
#   autodetect=False: activate, sessions, processes: off {} False
