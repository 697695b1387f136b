"""Plots of rehearsals, as JupyterLab draws them offline (docs/simulation.md). They need Altair: the extra `plots`."""

from importlib.util import find_spec

if find_spec("altair") is None:
    raise ImportError("The plots need Altair: `pip install altair`, or this package with its extra `plots`.")

from .comparison import comparison_plot
from .day import day_plot
from .drawing import Plot
from .staffing import staffing_plot, sweep_plot

__all__ = ["Plot", "comparison_plot", "day_plot", "staffing_plot", "sweep_plot"]
