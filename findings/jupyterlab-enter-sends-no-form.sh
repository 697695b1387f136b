#!/usr/bin/env bash
# What people expect: Enter in a text field sends the form that the field stands in, as in every web page; in a
# <textarea> it begins a new line. A form in a cell's output, whether HTML or a widget, should be no exception.
#
# What really happens: since a keyboard shortcut such as Shift+Enter must not leave a line break in the editor,
# JupyterLab 4.6 cancels each `beforeinput` event of the type `insertLineBreak` whose target lies in a cell, outputs
# included. Chromium sends a form with Enter only if that event was not canceled. So nothing is sent, in no form of no
# output, and no error says so. `keydown` and `keypress` arrive uncanceled, and `data-lm-suppress-shortcuts`, which keeps
# the shortcuts away, changes nothing. A click on the button sends the form.
#
# In a <textarea> of an output no new line can be begun.
#
# Why it matters: whoever uses the keyboard fills a field, presses Enter, and nothing happens. A test that calls
# `requestSubmit()` or clicks does not find it. The way out is a `keydown` listener that calls `requestSubmit()` itself.
#
# Needs a Chromium or Chrome: CHROMIUM names it, or Playwright's own is used if there is one.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install jupyterlab==4.6.6 ipykernel==7.4.0 playwright==1.65.2 nbformat==5.11.1
cat >try.py <<'PY'
import importlib.metadata, os, pathlib, shutil, socket, subprocess, sys, time, urllib.request

import nbformat
from playwright.sync_api import sync_playwright

FORM = """<form onsubmit="event.preventDefault(); this.dataset.sent = 1 + Number(this.dataset.sent || 0)" {more}>
<input id="{name}"><button>Send</button></form>"""
SUPPRESS = "data-lm-suppress-shortcuts=true"
home = pathlib.Path("home").resolve()
home.mkdir()
forms = FORM.format(name="plain", more="") + FORM.format(name="suppressed", more=SUPPRESS)
code = f"from IPython.display import HTML\nHTML('''{forms}<textarea id=area {SUPPRESS}></textarea>''')"
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
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
        page.goto(f"http://127.0.0.1:{port}/lab/tree/n.ipynb?token=t")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_selector("#plain")
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{FORM.format(name='outside', more='')}`)")
        sent = {}
        for name in ("plain", "suppressed", "outside"):
            page.locator(f"#{name}").focus()
            page.keyboard.press("Enter")
            page.wait_for_timeout(300)
            sent[name] = page.locator(f"form:has(#{name})").get_attribute("data-sent")
        page.locator("form:has(#plain) button").click()
        sent["by a click"] = page.locator("form:has(#plain)").get_attribute("data-sent")
        page.locator("#area").focus()
        for key in ("a", "Enter", "b"):
            page.keyboard.press(key)
        area = page.locator("#area").input_value()
        version = browser.version
        browser.close()
finally:
    server.terminate()
    server.wait()
print(f"jupyterlab {importlib.metadata.version('jupyterlab')}, Chromium {version.split('.')[0]}")
for name, times in sent.items():
    print(f"form {name}: sent {times or 0} times")
print("a, Enter, b in a textarea of an output:", repr(area))
assert sent == {"plain": None, "suppressed": None, "outside": "1", "by a click": "1"}, sent
assert area == "ab", area
PY
v/bin/python try.py
# Seen:
#   jupyterlab 4.6.6, Chromium 156
#   form plain: sent 0 times
#   form suppressed: sent 0 times
#   form outside: sent 1 times
#   form by a click: sent 1 times
#   a, Enter, b in a textarea of an output: 'ab'
