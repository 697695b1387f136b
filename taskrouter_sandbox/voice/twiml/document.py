"""What the answer to a voice webhook says: TwiML, plain text, or a sound (voice.md §1.5)."""

from __future__ import annotations

import codecs
from email.message import Message

from .nodes import Document, Problem, Sound, Spoken, TwimlError, Verb
from .reader import read_twiml

__all__ = ["Document", "Problem", "Sound", "Spoken", "TwimlError", "Verb", "read_document"]

MOST = 64 * 1024  # bytes
TOO_LARGE, EMPTY, WRONG_TYPE = 11750, 12100, 12300
TWIML = ("text/xml", "application/xml", "text/html")


def read_document(body: bytes, content_type: str | None) -> Document | Spoken | Sound:
    """Read an answer with a status of 2xx. content_type: the header. Raises TwimlError, and nothing else."""
    kind, charset = _content_type(content_type)
    if kind.startswith("audio/"):
        return Sound(kind)
    if len(body) > MOST:
        raise _error(TOO_LARGE, f"The answer has {len(body)} bytes; at most {MOST // 1024} kB are read.")
    if not body.strip():
        raise _error(EMPTY, "The answer is empty: answer with TwiML, at least <Response/>.")
    if kind == "text/plain":
        try:
            return read_twiml(body, charset)
        except TwimlError:
            return Spoken(_decoded(body, charset))
    if kind not in TWIML:
        named = f"is {kind}" if kind else "is missing"
        raise _error(WRONG_TYPE, f"The Content-Type of the answer {named}: send application/xml with TwiML.")
    return read_twiml(body, charset)


def _content_type(header: str | None) -> tuple[str, str | None]:
    """Take a Content-Type apart, in lower case: the type, and the charset if it names one that there is."""
    if not header:
        return "", None
    message = Message()
    message["Content-Type"] = " ".join(header.split())
    kind = header.partition(";")[0].strip().lower()
    charset = message.get_param("charset")
    if not isinstance(charset, str):
        return kind, None
    return kind, charset if _is_known(charset) else None


def _is_known(charset: str) -> bool:
    try:
        codecs.lookup(charset)
    except (LookupError, ValueError):
        return False
    return True


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        text = body.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):
        text = body.decode(errors="replace")
    return text.encode(errors="replace").decode().strip()  # half a surrogate pair is no character


def _error(code: int, text: str) -> TwimlError:
    return TwimlError(Problem(code, "error", text, 1, 1))
