"""The tables of a study as text, for its page and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssrdsl.errors import counted
from ssrdsl.study.records import GAP_ROWS

MATCHES = {None: "", True: "match", False: "differ"}
"""Texts for whether the MACs of the networks compared match those of the random ones."""
Figures: TypeAlias = Mapping[str, Any]
Cell: TypeAlias = Callable[[Figures], str]
"""The text of a cell, from the figures of its row."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts; the first column has the names of the rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(figures: Figures) -> list[TextTable]:
    """The tables for the command line that have rows."""
    made = (make(figures) for make in (scores, comparisons, rank_correlations, searches, gaps, equal_cost))
    return [table for table in made if table.rows]


def scores(figures: Figures) -> TextTable:
    """Scores and costs of the networks of every arm."""
    columns = {
        "arm": _value("arm"),
        "epochs": _value("epochs"),
        "networks": _value("count"),
        "mean": _percent("mean"),
        "std": _percent("deviation"),
        "least": _percent("least"),
        "greatest": _percent("greatest"),
        "MMACs": _macs,
        "parameters": _value("parameters", ",.0f"),
    }
    return _table("mIoU, %", figures["arms"], columns)


def comparisons(figures: Figures) -> TextTable:
    """Comparisons of pairs of arms."""
    columns = {
        "arm": _value("arm"),
        "against": _value("against"),
        "epochs": _value("epochs"),
        "percentile": _value("mean_percentile", ".0f"),
        "improvement %": _value("relative_improvement", "+.2f"),
        "points": _percent("difference", "+.2f"),
        "95 % interval": _interval,
        "wins-ties-losses": lambda row: f"{row['wins']}-{row['ties']}-{row['losses']}",
        "MACs": lambda row: MATCHES[row.get("cost_matches")],
    }
    return _table("Comparisons", figures["comparisons"], columns)


def rank_correlations(figures: Figures) -> TextTable:
    """Kendall's tau of predictors with the scores of networks trained alone."""
    columns = {
        "predictor": _value("predictor"),
        "epochs": _value("epochs"),
        "networks": _value("networks"),
        "tau": _value("tau", "+.2f"),
    }
    return _table("Kendall's tau with scores of networks trained alone", figures["rank_correlations"], columns)


def searches(figures: Figures) -> TextTable:
    """Costs of the searches and of the networks that they found."""
    columns = {
        "search": _value("search"),
        "steps": _value("steps", ","),
        "seconds": _value("seconds", ".0f"),
        "GiB": lambda row: "" if row["memory"] is None else f"{row['memory'] / 2**30:.2f}",
        "MMACs": _macs,
        "parameters": _value("parameters", ","),
    }
    return _table("Searches", figures["searches"], columns)


def gaps(figures: Figures) -> TextTable:
    """Scores of each search, from its supernet to the network trained alone."""
    columns = {
        "search": _value("search"),
        **{level: _percent(level) for level in GAP_ROWS},
        **{counted(each, "epoch"): _percent(str(each)) for each in figures["budgets"]},
    }
    rows = ({**each, **each["gap"], **each["gap"]["retrained"]} for each in figures["searches"])
    return _table("Gap from the supernet to the network trained alone, mIoU, %", rows, columns)


def equal_cost(figures: Figures) -> TextTable:
    """Costs of the searches and of the candidates that were trained at their cost."""
    columns = {
        "search": _value("search"),
        "seconds": _value("search_seconds", ".0f"),
        "candidates": _value("candidates"),
        "epochs each": _value("epochs"),
        "total seconds": _value("candidate_seconds", ".0f"),
    }
    return _table("Equal cost", figures["equal_cost"], columns)


def networks(figures: Figures) -> TextTable:
    """Costs and scores of every network."""
    columns = {
        "network": _value("name"),
        "arm": _value("arm"),
        "MMACs": _macs,
        "parameters": _value("parameters", ","),
        **{counted(each, "epoch"): _scores_after(str(each)) for each in figures["budgets"]},
    }
    return _table("Networks", figures["networks"], columns)


def _table(title: str, rows: Iterable[Figures], columns: Mapping[str, Cell]) -> TextTable:
    return TextTable(title, tuple(columns), [[cell(row) for cell in columns.values()] for row in rows])


def _value(key: str, form: str = "") -> Cell:
    """The value of a key in a format, empty if it is missing or None."""
    return lambda row: "" if row.get(key) is None else format(row[key], form)


def _percent(key: str, form: str = ".2f") -> Cell:
    return lambda row: percent(row.get(key), form)


def _scores_after(epochs: str) -> Cell:
    return lambda row: ", ".join(map(percent, row["scores"].get(epochs, {}).values()))


def _interval(row: Figures) -> str:
    return "" if row["low"] is None else " to ".join(percent(row[end], "+.2f") for end in ("low", "high"))


def _macs(row: Figures) -> str:
    return millions(row["macs"])


def percent(share: float | None, form: str = ".2f") -> str:
    """A share as a percentage; empty for None."""
    return "" if share is None else format(100 * share, form)


def millions(count: float | None) -> str:
    """A number in millions; empty for None."""
    return "" if count is None else f"{count / 1e6:.2f}"
