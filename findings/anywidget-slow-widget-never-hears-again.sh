#!/usr/bin/env bash
# What people expect: a widget whose module takes a while to load, as over a slow line, is shown a while later; or it is not
# shown, and an error says so.
#
# What really happens: anywidget (here 0.11.0; since 0.9.17) gives each model two seconds until its module
# has been loaded and has initialized it. If that takes longer, the widget is drawn all the same, with the state in which it
# came, and looks well; but every message that the kernel sends to it, before and ever after, is dropped with "[anywidget]
# Failed to initialize model.", which only the browser's console tells. The other direction works: the kernel hears each
# click, and its answer is lost. No later view of the same widget helps; running the cell again makes a new one.
#
# Why it matters: on a busy machine, on Binder, or with a large module, live widgets stand still from the beginning, now and
# then, and the kernel looks hung. A module that imports from a CDN at its top gets there by the network alone. A way
# out is ipywidgets' own `_handle_comm_msg`, one prototype further up, which has no limit.
#
# Needs a Chromium or Chrome: CHROMIUM names it, or Playwright's own is used if there is one.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install jupyterlab==4.6.6 ipykernel==7.4.0 playwright==1.65.2 nbformat==5.11.1 ipywidgets==8.1.9 anywidget==0.11.0
cat >try.py <<'PY'
import importlib.metadata, os, pathlib, shutil, socket, subprocess, sys, time, urllib.request

import nbformat
from playwright.sync_api import sync_playwright

CODE = '''
import anywidget, traitlets
class Echo(anywidget.AnyWidget):
    """Counts the clicks in the kernel, and shows the number in the browser."""
    count = traitlets.Int(0).tag(sync=True)
    def __init__(self, name, seconds):
        self._esm = """
            await new Promise((loaded) => setTimeout(loaded, SECONDS * 1000));
            export default { render({ model, el }) {
                el.innerHTML = "<button id='NAME'>count</button> <output></output>";
                const show = () => { el.querySelector("output").textContent = model.get("count"); };
                model.on("change:count", show);
                el.querySelector("button").onclick = () => model.send("click");
                show();
            } };""".replace("SECONDS", str(seconds)).replace("NAME", name)
        super().__init__()
        self.on_msg(lambda *_: setattr(self, "count", self.count + 1))
quick, slow = Echo("quick", 0), Echo("slow", 4)
display(quick, slow)
'''
home = pathlib.Path("home").resolve()
home.mkdir()
cells = [nbformat.v4.new_code_cell(CODE), nbformat.v4.new_code_cell("print('in the kernel:', quick.count, slow.count)")]
notebook = nbformat.v4.new_notebook(cells=cells)
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(notebook, home / "n.ipynb")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
environment = os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_RUNTIME_DIR": str(home / "run")}
server = subprocess.Popen(
    [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}",
     "--IdentityProvider.token=t", f"--ServerApp.root_dir={home}", "--LabApp.expose_app_in_browser=True"],
    env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
errors = []
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
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/lab/tree/n.ipynb?token=t")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")

        def run(index):
            page.evaluate(f"window.jupyterapp.shell.currentWidget.content.activeCellIndex = {index}")
            page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell').then(() => true)")

        run(0)
        for name in ("quick", "slow"):
            for _ in range(3):
                page.locator(f"#{name}").click()
            page.wait_for_timeout(2_000)
        shown = [page.locator(f"#{name} + output").inner_text() for name in ("quick", "slow")]
        run(1)
        said = page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output").inner_text().strip()
        browser.close()
finally:
    server.terminate()
    server.wait()
print(f"anywidget {importlib.metadata.version('anywidget')}, jupyterlab {importlib.metadata.version('jupyterlab')}")
print(f"three clicks each; the browser shows {shown[0]} for the quick one, {shown[1]} for the slow one")
print(said)
print("errors of the page:", sorted(set(errors)))
assert shown == ["3", "0"], shown
assert said == "in the kernel: 3 3", said
assert set(errors) == {"[anywidget] Failed to initialize model."}, errors
PY
v/bin/python try.py
# Seen:
#   anywidget 0.11.0, jupyterlab 4.6.6
#   three clicks each; the browser shows 3 for the quick one, 0 for the slow one
#   in the kernel: 3 3
#   errors of the page: ['[anywidget] Failed to initialize model.']
