"""The statistics of a study as in study.json, computed by scipy (an extra: `pip install ssrdsl[study]`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ssrdsl.errors import UserError

CONFIDENCE = 0.95
RESAMPLES = 9_999
SEED = 0
TIE = 0.001
"""Scores in 0..1 that differ by less are a tie: 0.1 points of mean IoU."""


def scipy_stats() -> Any:
    """The module `scipy.stats`. Raises `UserError` if scipy is not installed."""
    try:
        from scipy import stats
    except ImportError:
        raise UserError("the figures of a study require scipy", help="pip install 'ssrdsl[study]'") from None
    return stats


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Of at least one value: count, mean, standard deviation of a sample (None of a single value), least, greatest."""
    return {
        "count": len(values),
        "mean": float(np.mean(values)),
        "deviation": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "least": float(min(values)),
        "greatest": float(max(values)),
    }


def percentile(value: float, among: Sequence[float]) -> float:
    """The percentage of the values that are lower; half of those that are equal count."""
    return float(scipy_stats().percentileofscore(among, value, kind="mean"))


def difference(values: Sequence[float], others: Sequence[float]) -> dict[str, Any]:
    """The difference of the means of two groups, both resampled."""

    def statistic(one: Any, other: Any, axis: int = -1) -> Any:
        return np.mean(one, axis=axis) - np.mean(other, axis=axis)

    return _interval(statistic, np.asarray(values), np.asarray(others))


def paired_difference(differences: Sequence[float]) -> dict[str, Any]:
    """The mean of the differences of pairs, which are resampled."""
    return _interval(np.mean, np.asarray(differences))


def _interval(statistic: Any, *groups: Any) -> dict[str, Any]:
    """The difference with the ends of its bootstrap interval, None if there are too few values to resample."""
    found = float(statistic(*groups))
    if min(map(len, groups)) < 2:
        return {"difference": found, "low": None, "high": None}
    result = scipy_stats().bootstrap(
        groups, statistic, n_resamples=RESAMPLES, confidence_level=CONFIDENCE, method="percentile", vectorized=True,
        rng=np.random.default_rng(SEED),
    )  # fmt: skip
    ends = result.confidence_interval
    return {"difference": found, "low": float(ends.low), "high": float(ends.high)}


def record(differences: Sequence[float]) -> dict[str, int]:
    """How often a difference of pairs is a win, a tie or a loss."""
    wins, losses = sum(each >= TIE for each in differences), sum(each <= -TIE for each in differences)
    return {"wins": wins, "ties": len(differences) - wins - losses, "losses": losses}


def kendall(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's tau-b of two rankings; None if one of them is constant."""
    if len(one) < 2 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return float(scipy_stats().kendalltau(one, other).statistic)
