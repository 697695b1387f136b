"""The board: a workspace as it is now, and how it came to be so.

happening, model: pure; reading, feed: how the model learns; sequence: the arrows; actions: the controls;
view: the widget.
"""

from __future__ import annotations

from helpers.workspace_board.view import Board, board

__all__ = ["Board", "board"]
