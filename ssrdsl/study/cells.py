"""The figures of a study as text, for the tables of the page and of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssrdsl.study.records import GAP_ROWS

MATCHES = {None: "", True: "match", False: "differ"}
"""Texts for whether the MACs of the networks compared match those of the random ones."""


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{100 * share:.2f}"


def in_points(difference: float) -> str:
    """A difference of shares in points."""
    return f"{100 * difference:+.2f}"


def interval(each: Mapping[str, Any]) -> str:
    """The interval of a difference, in points."""
    return "" if each["low"] is None else f"{in_points(each['low'])} to {in_points(each['high'])}"


def arm_cells(arm: Mapping[str, Any]) -> list[str]:
    """Name, epochs, number of networks, mean, deviation, least and greatest score, MMACs and parameters of an arm."""
    deviation = "" if arm["deviation"] is None else percent(arm["deviation"])
    scores = [percent(arm["mean"]), deviation, percent(arm["least"]), percent(arm["greatest"])]
    costs = [f"{arm['macs'] / 1e6:.2f}", f"{arm['parameters']:,.0f}"]
    return [arm["arm"], str(arm["epochs"]), str(arm["count"]), *scores, *costs]


def search_cells(each: Mapping[str, Any]) -> list[str]:
    """Name, steps, seconds, GiB, MMACs, parameters and the scores of a search before its network is retrained."""
    return [
        each["search"],
        f"{each['steps']:,}",
        f"{each['seconds']:.0f}",
        "" if each["memory"] is None else f"{each['memory'] / 2**30:.2f}",
        "" if each["macs"] is None else f"{each['macs'] / 1e6:.2f}",
        "" if each["parameters"] is None else f"{each['parameters']:,}",
        *(percent(each["gap"][row]) for row in GAP_ROWS),
    ]


def equal_cost_cells(each: Mapping[str, Any]) -> list[str]:
    """Search, its seconds, number of candidates, epochs of each, and seconds of all."""
    return [
        each["search"],
        f"{each['search_seconds']:.0f}",
        str(each["candidates"]),
        str(each["epochs"]),
        f"{each['candidate_seconds']:.0f}",
    ]
