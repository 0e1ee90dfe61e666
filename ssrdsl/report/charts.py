"""Line charts as SVG texts, drawn by matplotlib (an extra: `pip install ssrdsl[plot]`)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ssrdsl.errors import UserError

Series = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""Name of a line to its horizontal and vertical coordinates."""

COLOURS = ("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#1864ab", "#a67c00", "#495057")


def line_chart(series: Series, *, horizontal: str, vertical: str, faint: bool = False) -> str:
    """A chart with a line per series; `faint`: many thin lines in one colour, without a legend."""
    figure, axes = new_axes((5.4, 3.0))
    for index, (name, (x, y)) in enumerate(series.items()):
        style: dict[str, Any] = {"color": COLOURS[index % len(COLOURS)], "linewidth": 1.8, "label": name}
        if faint:
            style |= {"color": COLOURS[0], "linewidth": 0.7, "alpha": 0.35}
        axes.plot(x, y, **style)
    return as_svg(figure, horizontal, vertical, legend=not faint and len(series) > 1)


def new_axes(size: tuple[float, float]) -> tuple[Any, Any]:
    """An empty figure of a size in inches, and its axes. Raises `UserError` if matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UserError("charts require matplotlib", help="pip install 'ssrdsl[plot]'") from None
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.tick_params(labelsize=8)
    return figure, axes


def as_svg(figure: Any, horizontal: str, vertical: str = "", *, legend: bool) -> str:
    """The figure with labels as SVG without date or random ids, so that the same data gives the same bytes."""
    import matplotlib as mpl

    (axes,) = figure.axes
    axes.set_xlabel(horizontal)
    axes.set_ylabel(vertical)
    if legend:
        axes.legend(frameon=False, fontsize=8)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ssrdsl", "font.family": "sans-serif"}):
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return re.sub(r"^.*?(?=<svg)", "", text.getvalue(), flags=re.DOTALL)
