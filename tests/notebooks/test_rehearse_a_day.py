"""Notebook 11 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import re

import pytest

from tests.notebooks.conftest import assert_all_right, running

NAME = "11-rehearse-a-day"
PLOT = "application/vnd.vegalite.v5+json"
PLOTS = {
    "rehearse-monday": r"Spanish: 90 of 100 waited 0 s at most, .* 2\d% hung up",
    "compare-plans": r"Spanish 7\d\.\d% and 7\d\.\d%, a difference of",
    "staffing": r"Workers needed: 2 from 09:00 to 10:00, .* 3 from 1[23]:00 .*\. All intervals reach",
}


def test_solved_from_top_to_bottom(notebook, client):
    """Also that the sandbox, over REST, and Erlang C agree with what is rehearsed."""
    with notebook(NAME, solved=True) as run:
        texts = run.all()
        outputs = {cell.id: cell.outputs for cell in run.client.nb.cells if cell.id in PLOTS}

    assert_all_right(texts, checkpoints=2)
    for cell_id, words in PLOTS.items():
        (plot,) = [one.data for one in outputs[cell_id] if PLOT in one.get("data", {})]
        assert re.search(words, plot["text/plain"]), plot["text/plain"]
        assert plot[PLOT]["description"] == plot["text/plain"]
    theory, low, high = map(int, re.findall(r"\d+", texts["beside-erlang"]))
    assert low <= theory <= high
    assert high - low < theory / 2
    assert texts["compare-decisions"].endswith("The same worker takes each call, in the same second: True\n")
    late, at_lunch = (
        int(each.replace(",", "")) for each in re.findall(r"([\d,]+) (?:Spanish|came)", texts["check-suspect"])[:2]
    )
    assert at_lunch > late * 0.7
    assert "answered within a minute (before: 7" in texts["check-fix"]
    assert [each.friendly_name for each in client.taskrouter.v1.workspaces.list()] == ["TaskRouter Rehearsal"]


@pytest.fixture(scope="module")
def run(sandbox_process):
    """The notebook in a kernel, with the day; both checkpoints only look at what a cell has written."""
    with running(NAME) as run:
        run.up_to("write-monday")
        yield run


def test_why_they_wait(run):
    for suspect, words in (
        ("?", "you suspect nothing yet"),
        ("Lunch?", "`suspect` is `lunch?`, and none of the four words"),
        ("few", r"of those who did not come between 12:00 and 13:00, 9\d% waited a minute at most"),
        ("taken", r"of 3,\d\d\d English calls that were answered, Alice and Diego took 0"),
        ("workflow", r"([\d,]+) of \1 Spanish calls were in the queue Spanish from their first moment"),
    ):
        run.code(f"suspect = {suspect!r}")
        assert re.search(re.escape(words) if "?" in words or "`" in words else words, run.cell("check-suspect"))
    run.solve("check.why_they_wait(client)")
    assert "when Alice and Diego are both at lunch" in run.cell("check-suspect")


NO_LUNCH = """
better_day = monday()
better_day["shifts"][:2] = [{"worker": "Alice", "from": "09:00", "to": "17:00"}]
"""
FRAN = """
better_team = deepcopy(centre)
better_team.workers.append(deepcopy(centre.workers[0]))
better_team.workers[-1].friendly_name = "Fran"
better_day = monday()
better_day["shifts"].append({"worker": "Fran", "from": "09:00", "to": "17:00"})
"""
TAUGHT = """
better_team, better_day = deepcopy(centre), monday(Alice=11, Diego=14)
better_team.workers[4].attributes["languages"].append("es")
"""


def test_the_cheapest_fix(run):
    for code, words in (
        ("better_team, better_day = centre, monday()", "nothing is changed yet"),
        ("better_day = None", "there is no `better_day` yet"),
        ("better_day = [monday()]", "`better_day` what `monday()` gives"),
        (
            "better_day = monday(Alice=13, Diego=13)",
            "come between 13:00 and 14:00, when nobody who speaks Spanish is on duty",
        ),
        ("better_day = monday(Diego=13)", "on duty"),
        ("better_day = monday() | {'classes': monday()['classes'][:1]}", "other people come to your day"),
        (NO_LUNCH, "Alice has no lunch any more"),
        ("better_day = monday(Dieg=14)", "it cannot be rehearsed: shifts"),
        ("better_day = monday(diego=14)", "did you mean Diego?\n"),
        (FRAN, "and it costs 200. It can be done for nothing"),
        (TAUGHT, "and it costs 400. It can be done for nothing"),
    ):
        run.code(code)
        assert words in run.cell("check-fix"), code
    run.code("better_team = centre")
    run.solve("check.cheapest_fix(client)")
    assert run.cell("check-fix").startswith("✔ ")


def test_values_of_another_kind(run):
    """Whatever the learner has written is named, and none of it is an error of the checkpoint."""
    run.code("own = monday")
    whole_team = "better_team, better_day = deepcopy(centre), own()\n"
    for code, words in (
        ("better_team.workers[0].attributes['languages'] = 5", "nobody who speaks Spanish is on duty"),
        ("better_team.workers[0].attributes['languages'] = [['es']]", "nobody who speaks Spanish is on duty"),
        ("better_team.workers[0].attributes = '{}'", "it cannot be rehearsed: workspace: Attributes must be a JSON"),
        ("better_team.workers = None", "it cannot be rehearsed"),
        ("better_day['shifts'] = 5", "it cannot be rehearsed: shifts"),
        ("monday = 5", "`monday()` fails with TypeError"),
        (
            "monday = lambda **lunch: own(**lunch) | {'classes': own()['classes'][1:]}\nbetter_day = monday(Alice=11)",
            "`monday()` has no class of callers Spanish any more",
        ),
        ("monday = lambda: 5", "`monday()` gives no day any more"),
    ):
        run.code(whole_team + code)
        text = run.cell("check-fix")
        assert "✘ The cheapest fix. Not right, because" in text, text
        assert words in text
        assert ".." not in text.replace("...", "")
    run.code("suspect = 'lunch'")
    assert "`monday()` gives no day any more" in run.cell("check-suspect")
    run.code("monday = own")
