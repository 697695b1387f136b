"""The parts of a TwiML document as the engine runs it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Verb(Struct, frozen=True):
    """A verb or noun of a document.

    attributes: as they are written; what is not allowed, or has a value that is not, is left out. text: between its
    tags, of a Say with the words of its SSML. children: nested verbs and nouns. line: from 1.
    """

    name: str
    attributes: dict[str, str]
    text: str
    children: tuple[Verb, ...]
    line: int


class Problem(Struct, frozen=True):
    """Something that Twilio's debugger would tell of a document (voice.md §1.8). line, column: from 1."""

    code: int
    level: Literal["error", "warning"]
    text: str
    line: int
    column: int


class Document(Struct, frozen=True):
    """What an answer tells a call to do, and what was left out of it and why."""

    verbs: tuple[Verb, ...]
    problems: tuple[Problem, ...]


class Spoken(Struct, frozen=True):
    """Plain text, which is spoken; then the call ends."""

    text: str


class Sound(Struct, frozen=True):
    """A sound, which is played; then the call ends."""

    content_type: str


class TwimlError(Exception):
    """An answer that cannot be run at all: its fallback is asked."""

    def __init__(self, problem: Problem):
        super().__init__(problem.text)
        self.problem = problem
