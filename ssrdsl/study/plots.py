"""The plots of a study, as SVG texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from ssrdsl.report.charts import COLOURS, as_svg, new_axes
from ssrdsl.study.settings import EQUAL_COST, MATCHED, RANDOM

RANDOM_COLOUR = "#868e96"
ARM_COLOURS = {RANDOM: RANDOM_COLOUR, MATCHED: "#adb5bd", EQUAL_COST: "#a67c00"}
GOLDEN = 0.618034
"""Multiples of this, modulo one, spread points evenly."""


def colour(arm: str, arms: Sequence[str]) -> str:
    """The colour of an arm; random arms are grey."""
    others = [each for each in arms if each not in ARM_COLOURS]
    return ARM_COLOURS.get(arm) or COLOURS[others.index(arm) % len(COLOURS)]


def strip_plot(scores: Mapping[str, Sequence[float]], label: str) -> str:
    """A row of points for every arm, with a line at its mean."""
    arms = list(scores)
    figure, axes = new_axes((5.4, 0.8 + 0.55 * len(arms)))
    for row, arm in enumerate(arms):
        values = scores[arm]
        heights = [row + 0.4 * ((GOLDEN * number) % 1 - 0.5) for number in range(len(values))]
        axes.scatter(values, heights, s=18, color=colour(arm, arms), alpha=0.8, linewidths=0)
        axes.plot([fmean(values)] * 2, [row - 0.32, row + 0.32], color=colour(arm, arms), linewidth=2)
    axes.set_yticks(range(len(arms)), arms)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    return as_svg(figure, label, legend=False)


def scatter_plot(points: Mapping[str, Sequence[tuple[float, float]]], horizontal: str, vertical: str) -> str:
    """The networks of every arm as points of a colour; every arm has at least one."""
    arms = list(points)
    figure, axes = new_axes((5.4, 3.4))
    for arm, each in points.items():
        axes.scatter(*zip(*each, strict=True), s=22, color=colour(arm, arms), alpha=0.8, linewidths=0, label=arm)
    return as_svg(figure, horizontal, vertical, legend=len(arms) > 1)


def shift_plot(rows: Sequence[Mapping[str, Any]], arms: Sequence[str]) -> str:
    """A bar for every row and found arm: the shift from the random networks in standard deviations."""
    figure, axes = new_axes((7.2, 0.9 + 0.2 * len(rows) * max(1, len(arms))))
    thickness = 0.8 / max(1, len(arms))
    for number, arm in enumerate(arms):
        places = [row - 0.4 + (number + 0.5) * thickness for row in range(len(rows))]
        shifts = [row["shifts"].get(arm, 0.0) for row in rows]
        axes.barh(places, shifts, height=0.9 * thickness, color=colour(arm, arms), label=arm)
    axes.axvline(0, color="#495057", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [f"{row['name']} ({row['dimension']})" for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    label = "shift from the random networks, in their standard deviations"
    return as_svg(figure, label, legend=len(arms) > 1)
