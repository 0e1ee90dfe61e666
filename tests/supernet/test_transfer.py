"""The rebuild after a shrink: only the size changes."""

import pytest
import torch

from ssrdsl.language.source import Source
from ssrdsl.space.program import open_source
from ssrdsl.supernet import Supernet, carry_optimizer, rebuild, transfer
from ssrdsl.supernet.parts import TransferFault, sliced
from tests.supernet.nets import force, fresh, images, some_survivors
from tests.supernet.spaces import TEXTS, space


def loss(net, x):
    y = net(x)
    weights = torch.rand(y.shape, generator=torch.Generator().manual_seed(0), dtype=y.dtype)
    return (y * weights).mean()


def shrunk(name, seed):
    graph = space(name)
    net = fresh(graph, seed)
    survivors = some_survivors(graph, seed)
    force(net, survivors)
    return net, survivors, images(graph)


def close(left, right, bound):
    scale = max(1.0, left.detach().abs().max().item())
    return (left - right).abs().max().item() <= bound * scale


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("training", [True, False])
def test_function_statistics_and_gradients_are_unchanged(name, training):
    for seed in range(3):
        net, survivors, x = shrunk(name, seed)
        net.train(training)
        new = rebuild(net, survivors)
        assert new.training == training
        big, small = loss(net, x), loss(new, x)
        assert close(big, small, 1e-14)
        big.backward()
        small.backward()
        reference = rebuild(net, survivors)
        for key, value in reference.named_buffers():
            assert close(value, dict(new.named_buffers())[key], 1e-14), key
        if len(new.gates.alpha):
            kept = [net.gates.layout.places[option] for option in new.gates.layout.places]
            assert close(net.gates.alpha.grad[kept], new.gates.alpha.grad, 1e-12)


@pytest.mark.parametrize("name", TEXTS)
def test_adam_goes_on_with_sliced_moments(name):
    net, survivors, x = shrunk(name, 1)

    def optimizers(of):
        weights = torch.optim.Adam(of.weights(), 1e-3, weight_decay=1e-4)
        return weights, torch.optim.Adam(of.gates.parameters(), 1e-2, betas=(0.5, 0.999))

    def step(of, both):
        of.zero_grad()
        loss(of, x).backward()
        for optimizer in both:
            optimizer.step()

    old = optimizers(net)
    for _ in range(2):
        step(net, old)
    old[0].param_groups[0]["lr"] = 5e-4
    new = rebuild(net, survivors)
    fresh_ones = optimizers(new)
    for mine, theirs in zip(fresh_ones, old, strict=True):
        carry_optimizer(net, new, theirs, mine)
    assert fresh_ones[0].param_groups[0]["lr"] == 5e-4
    for _ in range(5):
        step(net, old)
        step(new, fresh_ones)
    reference = dict(rebuild(net, survivors).named_parameters())
    for key, value in new.named_parameters():
        if value.numel():
            assert close(reference[key], value, 2e-12), key


@pytest.mark.parametrize("dropout", ["dropout", "dropout2d"])
def test_what_is_dropped_does_not_depend_on_the_width(dropout):
    layers = f"conv({{2, 4}}, 3, bias=true) -> relu -> {dropout}(0.5) -> relu -> conv(2, 1)"
    text = f"space s() {{\n  input image: 2, 8, 8\n  output image -> {layers}\n}}\n"
    net = fresh(open_source(Source("s.ssr", text)).graph)
    survivors = {"conv.channels": (0,)}
    force(net, survivors)
    new, x = rebuild(net, survivors), images(net.graph)
    assert len(new.gates.alpha) == 0
    # Convolutions of different widths may round differently; a number dropped in one of them only would show.
    assert torch.allclose(net(x), new(x), rtol=0, atol=1e-12)
    assert not torch.allclose(new(x), new.eval()(x), rtol=0, atol=1e-3)


def test_the_new_network_is_smaller_and_gates_are_renormalised():
    net, survivors, _ = shrunk("joint", 2)
    new = rebuild(net, survivors)
    assert sum(w.numel() for w in new.weights()) < 0.8 * sum(w.numel() for w in net.weights())
    old = net.gates.values()
    for name, options in new.gates.values().items():
        assert set(options) == set(survivors[name])
        assert sum(options.values()) == pytest.approx(1, abs=1e-15)
        assert list(options.values()) == pytest.approx([old[name][i] for i in options], abs=1e-15)


def test_shrinking_in_two_steps_is_shrinking_at_once():
    net, survivors, x = shrunk("joint", 4)
    half = dict(list(survivors.items())[::2])
    twice, once = rebuild(rebuild(net, half), survivors), rebuild(net, survivors)
    assert torch.equal(twice.eval()(x), once.eval()(x))


def test_parts_are_prefixes_of_channels_and_centres_of_kernels():
    weight = torch.arange(2 * 3 * 5 * 5).reshape(2, 3, 5, 5)
    assert torch.equal(sliced(weight, torch.Size((1, 2, 3, 1))), weight[:1, :2, 1:4, 2:3])
    with pytest.raises(TransferFault):
        sliced(weight, torch.Size((3, 3, 5, 5)))


def test_networks_of_different_spaces_are_a_fault():
    with pytest.raises(TransferFault, match="not in the larger"):
        transfer(Supernet(space("paths")), Supernet(space("joint")))


def test_optimizers_with_other_groups_are_a_fault():
    net = Supernet(space("paths"))
    one = torch.optim.Adam(net.weights())
    two = torch.optim.Adam([{"params": list(net.weights())}, {"params": list(net.gates.parameters())}])
    with pytest.raises(TransferFault, match="groups"):
        carry_optimizer(net, net, one, two)
