"""What holds the pages together: their order, the head and the foot of each, the glossary, and links to Twilio."""

from __future__ import annotations

import re

import pytest

from helpers.errors import LessonError
from helpers.lesson.course import ANSWERS, GLOSSARY, PAGES, CoursePage, find, neighbours
from helpers.lesson.progress import checks, questions
from helpers.lesson.snapshots import BEGINS_WITH
from tests.notebooks.conftest import NOTEBOOKS, read
from tests.notebooks.source import source_of
from tests.notebooks.twilio_links import KNOWN

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
ENTRY = re.compile(r"### (?P<term>.+)\n\n(?P<text>[^\n]+)\n\nOn page \[(?P<title>[^\]]+)\]\((?P<file>[^)]+)\)\.")


def prose(name: str, *, foot: bool = True) -> str:
    cells = [cell for cell in read(name).cells if cell.cell_type == "markdown"]
    return "\n\n".join(cell.source for cell in cells if foot or cell.id != "foot")


def entries() -> dict[str, re.Match[str]]:
    """The glossary's terms, each with its text and its page."""
    cells = read(GLOSSARY.removesuffix(".ipynb")).cells
    found = [(cell.source, ENTRY.fullmatch(cell.source)) for cell in cells if cell.id != "title"]
    assert [source for source, entry in found if entry is None] == []
    return {entry["term"]: entry for _, entry in found if entry}


def plain(text: str) -> str:
    """A text as it is searched: in one case, without marks, and with spaces for what joins words."""
    return re.sub(r"[\s_-]+", " ", re.sub(r"[*`]", "", text.lower()))


def foot_of(page: CoursePage) -> list[str]:
    last = read(page.name).cells[-1]
    assert last.id == "foot"
    return last.source.split("\n\n")


def test_the_course_has_every_page_in_order():
    assert [page.name for page in PAGES] == sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
    assert {path.name for path in NOTEBOOKS.glob("[!0-9]*.ipynb")} == {GLOSSARY, ANSWERS}


def test_a_page_is_found_by_its_number():
    assert find("02").title == "Create a task"
    with pytest.raises(LessonError, match=r"There is no page '2'\. There are: 00, 01, 02"):
        find("2")


@every_page
def test_a_page_knows_its_checkpoints_and_its_questions(page: CoursePage):
    code = "\n".join(cell.source for cell in read(page.name).cells if cell.cell_type == "code")
    assert checks(page)
    assert questions(page)
    for step in checks(page):
        assert f"{step}(client)" in code
    for step in questions(page):
        assert f'predict("{step.removeprefix("predict.")}")' in code


@every_page
def test_a_page_begins_with_where_one_is(page: CoursePage):
    cells = read(page.name).cells
    ids = [cell.id for cell in cells]
    assert ids.index("progress") <= ids.index("imports") + 3
    shown = "progress()" if page is PAGES[0] else f'progress("{page.number}")'
    assert cells[ids.index("progress")].source == f"from helpers import progress\n\n{shown}"


@every_page
def test_a_page_ends_with_the_way_to_the_others(page: CoursePage):
    before, after = neighbours(page)
    links = [f"[← {before.number} {before.title}]({before.file})"] if before else []
    links += ["[All pages](00-start-here.ipynb#cell-id=see-all-pages)"] if page is not PAGES[0] else []
    links += [f"[Glossary]({GLOSSARY})"]
    links += [f"[{after.number} {after.title} →]({after.file})"] if after else []
    assert foot_of(page)[-1] == " · ".join(links)


@every_page
def test_its_new_words_are_those_that_the_glossary_has_of_it(page: CoursePage):
    of_page = [term for term, entry in entries().items() if entry["file"] == page.file]
    cells = {cell.source.partition("\n")[0]: cell.id for cell in read(GLOSSARY.removesuffix(".ipynb")).cells}
    words = ", ".join(f"[{term}]({GLOSSARY}#cell-id={cells[f'### {term}']})" for term in of_page)
    assert foot_of(page)[1] == f"**New words on this page:** {words}."


@every_page
def test_it_links_to_twilios_page_of_its_subject(page: CoursePage):
    assert re.fullmatch(
        r"\*\*More in Twilio's documentation:\*\* (\[[^\]]+\]\(https://www\.twilio\.com/docs/[^)]+\)(, |\.))+",
        foot_of(page)[2],
    )


def test_every_term_is_explained_and_met_where_it_says():
    known = entries()
    assert list(known) == sorted(known, key=str.casefold)
    assert len(known) >= 40
    for term, entry in known.items():
        page = next(page for page in PAGES if page.file == entry["file"])
        assert entry["title"] == f"{page.number} {page.title}"
        assert entry["text"].endswith(".")
        assert plain(term) in plain(prose(page.name, foot=False)), f"{page.name} does not mention {term}"


def test_no_earlier_page_has_a_word_in_bold_that_the_glossary_gives_to_a_later_one():
    """A word is explained where it is set in bold."""
    order = {page.file: place for place, page in enumerate(PAGES)}
    for page in PAGES:
        bold = {plain(words) for words in re.findall(r"\*\*([\w ]+)\*\*", prose(page.name, foot=False))}
        for term, entry in entries().items():
            assert plain(term) not in bold or order[entry["file"]] <= order[page.file], (term, page.name)


def test_links_to_twilio_are_known_and_all_that_are_known_are_used():
    text = "\n".join(prose(path.stem) for path in NOTEBOOKS.glob("*.ipynb"))
    assert {url.partition("#")[0] for url in re.findall(r"https://(?:www\.)?twilio\.com[^)\s\"'`]*", text)} == KNOWN


def test_links_stay_among_the_lessons():
    """A copy of the lessons works wherever it lies."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", prose(path.stem)):
            assert (NOTEBOOKS / target).is_file(), f"{path.name}: {target}"
            assert (NOTEBOOKS / target).resolve().is_relative_to(NOTEBOOKS)


def test_the_glossary_begins_with_links_to_every_term():
    first, *terms = read(GLOSSARY.removesuffix(".ipynb")).cells
    links = {cell.id: cell.source.split("\n")[0].removeprefix("### ") for cell in terms}
    assert list(links.values()) == list(entries())
    index = first.source.split("\n\n")[-1]
    assert index == " · ".join(f"[{term}]({GLOSSARY}#cell-id={cell_id})" for cell_id, term in links.items())


def test_the_glossary_names_all_that_a_board_has():
    board = NOTEBOOKS.parent / "helpers" / "live" / "front" / "src" / "board"
    sources = "".join(
        (board / file).read_text("utf-8") for file in ("board.js", "controls.js", "log.js", "new_task.js")
    )
    (tabs,) = re.findall(r"const TABS = \{(.+)\}", sources)
    names = {name.split(":")[0] for name in re.findall(r"""\b(?:menu|button)\([`"]([A-Z][^"`$]+)""", sources)}
    names |= set(re.findall(r'"(\w+)"', tabs)) | set(re.findall(r"tr-button[^>]*>([A-Z][a-z ]+)<", sources))
    assert {"Timeline", "New task", "Next answer", "Skip time", "Start over", "Send again"} <= names
    entry = entries()["Board"]["text"]
    own = {"Board", "Create the task"}  # itself, and the end of the form that *New task* opens
    assert {name for name in names - own if f"*{name}*" not in entry} == set()


def test_a_link_into_another_page_names_a_cell_that_begins_with_a_heading():
    """JupyterLab looks for a heading in vain while it opens the page, and finds a cell."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        for file, anchor in re.findall(r"\]\(([^)#:\s]+\.ipynb)#([^)]+)\)", prose(path.stem)):
            ids = [cell.id for cell in read(file.removesuffix(".ipynb")).cells if cell.source.startswith("#")]
            assert anchor.removeprefix("cell-id=") in ids, f"{path.name}: {file}#{anchor}"
            assert anchor.startswith("cell-id="), f"{path.name}: {file}#{anchor}"


def test_teachers_are_told_of_each_page_its_minutes_and_where_it_begins():
    notes = (NOTEBOOKS.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    for page in PAGES:
        begin = f'`starting_point("{page.number}")`' if page.number in BEGINS_WITH else "nothing"
        row = rf"\| {re.escape(f'{page.number} {page.title}')} \| {page.minutes} \| [^|]+ \| {re.escape(begin)}"
        assert re.search(row, notes), page.name


def test_the_first_page_says_what_stands_where_a_widget_was():
    """JupyterLab's words, in a page that is opened again without its kernel."""
    assert "*model not found*" in source_of("00-start-here", "examine")
