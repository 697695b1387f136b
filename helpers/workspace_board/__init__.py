"""The board: a workspace as it is now, and how it came to be so.

sequence: the arrows; actions: the controls; view: the widget. What it knows, it knows from `workspace_feed`.
"""

from __future__ import annotations

from helpers.workspace_board.view import Board, board

__all__ = ["Board", "board"]
