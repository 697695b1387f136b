"""How a checkpoint is written, run and shown.

A checkpoint is a function that reads the state of the service through the client. It returns the sentence to
say when all is right, and raises `NotYet` or `NotRight` otherwise; whatever else it raises is told, never thrown.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any, ParamSpec, TypeAlias, TypeVar

from helpers.connection.error_messages import describe_error
from helpers.lesson import steps_done


class CheckpointState(Enum):
    """How a step stands. The value is what the learner reads first."""

    RIGHT = "Right"
    NOT_RIGHT = "Not right, because"
    NOT_YET = "Not done yet"
    UNKNOWN = "Could not look"


MARKS = {
    CheckpointState.RIGHT: "✔",
    CheckpointState.NOT_RIGHT: "✘",
    CheckpointState.NOT_YET: "○",
    CheckpointState.UNKNOWN: "?",
}
COLOURS = {
    CheckpointState.RIGHT: "var(--jp-success-color1, #2e7d32)",
    CheckpointState.NOT_RIGHT: "var(--jp-error-color1, #c62828)",
    CheckpointState.NOT_YET: "var(--jp-info-color1, #0277bd)",
    CheckpointState.UNKNOWN: "var(--jp-warn-color1, #b35900)",
}


P = ParamSpec("P")
T = TypeVar("T")

_looked_up: ContextVar[dict[Any, tuple[Any, Unmet | None]] | None] = ContextVar("looked up in this run", default=None)

EMPHASIS = re.compile(r"(?<![\w*])\*(?=\w)([^*]+)(?<=\w)\*(?![\w*])")


class Unmet(Exception):
    """The step is not as it should be, in one sentence.

    hints, from gentle to plain, and solution, as code: what to do about this very cause, in the place of what the
    checkpoint says of its step; left out, those of the step fit.
    """

    def __init__(self, sentence: str, *, hints: tuple[str, ...] = (), solution: str = "") -> None:
        super().__init__(sentence)
        self.hints, self.solution = hints, solution


class NotYet(Unmet):
    """The step is not done: the sentence says what there is to do."""


class Missing(NotYet):
    """Something is not there that the step needs: nothing else can be done before it is."""


class NotRight(Unmet):
    """The step is done, but differently: the sentence completes "Not right, because"."""


@dataclass(frozen=True)
class CheckpointResult:
    """What a checkpoint found. HTML in a notebook, text elsewhere."""

    step: str
    state: CheckpointState
    sentence: str
    hints: tuple[str, ...] = ()
    solution: str = ""

    @property
    def is_right(self) -> bool:
        """True when the step is done."""
        return self.state is CheckpointState.RIGHT

    @property
    def headline(self) -> str:
        """The state and the sentence, in words."""
        joint = " " if self.state is CheckpointState.NOT_RIGHT else ": "
        return f"{self.state.value}{joint}{self.sentence}"

    def __repr__(self) -> str:
        text = f"{MARKS[self.state]} {self.step}. {self.headline}"
        if self.is_right or not self.hints:
            return text
        return f"{text}\n  Hint 1: {self.hints[0]}"

    def _repr_html_(self) -> str:
        colour = COLOURS[self.state]
        return (
            f'<div role="status" style="border-left:4px solid {colour};padding:0.4em 0.8em;margin:0.2em 0;'
            'overflow-wrap:anywhere;color:var(--jp-ui-font-color1,#212121);background:var(--jp-layout-color2,#f5f5f5)">'
            f'<span style="color:{colour};font-weight:bold" aria-hidden="true">{MARKS[self.state]}</span> '
            f"<b>{_text(self.step)}.</b> {_text(self.headline)}"
            f"{'' if self.is_right else self._help()}</div>"
        )

    def _help(self) -> str:
        """Put each hint inside the one before it, the solution inside the last: opened one step at a time."""
        steps = [(f"Hint {number}", f"<p>{_text(hint)}</p>") for number, hint in enumerate(self.hints, 1)]
        if self.solution:
            steps.append(("Solution", f"<pre><code>{escape(self.solution)}</code></pre>"))
        html = ""
        for summary, body in reversed(steps):
            html = f'<details style="margin:0.3em 0"><summary>{summary}</summary>{body}{html}</details>'
        return html


def _text(words: str) -> str:
    """Escape a text for HTML, with what stands between backticks as `<code>`, and *a button's name* as `<em>`."""
    parts = escape(words).split("`")
    return "".join(
        f"<code>{part}</code>" if i % 2 else EMPHASIS.sub(r"<em>\1</em>", part) for i, part in enumerate(parts)
    )


Decorator: TypeAlias = Callable[[Callable[..., str]], Callable[..., CheckpointResult]]


def _nothing(_client: Any) -> Missing | None:
    return None


def checkpoint(
    step: str, *, hints: tuple[str, ...], solution: str, missing: Callable[[Any], Missing | None] = _nothing
) -> Decorator:
    """Make a checkpoint of a function: same arguments, returns a CheckpointResult, never raises.

    That it was right once is remembered (`helpers/lesson/steps_done.py`).

    step: what the step is called; hints: from gentle to plain; solution: code that does it. Both are shown unless the
    cause that was found has its own. missing: looks by the client for what the page needs and is not there, which is
    told in the place of what there is to do.
    """

    def decorate(look: Callable[..., str]) -> Callable[..., CheckpointResult]:
        @functools.wraps(look)
        def run(*args: object, **kwargs: object) -> CheckpointResult:
            try:
                bound = inspect.signature(look).bind(*args, **kwargs)
            except TypeError:
                usage = f"check.{look.__name__}({', '.join(inspect.signature(look).parameters)})"
                return CheckpointResult(step, CheckpointState.UNKNOWN, f"write `{usage}`.")
            looked_up = _looked_up.set({})
            try:
                try:
                    result = CheckpointResult(step, CheckpointState.RIGHT, look(*args, **kwargs))
                except NotYet as left:
                    first = None if isinstance(left, Missing) else missing(bound.arguments.get("client"))
                    raise first or left from None
            except Unmet as reason:
                state = CheckpointState.NOT_YET if isinstance(reason, NotYet) else CheckpointState.NOT_RIGHT
                help_ = (reason.hints, reason.solution) if reason.hints else (hints, solution)
                return CheckpointResult(step, state, str(reason), *help_)
            except Exception as error:  # a checkpoint never raises
                return CheckpointResult(step, CheckpointState.UNKNOWN, f"{describe_error(error)}.")
            finally:
                _looked_up.reset(looked_up)
            steps_done.remember(f"check.{look.__name__}", bound.arguments.get("client"))
            return result

        return run

    return decorate


def once_a_run(look_up: Callable[P, T]) -> Callable[P, T]:
    """Have a checkpoint look something up once, however often it asks: what was found, or missed, stays so to its end.

    Outside a checkpoint it is looked up each time.
    """

    @functools.wraps(look_up)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _looked_up.get()
        if known is None:
            return look_up(*args, **kwargs)
        key = (look_up, *args, *kwargs.items())
        if key not in known:
            try:
                known[key] = look_up(*args, **kwargs), None
            except Unmet as cause:
                known[key] = None, cause
        found, missed = known[key]
        if missed is not None:
            raise missed
        return found

    return run
