"""The questions that the notebooks ask: each is there, is asked once, and cannot be read in the notebook."""

from __future__ import annotations

import re

import pytest

from helpers import predict
from helpers.errors import LessonError
from helpers.lesson import predictions
from helpers.live.widgets.prediction import LETTERS
from tests.notebooks.conftest import NOTEBOOKS, read


@pytest.fixture(autouse=True)
def _closed(closed_at_the_end: None) -> None:
    """Nothing of a test goes on after it."""


def asked_in(name: str) -> list[str]:
    """The names of the questions of a notebook."""
    cells = [cell.source for cell in read(name).cells if cell.cell_type == "code"]
    return [found for source in cells for found in re.findall(r'\bpredict\("([^"]*)"\)', source)]


def test_every_question_is_asked_once_and_every_one_that_is_asked_exists():
    asked = [name for path in sorted(NOTEBOOKS.glob("*.ipynb")) for name in asked_in(path.stem)]
    assert sorted(asked) == sorted(predictions.QUESTIONS)


def test_no_two_lessons_use_the_same_name():
    assert len(predictions.QUESTIONS) == sum(len(lesson.QUESTIONS) for lesson in predictions.LESSONS)


@pytest.mark.parametrize("name", predictions.QUESTIONS)
def test_a_question_has_two_or_three_options_one_of_them_right(name):
    question = predictions.QUESTIONS[name]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert question.asked.endswith("?")
    assert 2 <= len(question.options) <= len(LETTERS)
    assert len(set(question.options)) == len(question.options)
    assert 0 <= question.right < len(question.options)
    assert question.why.endswith(".")
    for text in (question.asked, *question.options, question.why):
        assert text.count("`") % 2 == 0, text


def test_the_right_one_is_not_always_at_the_same_place():
    places = [question.right for question in predictions.QUESTIONS.values()]
    assert max(map(places.count, places)) <= len(places) * 0.6


def test_an_unknown_question_tells_those_that_there_are():
    with pytest.raises(LessonError, match=r"There is no question 'where-it-wait'\. .*where-it-waits"):
        predict("where-it-wait")


def test_a_known_one_is_shown():
    name, question = next(iter(predictions.QUESTIONS.items()))
    assert question.asked in repr(predict(name))
