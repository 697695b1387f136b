"""The question of notebook 00."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "a-workspace-that-is-not-there": Question(
        "What happens if you ask for a workspace that does not exist?",
        options=("The client returns `None`", "The client raises an exception", "TaskRouter creates the workspace"),
        right=1,
        why="TaskRouter answers with the HTTP status 404, and the client makes a `TwilioRestException` of that.",
    ),
}
