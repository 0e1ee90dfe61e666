"""Distinct random architectures in windows of costs."""

import random

import pytest

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.cost import Costs
from ssrdsl.space.sample import Sampler

TEXT = """space small {
  input image: 3, 8, 8
  a = {1..6}
  b = {1..6}
  output image -> conv(8 * a, 3) -> conv(8 * b, 1)
}
"""  # macs 64 * (216 a + 64 a b), parameters 216 a + 64 a b + biases
GRAPH = open_source(Source("small.ssr", TEXT)).graph
MACS = Costs(GRAPH)


def draw(windows: dict[str, tuple[int, int]], count: int, seed: int) -> list[dict[str, int]]:
    return Sampler(GRAPH, windows=windows).draw_distinct(random.Random(seed), count)


def test_architectures_differ_and_lie_in_the_windows() -> None:
    low, high = 40_000, 120_000
    every = {
        (a, b) for a in range(1, 7) for b in range(1, 7)
        if low <= 64 * (216 * a + 64 * a * b) <= high
    }  # fmt: skip
    drawn = draw({"macs": (low, high)}, len(every), seed=3)
    assert {(each["a"] + 1, each["b"] + 1) for each in drawn} == every
    assert all(low <= MACS("macs", each) <= high for each in drawn)


def test_more_draws_begin_with_the_same_architectures() -> None:
    few, many = (draw({"macs": (20_000, 200_000)}, count, seed=7) for count in (3, 20))
    assert many[:3] == few
    assert draw({"macs": (20_000, 200_000)}, 3, seed=8) != few


def test_all_architectures_are_drawn_if_there_are_fewer_than_asked_for() -> None:
    assert len(draw({"macs": (17_920, 17_920)}, 2, seed=0)) == 1
    with pytest.raises(UserError, match="no architecture of `small` with MACs from 1 to 2"):
        draw({"macs": (1, 2)}, 2, seed=0)
