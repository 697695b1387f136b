"""JSON that TaskRouter keeps as text, such as a task's attributes."""

from __future__ import annotations

import json
from typing import Any


def as_json(text: str | None) -> Any:
    """Parse a JSON text. Gives the text itself when it is no JSON, and None for None or an empty text."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def as_object(text: str | None) -> dict[str, Any]:
    """Parse a JSON object. Gives an empty one for whatever else the text is."""
    value = as_json(text)
    return value if isinstance(value, dict) else {}
