"""Statistics of small groups, computed by hand."""

import sys

import pytest

from ssrdsl.errors import UserError
from ssrdsl.study.statistics import (
    difference,
    kendall,
    paired_difference,
    percentile,
    record,
    spread,
)


def test_spread() -> None:
    mean, deviation = pytest.approx(0.4), pytest.approx(0.2)
    found = spread([0.2, 0.4, 0.6])
    assert found == {"count": 3, "mean": mean, "deviation": deviation, "least": 0.2, "greatest": 0.6}
    assert spread([0.5]) == {"count": 1, "mean": 0.5, "deviation": None, "least": 0.5, "greatest": 0.5}


def test_percentile_counts_half_of_the_equal_ones() -> None:
    assert percentile(3, [1, 2, 3, 4]) == 62.5
    assert percentile(9, [1, 2, 3, 4]) == 100
    assert percentile(0, [1, 2, 3, 4]) == 0


def test_intervals_hold_the_difference_and_exclude_zero_where_groups_are_apart() -> None:
    far, low, high = difference([0.70, 0.71, 0.72], [0.50, 0.51, 0.52, 0.53]).values()
    assert far == pytest.approx(0.195)
    assert 0 < low < far < high
    _, low, high = difference([0.5, 0.6, 0.7], [0.5, 0.61, 0.7]).values()
    # Means of three values drawn from these lie within the extremes.
    assert -0.2 <= low < 0 < high <= 0.2


def test_intervals_are_the_same_in_every_run() -> None:
    assert difference([0.1, 0.2], [0.3, 0.5]) == difference([0.1, 0.2], [0.3, 0.5])


def test_single_values_have_no_interval() -> None:
    assert difference([0.5], [0.25, 0.35]) == {"difference": pytest.approx(0.2), "low": None, "high": None}
    assert paired_difference([0.25]) == {"difference": 0.25, "low": None, "high": None}


def test_pairs_are_resampled_together() -> None:
    same = paired_difference([0.01, 0.01, 0.01])
    assert [same["low"], same["high"]] == pytest.approx([0.01, 0.01])
    mixed = paired_difference([-0.02, 0.01, 0.04])
    assert [mixed["low"], mixed["high"]] == pytest.approx([-0.02, 0.04])


def test_differences_below_a_tenth_of_a_point_are_ties() -> None:
    assert record([0.01, 0.0009, -0.0009, -0.02, -0.03]) == {"wins": 1, "ties": 2, "losses": 2}


def test_kendall() -> None:
    assert kendall([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    # Of six pairs one is in the other order: (5 - 1) / 6.
    assert kendall([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(4 / 6)
    assert kendall([1, 1, 1], [1, 2, 3]) is None
    assert kendall([1], [1]) is None


def test_without_scipy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(UserError, match="require scipy") as raised:
        percentile(1, [1, 2])
    assert raised.value.help == "pip install 'ssrdsl[study]'"
