"""The script of a page, read as far as a checkpoint needs it: which promises nobody waits for.

There is no reader of JavaScript here. What is not sure to be a statement of its own counts as waited for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SILENT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`""",
    re.DOTALL,
)
_GOES_ON = {"await", "return", "void", "yield", "throw", "case", "typeof", "delete", "new", "in", "of", "instanceof"}
"""After these words an expression goes on in the next line."""
_ENDS = re.compile(r"\s*(?:[;}]|$)|[ \t]*\n\s*[\w$]")


def not_awaited(script: str, method: str) -> Iterator[str]:
    """Find the calls of a method that stand alone: nothing waits for their promise, keeps it or hands it on.

    script: JavaScript; method: such as "setAttributes". Gives each call as it is written, with its arguments.
    """
    code = _SILENT.sub(_blank, script)
    for call in re.finditer(rf"(?<![\w$.])(?:[\w$]+\s*\??\.\s*)+{method}\s*\(", code):
        end = _closing(code, call.end())
        if _is_statement(code[: call.start()]) and _ENDS.match(code[end:]):
            yield script[call.start() : end]


def _blank(found: re.Match[str]) -> str:
    """Put as many spaces in the place of a comment, and as many letters in that of a text."""
    return re.sub(r"[^\n]", " " if found[0].startswith(("//", "/*")) else "_", found[0])


def _closing(code: str, start: int) -> int:
    """Give the place after the bracket that closes the one before `start`; the end where none does."""
    depth = 1
    for bracket in re.finditer(r"[()]", code[start:]):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return start + bracket.end()
    return len(code)


def _is_statement(before: str) -> bool:
    """Tell whether a statement begins after this."""
    said = before.rstrip()
    word = re.search(r"[\w$]+$", said)
    if word is not None and word[0] in ("else", "do"):
        return True
    if word is not None or said.endswith("]"):
        return "\n" in before[len(said) :] and (word is None or word[0] not in _GOES_ON)
    return not said or said[-1] in ";{})"
