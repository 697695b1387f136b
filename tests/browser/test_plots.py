"""Plots of rehearsals, as JupyterLab draws them without a network."""

from __future__ import annotations

import re

from playwright.sync_api import ConsoleMessage, Locator, expect

from tests.notebooks.conftest import read

THEME_COLOUR = """() => {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = 'var(--jp-ui-font-color1)';
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}"""

SCROLLBAR = 15
"""Pixels of one at the side of a page, which this browser does not draw."""

CELLS = {
    "rehearse": """
from taskrouter_sandbox.simulation import compare, grid, rehearse, staff_for, sweep
from taskrouter_sandbox.simulation.plots import comparison_plot, day_plot, staffing_plot, sweep_plot
from tests.simulation.days import random_day, team

day = random_day()
rehearsal = rehearse(team(), day, seed=1)
""",
    "day": "day_plot(rehearsal)",
    "days": "many = rehearse(team(), day, seed=1, replications=20)\nday_plot(many)",
    "comparison": "comparison_plot(compare(many, rehearse(team(5), day, seed=1, replications=20)))",
    "staffing": "staffing_plot(staff_for(team(), day, queue='Everyone', interval=3600, seed=1, replications=2))",
    "sweep": """
waits = grid(lambda team, day, after: day["answers"].update(after=after), after=[1, 10])
sweep_plot(sweep(team(), day, waits, seed=1, replications=3), x="after", target=0.8)
""",
}

PLOTS = {
    "day": ("A day with ", "time of the day (UTC)"),
    "days": (" tasks in 20 days. ", "time of the day (UTC)"),
    "comparison": ("Service level, before and after: All ", "difference, with its interval"),
    "staffing": ("Workers needed: ", "workers needed"),
    "sweep": ("Service level by after. All: 1: ", "after"),
}
"""What each is called by, and the words at one of its axes."""


ASIDE = """node => {
  const middle = mark => { const box = mark.getBoundingClientRect(); return (box.left + box.right) / 2; };
  const marks = what => [...node.querySelectorAll(`.role-axis-${what} > *`)];
  const labels = marks('label').filter(label => /^\\d\\d:\\d\\d$/.test(label.textContent)).map(middle);
  const ticks = marks('tick').map(middle);
  return labels.length ? Math.max(...labels.map(label => Math.min(...ticks.map(tick => Math.abs(tick - label))))) : NaN;
}"""
"""How many pixels a label of the time of the day is from the nearest tick, at most."""


def room(output: Locator) -> int:
    """Pixels that a plot with its menu leaves of its place."""
    place = output.locator(".jp-RenderedVegaCommon5")
    return place.evaluate("node => node.clientWidth - node.querySelector('.vega-embed').offsetWidth")


def test_they_are_drawn_in_the_colours_of_the_page_and_said_in_words(open_notebook, page, picture):
    complaints: list[str] = []
    lab = open_notebook(CELLS)
    page.set_viewport_size({"width": 1024, "height": 900})

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            complaints.append(message.text)

    page.on("console", listen)
    try:
        for cell_id in CELLS:
            lab.run(cell_id)
        for theme in ("light", "dark"):
            lab.theme(theme)
            for cell_id, (words, axis) in PLOTS.items():
                output = lab.output(cell_id)
                plot = output.locator("[role=graphics-document]")
                expect(plot).to_have_attribute("aria-label", re.compile(words))
                drawing = plot.locator("svg.marks")
                expect(drawing).to_be_visible()
                assert room(output) >= SCROLLBAR, cell_id
                if cell_id.startswith("day"):
                    assert drawing.evaluate(ASIDE) < 2, cell_id
                text = drawing.get_by_text(axis, exact=True)
                assert text.evaluate("node => getComputedStyle(node).fill") == page.evaluate(THEME_COLOUR)
                assert drawing.locator("g.role-mark path, g.role-mark line").count() >= 2
                drawing.scroll_into_view_if_needed()
                picture(f"{cell_id}-{theme}")
    finally:
        page.remove_listener("console", listen)
    assert complaints == []


def test_the_plot_of_notebook_09_fits_on_a_small_screen(open_notebook, page):
    (plot,) = [cell.source for cell in read("09-watch-and-measure").cells if cell.id == "plot"]
    rows = [{"at": 1_795_928_400_000 + 60_000 * i, "language": "es", "waited": 20 * i} for i in range(15)]
    lab = open_notebook({"plot": f"import altair as alt\n\n\ndef waits(morning):\n    return {rows}\n\n\n{plot}"})
    page.set_viewport_size({"width": 1024, "height": 900})
    lab.run("plot")
    expect(lab.output("plot").locator("svg.marks, canvas")).to_be_visible()
    assert room(lab.output("plot")) >= SCROLLBAR
