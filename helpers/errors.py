"""Errors that a learner meets: one sentence that says what is wrong and what to do next."""

from __future__ import annotations

from helpers.lines import in_lines


class LessonError(Exception):
    """Something a learner can put right.

    In a notebook only the sentence is shown, without a traceback; everywhere else it is an ordinary exception.
    """

    def _render_traceback_(self) -> list[str]:
        return [in_lines(f"{type(self).__name__}: {self}")]
