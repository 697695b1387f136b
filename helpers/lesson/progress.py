"""Where a learner is: on which page, what is done on it, and which pages come before and after. `progress("02")`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from IPython.display import DisplayHandle, display

from helpers.connection.error_messages import describe_error
from helpers.errors import LessonError
from helpers.lesson import steps_done
from helpers.lesson.checkpoints import check
from helpers.lesson.course import GLOSSARY, PAGES, CoursePage, find, neighbours
from helpers.lesson.predictions import LESSONS

FRAME = (
    "border:1px solid var(--jp-border-color2,#e0e0e0);padding:0.4em 0.8em;margin:0.2em 0;"
    "color:var(--jp-ui-font-color1,#212121)"
)
DONE = "var(--jp-success-color1, #2e7d32)"

BETWEEN_WORDS = (
    "<style>.jp-Notebook:has(.tr-where) .jp-OutputArea-output pre{word-break:normal;overflow-wrap:anywhere}</style>"
)
"""Has JupyterLab break the lines below the cells of this page between words, and inside of one that fills a line."""


def progress(page: str = "") -> None:
    """Show where one is; it keeps itself up to date as checkpoints are passed and questions answered.

    page: the number of the page, such as "02"; left out, the whole course is shown, page by page. Run again, it is
    shown anew. Raises LessonError when there is no such page.
    """
    shown = Map() if not page else Bar(find(page))
    handle = display(shown, display_id=True)
    if isinstance(handle, DisplayHandle):
        steps_done.listeners[f"progress {page}"] = lambda: handle.update(Map() if not page else Bar(find(page)))


def reset_progress(page: str = "") -> None:
    """Forget what is done on a page, or on every page, of the present workspace; changes nothing in TaskRouter.

    page: the number of the page, such as "02". Raises LessonError when there is no such page, or it cannot be done.
    """
    pages = PAGES if not page else (find(page),)
    try:
        steps_done.forget([step for one in pages for step in (*checks(one), *questions(one))], steps_done.here())
    except LessonError:
        raise
    except Exception as error:
        raise LessonError(f"Nothing was forgotten: {describe_error(error)}.") from None
    print(f"Page {page} begins again." if page else "Every page begins again.")


def checks(page: CoursePage) -> list[str]:
    """Give the steps of a page that are checkpoints: those of its module."""
    return [
        f"check.{name}"
        for name in vars(check)
        if getattr(getattr(check, name), "__module__", "").rpartition(".")[2] == page.module
    ]


def questions(page: CoursePage) -> list[str]:
    """Give the steps of a page that are questions: those of its module."""
    return [
        f"predict.{name}"
        for lesson in LESSONS
        if lesson.__name__.rpartition(".")[2] == page.module
        for name in lesson.QUESTIONS
    ]


@dataclass(frozen=True)
class Progress:
    """What is done: the names of the steps, and a sentence about what hinders counting them, or ""."""

    steps: frozenset[str]
    trouble: str

    def of(self, page: CoursePage) -> str:
        """Say how much of a page is done, such as "2 of 5 checkpoints · 1 of 4 questions"."""
        counted = ((checks(page), "checkpoint"), (questions(page), "question"))
        return " · ".join(
            f"{len(self.steps.intersection(steps))} of {len(steps)} {name}{'' if len(steps) == 1 else 's'}"
            for steps, name in counted
            if steps
        )

    def is_finished(self, page: CoursePage) -> bool:
        """Tell whether every checkpoint of a page was passed. Questions are for thinking, and nobody counts them."""
        return bool(checks(page)) and self.steps.issuperset(checks(page))


def _now() -> Progress:
    """Look up what is done. Never raises."""
    try:
        return Progress(frozenset(steps_done.done(steps_done.here())), steps_done.trouble())
    except Exception as error:
        return Progress(frozenset(), f"What is done cannot be told now: {describe_error(error)}.")


class Bar:
    """Where one is on a page, between the pages before and after it. HTML in a notebook, text elsewhere."""

    def __init__(self, page: CoursePage):
        self._page, self._progress = page, _now()
        self._before, self._after = neighbours(page)

    @property
    def _words(self) -> str:
        place = PAGES.index(self._page) + 1
        done = "done ✔" if self._progress.is_finished(self._page) else f"about {self._page.minutes} min"
        return f"Page {place} of {len(PAGES)} · {self._progress.of(self._page)} · {done}"

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self._words, self._progress.trouble]))

    def _repr_html_(self) -> str:
        before = _link(self._before, f"← {self._before.number} {self._before.title}") if self._before else ""
        after = _link(self._after, f"{self._after.number} {self._after.title} →") if self._after else ""
        return (
            f"{_frame('Where you are')}<b>{escape(self._words)}</b>"
            f'<div style="display:flex;flex-wrap:wrap;justify-content:space-between;gap:0.2em 1.5em">'
            f"<span>{before}</span><span>{after}</span></div>{_about(self._progress)}</div>"
        )


class Map:
    """The pages of the course, with what is done of each. HTML in a notebook, text elsewhere."""

    def __init__(self) -> None:
        self._progress = _now()

    def _state(self, page: CoursePage) -> str:
        return "done ✔" if self._progress.is_finished(page) else self._progress.of(page)

    def __repr__(self) -> str:
        rows = [f"{page.number:<3} {page.title}: {page.minutes} minutes, {self._state(page)}" for page in PAGES]
        return "\n".join([*rows, *filter(None, [self._progress.trouble])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">{page.number}</td><td style="text-align:left">{_link(page, page.title)}'
            f'</td><td style="white-space:nowrap">{page.minutes} min</td><td style="text-align:left'
            f'{f";color:{DONE}" if self._progress.is_finished(page) else ""}">{escape(self._state(page))}</td></tr>'
            for page in PAGES
        )
        hours = sum(page.minutes for page in PAGES) / 60
        return (
            f'{_frame("The course")}<table style="margin:0"><tbody>{rows}'
            f"</tbody></table><div>Together about {hours:.1f} hours. Words that you do not know are in the "
            f'<a href="{GLOSSARY}">glossary</a>.</div>{_about(self._progress)}</div>'
        )


def _frame(label: str) -> str:
    """Begin what is shown: a landmark of that name."""
    return f'{BETWEEN_WORDS}<div class="tr-where" role="navigation" aria-label="{label}" style="{FRAME}">'


def _link(page: CoursePage, words: str) -> str:
    return f'<a href="{page.file}">{escape(words)}</a>'


def _about(progress: Progress) -> str:
    return f"<div>{escape(progress.trouble)}</div>" if progress.trouble else ""
