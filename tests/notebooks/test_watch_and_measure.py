"""Notebook 09 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import json
import re

import pytest

NAME = "09-watch-and-measure"


def solve(run, verdict_of: str) -> None:
    """Run the solution that the checkpoint shows."""
    run.code(f"exec({verdict_of}.solution)")


def test_solved_from_top_to_bottom(notebook):
    with notebook(NAME, solved=True) as run:
        texts = run.all()
        plot = next(cell for cell in run.client.nb.cells if cell.id == "plot")

    checks = {cell_id: text for cell_id, text in texts.items() if cell_id.startswith("check-")}
    assert len(checks) == 3
    assert all(text.startswith("✔ ") for text in checks.values()), checks
    before, after = map(int, re.findall(r"(\d+) s", texts["check-shorter-waits"]))
    assert before > 2 * after
    (chart,) = [one.data["application/vnd.vegalite.v5+json"] for one in plot.outputs if "data" in one]
    points = next(iter(chart["datasets"].values())) if "datasets" in chart else chart["data"]["values"]
    assert {point["language"] for point in points} == {"es", "en"}
    assert len(points) > 50
    for language in ("es", "en"):  # TaskRouter's figure and the learner's are one
        (line,) = [one for one in texts["ask-statistics"].splitlines() if one.startswith(f"{language} ")]
        theirs, mine = re.fullmatch(rf"{language} ([\d.]+) s; mine: (\d+) s .*", line).groups()
        assert abs(float(theirs) - float(mine)) <= 1


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, with a morning."""
    with notebook(NAME) as run:
        run.up_to("play-morning")
        yield run


def test_shorter_waits(run):
    assert "so the Spanish queue is without her" in run.cell("check-shorter-waits")
    for attributes, words in (
        ({"languages": "en, es"}, "her languages are no list any more"),
        ({"languages": ["es"]}, "has forgotten her English"),
        ({"languages": ["en", "es"]}, "the second morning was not played"),
    ):
        run.code(f"everybody['Carla'].update(attributes={json.dumps(attributes)!r})")
        assert words in run.cell("check-shorter-waits")
    solve(run, "check.shorter_waits(client)")
    assert run.cell("check-shorter-waits").startswith("✔ ")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("task.cancelled,reservation.timeout", "`task.cancelled` is not what you were asked for"),
        ("task.canceled", "`reservation.timeout` is missing"),
        ("task.canceled,reservation.timeout,task.created", "`task.created` is reported, too"),
    ],
)
def test_events_filter(notebook, written, words):
    with notebook(NAME) as run:
        run.up_to("create-workspace")
        run.code("workspace = workspace.update(events_filter='')")
        assert "it reports everything" in run.cell("check-events-filter")
        assert "no morning was played" in run.cell("check-morning")
        run.code(f"workspace.update(events_filter={written!r})")
        assert words in run.cell("check-events-filter")
        solve(run, "check.events_filter(client)")
        assert run.cell("check-events-filter").startswith("✔ ")
