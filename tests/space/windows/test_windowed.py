"""Architectures drawn in windows have the conditional distribution of draws."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from math import inf, prod
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.expressions import add, apply
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from ssrdsl.space.windows import costed, draws
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import SPAN, Build, RandomGraph

Key = tuple[tuple[str, int], ...]


def key(assignment: dict[str, int]) -> Key:
    return tuple(sorted(assignment.items()))


def layers(count: int = 4, widths: tuple[int, ...] = (1, 2, 3, 5)) -> Build:
    """Depth 1..count over layers of searched width, two of which are a mixture."""
    build = Build()
    x, ends = build.input(), []
    for layer in range(count):
        x = build.layer(x, build.set(f"w{layer}", widths))
        if layer == 1:
            x = build.mux(build.decide("kind", range(2)), [build.layer(x, 2), x])
        ends.append(x)
    build.output(build.mux(build.decide("n", range(count)), ends))
    return build


def chances(graph: Graph, window: tuple[float, float]) -> dict[Key, float]:
    """The probability of every architecture in a window when every active decision is uniform."""
    sampler = Sampler(graph)
    found = {}
    for taken in enumerate_architectures(graph):
        if window[0] <= sampler.cost("parameters", taken) <= window[1]:
            found[key(taken)] = 1 / prod(len(graph.decisions[name].indices) for name in taken)
    total = sum(found.values())
    return {taken: chance / total for taken, chance in found.items()}


def agrees(
    graph: Graph, window: tuple[float, float], count: int = 3_000, expected: dict[Key, float] | None = None
) -> bool:
    expected = expected or chances(graph, window)
    sampler = Sampler(graph, windows={"parameters": window})
    found = Counter(key(taken) for taken in sampler.draw_many(random.Random(0), count))
    assert set(found) <= set(expected)
    merged = list(_bins([(found[taken], count * chance) for taken, chance in expected.items()]))
    if len(merged) < 2:
        return True
    seen, wanted = zip(*merged, strict=True)
    return bool(chisquare(seen, wanted).pvalue > 1e-4)


def _bins(pairs: list[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Rare architectures together, so that at least five are expected of each."""
    seen, wanted = 0, 0.0
    left = sum(chance for _, chance in pairs)
    for count, chance in sorted(pairs, key=lambda pair: pair[1]):
        seen, wanted, left = seen + count, wanted + chance, left - chance
        if wanted >= 5 and (left >= 5 or left < 1e-6):
            yield seen, wanted
            seen, wanted = 0, 0.0


WINDOWS = [(3, 8), (40, 46), (50, inf), (-inf, 9), (0, 1000)]


@pytest.mark.parametrize("window", WINDOWS)
def test_all_are_listed_of_a_small_space(window: tuple[float, float]) -> None:
    assert agrees(layers(3).graph(), window)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("enough", [1, 10**9], ids=["plain", "tilted"])
def test_draws_are_rejected_rightly(monkeypatch: pytest.MonkeyPatch, window: tuple[float, float], enough: int) -> None:
    monkeypatch.setattr(costed, "FEW", 0)
    monkeypatch.setattr(draws, "ENOUGH", enough)
    monkeypatch.setattr(draws, "GOOD", 2.0)  # so that tilts are considered to the end
    graph = layers().graph()
    weights = made(graph, window).weights
    assert agrees(graph, window)
    assert enough == 1 or (weights[1] != 0) == (window != (0, 1000))


def made(graph: Graph, window: tuple[float, float]) -> Any:
    inside = Sampler(graph, windows={"parameters": window})._inside
    assert inside is not None
    return inside._draws


@pytest.mark.parametrize("window", [(3, 8), (20, 24)])
def test_a_chain_has_the_same_distribution(monkeypatch: pytest.MonkeyPatch, window: tuple[float, float]) -> None:
    monkeypatch.setattr(costed, "FEW", 0)
    monkeypatch.setattr(draws, "ENOUGH", 10**9)
    monkeypatch.setattr(draws, "TRIED", 1)
    monkeypatch.setattr(draws, "_tilted", lambda *_: None)
    monkeypatch.setattr(draws, "TAKEN", 16)
    monkeypatch.setattr(draws, "MOVES", 32)
    graph = layers(3).graph()
    assert isinstance(made(graph, window), draws.RandomWalk)
    assert agrees(graph, window, 300)


def test_two_windows_are_both_kept() -> None:
    graph = layers().graph()
    windows = {"parameters": (20, 40), "macs": (0, inf)}
    sampler = Sampler(graph, windows=windows)
    for taken in sampler.draw_many(random.Random(1), 200):
        assert 20 <= sampler.cost("parameters", taken) <= 40


def test_tangled_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costed, "FEW", 0)
    monkeypatch.setattr(draws, "ENOUGH", 10**9)
    tilted = 0
    for seed in range(40):
        graph = RandomGraph(seed).graph()
        sampler = Sampler(graph)
        values = sorted(sampler.cost("parameters", taken) for taken in enumerate_architectures(graph))
        if not 8 <= len(values) <= 400 or values[0] == values[-1]:
            continue
        cut = values[len(values) // 6]
        assert agrees(graph, (-inf, cut), 600), seed
        tilted += type(made(graph, (-inf, cut))).__name__ == "Rejection"
    assert tilted > 5


def test_requirements_over_decisions_are_met() -> None:
    build = layers()
    build.require(apply("==", add(build.values["w0"], build.values["w1"]), 4))
    graph = build.graph()
    assert agrees(graph, (10, 40), 500)


def test_requirements_that_hardly_any_network_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costed, "FEW", 0)
    build = Build()
    x = build.input()
    total: Any = 0
    for layer in range(7):
        width = build.set(f"w{layer}", [1, 2, 3, 4])
        x, total = build.layer(x, width), add(total, width)
    build.output(x)
    build.require(apply("==", total, 7))
    sampler = Sampler(build.graph(), windows={"parameters": (0, 10)})
    assert set(sampler.draw(random.Random(0)).values()) == {0}


def test_a_required_bound_is_a_window() -> None:
    build = layers()
    build.requirements.append(Requirement(SPAN, cost="parameters", relation="<", bound=9))
    build.requirements.append(Requirement(SPAN, cost="parameters", relation=">=", bound=7))
    graph = build.graph()
    sampler = Sampler(graph, windows={"parameters": (0, 8)})
    assert {sampler.cost("parameters", taken) for taken in sampler.draw_many(random.Random(0), 50)} == {7, 8}


@pytest.mark.parametrize("few", [0, costed.FEW])
def test_a_bound_that_very_few_meet(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Of 4^12 networks a single one has the least cost."""
    monkeypatch.setattr(costed, "FEW", few)
    build = layers(12)
    build.requirements.append(Requirement(SPAN, cost="parameters", relation="<=", bound=3))
    sampler = Sampler(build.graph())
    taken = sampler.draw(random.Random(0))
    assert sampler.cost("parameters", taken) == 3


def test_the_deepest_and_widest_network_is_found() -> None:
    graph = layers(12).graph()
    most = 3 * 5 + 11 * 25
    sampler = Sampler(graph, windows={"parameters": (most, inf)})
    assert sampler.draw(random.Random(0)) == {**{f"w{at}": 3 for at in range(12)}, "kind": 1, "n": 11}


def test_restricted_graphs() -> None:
    whole = layers().graph()
    left = {"n": (2, 3), "w0": (1, 3), "kind": (1,)}
    inside = [
        taken for taken, _ in chances(whole, (20, 40)).items()
        if all(index in left.get(name, (index,)) for name, index in taken)
    ]  # fmt: skip
    weights = [prod(1 / len(left.get(name, range(4))) for name, _ in taken) for taken in inside]
    expected = {taken: weight / sum(weights) for taken, weight in zip(inside, weights, strict=True)}
    graph = restrict(whole, left)
    assert len(expected) > 20
    assert agrees(graph, (20, 40), expected=expected)
    assert Sampler(graph, windows={"parameters": (20, 40)}).draw(random.Random(0))["kind"] == 1


def test_the_same_seed_gives_the_same_architectures() -> None:
    graph = layers(12).graph()
    one, other = (Sampler(graph, windows={"parameters": (90, 100)}) for _ in range(2))
    assert one.draw_many(random.Random(4), 5) == other.draw_many(random.Random(4), 5)
    assert one.draw(random.Random(4)) == other.draw(random.Random(4)) != other.draw(random.Random(5))


def test_no_architecture_in_the_windows() -> None:
    graph = layers(12).graph()
    with pytest.raises(UserError, match=r"no architecture of `test` with parameters >= 10,000") as raised:
        Sampler(graph, windows={"parameters": (10_000, inf)})
    assert "290 parameters" in str(raised.value.help)
    with pytest.raises(UserError, match="unknown cost `latency`"):
        Sampler(graph, windows={"latency": (0, 1)})
    with pytest.raises(UserError, match="parameters"):
        Sampler(graph, windows={"parameters": (9, 8)})


def test_architectures_in_a_window_are_uniform() -> None:
    graph = layers(3).graph()
    expected = list(chances(graph, (10, 20)))
    sampler = Sampler(graph, "architectures", windows={"parameters": (10, 20)})
    found = Counter(key(taken) for taken in sampler.draw_many(random.Random(0), 20 * len(expected)))
    assert set(found) <= set(expected)
    assert chisquare([found[taken] for taken in expected]).pvalue > 1e-4


def test_tilted_draws_have_the_stated_weights() -> None:
    graph = layers(4).graph()
    held = costed.Costed(graph)
    from ssrdsl.space.windows.tilts import Tilted

    drawn = Tilted(held.problem, held.candidates.factors, [0.0, 0.1]).draw(np.random.default_rng(0), 20_000)
    assert held.every is not None
    costs = held.costs(held.every)[:, 1]
    weights = np.exp(-0.1 * costs)
    expected = weights @ costs / weights.sum()
    found = held.costs(drawn)[:, 1]
    assert abs(found.mean() - expected) < 5 * found.std() / 20_000**0.5


def test_a_network_without_decisions_lies_in_a_window_or_not():
    text = "space net {\n  input x: 3, 8, 8\n  output x -> conv(4, 3)\n}\n"
    graph = open_source(Source("net.ssr", text)).graph
    assert Sampler(graph, windows={"macs": (1, 10**6)}).draw(random.Random(0)) == {}
    with pytest.raises(UserError, match="no architecture of `net`"):
        Sampler(graph, windows={"macs": (1, 2)})
