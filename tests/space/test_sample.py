"""Random architectures are uniform as selected by the sampler, and meet the requirements."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from scipy.stats import chisquare

from ssrdsl.errors import UserError
from ssrdsl.space.expressions import add, apply
from ssrdsl.space.graph import Graph, Requirement
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from tests.space.enumeration import enumerate_architectures
from tests.space.graphs import SPAN, Build, RandomGraph

DRAWS = 3_000


def key(assignment: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(assignment.items()))


def depth(*, required: bool = False) -> Build:
    """Depth 1..3 over layers of searched width: 3 + 9 + 27 architectures."""
    build = Build()
    x, ends = build.input(), []
    for layer in range(3):
        x = build.layer(x, build.set(f"w{layer}", [1, 2, 3]))
        ends.append(x)
    build.output(build.mux(build.decide("n", range(3)), ends))
    if required:
        build.require(apply("!=", add(build.values["w0"], build.values["w1"]), 4))
    return build


@pytest.mark.parametrize("required", [False, True])
def test_architectures_are_uniform(required: bool) -> None:
    graph = depth(required=required).graph()
    expected = [key(taken) for taken in enumerate_architectures(graph)]
    sampler, chance = Sampler(graph, "architectures"), random.Random(1)
    found = Counter(key(sampler.draw(chance)) for _ in range(DRAWS))
    assert set(found) == set(expected)
    assert chisquare([found[taken] for taken in expected]).pvalue > 1e-3


def test_architectures_of_tangled_graphs_are_uniform() -> None:
    checked = 0
    for seed in range(150):
        graph = RandomGraph(seed).graph()
        expected = [key(taken) for taken in enumerate_architectures(graph)]
        if not 6 <= len(expected) <= 25:
            continue
        sampler, chance = Sampler(graph, "architectures"), random.Random(seed)
        found = Counter(key(sampler.draw(chance)) for _ in range(20 * len(expected)))
        assert set(found) <= set(expected)
        assert chisquare([found[taken] for taken in expected]).pvalue > 1e-5
        checked += 1
    assert checked > 20


def test_decisions_are_uniform() -> None:
    graph, chance = depth().graph(), random.Random(2)
    sampler = Sampler(graph, "decisions")
    draws = [sampler.draw(chance) for _ in range(DRAWS)]
    depths = Counter(taken["n"] for taken in draws)
    assert chisquare([depths[n] for n in range(3)]).pvalue > 1e-3
    widths = Counter(taken["w2"] for taken in draws if taken["n"] == 2)
    assert chisquare([widths[w] for w in range(3)]).pvalue > 1e-3
    assert all(("w1" in taken) == (taken["n"] > 0) for taken in draws)


def test_the_same_seed_gives_the_same_architecture() -> None:
    graph = depth().graph()
    for by in ("decisions", "architectures"):
        assert Sampler(graph, by).draw(random.Random(5)) == Sampler(graph, by).draw(random.Random(5))


def test_closed_decisions_are_named_too() -> None:
    graph = restrict(depth().graph(), {"n": (1,), "w0": (2,)})
    for by in ("decisions", "architectures"):
        taken = Sampler(graph, by).draw(random.Random(0))
        assert (set(taken), taken["n"], taken["w0"]) == ({"n", "w0", "w1"}, 1, 2)


@pytest.mark.parametrize("by", ["decisions", "architectures"])
def test_requirements_are_met(by: str) -> None:
    build = depth(required=True)
    build.requirements.append(Requirement(SPAN, cost="parameters", relation="<=", bound=12))
    sampler, chance = Sampler(build.graph(), by), random.Random(3)
    for _ in range(100):
        taken = sampler.draw(chance)
        widths = [3] + [taken[f"w{layer}"] + 1 for layer in range(taken["n"] + 1)]
        cost = sum(a * b for a, b in pairwise(widths))
        assert cost == sampler.cost("parameters", taken) <= 12
        assert taken["n"] == 0 or widths[1] + widths[2] != 4


def impossible(condition: bool) -> Graph:
    build = depth()
    if condition:
        build.require(apply(">", build.values["w0"], 3))
    else:
        build.requirements.append(Requirement(SPAN, cost="parameters", relation="<", bound=0))
    return build.graph()


@pytest.mark.parametrize("by", ["decisions", "architectures"])
@pytest.mark.parametrize("condition", [False, True])
def test_requirements_that_nothing_meets_are_reported(by: str, condition: bool) -> None:
    with pytest.raises(UserError, match=r"meets|no architecture of `test` with parameters <= -1"):
        Sampler(impossible(condition), by).draw(random.Random(0))


def test_an_unknown_sampler_is_named() -> None:
    with pytest.raises(UserError, match="unknown sampler `layers`"):
        Sampler(depth().graph(), "layers")


def test_a_large_graph_is_drawn_from_less_often_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssrdsl.space.sample.MAX_VISITS", 3_000)
    build = Build()
    x = build.input()
    for at in range(4):
        x = build.layer(x, build.set(f"w{at}", [1, 2]))
    build.require(apply(">", add(build.values["w0"], build.values["w1"]), 4))
    build.output(x)
    graph = build.graph()
    tries = 3_000 // (len(tuple(graph)) + len(graph.decisions))
    assert tries > 100
    with pytest.raises(UserError, match=f"none of {tries} random architectures"):
        Sampler(graph).draw(random.Random(0))
    monkeypatch.setattr("ssrdsl.space.sample.MAX_VISITS", 1)
    with pytest.raises(UserError, match="none of 100 random architectures"):
        Sampler(graph).draw(random.Random(0))
