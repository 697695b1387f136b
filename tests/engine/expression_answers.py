"""Alice, and what expressions say of her."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.language.expressions import ExpressionError, parse

ALICE = {"languages": ["en", "es"], "level": 3, "department": "sales", "remote": True, "rate": 5.1, "notes": None}


def holds(text: str, names: dict | None = None) -> bool:
    answer = parse(text).matches(ALICE if names is None else names)
    assert isinstance(answer, bool)
    return answer


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert 1 <= caught.value.column <= len(text) + 1
    return caught.value
