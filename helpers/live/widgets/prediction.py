"""A question to think about before a cell shows the answer: the choice comes first, then what is right and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.errors import LessonError
from helpers.live.widgets.base import LiveWidget, front_end, replace_previous

LETTERS = "abc"
"""What the options are called in words."""


@dataclass(frozen=True)
class Question:
    """A question with two or three options.

    asked: the question; options: what can be answered; right: the place of the right one, from 0; why: the reason, said
    after either choice. What stands between backticks is drawn as code.
    """

    asked: str
    options: tuple[str, ...]
    right: int
    why: str


def ask(name: str, question: Question, on_choice: Callable[[], None] = lambda: None) -> Prediction:
    """Show a question, to be the last value of a cell.

    name: takes the place of the one shown with the same name; on_choice: is called once, after the choice.
    """
    return replace_previous(("prediction", name), lambda: Prediction(question, on_choice))


class Prediction(LiveWidget):
    """A question whose answer the browser gets only after the choice, which is made once.

    `state`: `question`, `options`, `chosen` and `right` (places of options, None before the choice), `verdict` and
    `why` (texts, empty before the choice).
    """

    _esm, _css = front_end("prediction")

    def __init__(self, question: Question, on_choice: Callable[[], None] = lambda: None) -> None:
        self._question, self._on_choice = question, on_choice
        super().__init__(
            "Predict", mode="sandbox",  # a choice does nothing anywhere
            question=question.asked, options=list(question.options), chosen=None, right=None, verdict="", why="",
        )  # fmt: skip

    def choose(self, option: int) -> None:
        """Choose an option by its place, from 0, as a click does. A later choice changes nothing.

        Raises:
            LessonError: when there is no such option.
        """
        question = self._question
        if option not in range(len(question.options)):
            raise LessonError(f"Choose an option from 0 to {len(question.options) - 1}.")
        with self._lock:
            if self._content["chosen"] is not None:
                return
            is_right = option == question.right
            verdict = "Right." if is_right else f"Not quite. It is: {question.options[question.right]}."
            self._post(chosen=option, right=question.right, verdict=verdict, why=question.why)
        self._on_choice()

    def words(self) -> str:
        """Give the question and its options, and after the choice what is right."""
        now = self._content
        lines = [f"Predict: {now['question']}"]
        lines += [f"  {letter}) {option}" for letter, option in zip(LETTERS, now["options"], strict=False)]
        if now["chosen"] is not None:
            lines.append(f"You chose {LETTERS[now['chosen']]}. {now['verdict']} {now['why']}")
        return "\n".join(lines)

    def _handle_message(self, content: dict[str, Any]) -> None:
        if content.get("kind") != "choice":
            raise LessonError(f"This question does not know what {content.get('kind')!r} means; reload the page.")
        self.choose(content.get("option", -1))
