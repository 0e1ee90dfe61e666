"""One architecture of a supernet with shared weights: the same as the rebuilt network, without other computations."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ssrdsl.space import cost
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import rebuild
from ssrdsl.supernet.supernet import KEPT_PATHS
from tests.supernet.nets import architecture, fresh, images
from tests.supernet.spaces import TEXTS, space


def held(name, seed):
    graph = space(name)
    net, chosen = fresh(graph, seed), architecture(graph, seed)
    return net, rebuild(net, chosen), {key: indices[0] for key, indices in chosen.items()}, images(graph)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("training", [True, False])
def test_path_is_the_rebuilt_network(name, training):
    for seed in range(4):
        net, small, assignment, x = held(name, seed)
        net.train(training)
        small.train(training)
        with net.holding(assignment):
            for _ in range(2):
                assert torch.allclose(net(x), small(x), rtol=0, atol=1e-12)
        assert net.training_passes == small.training_passes
        expected = dict(rebuild(net, {key: (index,) for key, index in assignment.items()}).named_buffers())
        for key, value in small.named_buffers():
            assert torch.allclose(expected[key], value, rtol=0, atol=1e-12), key


@pytest.mark.parametrize("name", TEXTS)
def test_gradients_reach_the_shared_weights_of_the_path_only(name):
    net, small, assignment, x = held(name, 5)
    small.train()
    with net.holding(assignment), net.learning("weights"):
        net(x).square().mean().backward()
    small(x).square().mean().backward()
    assert net.gates.alpha.grad is None
    theirs = dict(small.operators.named_parameters())
    for key, weight in net.operators.named_parameters():
        grad = theirs[key].grad if key in theirs else None
        if grad is None:
            assert weight.grad is None, key
            continue
        part = torch.zeros_like(weight)
        window = tuple(
            slice(0, n) if axis < 2 else slice((have - n) // 2, (have - n) // 2 + n)
            for axis, (have, n) in enumerate(zip(weight.shape, grad.shape, strict=True))
        )
        part[window] = grad
        assert torch.allclose(weight.grad, part, rtol=0, atol=1e-12), key


@pytest.mark.parametrize("name", ["joint", "paths", "orders"])
def test_other_candidates_are_not_computed(name):
    graph = space(name)
    for seed in range(3):
        net, _, assignment, x = held(name, seed)
        found = restrict(graph, {key: (index,) for key, index in assignment.items()})
        counter = FlopCounterMode(display=False)
        with net.eval().holding(assignment), counter, torch.no_grad():
            net(x)
        assert counter.get_total_flops() == 2 * len(x) * cost.macs(found)


def test_auxiliary_outputs_are_there():
    net, small, assignment, x = held("cells", 0)
    small.train()
    with net.holding(assignment):
        main, extra = net(x, auxiliary=True)
    theirs, others = small(x, auxiliary=True)
    assert torch.allclose(main, theirs, rtol=0, atol=1e-12)
    assert extra.keys() == others.keys() == {"early"}
    assert torch.allclose(extra["early"], others["early"], rtol=0, atol=1e-12)


def test_the_supernet_is_itself_again_afterwards():
    net, _, assignment, x = held("joint", 1)
    net.eval()
    before, names = net(x), set(net.state_dict())
    other = {key: indices[0] for key, indices in architecture(net.graph, 2).items()}
    with net.holding(assignment):
        first = net(x)
        with net.holding(other):
            assert not torch.equal(net(x), first)
        assert torch.equal(net(x), first)
    assert torch.equal(net(x), before)
    assert set(net.state_dict()) == names


def test_batch_norms_follow_mode_and_momentum_of_the_shared_ones():
    net, _, assignment, _ = held("joint", 1)
    net.eval()
    norms = [module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    small = rebuild(net, {key: (index,) for key, index in assignment.items()})
    for module in small.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
            module.train()
    with net.holding(assignment):
        for seed in range(3):
            image = images(net.graph, seed=seed)
            net(image)
            small(image)
    expected = dict(rebuild(net, {key: (index,) for key, index in assignment.items()}).named_buffers())
    assert any(norm.num_batches_tracked == 3 for norm in norms)
    for key, value in small.named_buffers():
        assert torch.allclose(expected[key], value, rtol=0, atol=1e-12), key


def test_a_path_with_an_open_decision_is_refused():
    net = fresh(space("paths"))
    with pytest.raises(ValueError, match=r"does not decide `.*`"), net.holding({}):
        pass


def test_only_the_latest_paths_are_kept():
    net = fresh(space("joint"))
    for seed in range(KEPT_PATHS + 3):
        with net.holding({key: indices[0] for key, indices in architecture(net.graph, seed).items()}):
            pass
    assert len(net._paths) == KEPT_PATHS
