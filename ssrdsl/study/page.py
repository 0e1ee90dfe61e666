"""The page of a study: one HTML file with all figures and plots."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from ssrdsl.errors import counted
from ssrdsl.report.charts import Series, line_chart
from ssrdsl.report.page import Page
from ssrdsl.report.searches import are_moving, gate_lines
from ssrdsl.study import tables
from ssrdsl.study.plots import scatter_plot, shift_plot, strip_plot
from ssrdsl.study.records import Records, SearchRecord
from ssrdsl.study.settings import RANDOM

MOST_ROWS = 40
"""The number of rows in the plot of differences; those with the largest shifts are shown."""


def study_page(figures: Mapping[str, Any], records: Records) -> str:
    """The page as HTML."""
    page = Page(f"{figures['space']}: a study", lead=f"data {figures['data']}")
    page.facts(_facts(figures, records))
    _failures(page, figures)
    _scores(page, figures, records)
    _comparisons(page, figures)
    _ranks(page, figures, records)
    _differences(page, figures, records)
    _searches(page, figures)
    _gates(page, records)
    _networks(page, figures)
    return page.html()


def _facts(figures: Mapping[str, Any], records: Records) -> dict[str, str]:
    return {
        "searches": str(len(records.searches)),
        "networks": str(len(records.networks)),
        "training epochs": ", ".join(map(str, figures["budgets"])) or "none",
        "target MMACs": tables.millions(figures["target_macs"]) or "none",
        "split for selection": figures["choosing_splits"][1],
    }


def _failures(page: Page, figures: Mapping[str, Any]) -> None:
    if figures["failures"]:
        page.heading("Failed steps", "The figures below are of the steps that have finished.")
        page.table(["step", "reason"], [[each["step"], each["reason"]] for each in figures["failures"]])


# Scores


def _scores(page: Page, figures: Mapping[str, Any], records: Records) -> None:
    page.heading(
        "Scores",
        "Mean IoU on the validation split after training from scratch on the whole training split; nothing was "
        "selected on the validation split. An arm is a group of networks that are compared: those of one strategy, or "
        "random ones. Lines are means.",
    )
    for epochs in figures["budgets"]:
        trained = counted(epochs, "epoch")
        scored = {arm: each for arm in records.arms if (each := records.scored(arm, epochs))}
        scores = {arm: [100 * score for _, score in each] for arm, each in scored.items()}
        macs = {arm: [(network.macs / 1e6, 100 * score) for network, score in each] for arm, each in scored.items()}
        weights = {
            arm: [(network.parameters / 1e3, 100 * score) for network, score in each] for arm, each in scored.items()
        }
        page.figure((strip_plot(scores, "mIoU, %"), f"Networks of each arm, {trained}."))
        page.figure(
            (scatter_plot(macs, "MMACs", "mIoU, %"), f"Score against MACs, {trained}."),
            (
                scatter_plot(weights, "thousand parameters", "mIoU, %"),
                f"Score against parameters, {counted(epochs, 'epoch')}.",
            ),
        )
    _table(page, tables.scores(figures))


def _table(page: Page, table: tables.TextTable) -> None:
    page.table(table.header, table.rows)


# Comparisons


def _comparisons(page: Page, figures: Mapping[str, Any]) -> None:
    if not figures["comparisons"]:
        return
    page.heading(
        "Comparisons",
        "Percentile: mean percentile of the networks of the arm among the random ones. Improvement: "
        "100 (mean - mean of random) / mean of random. Differences of the means in points, with the 95 % interval of a "
        "bootstrap. Wins, ties and losses over all pairs of networks; differences below 0.1 points are ties.",
    )
    _table(page, tables.comparisons(figures))


def _ranks(page: Page, figures: Mapping[str, Any], records: Records) -> None:
    if not figures["rank_correlations"]:
        return
    page.heading(
        "Rank correlation",
        "Kendall's tau between the scores of random networks trained alone and their scores with the weights of a "
        "supernet before options are removed (batch norms recalibrated), and with MACs and parameters as baselines. "
        "With fewer than 20 networks this is not reliable.",
    )
    _table(page, tables.rank_correlations(figures))
    longest = max(figures["budgets"])
    trained = records.scored(RANDOM, longest)
    points = {
        name: found
        for name, scores in records.supernet.items()
        if (found := [(100 * scores[each.file], 100 * score) for each, score in trained if each.file in scores])
    }
    if points:
        plot = scatter_plot(points, "mIoU in the supernet, %", "mIoU trained alone, %")
        page.figure((plot, f"Scores in the supernet and trained alone, {counted(longest, 'epoch')}."))


# Networks found


def _differences(page: Page, figures: Mapping[str, Any], records: Records) -> None:
    rows, arms = figures["dimensions"], records.found_arms
    if not rows or not arms:
        return
    page.heading(
        "Differences",
        "Mean values of the decisions of networks, by name of the decision; decisions of repeated blocks are taken "
        "together, and those that are not active are left out.",
    )
    shifted = sorted((row for row in rows if row["shifts"]), key=lambda row: -max(map(abs, row["shifts"].values())))
    shown = sorted(shifted[:MOST_ROWS], key=lambda row: (row["dimension"], row["name"]))
    if shown:
        page.figure((shift_plot(shown, arms), "Shift of the networks found from the random ones."))
    page.table(
        ["decision", "dimension", *records.arms],
        [[row["name"], row["dimension"], *(_mean(row, arm) for arm in records.arms)] for row in rows],
    )


def _mean(row: Mapping[str, Any], arm: str) -> str:
    return f"{row['means'][arm]:.2f}" if arm in row["means"] else ""


def _searches(page: Page, figures: Mapping[str, Any]) -> None:
    page.heading(
        "Searches",
        "Cost of each search, and the gap from its supernet to the network trained alone. All scores are on the "
        "validation split; those of supernet, discretized and recalibrated are scores of inherited weights.",
    )
    _table(page, tables.searches(figures))
    _table(page, tables.gaps(figures))
    if figures["equal_cost"]:
        page.note(
            "Equal cost: random networks are trained on the same part of the training split for as long as a search "
            "took; the one with the best score on the other part is kept."
        )
        _table(page, tables.equal_cost(figures))


def _gates(page: Page, records: Records) -> None:
    """Gates over time, of the first search of each variant."""
    first = {search.network.arm: search for search in reversed(records.searches)}
    shown = [search for search in reversed(first.values()) if are_moving(gate_lines(search.epochs))]
    if not shown:
        return
    page.heading("Gates over time", "Gates at the end of every epoch, of the first search of each strategy.")
    for search in shown:
        page.figure(
            (
                line_chart(gate_lines(search.epochs), horizontal="step", vertical="gate", faint=True),
                f"{search.network.name}: every gate.",
            ),
            (
                line_chart(_certainty(search, records), horizontal="step", vertical="largest gate"),
                f"{search.network.name}: mean of the largest gate of the decisions of a dimension, 1 once decided.",
            ),
        )


def _certainty(search: SearchRecord, records: Records) -> Series:
    """By dimension the mean of the largest gates; decisions without gates any more are decided."""
    members: dict[str, list[str]] = {}
    for name in search.epochs[0]["gates"]:
        decision = records.graph.decisions.get(name)
        if decision is not None:
            members.setdefault(decision.dimension.value, []).append(name)
    steps = [float(event["step"]) for event in search.epochs]
    return {
        dimension: (steps, [fmean(_largest(event["gates"].get(name)) for name in names) for event in search.epochs])
        for dimension, names in members.items()
    }


def _largest(gates: Mapping[str, float] | None) -> float:
    return max(gates.values()) if gates else 1.0


def _networks(page: Page, figures: Mapping[str, Any]) -> None:
    page.heading("Networks")
    _table(page, tables.networks(figures))
