"""Circuits: sums and products of gates, evaluated level by level."""

import torch

from ssrdsl.supernet.circuit import ONE, ZERO, Circuit
from ssrdsl.supernet.readings import Readings
from tests.supernet.nets import gradient

DOMAINS = {"a": (0, 1, 2), "b": (3,), "c": (0, 5)}


def value(circuit, slot, gates):
    readings = Readings(circuit)
    handle = readings.request([slot])
    readings.finish()
    return readings.read(gates, torch.float64)[handle][0]


GATES = torch.tensor([0.2, 0.3, 0.5, 0.9, 0.1], dtype=torch.float64)


def test_gates_lie_in_the_order_of_the_domains_and_closed_decisions_are_one():
    circuit = Circuit(DOMAINS)
    assert (circuit.gate("a", 0), circuit.gate("c", 5)) == (2, 6)
    assert circuit.gate("b", 3) == ONE
    assert circuit.gate("a", 7) == ZERO
    assert value(circuit, circuit.gate("c", 5), GATES) == 0.1


def test_sums_of_products_are_what_they_say():
    circuit = Circuit(DOMAINS)
    a, c = circuit.gate("a", 1), circuit.gate("c", 0)
    slot = circuit.total([(a, c, 2.0), (ONE, ONE, 3.0), (ONE, circuit.product(a, a, c), 1.0)])
    assert torch.isclose(value(circuit, slot, GATES), torch.tensor(2 * 0.3 * 0.9 + 3 + 0.09 * 0.9, dtype=torch.float64))


def test_equal_sums_are_one_slot_and_trivial_ones_none():
    circuit = Circuit(DOMAINS)
    a, c = circuit.gate("a", 1), circuit.gate("c", 0)
    assert circuit.total([(a, c, 1.0), (ONE, a, 1.0)]) == circuit.total([(a, ONE, 1.0), (c, a, 1.0)])
    assert circuit.total([(a, ONE, 1.0)]) == a
    assert circuit.total([(a, ZERO, 1.0)]) == ZERO
    assert circuit.product() == ONE


def test_all_gates_of_a_decision_collapse_where_they_sum_to_one():
    def total(circuit):
        return circuit.total((ONE, circuit.gate("a", index), 1.0) for index in DOMAINS["a"])

    assert total(Circuit(DOMAINS)) == ONE
    assert total(Circuit(DOMAINS, normalised=False)) != ONE


def test_evaluation_is_differentiable_through_all_levels():
    circuit = Circuit(DOMAINS)
    square = circuit.product(circuit.gate("a", 0), circuit.gate("a", 0))
    slot = circuit.total([(square, circuit.gate("c", 0), 4.0), (ONE, circuit.gate("a", 1), 1.0)])
    gates = GATES.clone().requires_grad_()
    value(circuit, slot, gates).backward()
    assert torch.allclose(gradient(gates), torch.tensor([8 * 0.2 * 0.9, 1, 0, 4 * 0.04, 0], dtype=torch.float64))
