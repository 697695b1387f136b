#!/usr/bin/env bash
# What people guess: an Altair chart shown with the `mimetype` renderer is drawn by JupyterLab itself, without network;
# and where a front end does not know the chart's MIME type, the text beside it is shown instead.
#
# What really happens: Altair 6 names its charts `application/vnd.vegalite.v6.json`, with a dot where Altair 5 had
# `+json`. In the notebook format a JSON object is allowed only under a type that ends in `+json` (or is
# `application/json`), so such a cell does not validate: nbclient stops with NotebookValidationError and keeps no
# output of the cell, not even the text. JupyterLab 4.6 brings renderers for Vega-Lite 3 to 5 only.
#
# Why it matters: a lesson that draws a queue's waiting times offline, and runs unattended in a test, worked with
# Altair 5 and fails with 6, before any picture is looked at. The chart's dict shown under
# `application/vnd.vegalite.v5+json` passes in both.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
export IPYTHONDIR="$PWD/ipython"
python3 -m venv v >/dev/null
v/bin/pip -q install nbclient==0.11.0 nbformat==5.11.1 ipykernel==7.4.0
v/bin/pip -q install --no-deps --target lab jupyterlab==4.6.6
cat >try.py <<'PY'
import importlib.metadata
import logging
import pathlib
import re

import nbclient
import nbformat

CHART = """
import altair
altair.renderers.enable("mimetype")
waits = altair.Data(values=[{"queue": "es", "wait": 30}, {"queue": "fr", "wait": 12}])
chart = altair.Chart(waits).mark_bar().encode(x="queue:N", y="wait:Q")
"""
BY_HAND = """
from IPython.display import display
display({"application/vnd.vegalite.v5+json": chart.to_dict(), "text/plain": "a chart"}, raw=True)
"""


def shown(code: str) -> list[str]:
    """Run a notebook of one cell, and return the types of its output, or the error that ended the run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CHART + code)])
    try:
        nbclient.NotebookClient(notebook, extra_arguments=["--log-level=ERROR"]).execute()
    except nbformat.ValidationError as error:
        return [type(error).__name__, f"{len(notebook.cells[0].outputs)} outputs"]
    return sorted(notebook.cells[0].outputs[0].data)


logging.disable(logging.ERROR)
altair = importlib.metadata.version("altair")
mime = re.compile(rb"application/vnd\.vegalite\.v\d[+.]json")
scripts = pathlib.Path("lab/share/jupyter/lab").rglob("*.js")
known = sorted({name.decode() for script in scripts for name in mime.findall(script.read_bytes())})
chart, by_hand = shown("chart"), shown(BY_HAND)
(lab,) = importlib.metadata.distributions(name="jupyterlab", path=["lab"])
print(f"altair {altair}", *(f"{name} {importlib.metadata.version(name)}" for name in ("nbclient", "nbformat")), sep=", ")
print("  mimetype renderer:", *chart)
print("  shown as v5+json:", *by_hand)
print(f"  drawn by jupyterlab {lab.version}:", *known)
five = ["application/vnd.vegalite.v5+json", "text/plain"]
assert chart == (five if altair.startswith("5.") else ["NotebookValidationError", "0 outputs"]), chart
assert by_hand == five, by_hand
assert known == [f"application/vnd.vegalite.v{version}+json" for version in (3, 4, 5)], known
PY
for version in 5.5.0 6.3.0; do
    v/bin/pip -q install "altair==$version"
    v/bin/python try.py
done
# Seen:
#   altair 5.5.0, nbclient 0.11.0, nbformat 5.11.1
#     mimetype renderer: application/vnd.vegalite.v5+json text/plain
#     shown as v5+json: application/vnd.vegalite.v5+json text/plain
#     drawn by jupyterlab 4.6.6: application/vnd.vegalite.v3+json application/vnd.vegalite.v4+json application/vnd.vegalite.v5+json
#   altair 6.3.0, nbclient 0.11.0, nbformat 5.11.1
#     mimetype renderer: NotebookValidationError 0 outputs
#     shown as v5+json: application/vnd.vegalite.v5+json text/plain
#     drawn by jupyterlab 4.6.6: application/vnd.vegalite.v3+json application/vnd.vegalite.v4+json application/vnd.vegalite.v5+json
