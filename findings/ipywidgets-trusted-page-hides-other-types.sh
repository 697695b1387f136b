#!/usr/bin/env bash
# What people guess: an output says the same in several types, and a page shows the best that it can. So a widget whose
# `_repr_mimebundle_` adds `text/html`, such as a table of what it showed last, is that table once its kernel has gone.
#
# What really happens: it is the other way round. JupyterLab 4.6 picks the type before anything is drawn, by rank and by
# trust alone. On a page that the user trusts it is the widget's view; ipywidgets 8.1 finds no model, writes a sentence
# into the output and counts that as drawn, so that neither `text/html` nor `text/plain` is ever looked at. On a page
# that is not trusted the view is ruled out, and the table is shown. Who wrote the page sees an error, a stranger the table.
#
# Why it matters: a bundle cannot give a widget a second life for its author, and who tries it with a file that came from
# elsewhere believes that it does. What is to last belongs into an output of its own, without a view beside it.
#
# Needs a Chromium or Chrome: CHROMIUM names it, or Playwright's own is used if there is one.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install jupyterlab==4.6.6 ipywidgets==8.1.9 jupyterlab_widgets==3.0.17 ipykernel==7.4.0 nbclient==0.11.0 \
    playwright==1.65.2 nbformat==5.11.1
cat >try.py <<'PY'
import importlib.metadata, os, pathlib, shutil, socket, subprocess, sys, time, urllib.request

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

home = pathlib.Path("home").resolve()
home.mkdir()
(home / "data").mkdir()
os.environ |= {"HOME": str(home), "JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_CONFIG_DIR": str(home / "config"),
               "JUPYTER_RUNTIME_DIR": str(home / "run")}
SOURCE = """
from ipywidgets import IntSlider

class Slider(IntSlider):
    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/html": "<b>It was at 7.</b>", "text/plain": "It was at 7 (plain)."}

Slider(7)
"""
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
NotebookClient(notebook, store_widget_state=False).execute()  # as JupyterLab saves: it keeps no state of widgets
types = sorted(notebook.cells[0].outputs[0].data)
for name in ("trusted", "not-trusted"):
    nbformat.write(notebook, home / f"{name}.ipynb")
    notebook.cells[0].source += "\n"  # trust is for this text alone
subprocess.run([sys.executable, "-m", "jupyter", "trust", home / "trusted.ipynb"], check=True, stdout=subprocess.DEVNULL)
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}",
     "--IdentityProvider.token=t", f"--ServerApp.root_dir={home}"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
seen = {}
try:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=t")
            break
        except OSError:
            time.sleep(0.2)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name in ("trusted", "not-trusted"):
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto(f"http://127.0.0.1:{port}/lab/tree/{name}.ipynb?token=t")
            output = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output")
            output.filter(has_text="not found").or_(output.filter(has_text="It was")).wait_for()  # with a kernel of its own
            seen[name] = " ".join(output.inner_text().split())
            page.close()
        version = browser.version
        browser.close()
finally:
    server.terminate()
    server.wait()
versions = (f"{name} {importlib.metadata.version(name)}" for name in ("jupyterlab", "ipywidgets", "jupyterlab_widgets"))
print(", ".join(versions) + f", Chromium {version.split('.')[0]}")
print("in the output:", ", ".join(types))
for name, text in seen.items():
    print(f"opened again, {name.replace('-', ' ')}: {text}")
assert types == ["application/vnd.jupyter.widget-view+json", "text/html", "text/plain"], types
assert "model not found" in seen["trusted"] and "It was" not in seen["trusted"], seen
assert seen["not-trusted"] == "It was at 7.", seen
PY
v/bin/python try.py
# Seen:
#   jupyterlab 4.6.6, ipywidgets 8.1.9, jupyterlab_widgets 3.0.17, Chromium 156
#   in the output: application/vnd.jupyter.widget-view+json, text/html, text/plain
#   opened again, trusted: Error displaying widget: model not found
#   opened again, not trusted: It was at 7.
