"""The tables that a study prints at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from ssrdsl.study.cells import MATCHES, arm_cells, equal_cost_cells, in_points, interval, percent, search_cells


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Scores by arm, comparisons, rank correlations, costs of searches; tables without rows are omitted."""
    for make in (_arms, _comparisons, _ranks, _searches, _equal_cost):
        table = make(figures)
        if table.row_count:
            yield table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if number == 0 else "right", no_wrap=True)
    return table


def _add(table: Table, cells: Sequence[str]) -> None:
    table.add_row(*(Text(cell) for cell in cells))


def _arms(figures: Mapping[str, Any]) -> Table:
    table = _table("mIoU", "arm", "epochs", "networks", "mean", "std", "least", "greatest", "MMACs", "parameters")
    for arm in figures["arms"]:
        _add(table, arm_cells(arm))
    return table


def _comparisons(figures: Mapping[str, Any]) -> Table:
    table = _table(
        "Comparisons",
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
    for each in figures["comparisons"]:
        percentile = f"{each['mean_percentile']:.0f}" if "mean_percentile" in each else ""
        improvement = each.get("relative_improvement")
        _add(
            table,
            (
                each["arm"], each["against"], str(each["epochs"]), percentile,
                "" if improvement is None else f"{improvement:+.1f}", in_points(each["difference"]), interval(each),
                f"{each['wins']}-{each['ties']}-{each['losses']}", MATCHES[each.get("cost_matches")],
            ),
        )  # fmt: skip
    return table


def _ranks(figures: Mapping[str, Any]) -> Table:
    table = _table("Kendall's tau with scores of networks trained alone", "predictor", "epochs", "networks", "tau")
    for each in figures["rank_correlations"]:
        _add(table, (each["predictor"], str(each["epochs"]), str(each["networks"]), f"{each['tau']:+.2f}"))
    return table


def _searches(figures: Mapping[str, Any]) -> Table:
    table = _table(
        "Searches", "search", "steps", "seconds", "GiB", "MMACs", "parameters", "supernet", "discretized",
        "recalibrated", "retrained",
    )  # fmt: skip
    for each in figures["searches"]:
        retrained = list(each["gap"]["retrained"].values())
        last = percent(retrained[-1]) if retrained and retrained[-1] is not None else ""
        _add(table, (*search_cells(each), last))
    return table


def _equal_cost(figures: Mapping[str, Any]) -> Table:
    table = _table("Equal cost", "search", "seconds", "candidates", "epochs each", "total seconds")
    for each in figures["equal_cost"]:
        _add(table, equal_cost_cells(each))
    return table
