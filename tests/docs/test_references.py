"""Every paragraph that code, tests, lessons and documents cite is in docs/taskrouter, and every link leads somewhere.

A citation is `behaviour.md §5.2`, with what is joined to it, as in `behaviour.md §5.2, §5.3`, or with a numbered point,
as in `rest-contract.md §15, point 7`. A bare section belongs to the document that it stands in, to what the module's
docstring names, or else to the one that was named last.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "docs" / "taskrouter"
NAMES = ("behaviour.md", "rest-contract.md", "voice.md", "agent-sdk.md")
SIGN = "\N{SECTION SIGN}"

NAME = re.compile("|".join(re.escape(name) for name in NAMES))
TOKEN = re.compile(
    rf"(?P<name>{NAME.pattern})"
    rf"|{SIGN}(?P<section>\d+(?:\.\d+)*)(?:,? (?P<kind>point|step|steps|mismatch) (?P<point>\w+))?"
)
# what stands between the sections of one citation; it may go on in the next line
JOINED = re.compile(r"`?(?: ?[,;] ?(?:\n[ #*]*)?)?(?: ?(?:and|or|to)(?: |\n[ #*]*))? ?`?")
HEADING = re.compile(r"#{1,6} +(?P<title>.*?)\s*#*$")
NUMBERED = re.compile(r"(?P<number>\d+(?:\.\d+)*)\.? ")
POINT = re.compile(r"\| *(?P<row>[\w.]+(?: \d+)?)[^|]*\||(?P<item>\d+)\. ")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^()\s]+)\)")


@dataclass
class Document:
    """The sections of a document, each with its numbered points: rows of tables, items of lists."""

    sections: dict[str, set[str]] = field(default_factory=dict)
    anchors: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)

    def has(self, section: str, point: str | None) -> bool:
        if section not in self.sections:
            return False
        return point is None or point in self.sections[section]


@dataclass(frozen=True)
class Citation:
    """Where something is cited, and what; documents: those that may be meant, any of which will do."""

    place: str
    documents: tuple[str, ...]
    section: str
    point: str | None

    def __str__(self) -> str:
        point = f", point {self.point}" if self.point else ""
        return f"{self.place}: {' or '.join(self.documents)} has no {SIGN}{self.section}{point}"


def outside_code(text: str) -> Iterator[str]:
    """The lines of a Markdown text that are not in a fenced block."""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield line


def read_document(text: str) -> Document:
    document = Document()
    section = ""
    for line in outside_code(text):
        if heading := HEADING.match(line):
            title = heading["title"]
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            seen = document.anchors[slug]
            document.anchors[f"{slug}-{seen}" if seen else slug] += 1
            if number := NUMBERED.match(f"{title} "):
                section = number["number"]
                if section in document.sections:
                    document.twice.append(section)
                document.sections[section] = set()
        elif section and (point := POINT.match(line)):
            name = point["row"] or point["item"]
            document.sections[section].add(name.lower())
            if name.startswith(f"{section}."):  # a row that is cited like a section
                document.sections.setdefault(name, set())
            document.sections[section].add(name.lower().split()[0])
    return document


@cache
def documents() -> dict[str, Document]:
    there = [name for name in NAMES if (DOCUMENTS / name).exists()]
    return {name: read_document((DOCUMENTS / name).read_text("utf-8")) for name in there}


def of_the_module(path: Path, text: str) -> tuple[str, ...]:
    """The documents that bare sections of a file belong to: itself, or those that its docstring names."""
    if path.parent == DOCUMENTS and path.name in NAMES:
        return (path.name,)
    if path.suffix != ".py":
        return ()
    docstring = ast.get_docstring(ast.parse(text)) or ""
    return tuple(dict.fromkeys(NAME.findall(docstring)))


def citations(path: Path, text: str) -> Iterator[Citation]:
    """What a file cites, in order."""
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    module, last, named, end = of_the_module(path, text), "", "", 0
    for token in TOKEN.finditer(text):
        if not JOINED.fullmatch(text, end, token.start()):
            named = ""
        end = token.end()
        if name := token["name"]:
            named = last = name
            continue
        meant = (named,) if named else module or ((last,) if last else NAMES)
        point = token["point"]
        if point and token["kind"] == "mismatch":
            point = f"mismatch {point}"
        line = text.count("\n", 0, token.start()) + 1
        yield Citation(f"{shown}:{line}", meant, token["section"], point and point.lower())


def files(*suffixes: str) -> list[Path]:
    """The files of the project with these suffixes, also those that git does not track yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {ROOT / name for name in listed.split("\0") if name.endswith(suffixes)}
    return sorted(path for path in found if path.exists())


@cache
def cited() -> tuple[Citation, ...]:
    found = (citations(path, path.read_text("utf-8")) for path in files(".py", ".md", ".js", ".ipynb"))
    return tuple(one for of_a_file in found for one in of_a_file)


def dangling(found: tuple[Citation, ...] | list[Citation], known: dict[str, Document]) -> list[str]:
    def is_there(one: Citation) -> bool:
        return any(name in known and known[name].has(one.section, one.point) for name in one.documents)

    return [str(one) for one in found if not is_there(one)]


def dead_links(path: Path, text: str) -> list[str]:
    """The relative links of a Markdown file that lead to no file, or to no heading in it."""
    found: list[str] = []
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", "\n".join(outside_code(text)))):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        file, _, anchor = target.partition("#")
        aim = path if not file else (path.parent / file).resolve()
        if not aim.exists():
            found.append(f"{path.relative_to(ROOT)}: there is no {target}")
        elif anchor and anchor not in read_document(aim.read_text("utf-8")).anchors:
            found.append(f"{path.relative_to(ROOT)}: {file or 'it'} has no heading #{anchor}")
    return found


def test_every_section_cited_is_there():
    assert len(cited()) > 300
    missing = dangling(cited(), documents())
    assert not missing, "\n" + "\n".join(missing)


def test_every_rule_is_cited_by_code_or_tests():
    """Of what TaskRouter does with tasks and workers: sections 2 to 8, and those below them."""
    of_code = {one for one in cited() if ".py:" in one.place and "behaviour.md" in one.documents}
    reached = {one.section for one in of_code}
    rules = {number for number in documents()["behaviour.md"].sections if 2 <= int(number.partition(".")[0]) <= 8}
    lone = {number for number in rules if not any(other.startswith(f"{number}.") for other in rules)}
    assert sorted(lone - reached) == []


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_number_stands_once(name: str):
    assert documents()[name].twice == []


def test_every_link_leads_somewhere():
    dead = [one for path in files(".md") for one in dead_links(path, path.read_text("utf-8"))]
    assert not dead, "\n" + "\n".join(dead)


TEXT = """# Title
## 1. One
| # | what |
|---|---|
| 1.1 | a row |
| Mismatch 2 | another |
### 1.2 Two
1. first
| 2d accept | a step |
## 10. What lists find?
"""


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("behaviour.md {}1.2, {}10, {}1.1", []),
        ("behaviour.md {}1.2, point 1; {}1.2 step 2d; {}1, mismatch 2", []),
        ("`behaviour.md {}1.3`", ["1.3"]),
        ("x behaviour.md {}1 and {}2.1, {}1.9.", ["2.1", "1.9"]),
        ("behaviour.md {}1.2, point 2", ["1.2, point 2"]),
        ("behaviour.md {}1.2, step 2e", ["1.2, point 2e"]),
        ("voice.md {}1", ["1"]),
        ("behaviour.md {}1,\n    {}7", ["7"]),
    ],
)
def test_what_is_missing_is_named_with_its_place(line: str, missing: list[str]):
    path = ROOT / "helpers" / "made_up.py"
    text = f'"""Words."""\n# {line.replace("{}", SIGN)}'.replace("\n    ", "\n#   ")
    told = dangling(list(citations(path, text)), {"behaviour.md": read_document(TEXT)})
    name = "voice.md" if "voice" in line else "behaviour.md"
    row = text.count("\n") + 1
    assert told == [f"helpers/made_up.py:{row}: {name} has no {SIGN}{section}" for section in missing]


def test_a_bare_section_is_of_the_document_that_the_docstring_names():
    text = f'"""About behaviour.md."""\n# voice.md {SIGN}1\n\n# {SIGN}9'
    first, second = citations(ROOT / "helpers" / "made_up.py", text)
    assert (first.documents, second.documents) == (("voice.md",), ("behaviour.md",))


def test_dead_links_are_named():
    path = DOCUMENTS / "README.md"
    text = "[a](behaviour.md#2-lifecycles) [b](nothing.md) [c](behaviour.md#nothing) `[d](x.md)` [e](https://x.y)"
    assert dead_links(path, text) == [
        "docs/taskrouter/README.md: there is no nothing.md",
        "docs/taskrouter/README.md: behaviour.md has no heading #nothing",
    ]
