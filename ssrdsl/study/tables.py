"""The tables of a study as text, for its page and for the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssrdsl.study.records import GAP_ROWS

MATCHES = {None: "", True: "match", False: "differ"}
"""Texts for whether the MACs of the networks compared match those of the random ones."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts; the first column has the names of the rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(figures: Mapping[str, Any]) -> list[TextTable]:
    """The tables for the command line that have rows."""
    made = (make(figures) for make in (scores, comparisons, rank_correlations, searches, equal_cost))
    return [table for table in made if table.rows]


def scores(figures: Mapping[str, Any]) -> TextTable:
    """Scores and costs of the networks of every arm."""
    header = ("arm", "epochs", "networks", "mean", "std", "least", "greatest", "MMACs", "parameters")
    rows = [
        (
            arm["arm"],
            str(arm["epochs"]),
            str(arm["count"]),
            percent(arm["mean"]),
            percent(arm["deviation"]),
            percent(arm["least"]),
            percent(arm["greatest"]),
            millions(arm["macs"]),
            f"{arm['parameters']:,.0f}",
        )
        for arm in figures["arms"]
    ]
    return TextTable("mIoU, %", header, rows)


def comparisons(figures: Mapping[str, Any]) -> TextTable:
    """Comparisons of pairs of arms."""
    header = (
        "arm",
        "against",
        "epochs",
        "percentile",
        "RI %",
        "difference",
        "95 % interval",
        "wins-ties-losses",
        "MACs",
    )
    rows = [
        (
            each["arm"],
            each["against"],
            str(each["epochs"]),
            _text(each.get("mean_percentile"), ".0f"),
            _text(each.get("relative_improvement"), "+.2f"),
            _in_points(each["difference"]),
            "" if each["low"] is None else f"{_in_points(each['low'])} to {_in_points(each['high'])}",
            f"{each['wins']}-{each['ties']}-{each['losses']}",
            MATCHES[each.get("cost_matches")],
        )
        for each in figures["comparisons"]
    ]
    return TextTable("Comparisons", header, rows)


def rank_correlations(figures: Mapping[str, Any]) -> TextTable:
    """Kendall's tau of predictors with the scores of networks trained alone."""
    rows = [
        (each["predictor"], str(each["epochs"]), str(each["networks"]), f"{each['tau']:+.2f}")
        for each in figures["rank_correlations"]
    ]
    return TextTable(
        "Kendall's tau with scores of networks trained alone", ("predictor", "epochs", "networks", "tau"), rows
    )


def searches(figures: Mapping[str, Any]) -> TextTable:
    """Costs of the searches, and the scores of what each of them found, up to its network trained alone."""
    epochs = [str(each) for each in figures["budgets"]]
    header = (
        "search",
        "steps",
        "seconds",
        "GiB",
        "MMACs",
        "parameters",
        *GAP_ROWS,
        *(f"retrained, {each} epochs" for each in epochs),
    )
    rows = [
        (
            each["search"],
            f"{each['steps']:,}",
            f"{each['seconds']:.0f}",
            "" if each["memory"] is None else f"{each['memory'] / 2**30:.2f}",
            millions(each["macs"]),
            _text(each["parameters"], ","),
            *(percent(each["gap"][row]) for row in GAP_ROWS),
            *(percent(each["gap"]["retrained"].get(budget)) for budget in epochs),
        )
        for each in figures["searches"]
    ]
    return TextTable("Searches", header, rows)


def equal_cost(figures: Mapping[str, Any]) -> TextTable:
    """Costs of the searches and of the candidates that were trained at their cost."""
    rows = [
        (
            each["search"],
            f"{each['search_seconds']:.0f}",
            str(each["candidates"]),
            str(each["epochs"]),
            f"{each['candidate_seconds']:.0f}",
        )
        for each in figures["equal_cost"]
    ]
    return TextTable("Equal cost", ("search", "seconds", "candidates", "epochs each", "total seconds"), rows)


def networks(figures: Mapping[str, Any]) -> TextTable:
    """Costs and scores of every network."""
    header = ("network", "arm", "MMACs", "parameters", *(f"{each} epochs" for each in figures["budgets"]))
    rows = [
        (
            each["name"],
            each["arm"],
            millions(each["macs"]),
            f"{each['parameters']:,}",
            *(_percents(each["scores"].get(str(epochs), {}).values()) for epochs in figures["budgets"]),
        )
        for each in figures["networks"]
    ]
    return TextTable("Networks", header, rows)


def percent(share: float | None) -> str:
    """A share as a percentage; empty for None."""
    return "" if share is None else f"{100 * share:.2f}"


def millions(count: float | None) -> str:
    """A number in millions; empty for None."""
    return "" if count is None else f"{count / 1e6:.2f}"


def _percents(shares: Iterable[float]) -> str:
    return ", ".join(percent(share) for share in shares)


def _in_points(difference: float) -> str:
    return f"{100 * difference:+.2f}"


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
