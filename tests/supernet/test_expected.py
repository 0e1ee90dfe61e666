"""Expected costs against the enumeration of all assignments."""

import itertools
import math

import pytest
import torch

from ssrdsl.language.source import Source
from ssrdsl.space.cost import macs, parameters
from ssrdsl.space.decisions import only
from ssrdsl.space.program import open_source
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import Supernet, expected
from tests.supernet.nets import architecture, expected_costs, force, fresh, gradient, some_survivors
from tests.supernet.spaces import TEXTS, space


def enumerated(net, cost):
    values, graph = net.gates.values(), net.graph
    total = 0.0
    for indices in itertools.product(*(options for options in values.values())):
        chosen = dict(zip(values, indices, strict=True))
        probability = math.prod(values[name][index] for name, index in chosen.items())
        total += probability * cost(restrict(graph, only(chosen)))
    return total


SHARED = """
use std
block reduce(c) of x { concat(x -> conv(c - x.channels, 3, stride=2), x -> maxpool(2)) -> bn -> relu }
space s() {
  input image: 3, 8, 8
  w = {2, 4}
  n = {1..3}
  y = image -> conv(w, 3) -> repeat(conv({4, 6}, 1) -> bn, {0..2}) -> repeat(conv(2 * n, 1), n)
  output y -> reduce(12) -> conv(2 * w, 1) -> choose { conv(2 * w, 3) | skip }
}
"""


@pytest.mark.parametrize("name", ["shared", "paths", "cells", "sizes"])
def test_expected_costs_are_those_of_all_architectures(name):
    graph = open_source(Source("s.ssr", SHARED)).graph if name == "shared" else space(name)
    if name in ("paths", "cells"):
        graph = restrict(graph, some_survivors(graph, 1, 0.4))
    net = fresh(graph)
    found = expected_costs(net)
    assert found.macs.item() == pytest.approx(enumerated(net, macs), rel=1e-12)
    assert found.parameters.item() == pytest.approx(enumerated(net, parameters), rel=1e-12)


@pytest.mark.parametrize("name", TEXTS)
def test_at_one_hot_gates_they_are_the_costs_of_the_architecture(name):
    graph = space(name)
    chosen = architecture(graph, 5)
    net = fresh(graph)
    force(net, chosen)
    small = restrict(graph, chosen)
    assert expected_costs(net).macs.item() == pytest.approx(macs(small), rel=1e-14)
    assert expected_costs(net).parameters.item() == pytest.approx(parameters(small), rel=1e-14)
    assert [cost.item() for cost in expected_costs(Supernet(small))] == [macs(small), parameters(small)]


def test_they_are_differentiable_through_the_gates():
    net = fresh(space("joint"))
    expected_costs(net).macs.backward()
    slopes = gradient(net.gates.alpha).clone()
    for place in range(0, len(slopes), 17):
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                net.gates.alpha[place] += sign * 1e-4
                ends.append(expected_costs(net).macs.item())
                net.gates.alpha[place] -= sign * 1e-4
        assert slopes[place].item() == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-5, abs=1e-4)


def test_where_too_much_is_shared_guard_and_cost_are_taken_as_independent(monkeypatch):
    graph = open_source(Source("s.ssr", SHARED)).graph
    exact = expected_costs(fresh(graph)).macs.item()
    monkeypatch.setattr(expected, "MAX_JOINT", 0)
    apart = expected_costs(fresh(graph)).macs.item()
    assert apart != pytest.approx(exact, rel=1e-3)
    assert apart == pytest.approx(exact, rel=0.2)
