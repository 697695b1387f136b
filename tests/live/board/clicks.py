"""Clicks on a board, and what its log shows."""

from __future__ import annotations

from tests.waiting import wait_for


def click(view, **action) -> dict:
    """What a click in the browser does, and the call that is shown for it."""
    action_id = f"click {len(view.state['history'])}"
    view._on_message(None, {"kind": "action", "id": action_id, "action": action})
    return wait_for(
        lambda: next((e for e in view.state["history"] if e["id"] == action_id and e["outcome"] != "pending"), None)
    )


def steps(view) -> list[dict]:
    return sorted(view._everything()["steps"].values(), key=lambda each: each["at"])
