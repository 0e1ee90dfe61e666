"""Different random architectures in windows of costs."""

import random

import pytest

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.cost import Costs
from ssrdsl.space.sample import Sampler, draw_distinct

TEXT = """space small {
  input image: 3, 8, 8
  a = {1..6}
  b = {1..6}
  output image -> conv(8 * a, 3) -> conv(8 * b, 1)
}
"""  # macs 64 * (216 a + 64 a b), parameters 216 a + 64 a b + biases
GRAPH = open_source(Source("small.ssr", TEXT)).graph
MACS = Costs(GRAPH)


def draw_in_window(graph, windows, count, seed):
    return draw_distinct(Sampler(graph, windows=windows), random.Random(seed), count)


def test_architectures_differ_and_lie_in_the_windows() -> None:
    low, high = 40_000, 120_000
    every = {
        (a, b) for a in range(1, 7) for b in range(1, 7)
        if low <= 64 * (216 * a + 64 * a * b) <= high
    }  # fmt: skip
    drawn = draw_in_window(GRAPH, {"macs": (low, high)}, len(every), seed=3)
    taken = {(each["a"] + 1, each["b"] + 1) for each in drawn}
    assert taken == every
    assert all(low <= MACS("macs", each) <= high for each in drawn)


def test_both_costs_are_kept() -> None:
    windows = {"macs": (60_000, 120_000), "parameters": (1_000, 1_500)}
    for each in draw_in_window(GRAPH, windows, 3, seed=0):
        for cost, (low, high) in windows.items():
            assert low <= MACS(cost, each) <= high


def test_more_draws_begin_with_the_same_architectures() -> None:
    few, many = (draw_in_window(GRAPH, {"macs": (20_000, 200_000)}, count, seed=7) for count in (3, 9))
    assert many[:3] == few
    assert draw_in_window(GRAPH, {"macs": (20_000, 200_000)}, 3, seed=8) != few


def test_a_window_without_enough_architectures_is_an_error() -> None:
    with pytest.raises(UserError, match="there is no architecture of `small` with macs from 1 to 2"):
        draw_in_window(GRAPH, {"macs": (1, 2)}, 1, seed=0)
    with pytest.raises(UserError, match="found 1 different architectures of `small`, not 2"):
        draw_in_window(GRAPH, {"macs": (17_920, 17_920)}, 2, seed=0)
