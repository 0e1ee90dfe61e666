"""Gates, the SSR loss and the gauge."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ssrdsl.language.source import Source, Span
from ssrdsl.space.decisions import Decision, Dimension, Kind, Option
from ssrdsl.space.graph import Mux, Select
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import SSR, Gates, SoftmaxRelaxation, Supernet
from tests.supernet.spaces import space

SPAN = Span(Source("x.ssr", "x"), 0, 1)


class IndependentSigmoids:
    """Gates that do not sum to one."""

    normalised = False

    def log_gates(self, alpha, layout):
        return torch.nn.functional.logsigmoid(alpha)

    def gates(self, alpha, layout):
        return torch.sigmoid(alpha)

    def gauge(self, alpha, layout):
        return alpha


def decision(name, dimension, *indices):
    return Decision(name, dimension, Kind.SET, tuple(Option(i, str(i)) for i in indices), "x", SPAN)


DECISIONS = [
    decision("depth", Dimension.DEPTH, 0, 1, 2),
    decision("closed", Dimension.CHANNEL, 4),
    decision("width", Dimension.CHANNEL, 1, 3),
    decision("other", Dimension.CHANNEL, 0, 1, 2, 3),
]

PARAMETERS = st.lists(st.floats(-12, 12), min_size=9, max_size=9)


def gates(values, strategy=None):
    made = Gates(DECISIONS, strategy or SSR())
    made.alpha.data = torch.tensor(values, dtype=torch.float64)
    return made


def test_gates_start_uniform_with_a_loss_of_zero():
    made = Gates(DECISIONS, SSR())
    values = made.values()
    assert list(values) == ["depth", "width", "other"]
    assert values["width"] == {1: 0.5, 3: 0.5}
    assert values["depth"] == pytest.approx(dict.fromkeys((0, 1, 2), 1 / 3))
    assert all(abs(loss).item() < 1e-15 for loss in made.ssr().values())


@given(PARAMETERS)
def test_gates_are_normalised_sigmoids(values):
    found = gates(values).values()["depth"]
    sigmoids = [1 / (1 + math.exp(-a)) for a in values[:3]]
    assert [found[i] for i in range(3)] == pytest.approx([s / sum(sigmoids) for s in sigmoids], rel=1e-12)


@given(PARAMETERS)
def test_the_loss_is_the_mean_per_dimension_of_the_mean_log_gate(values):
    made = gates(values)
    flat = made().tolist()

    def loss(part):
        return sum(map(math.log, part)) / len(part) + math.log(len(part))

    found = made.ssr()
    assert set(found) == {Dimension.DEPTH, Dimension.CHANNEL}
    assert (found[Dimension.DEPTH]).item() == pytest.approx(loss(flat[:3]), abs=1e-12)
    assert (found[Dimension.CHANNEL]).item() == pytest.approx((loss(flat[3:5]) + loss(flat[5:])) / 2, abs=1e-12)
    assert all((value).item() <= 1e-12 for value in found.values())
    halved = made.ssr(factors={"other": 0.5})[Dimension.CHANNEL].item()
    assert halved == pytest.approx((loss(flat[3:5]) + loss(flat[5:]) / 2) / 2, abs=1e-12)


def test_only_what_is_alive_and_open_enters_the_loss():
    left = {"quarter.repeat.depth": (0,), "quarter.joint[0].(d,s)": (2,)}
    net = Supernet(restrict(space("joint"), left))
    inner = {name for name in net.gates.slices if name.startswith("quarter")}
    assert inner == {f"quarter.joint[0].(d,s)=(2,1).{width}" for width in ("mid", "out")}
    assert net.gates.slices.keys() == {decision.name for decision in net.graph.open_decisions}
    net.gates.alpha.data = torch.linspace(-1, 1, len(net.gates.alpha), dtype=torch.float64)
    sums = {
        name: sum(map(math.log, gates.values())) / len(gates) + math.log(len(gates))
        for name, gates in net.gates.values().items()
    }
    for dimension, loss in net.gates.ssr().items():
        own = [sums[d.name] for d in net.graph.open_decisions if d.dimension is dimension]
        assert loss.item() == pytest.approx(sum(own) / len(own), rel=1e-12)


def test_tied_decisions_enter_the_loss_once():
    net = Supernet(space("cells"))
    uses = Counter(node.decision for node in net.graph if isinstance(node, Mux | Select))
    tied = [decision.name for decision in net.graph.open_decisions if decision.tied]
    assert tied
    assert all(uses[name] == 2 for name in tied)
    assert [decision.name for decision in net.gates.layout.decisions] == list(net.gates.slices)
    assert len(net.gates.alpha) == sum(len(decision.options) for decision in net.graph.open_decisions)


def test_the_loss_stays_finite_with_its_gradient_where_sigmoids_underflow():
    made = gates([-900.0, 0, 0, 0, 0, 0, 0, 0, 0])
    loss = made.ssr()[Dimension.DEPTH]
    loss.backward()
    assert math.isfinite(loss.item())
    assert bool(made.alpha.grad.isfinite().all())


def test_minimising_the_loss_leaves_one_option():
    made = gates([0.1, 0, 0, 0.1, 0, 0, 0.1, 0, 0])
    optimizer = torch.optim.Adam(made.parameters(), 0.3)
    for _ in range(100):
        optimizer.zero_grad()
        sum(made.ssr().values()).backward()
        optimizer.step()
    for options in made.values().values():
        assert max(options.values()) > 0.99


@given(PARAMETERS)
def test_the_gauge_fix_changes_no_gate_and_puts_the_largest_sigmoid_at_one_half(values):
    made = gates(values)
    before = made().detach()
    made.gauge_fix()
    assert torch.allclose(made().detach(), before, atol=2e-16, rtol=5e-15)
    for part in made.slices.values():
        assert (torch.sigmoid(made.alpha[part]).max()).item() == pytest.approx(0.5, abs=1e-15)


@given(PARAMETERS)
def test_the_gauge_of_a_softmax_changes_no_gate(values):
    made = gates(values, SoftmaxRelaxation())
    before = made().detach()
    assert torch.allclose(before[:3], torch.softmax(made.alpha[:3], 0), atol=1e-15)
    made.gauge_fix()
    assert torch.allclose(made().detach(), before, atol=1e-15)


def test_parameters_stay_in_double_precision_whatever_the_network_is():
    made = gates([0.123456789] * 9).half()
    assert made.alpha.dtype == torch.float64
    assert made.alpha.tolist() == [0.123456789] * 9


def test_no_open_decision_makes_no_gate_and_no_loss():
    made = Gates(DECISIONS[1:2], SSR())
    made.gauge_fix()
    assert made.values() == {}
    assert made.ssr() == {}


@given(PARAMETERS, st.sampled_from((SSR(), SoftmaxRelaxation())))
def test_the_probability_of_options_is_the_product_of_their_gates(values, strategy):
    made = gates(values, strategy)
    found = made.values()
    expected = math.log(found["depth"][2] * found["other"][1])
    assert made.log_probability({"depth": 2, "other": 1}).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert made.log_probability({}).item() == 0


def test_replaced_gates_count_within_the_block_only():
    made = gates(range(9))
    before, other = made(), torch.rand(9, dtype=torch.float64)
    with made.replaced(other):
        assert torch.equal(made(), other)
        with made.replaced(before):
            assert torch.equal(made(), before)
        assert made.values()["width"] == pytest.approx({1: other[3].item(), 3: other[4].item()})
    assert torch.equal(made(), before)


def test_gates_of_other_parameters_and_their_logarithms():
    made = gates(range(9), SoftmaxRelaxation())
    assert torch.allclose(made.at(made.alpha + 1), made())
    assert torch.allclose(made.log_gates().exp(), made())


def test_shares_are_the_gates_unless_these_do_not_sum_to_one():
    normalised = gates(range(9))
    assert torch.equal(normalised.shares(), normalised())
    made = gates(range(9), IndependentSigmoids())
    assert torch.allclose(made.layout.total(made.shares()), torch.ones(3, dtype=torch.float64))
