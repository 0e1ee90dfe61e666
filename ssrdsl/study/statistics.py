"""The statistics of a study, computed by scipy (an extra: `pip install ssrdsl[study]`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, standard deviation of a sample (None of a single value), least and greatest value."""

    count: int
    mean: float
    deviation: float | None
    least: float
    greatest: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least one value."""
    import numpy as np

    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(len(values), float(np.mean(values)), deviation, float(min(values)), float(max(values)))


def percentile(value: float, among: Sequence[float]) -> float:
    """The percentage of the values that are lower; half of those that are equal count."""
    return float(scipy_stats().percentileofscore(among, value, kind="mean"))


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference of means with its bootstrap interval, None if there are too few values to resample."""

    difference: float
    low: float | None = None
    high: float | None = None


def difference(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The difference of the means of two groups, both resampled (percentile bootstrap)."""
    import numpy as np

    def statistic(one: Any, other: Any, axis: int = -1) -> Any:
        return np.mean(one, axis=axis) - np.mean(other, axis=axis)

    found = float(np.mean(values) - np.mean(others))
    if min(len(values), len(others)) < 2:
        return Interval(found)
    return _interval(found, (np.asarray(values), np.asarray(others)), statistic)


def paired_difference(differences: Sequence[float]) -> Interval:
    """The mean of the differences of pairs, which are resampled (percentile bootstrap)."""
    import numpy as np

    found = float(np.mean(differences))
    return Interval(found) if len(differences) < 2 else _interval(found, (np.asarray(differences),), np.mean)


def _interval(found: float, groups: tuple[Any, ...], statistic: Any) -> Interval:
    import numpy as np

    result = scipy_stats().bootstrap(
        groups, statistic, n_resamples=RESAMPLES, confidence_level=CONFIDENCE, method="percentile", vectorized=True,
        rng=np.random.default_rng(SEED),
    )  # fmt: skip
    return Interval(found, float(result.confidence_interval.low), float(result.confidence_interval.high))


@dataclass(frozen=True, slots=True)
class Record:
    """How often a value was higher than another, equal, or lower."""

    wins: int
    ties: int
    losses: int


def record(differences: Sequence[float]) -> Record:
    """Wins, ties and losses among differences of pairs."""
    wins, losses = sum(each >= TIE for each in differences), sum(each <= -TIE for each in differences)
    return Record(wins, len(differences) - wins - losses, losses)


def kendall(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's tau-b of two rankings; None if one of them is constant."""
    if len(one) < 2 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return float(scipy_stats().kendalltau(one, other).statistic)
