"""What an attribute of TwiML may say: each function checks a value, and raises ValueError with what is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from ...engine.model.urls import callable_address

Check = Callable[[str], None]

WHOLE = re.compile(r"[0-9]{1,10}")
VOICE = re.compile(r"man|woman|alice|basic|default|[A-Za-z]+\.[\w.-]+", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,4}(-[A-Za-z0-9]{2,8})*")
PYTHON_LIST = re.compile(r"\[.*\]", re.DOTALL)


def anything(value: str) -> None:
    """Take every text."""


def whole(low: int, high: int | None = None, *words: str) -> Check:
    """Make the check of a whole number between two limits, which are allowed themselves, or one of some words."""
    wanted = f"a whole number of at least {low}" if high is None else f"a whole number from {low} to {high}"
    wanted = " or ".join([wanted, *words])

    def check(value: str) -> None:
        number = value.strip()
        if number in words:
            return
        if not WHOLE.fullmatch(number) or int(number) < low or (high is not None and int(number) > high):
            raise ValueError(wanted)

    return check


def one_of(*words: str) -> Check:
    """Make the check of a value that is one of some words, whose case counts."""
    wanted = f"one of {', '.join(words)}" if len(words) > 2 else " or ".join(words)

    def check(value: str) -> None:
        if value not in words:
            raise ValueError(wanted)

    return check


def names(*known: str) -> Check:
    """Make the check of one or more names with blanks between them (voice.md §0.1)."""

    def check(value: str) -> None:
        listed = value.split()
        if PYTHON_LIST.fullmatch(value.strip()):
            raise ValueError(f"names with blanks between them, not a list: {' '.join(known)}")
        if not listed or any(name not in known for name in listed):
            raise ValueError(f"some of {', '.join(known)}, with blanks between them")

    return check


boolean = one_of("true", "false")


def method(value: str) -> None:
    """Check the method of a request."""
    if value.upper() not in ("GET", "POST"):
        raise ValueError("GET or POST")


def keys(most: int | None = None) -> Check:
    """Make the check of keys of a phone; none are allowed, too."""
    wanted = "some of 0123456789*#, or nothing" if most is None else "one of 0123456789*#, or nothing"

    def check(value: str) -> None:
        if any(key not in "0123456789*#" for key in value) or (most is not None and len(value) > most):
            raise ValueError(wanted)

    return check


def tones(value: str) -> None:
    """Check tones to be played: keys, and `w` and `W` for pauses."""
    if not value or any(tone not in "0123456789*#wW" for tone in value):
        raise ValueError("keys (0123456789*#) and w for half a second")


def address(value: str) -> None:
    """Check an address, which may be relative; an empty one is allowed."""
    text = value.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("an address") from None
    if parts.scheme or parts.netloc:
        callable_address(text if parts.scheme else f"https:{text}")
    elif any(letter.isspace() for letter in text):
        raise ValueError("an address without blanks")


def voice(value: str) -> None:
    """Check the name of a voice."""
    if not VOICE.fullmatch(value):
        raise ValueError("man, woman, alice, or a name such as Polly.Joanna")


def ring_tone(value: str) -> None:
    """Check the ring tone of a Dial, which is named by a country."""
    if not re.fullmatch(r"automatic|[a-z]{2}(-old)?", value):
        raise ValueError("automatic, or a country such as us")


def language(value: str) -> None:
    """Check the name of a language, such as en-US; `multi` names several."""
    if not LANGUAGE.fullmatch(value):
        raise ValueError("a language such as en-US")


def longest(characters: int) -> Check:
    """Make the check of a text that may not be empty, nor longer than so many characters."""

    def check(value: str) -> None:
        if not value.strip() or len(value.strip()) > characters:
            raise ValueError(f"1 to {characters} characters")

    return check


def given(value: str) -> None:
    """Check that there is a text."""
    if not value.strip():
        raise ValueError("some text")


def at_most(characters: int) -> Check:
    """Make the check of a text that may not be longer than so many characters."""

    def check(value: str) -> None:
        if len(value.strip()) > characters:
            raise ValueError(f"at most {characters} characters")

    return check


def phone_number(value: str) -> None:
    """Check a phone number, if there is one; blanks, hyphens, dots and brackets in it do not count."""
    if value.strip() and not re.fullmatch(r"\+?[0-9*#]{2,15}", re.sub(r"[\s().-]", "", value)):
        raise ValueError("a number such as +15005550006")


def caller_id(value: str) -> None:
    """Check who is said to call: a number, a client, or a SIP address."""
    if not re.fullmatch(r"client:.{1,256}|sips?:[^\s@]+@\S+", value.strip()):
        phone_number(value or "-")


def sip_address(value: str) -> None:
    """Check the address of a SIP phone."""
    if not re.fullmatch(r"(sips?:)?[^\s@]+@[^\s@]+", value.strip()):
        raise ValueError("an address such as sip:alice@example.com")
