"""The figures of a study as plain values, the content of study.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from ssrdsl.study.differences import differences
from ssrdsl.study.records import GAP_ROWS, NetworkRecord, Records, SearchRecord
from ssrdsl.study.runner import Failure
from ssrdsl.study.settings import EQUAL_COST, MATCHED, RANDOM
from ssrdsl.study.statistics import difference, kendall, paired_difference, percentile, record, spread

FEWEST_RANKED = 20
"""Minimum number of architectures for a meaningful rank correlation."""
COST_TOLERANCE = 0.02


def make_figures(records: Records, failures: Sequence[Failure], facts: Mapping[str, Any]) -> dict[str, Any]:
    """All figures; `facts` are plain values about the study, placed first."""
    budgets = sorted({epochs for network in records.networks for epochs in network.scores})
    return {
        **facts,
        "budgets": budgets,
        "arms": [
            _arm(arm, epochs, scored)
            for epochs in budgets
            for arm in records.arms
            if (scored := records.scored(arm, epochs))
        ],
        "comparisons": list(_comparisons(records, budgets)),
        "rank_correlations": list(_rank_correlations(records, budgets)),
        "searches": [_search(records, search) for search in records.searches],
        "equal_cost": list(records.prices),
        "dimensions": differences(records),
        "networks": [_network(network) for network in records.networks],
        "unscored": list(records.unscored),
        "failures": [{"step": each.step, "reason": each.reason, "log": str(each.log or "")} for each in failures],
    }


def _arm(arm: str, epochs: int, scored: Sequence[tuple[NetworkRecord, float]]) -> dict[str, Any]:
    """Scores and costs of an arm."""
    return {
        "arm": arm,
        "epochs": epochs,
        **spread([score for _, score in scored]),
        "macs": fmean(network.macs for network, _ in scored),
        "parameters": fmean(network.parameters for network, _ in scored),
    }


# Comparisons


def _comparisons(records: Records, budgets: Sequence[int]) -> Iterator[dict[str, Any]]:
    for epochs in budgets:
        for arm in [*records.found_arms, EQUAL_COST]:
            for other in (RANDOM, MATCHED):
                if records.scores(arm, epochs) and records.scores(other, epochs):
                    yield _against_random(records, arm, other, epochs)
            if arm != EQUAL_COST and (pairs := _pairs(records, arm, EQUAL_COST, epochs)):
                against = {"arm": arm, "against": EQUAL_COST, "epochs": epochs}
                yield {**against, **paired_difference(pairs), **record(pairs)}


def _common(records: Records, arm: str, other: str, epochs: int) -> tuple[list[float], list[float]]:
    """The scores of two arms, over the training seeds that all of their networks share."""
    groups = [[each for each in records.of_arm(name) if each.scores.get(epochs)] for name in (arm, other)]
    seeds = set.intersection(*(set(each.scores[epochs]) for group in groups for each in group))
    if not seeds:
        return records.scores(arm, epochs), records.scores(other, epochs)
    one, two = ([fmean(each.scores[epochs][seed] for seed in sorted(seeds)) for each in group] for group in groups)
    return one, two


def _against_random(records: Records, arm: str, other: str, epochs: int) -> dict[str, Any]:
    """Comparison of the networks of an arm with random ones."""
    scores, random = _common(records, arm, other, epochs)
    mean = fmean(random)
    percentiles = [percentile(score, random) for score in scores]
    return {
        "arm": arm,
        "against": other,
        "epochs": epochs,
        "percentiles": percentiles,
        "mean_percentile": fmean(percentiles),
        "relative_improvement": 100 * (fmean(scores) - mean) / mean if mean else None,
        **difference(scores, random),
        **record([score - each for score in scores for each in random]),
        "cost_matches": _costs_match(records, arm, other),
    }


def _costs_match(records: Records, arm: str, other: str) -> bool:
    """Whether the MACs of every network of an arm are within the tolerance of the mean of another."""
    mean = fmean(network.macs for network in records.of_arm(other))
    # Both may be at opposite ends of the window.
    return all(abs(network.macs / mean - 1) <= 2 * COST_TOLERANCE for network in records.of_arm(arm))


def _pairs(records: Records, arm: str, other: str, epochs: int) -> list[float]:
    """Differences of the networks of two arms with the same number."""
    others = {network.number: score for network, score in records.scored(other, epochs)}
    scored = records.scored(arm, epochs)
    return [score - others[network.number] for network, score in scored if network.number in others]


# Rank correlations


def _rank_correlations(records: Records, budgets: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Kendall's tau between the scores of random networks trained alone and possible predictors."""
    for epochs in budgets:
        scored = records.scored(RANDOM, epochs)
        for predictor, values in _predictors(records, [network for network, _ in scored]):
            pairs = [(values[network.name], score) for network, score in scored if network.name in values]
            tau = kendall([value for value, _ in pairs], [score for _, score in pairs])
            if tau is not None:
                yield {
                    "predictor": predictor, "epochs": epochs, "networks": len(pairs), "tau": tau,
                    "enough": len(pairs) >= FEWEST_RANKED,
                }  # fmt: skip


def _predictors(records: Records, networks: Sequence[NetworkRecord]) -> Iterator[tuple[str, Mapping[str, float]]]:
    for variant, scores in records.supernet.items():
        yield f"supernet of {variant}", {each.name: scores[each.file] for each in networks if each.file in scores}
    yield "MACs", {network.name: float(network.macs) for network in networks}
    yield "parameters", {network.name: float(network.parameters) for network in networks}


# Networks and searches


def _search(records: Records, search: SearchRecord) -> dict[str, Any]:
    network = next((each for each in records.networks if each.name == search.network.name), None)
    trained = {} if network is None else {str(epochs): network.score(epochs) for epochs in sorted(network.scores)}
    return {
        "search": search.network.name,
        "strategy": search.network.arm,
        "seed": search.network.number,
        **{name: search.gap[name] for name in ("converged", "steps", "seconds")},
        "images_held_out": search.gap.get("images_held_out"),
        "memory": search.memory,
        "gap": {**{level: search.gap[level] for level in GAP_ROWS}, "retrained": trained},
        "macs": None if network is None else network.macs,
        "parameters": None if network is None else network.parameters,
    }


def _network(network: NetworkRecord) -> dict[str, Any]:
    return {
        "name": network.name,
        "arm": network.arm,
        "macs": network.macs,
        "parameters": network.parameters,
        "scores": {
            str(epochs): {str(seed): score for seed, score in sorted(seeds.items())}
            for epochs, seeds in sorted(network.scores.items())
        },
    }
