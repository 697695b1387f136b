"""Make the README's pictures: the board of notebook 03 after the click, in a real JupyterLab.

    .venv/bin/python -m tests.browser.picture

Writes `the-scene.png` and `the-sequence.png` in `notebooks/images`. Runs in a sandbox of its own, and needs port 8080,
Chromium or Chrome.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, sandbox_and_lab
from tests.notebooks.solutions import read_solved

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PICTURE = NOTEBOOKS / "images" / "the-scene.png"
SEQUENCE = NOTEBOOKS / "images" / "the-sequence.png"
NAME = "03-accept-by-callback.ipynb"


def main() -> None:
    with sandbox_and_lab() as (browser, server):
        nbformat.write(read_solved("03-accept-by-callback"), server.root / NAME)
        page = browser.new_page(viewport={"width": 1200, "height": 980}, device_scale_factor=1.5)
        lab = Lab(page, server)
        lab.start()
        lab.open(NAME)
        lab.command("application:toggle-left-area")
        lab.run_up_to("toggle-alice-again")
        board = lab.output("open-board")
        alice = board.locator(".tr-worker").filter(has_text="Alice")
        alice.get_by_role("radio", name="Idle").click()
        assigned = board.get_by_role("group", name="Tasks assigned").get_by_role("listitem").first
        expect(assigned).to_be_visible()
        expect(alice.locator(".tr-activity")).to_contain_text("Busy")
        PICTURE.parent.mkdir(exist_ok=True)
        _take(page, lab, PICTURE)
        board.get_by_role("tab", name="Sequence").click()
        expect(board.locator("[aria-label*='worker: Reserved → Busy']")).to_be_visible()
        board.locator(".tr-step").filter(has_text="POST /assignment_callback").click()
        _take(page, lab, SEQUENCE)
    for path in (PICTURE, SEQUENCE):
        print(f"{path.relative_to(NOTEBOOKS.parent)}: {path.stat().st_size // 1024} KiB")


def _take(page: Page, lab: Lab, path: Path) -> None:
    page.mouse.move(5, 5)
    lab.cell("open-board").evaluate("cell => cell.scrollIntoView()")
    page.wait_for_timeout(400)  # until cards have glided to their places
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
