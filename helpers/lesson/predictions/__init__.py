"""The questions of the lessons, kept away from the cells that ask them: `predict("where-it-waits")`.

A module for each lesson has its `QUESTIONS` by name. No two lessons share a name.
"""

from __future__ import annotations

from helpers.errors import LessonError
from helpers.lesson import steps_done
from helpers.lesson.predictions import (
    accept_by_callback,
    build_an_agent_page,
    create_a_task,
    create_a_workspace,
    dequeue_to_an_agent,
    design_a_workflow,
    go_live,
    many_tasks_at_once,
    more_ways_to_connect,
    rehearse_a_day,
    reject_time_out_and_recover,
    start_here,
    tasks_from_phone_calls,
    watch_and_measure,
)
from helpers.live.widgets.prediction import Prediction, ask

LESSONS = (
    start_here,
    create_a_workspace,
    create_a_task,
    accept_by_callback,
    tasks_from_phone_calls,
    dequeue_to_an_agent,
    more_ways_to_connect,
    reject_time_out_and_recover,
    design_a_workflow,
    many_tasks_at_once,
    watch_and_measure,
    go_live,
    rehearse_a_day,
    build_an_agent_page,
)

QUESTIONS = {name: question for lesson in LESSONS for name, question in lesson.QUESTIONS.items()}
"""All questions, by name."""


def predict(name: str) -> Prediction:
    """Show a question, to be the last value of a cell: its answer appears after the choice.

    name: of the question, as in `predict("where-it-waits")`. Running the cell again lets one choose again.
    Raises LessonError, which tells the names that there are, when there is no such question.
    """
    if name not in QUESTIONS:
        raise LessonError(f"There is no question {name!r}. There are: {', '.join(sorted(QUESTIONS))}.")
    return ask(name, QUESTIONS[name], on_choice=lambda: steps_done.remember(f"predict.{name}"))


__all__ = ["predict"]
