"""A server extension that `python3 -m helpers lab` gives to JupyterLab, so that the lessons are found.

It prints their address where JupyterLab does not, because a person has set a token or a password, and leads on from an
address of a lesson in which the folder is missing.
"""

from __future__ import annotations

import re
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from helpers.setup.environment import ROOT


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the handler, and print the address once the server has its port: when its loop runs."""
    lessons = "|".join(re.escape(path.name) for path in (ROOT / "notebooks").glob("*.ipynb"))
    if folder := server.contents_manager.preferred_dir:  # else the lessons are where the address says
        handler = (url_path_join(server.base_url, f"/lab/tree/({lessons})"), ToTheLesson, {"folder": folder})
        server.web_app.add_handlers(".*$", [handler])
    server.io_loop.add_callback(_print_address, server)


def _print_address(server: Any) -> None:
    if not server.identity_provider.token_generated:  # else JupyterLab prints it
        address = server.local_url.partition("?")[0]  # without the token: who has set it knows it
        print(f"The lessons are at {address}", flush=True)


class ToTheLesson(JupyterHandler):
    """Leads from `/lab/tree/00-start-here.ipynb` to where that notebook is."""

    def initialize(self, folder: str) -> None:
        """Take the folder of the lessons, as an address has it."""
        self._folder = folder

    @web.authenticated
    def get(self, name: str) -> None:
        """Redirect, with the query."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(url_path_join(self.base_url, "lab/tree", self._folder, name) + query)
