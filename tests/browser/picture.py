"""Make the README's picture: notebook 03 after the click, in a real JupyterLab.

    .venv/bin/python -m tests.browser.picture

Writes `notebooks/images/the-scene.png`. Runs in a sandbox of its own, and needs port 8080, Chromium or Chrome.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from helpers import sandbox
from tests.browser.lab import Lab, chromium, jupyter_server
from tests.browser_path import find_browser

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PICTURE = NOTEBOOKS / "images" / "the-scene.png"
NAME = "03-accept-by-callback.ipynb"


def main() -> None:
    program = find_browser()
    if program is None:
        raise SystemExit("Chromium or Chrome is needed: see README, Running the tests.")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        chromium(playwright, program) as browser,
    ):
        os.environ["TASKROUTER_SANDBOX_DIR"] = folder + "/sandbox"
        try:
            with jupyter_server(Path(folder) / "home") as server:
                (server.root / NAME).write_text((NOTEBOOKS / NAME).read_text(encoding="utf-8"), encoding="utf-8")
                page = browser.new_page(viewport={"width": 1120, "height": 1200}, device_scale_factor=1.5)
                lab = Lab(page, server)
                lab.start()
                lab.open(NAME)
                lab.command("application:toggle-left-area")
                lab.run_all()
                scene = lab.output("toggle-alice-again")
                scene.get_by_role("radio", name="Idle").click()
                expect(scene.get_by_role("status").filter(has_text="Alice is Busy")).to_be_visible()
                for cell in ("tell-the-story", "check-accepted-by-callback"):
                    lab.run(cell)
                page.mouse.move(5, 5)
                lab.cell("second-click-intro").evaluate("cell => cell.scrollIntoView()")
                PICTURE.parent.mkdir(exist_ok=True)
                page.screenshot(path=PICTURE)
        finally:
            sandbox.stop()
    print(f"{PICTURE.relative_to(NOTEBOOKS.parent)}: {PICTURE.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
