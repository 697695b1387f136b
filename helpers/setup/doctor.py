"""The doctor: shows what the checks have found, and for each line how to repair it.

`diagnose`, of `checks`, finds out. Nothing outside the standard library is imported here before it was looked at.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from helpers.setup.checks import Finding, diagnose

_WORDS = {"ok": "OK", "not-ok": "Not OK", "waiting": "Waiting", "not-needed": "Not needed"}
_FRONT = Path(__file__).parents[1] / "live" / "front" / "dist"
_numbers = count(1)
_handshake: Any = None


def doctor() -> None:
    """Check this machine and show what was found: a table in a notebook, plain lines elsewhere. Never raises."""
    findings = diagnose()
    if _in_notebook():
        _show_table(findings)
    else:
        print(as_text(findings))


def main() -> int:
    """Print the findings. Returns the exit code: 1 when something needs repair."""
    findings = diagnose()
    print(as_text(findings))
    return int(any(finding.state == "not-ok" for finding in findings))


def as_text(findings: Sequence[Finding]) -> str:
    """Write the findings as plain lines."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{_WORDS[finding.state]:<10}  {finding.name:<{width}}  {finding.says}")
        if finding.repair:
            lines.append(f"{'':<10}  {'':<{width}}  Repair: {finding.repair}")
    return "\n".join([*lines, "", _summary(findings)])


def as_html(findings: Sequence[Finding], line: str) -> str:
    """Write the findings as a table in JupyterLab's own colours.

    line: a name of this table's own, by which the browser finds the line that waits for it.
    """
    style = (_FRONT / "doctor.css").read_text(encoding="utf-8")
    return (
        f'<style>{style}</style><div class="tr-doctor">'
        f'<p class="summary" role="status" data-doctor-summary="{escape(line)}">{escape(_summary(findings))}</p>'
        f"<table><tbody>{''.join(_row(finding, line) for finding in findings)}</tbody></table></div>"
    )


def _row(finding: Finding, line: str) -> str:
    waits = f' role="status" data-doctor-line="{escape(line)}"' if finding.state == "waiting" else ""
    label = "Repair:" if finding.state == "not-ok" else "If it stays like this:"
    repair = f'<div class="repair"><b>{label}</b> {_marked_up(finding.repair)}</div>' if finding.repair else ""
    return (
        f'<tr data-state="{finding.state}"{waits}><th scope="row">{escape(finding.name)}</th>'
        f'<td class="state"><i aria-hidden="true"></i><span data-doctor-word>{_WORDS[finding.state]}</span></td>'
        f"<td><span data-doctor-says>{_marked_up(finding.says)}</span>{repair}</td></tr>"
    )


def _summary(findings: Sequence[Finding]) -> str:
    wrong = sum(finding.state == "not-ok" for finding in findings)
    if wrong:
        lines = "One line needs" if wrong == 1 else f"{wrong} lines need"
        return f"{lines} repair: do what it says there, then check again."
    if any(finding.state == "waiting" for finding in findings):
        return "Everything is in place, if the line that waits turns OK."
    return "Everything is in place."


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def _show_table(findings: list[Finding]) -> None:
    """Display the table, and let the browser fill in the line about widgets."""
    from IPython.display import HTML, display

    line = f"handshake-{next(_numbers)}"
    widgets = next(i for i, finding in enumerate(findings) if finding.name == "Widgets")
    shaking = findings[widgets].state == "ok"
    after = _summary(findings)
    if shaking:
        says = "This line turns OK when the browser has answered."
        repair = "reload this page and run the cell again, or open JupyterLab with `python3 -m helpers lab`"
        findings[widgets] = replace(findings[widgets], state="waiting", says=says, repair=repair)
    display(HTML(as_html(findings, line)))
    if shaking:
        display(_new_handshake(line, after))


def _new_handshake(line: str, summary: str) -> Any:
    """Make a widget whose page asks the kernel, which answers; it takes the place of the one before."""
    import anywidget
    import traitlets

    class Handshake(anywidget.AnyWidget):
        _esm = _FRONT / "doctor.js"
        id = traitlets.Unicode().tag(sync=True)
        line = traitlets.Unicode().tag(sync=True)
        summary = traitlets.Unicode().tag(sync=True)

    global _handshake
    if _handshake is not None:
        _handshake.close()
    model_id = uuid.uuid4().hex
    _handshake = Handshake(model_id=model_id, id=model_id, line=line, summary=summary)
    _handshake.on_msg(lambda widget, content, _: widget.send({"pong": content.get("ping")}))
    return _handshake


def _marked_up(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
