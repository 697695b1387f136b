"""The pages of the course, in their order. A page that is not here has no place in it."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import LessonError

GLOSSARY = "glossary.ipynb"
"""The page with the words of the course, beside the others."""

ANSWERS = "answers.ipynb"
"""The page with questions that people ask, beside the others."""


@dataclass(frozen=True)
class CoursePage:
    """A page of the course.

    name: of its notebook, such as "02-create-a-task"; title: what its links say; minutes: what it takes a learner.
    """

    name: str
    title: str
    minutes: int

    @property
    def number(self) -> str:
        """What the page is called in a sentence, such as "02"."""
        return self.name.partition("-")[0]

    @property
    def file(self) -> str:
        """The notebook, as a link from another page."""
        return f"{self.name}.ipynb"

    @property
    def module(self) -> str:
        """What the modules with the page's checkpoints and with its questions are called, such as "create_a_task"."""
        return self.name.partition("-")[2].replace("-", "_")


PAGES = (
    CoursePage("00-start-here", "Start here", 10),
    CoursePage("01-create-a-workspace", "Create a workspace", 25),
    CoursePage("02-create-a-task", "Create a task", 25),
    CoursePage("03-accept-by-callback", "Accept by callback", 30),
    CoursePage("04-tasks-from-phone-calls", "Tasks from phone calls", 25),
    CoursePage("05-dequeue-to-an-agent", "Dequeue to an agent", 25),
    CoursePage("05b-more-ways-to-connect", "More ways to connect a call", 30),
    CoursePage("06-reject-time-out-and-recover", "Reject, time out and recover", 25),
    CoursePage("07-design-a-workflow", "Design a workflow", 35),
    CoursePage("08-many-tasks-at-once", "Many tasks at once", 25),
    CoursePage("09-watch-and-measure", "Watch and measure", 30),
    CoursePage("10-go-live", "Go live", 30),
    CoursePage("11-rehearse-a-day", "Rehearse a day", 35),
    CoursePage("12-build-an-agent-page", "Build an agent's page", 30),
)


def find(number: str) -> CoursePage:
    """Give the page of that number, such as "02". Raises LessonError, with those that there are, when there is none."""
    for page in PAGES:
        if page.number == number:
            return page
    raise LessonError(f"There is no page {number!r}. There are: {', '.join(page.number for page in PAGES)}.")


def neighbours(page: CoursePage) -> tuple[CoursePage | None, CoursePage | None]:
    """Give the page before and the page after one."""
    place = PAGES.index(page)
    return (PAGES[place - 1] if place else None), (PAGES[place + 1] if place + 1 < len(PAGES) else None)
