"""Live widgets for a lesson: a worker's activity, the tasks of a workspace, the calls to the callback server.

Each is a view of something that runs elsewhere. A widget's whole content is the JSON-able dictionary `state`;
only the pump's thread sets it, and the browser only draws it.
"""

from __future__ import annotations

from helpers.widgets.log_view import callback_log
from helpers.widgets.task_view import inspector
from helpers.widgets.toggle import activity_toggle

__all__ = ["activity_toggle", "callback_log", "inspector"]
