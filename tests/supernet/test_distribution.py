"""Distributions of scalars against the enumeration of all assignments."""

import itertools
from collections import defaultdict
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.errors import UserError
from ssrdsl.space import expressions
from ssrdsl.space.expressions import Decided, switch
from ssrdsl.supernet.circuit import Circuit
from ssrdsl.supernet.distribution import Distributions
from ssrdsl.supernet.readings import Readings


def distribution(scalar, gates):
    """The values that a scalar takes, ascending, and their probabilities, given a tensor for each option's gate."""
    circuit = Circuit({decision: tuple(options) for decision, options in gates.items()})
    found = Distributions(circuit).of(scalar)
    ordered = sorted(found)
    return ordered, read(circuit, [found[value] for value in ordered], gates)


def read(circuit, slots, gates):
    """The values of slots."""
    readings = Readings(circuit)
    handle = readings.request(slots)
    readings.finish()
    flat_gates = torch.stack([gate for options in gates.values() for gate in options.values()])
    return readings.read(flat_gates, torch.float64)[handle]


DOMAINS = {"a": (0, 1), "b": (0, 1, 2), "c": (1, 4)}


@st.composite
def flat(draw):
    decision = draw(st.sampled_from(sorted(DOMAINS)))
    values = draw(st.lists(st.integers(1, 6), min_size=3, max_size=3))
    return switch(decision, list(zip(DOMAINS[decision], values, strict=False)))


@st.composite
def nested(draw, inner):
    decision = draw(st.sampled_from(sorted(DOMAINS)))
    return switch(decision, [(index, draw(inner)) for index in DOMAINS[decision]])


def combined(inner):
    return st.one_of(
        nested(inner),
        st.builds(expressions.add, inner, inner),
        st.builds(expressions.multiply, inner, inner),
        st.builds(lambda a, b: expressions.apply("round_to", a, b), inner, st.integers(1, 4)),
        st.builds(lambda a, b: expressions.apply("max", a, b), inner, inner),
        st.builds(lambda a: 20 - a, inner),
    )


SCALARS = st.recursive(st.one_of(flat(), st.integers(1, 5)), combined, max_leaves=6)


@st.composite
def gate_values(draw):
    weights = {name: [draw(st.integers(1, 9)) for _ in indices] for name, indices in DOMAINS.items()}
    return {
        name: {
            index: torch.tensor(w / sum(weights[name]), dtype=torch.float64)
            for index, w in zip(indices, weights[name], strict=True)
        }
        for name, indices in DOMAINS.items()
    }


def enumerated(scalar, gates):
    found: dict[Any, float] = defaultdict(float)
    for indices in itertools.product(*DOMAINS.values()):
        assignment = dict(zip(DOMAINS, indices, strict=True))
        probability = 1.0
        for name, index in assignment.items():
            probability *= float(gates[name][index])
        found[expressions.assign(scalar, assignment)] += probability
    return dict(found)


@given(SCALARS, gate_values())
def test_a_distribution_is_that_of_all_assignments(scalar, gates):
    values, probabilities = distribution(scalar, gates)
    expected = enumerated(scalar, gates)
    assert values == sorted(expected)
    assert torch.allclose(probabilities, torch.tensor([expected[v] for v in values], dtype=torch.float64), atol=1e-12)


@given(SCALARS, gate_values())
def test_an_expectation_is_exact_also_where_factors_share_decisions(scalar, gates):
    circuit = Circuit(DOMAINS)
    slot = Distributions(circuit).expectation(scalar)
    value = float(read(circuit, [slot], gates)[0])
    assert value == pytest.approx(sum(v * p for v, p in enumerated(scalar, gates).items()), rel=1e-12)


@given(SCALARS, st.data())
def test_a_distribution_at_one_hot_gates_is_the_value_of_the_architecture(scalar, data):
    assignment = {name: data.draw(st.sampled_from(indices)) for name, indices in DOMAINS.items()}
    gates = {
        name: {index: torch.tensor(float(index == assignment[name])) for index in indices}
        for name, indices in DOMAINS.items()
    }
    values, probabilities = distribution(scalar, gates)
    assert {v for v, p in zip(values, probabilities, strict=True) if p == 1.0} == {
        expressions.assign(scalar, assignment)
    }
    assert float(probabilities.sum()) == 1.0


def test_products_that_share_a_decision_are_not_products_of_expectations():
    width = switch("a", [(0, 2), (1, 4)])
    rest = switch("a", [(0, switch("b", [(0, 1), (1, 2), (2, 3)])), (1, 10)])
    product = expressions.multiply(width, rest)
    assert isinstance(product, Decided)
    half = torch.tensor(0.5, dtype=torch.float64)
    third = torch.tensor(1 / 3, dtype=torch.float64)
    values, probabilities = distribution(product, {"a": {0: half, 1: half}, "b": {0: third, 1: third, 2: third}})
    assert values == [2, 4, 6, 40]
    assert torch.allclose(probabilities, torch.tensor([1 / 6, 1 / 6, 1 / 6, 1 / 2], dtype=torch.float64))


def test_a_distribution_is_differentiable_in_the_gates():
    first = torch.tensor(0.25, dtype=torch.float64, requires_grad=True)
    values, probabilities = distribution(switch("a", [(0, 8), (1, 16)]), {"a": {0: first, 1: 1 - first}})
    (probabilities @ torch.tensor(values, dtype=torch.float64)).backward()
    assert first.grad == -8


def test_a_number_with_too_many_values_is_refused():
    indices = tuple(range(100))
    total = expressions.add(switch("a", [(i, i) for i in indices]), switch("b", [(i, 100 * i) for i in indices]))
    with pytest.raises(UserError, match="4096 values"):
        Distributions(Circuit({"a": indices, "b": indices})).of(total)
