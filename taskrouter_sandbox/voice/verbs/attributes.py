"""How verbs read their attributes. What is odd counts as absent; the parser has warned of it."""

from __future__ import annotations

from ..twiml.document import Verb


def whole(verb: Verb, name: str, default: int) -> int:
    """Read a whole number, from 0."""
    text = verb.attributes.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) <= 10 else default


def flag(verb: Verb, name: str, default: bool = False) -> bool:
    """Read true or false."""
    text = verb.attributes.get(name, "").strip().lower()
    return text == "true" if text in ("true", "false") else default


def names(verb: Verb, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Read names with blanks between them (voice.md §0.1); an empty text is no names."""
    text = verb.attributes.get(name)
    return default if text is None else tuple(text.split())
