"""Answers to a voice webhook, read."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.twiml.document import Document, Problem, TwimlError, read_document


def read(text: str | bytes, content_type: str | None = "application/xml") -> Document:
    document = read_document(text.encode() if isinstance(text, str) else text, content_type)
    assert isinstance(document, Document)
    return document


def refused(body: str | bytes, content_type: str | None = "text/xml") -> Problem:
    with pytest.raises(TwimlError) as caught:
        read_document(body.encode() if isinstance(body, str) else body, content_type)
    return caught.value.problem


def problem(text: str) -> tuple[Problem, Document]:
    """Give the one problem of what stands in a Response."""
    document = read(f"<Response>{text}</Response>")
    assert len(document.problems) == 1, document.problems
    return document.problems[0], document
