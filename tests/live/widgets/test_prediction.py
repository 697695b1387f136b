"""A question in a cell: the choice first, then the answer."""

from __future__ import annotations

import json

import pytest

from helpers.errors import LessonError
from helpers.live.widgets.prediction import Prediction, Question, ask

QUESTION = Question("What is sent?", options=("Nothing", "Empty `Digits`"), right=0, why="There is nothing to send.")


@pytest.fixture
def prediction() -> Prediction:
    return ask("a-question", QUESTION)


def click(prediction: Prediction, option: object) -> None:
    """What a click on an option does."""
    prediction._handle_custom_msg({"kind": "choice", "option": option}, [])
    prediction.wait_until_drawn()


def test_the_browser_has_no_answer_before_the_choice(prediction):
    prediction.wait_until_drawn()

    assert prediction.state["options"] == ["Nothing", "Empty `Digits`"]
    assert prediction.state["chosen"] is None
    assert prediction.state["right"] is None
    assert "There is nothing" not in json.dumps(prediction.get_state()["state"])
    assert repr(prediction) == "Predict: What is sent?\n  a) Nothing\n  b) Empty `Digits`"


@pytest.mark.parametrize(("option", "verdict"), [(0, "Right."), (1, "Not quite. It is: Nothing.")])
def test_the_choice_is_answered_with_what_is_right_and_why(prediction, option, verdict):
    click(prediction, option)

    shown = {key: prediction.state[key] for key in ("chosen", "right", "verdict", "why")}
    assert shown == {"chosen": option, "right": 0, "verdict": verdict, "why": QUESTION.why}
    assert f"You chose {'ab'[option]}. {verdict} There is nothing to send." in repr(prediction)


def test_it_is_made_once_and_again_when_the_cell_runs_again(prediction):
    click(prediction, 1)
    click(prediction, 0)
    assert prediction.state["chosen"] == 1

    again = ask("a-question", QUESTION)

    assert again.state["chosen"] is None
    assert repr(prediction).endswith("(closed)")


@pytest.mark.parametrize("option", [2, -1, None, "0"])
def test_an_option_that_there_is_not_is_refused(prediction, option):
    click(prediction, option)
    assert prediction.state["chosen"] is None
    assert "Choose an option from 0 to 1" in prediction.state["fault"]
    with pytest.raises(LessonError, match="Choose an option from 0 to 1"):
        prediction.choose(2)


def test_a_viewer_without_widgets_shows_the_question(prediction):
    text = prediction._repr_mimebundle_()[0]["text/plain"]
    assert text.startswith("Predict: What is sent?\n  a) Nothing")
    assert "open this notebook in JupyterLab" in text
