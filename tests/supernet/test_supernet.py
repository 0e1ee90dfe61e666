"""The supernet as a whole: one-hot gates, plain networks, learning in turn, seeds, resuming."""

import copy
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.space.cost import supernet_parameters
from ssrdsl.space.program import open_space
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import SoftmaxRelaxation, Supernet, load_node_state, node_state
from tests.supernet.nets import Plain, architecture, decided, fresh, gradient, images
from tests.supernet.spaces import TEXTS, space

SPACES = Path(__file__).parents[2] / "spaces"


def fitted(plain, x):
    """The input at the extents of an architecture."""
    return F.interpolate(x, size=tuple(plain.graph.inputs[0].shapes[0][1:]), mode="bilinear")


@pytest.mark.parametrize("name", TEXTS)
def test_at_one_hot_gates_it_is_the_network_of_the_architecture(name):
    graph = space(name)
    x = images(graph)
    for seed in range(4):
        net, small, plain = decided(graph, seed)
        assert not small.graph.open_decisions
        assert not any(node.scale for node in small.plan if hasattr(node, "scale") and not node.scale.is_unit)
        assert torch.allclose(net(x), plain(fitted(plain, x)), rtol=1e-12, atol=1e-13)
        assert torch.allclose(small(x), plain(fitted(plain, x)), rtol=1e-12, atol=1e-13)


def test_a_graph_without_decisions_is_trained_like_plain_modules():
    graph = restrict(space("paths"), architecture(space("paths"), 3))
    net = fresh(graph)
    plain = Plain(graph)
    plain.load(node_state(net))
    x = images(graph)
    for step in range(3):
        ours, theirs = net(x), plain(x)
        assert torch.allclose(ours, theirs, atol=1e-12), step
        ours.square().sum().backward()
        theirs.square().sum().backward()
        for weights in (list(net.weights()), [p for m in plain.modules.values() for p in m.parameters()]):
            torch.optim.SGD(weights, 1e-3).step()
            for weight in weights:
                weight.grad = None


@pytest.mark.parametrize("name", TEXTS)
def test_its_weights_are_as_many_as_the_graph_says(name):
    net = Supernet(space(name))
    assert sum(weight.numel() for weight in net.weights()) == supernet_parameters(space(name), auxiliary=True)


def test_learning_one_kind_computes_no_gradient_of_the_other():
    net = fresh(space("joint"))
    x = images(net.graph)
    with net.learning("weights"):
        net(x).square().sum().backward()
    assert net.gates.alpha.grad is None
    assert all(weight.grad is not None for weight in net.weights())
    net.zero_grad()
    with net.learning("gates"):
        net(x).square().sum().backward()
    assert gradient(net.gates.alpha).abs().max() > 0
    assert all(weight.grad is None for weight in net.weights())
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_weights_follow_from_the_seed_and_the_node_alone():
    graph = space("joint")
    torch.manual_seed(123)
    before = torch.random.get_rng_state()
    net = Supernet(graph, seed=5)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(321)
    small = Supernet(restrict(graph, {"quarter.repeat.depth": (0,)}), seed=5)
    other = Supernet(graph, seed=6)
    assert len(small.operators) < len(net.operators)
    for name, module in small.operators.items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, net.operators[name].state_dict()[key])
    key = "operators.half/reduce/conv.weight"
    assert not torch.equal(other.state_dict()[key], net.state_dict()[key])


def test_auxiliary_heads_are_returned_with_the_output():
    net = fresh(space("cells")).eval()
    x = images(net.graph)
    result, heads = net(x, auxiliary=True)
    assert torch.equal(result, net(x))
    assert list(heads) == ["early"]
    assert heads["early"].shape[1] == 3


def test_training_resumed_from_its_state_goes_on_bit_for_bit():
    graph = space("joint")
    x = images(graph).float()

    def steps(net, optimizer, count):
        for _ in range(count):
            optimizer.zero_grad()
            net(x).square().mean().backward()
            optimizer.step()

    net = Supernet(graph, seed=1)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    steps(net, optimizer, 2)
    saved = copy.deepcopy((net.state_dict(), optimizer.state_dict()))
    steps(net, optimizer, 2)

    torch.manual_seed(99)
    again = Supernet(graph, seed=1)
    optimizer = torch.optim.Adam(again.parameters(), 1e-2)
    again.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    steps(again, optimizer, 2)
    theirs = again.state_dict()
    for key, value in net.state_dict().items():
        assert value == theirs[key] if isinstance(value, dict) else torch.equal(value, theirs[key]), key


def test_dropout_varies_between_passes_and_rests_in_evaluation():
    net = fresh(space("joint"))
    x = images(net.graph)
    first, second = net(x), net(x)
    assert not torch.equal(first, second)
    net.training_passes = 0
    net.eval()
    assert torch.equal(net(x), net(x))


def test_a_copy_has_a_life_of_its_own():
    net = fresh(space("paths")).eval()
    twin = copy.deepcopy(net)
    x = images(net.graph)
    before = net(x)
    with torch.no_grad():
        for weight in twin.weights():
            weight.add_(1)
    assert torch.equal(net(x), before)
    assert not torch.allclose(twin(x), before)


def test_weights_by_node_come_back():
    net, other = fresh(space("elastic"), 1).eval(), fresh(space("elastic"), 2).eval()
    other.gates.alpha.data = net.gates.alpha.data
    x = images(net.graph)
    state = node_state(net)
    assert "y.conv" in state
    assert state["y.conv"]["weight"].is_contiguous()
    assert not torch.allclose(other(x), net(x))
    load_node_state(other, state)
    assert torch.equal(other(x), net(x))


def test_other_strategies_of_gates_run_the_same_network():
    net = fresh(space("paths"), relaxation=SoftmaxRelaxation()).eval()
    ours = fresh(space("paths")).eval()
    x = images(net.graph)
    assert not torch.allclose(net(x), ours(x))
    ours.gates.alpha.data.zero_()
    net.gates.alpha.data.zero_()
    assert torch.allclose(net(x), ours(x), atol=1e-13)


def test_an_image_of_an_unfit_size_is_refused_by_name():
    net = Supernet(space("joint")).eval()
    with pytest.raises(UserError, match=r"inputs of `quarter\.joint\[0\]"):
        net(torch.zeros(1, 3, 20, 32))


@pytest.mark.parametrize(("name", "weights"), [("ssr_published", 1_022_688), ("erfnet", 2_066_836)])
def test_networks_shipped_have_the_weights_they_should_and_run_as_plain_modules(name, weights):
    graph = open_space(SPACES / f"{name}.ssr", {"height": "64", "width": "64", "classes": "20"}).graph
    net = Supernet(graph, seed=3).double()
    assert sum(weight.numel() for weight in net.weights()) == weights
    plain = Plain(graph)
    plain.load(node_state(net))
    plain.train(False)
    x = images(graph, batch=1)
    assert torch.allclose(net.eval()(x), plain(x), atol=1e-12)


def test_an_architecture_of_the_realtime_space_runs_as_plain_modules():
    graph = open_space(SPACES / "realtime.ssr", {"height": "64", "width": "96"}).graph
    chosen = architecture(graph, 2)
    net = Supernet(restrict(graph, chosen)).double().eval()
    plain = Plain(graph, chosen)
    plain.load(node_state(net))
    plain.train(False)
    x = images(graph, batch=1)
    assert torch.allclose(net(x), plain(x), atol=1e-12)
