"""Effects of gates: masks, mixtures, depths, selections and concatenations against their formulas."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from ssrdsl.language.source import Source
from ssrdsl.space.program import open_source
from ssrdsl.supernet.plan import Mix, Run
from tests.supernet.nets import fresh, gradient, images


def graph(body, blocks=""):
    text = f"use std\n{blocks}\nspace s() {{\n  input image: 2, 8, 8\n{body}\n}}\n"
    return open_source(Source("s.ssr", text)).graph


def operator(net, ending):
    (found,) = (module for name, module in net.operators.items() if name.endswith(ending))
    return found


def gates_of(net, ending):
    (found,) = (options for name, options in net.gates.values().items() if name.endswith(ending))
    return list(found.values())


def mask(gates, widths, channels):
    rows = [g * (torch.arange(channels) < w).double() for g, w in zip(gates, widths, strict=True)]
    return sum(rows)[None, :, None, None]


def normalised(bn, x):
    return F.batch_norm(x, bn.running_mean, bn.running_var, bn.weight, bn.bias, False, 0.1, bn.eps)


def test_a_width_multiplies_the_features_of_a_convolution_by_its_expected_mask():
    net = fresh(graph("  output image -> conv({2, 4, 5}, 3) -> relu")).eval()
    x, conv = images(net.graph), operator(net, "conv")
    m = mask(gates_of(net, "channels"), (2, 4, 5), 5)
    assert torch.allclose(net(x), F.relu(conv(x) * m), atol=1e-14)


def test_the_mask_follows_a_batch_norm_that_is_the_only_reader_of_a_convolution():
    net = fresh(graph("  output image -> conv({2, 4}, 3) -> bn -> relu")).eval()
    x, conv, bn = images(net.graph), operator(net, "conv"), operator(net, "bn")
    m = mask(gates_of(net, "channels"), (2, 4), 4)
    assert torch.allclose(net(x), F.relu(normalised(bn, conv(x)) * m), atol=1e-14)
    (run,) = (step for step in net.plan if isinstance(step, Run) and step.node.operator.name == "conv")
    assert run.results == (run.results[0]._replace(node=run.node.id),)


def test_a_convolution_that_something_else_reads_too_is_masked_as_well():
    net = fresh(graph("  y = image -> conv({2, 4}, 3, bias=true)\n  output add(y -> bn, y)")).eval()
    x, conv, bn = images(net.graph), operator(net, "conv"), operator(net, "bn")
    m = mask(gates_of(net, "channels"), (2, 4), 4)
    y = conv(x) * m
    assert torch.allclose(net(x), normalised(bn, y) * m + y, atol=1e-14)


def test_a_batch_norm_in_training_does_not_cancel_the_gradient_of_a_width():
    net = fresh(graph("  output image -> conv({2, 4}, 3) -> bn")).train()
    net(images(net.graph)).square().sum().backward()
    assert gradient(net.gates.alpha).abs().min() > 1e-3


@pytest.mark.parametrize(("act", "function"), [("sigmoid", torch.sigmoid), ("hsigmoid", F.hardsigmoid)])
def test_what_makes_dead_channels_nonzero_is_masked(act, function):
    net = fresh(graph(f"  output image -> conv({{2, 4}}, 3, bias=true) -> {act}")).eval()
    x, conv = images(net.graph), operator(net, "conv")
    m = mask(gates_of(net, "channels"), (2, 4), 4)
    assert torch.allclose(net(x), function(conv(x) * m) * m, atol=1e-14)


@pytest.mark.parametrize("order", ["{wide}, {single}", "{single}, {wide}"])
def test_a_tensor_of_one_channel_is_added_to_live_channels_alone(order):
    wide, single = "image -> conv({2, 4}, 3, bias=true)", "image -> conv(1, 1, bias=true)"
    net = fresh(graph(f"  output add({order.format(wide=wide, single=single)})")).eval()
    x = images(net.graph)
    conv, one = sorted(net.operators.values(), key=lambda module: -len(list(module.parameters())[-1]))
    m = mask(gates_of(net, "channels"), (2, 4), 4)
    assert torch.allclose(net(x), (conv(x) * m + one(x)) * m, atol=1e-14)


def test_a_sum_over_positions_of_equal_channels_is_not_masked_again():
    body = "  w = {2, 4}\n  output add(image -> conv(w, 3), image -> adaptive_avgpool(1) -> conv(w, 1, bias=true))"
    net = fresh(graph(body)).eval()
    x, (first, second) = images(net.graph), net.operators.values()
    m = mask(gates_of(net, "w"), (2, 4), 4)
    assert torch.allclose(net(x), first(x) * m + second(F.adaptive_avg_pool2d(x, 1)) * m, atol=1e-14)


def test_a_softmax_shares_among_live_channels():
    net = fresh(graph("  output image -> conv({2, 4}, 3, bias=true) -> softmax")).eval()
    x, conv = images(net.graph), operator(net, "conv")
    m = mask(gates_of(net, "channels"), (2, 4), 4)
    shares = torch.softmax(conv(x) * m, 1) * m
    assert torch.allclose(net(x), shares / shares.sum(1, keepdim=True), atol=1e-14)


def test_candidates_are_mixed_and_the_narrower_padded_by_zeros():
    net = fresh(graph("  output image -> choose { conv(2, 3, bias=true) | conv(4, 1, bias=true) } -> relu")).eval()
    x, (narrow, wide) = images(net.graph), net.operators.values()
    first, second = gates_of(net, "choose")
    expected = F.relu(first * F.pad(narrow(x), (0, 0, 0, 0, 0, 2)) + second * wide(x))
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_the_identity_of_a_residual_takes_the_mask_of_its_branch():
    net = fresh(graph("  output image -> conv(4, 1) -> residual(conv({3, 5}, 3) -> bn)")).eval()
    x = images(net.graph)
    first, conv, bn = net.operators.values()
    m = mask(gates_of(net, "channels"), (3, 5), 5)
    y = first(x)
    expected = F.pad(y, (0, 0, 0, 0, 0, 1)) * m + normalised(bn, conv(y)) * m
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_a_depth_mixes_the_outputs_after_each_count():
    net = fresh(graph("  output image -> repeat(conv({2, 4}, 3, bias=true), {0..2})")).eval()
    x, (one, two) = images(net.graph), net.operators.values()
    depth = gates_of(net, "depth")
    first, second = (mask(list(g.values()), (2, 4), 4) for n, g in net.gates.values().items() if "channels" in n)
    y = one(x) * first
    expected = depth[0] * F.pad(x, (0, 0, 0, 0, 0, 2)) + depth[1] * y + depth[2] * two(y) * second
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_a_selection_takes_its_inputs_with_their_marginals():
    net = fresh(graph("  output select({1, 2}, [image -> conv(2, 1), image -> conv(2, 3), image])")).eval()
    x, (one, three) = images(net.graph), net.operators.values()
    (decision,) = net.graph.open_decisions
    gates = dict(zip(decision.indices, net.gates().tolist(), strict=True))
    (mix,) = (step for step in net.plan if isinstance(step, Mix))
    subsets = [subset for k in (1, 2) for subset in itertools.combinations(range(3), k)]
    marginal = [sum(gates[i] for i, subset in enumerate(subsets) if k in subset) for k in range(3)]
    expected = marginal[0] * one(x) + marginal[1] * three(x) + marginal[2] * x
    assert len(mix.terms) == 3
    assert torch.allclose(net(x), expected, atol=1e-14)


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True), min_size=2, max_size=4),
    st.integers(0, 100),
)
def test_segments_of_a_concatenation_are_at_their_expected_offsets(widths, seed):
    widths = [sorted(options) for options in widths]
    parts = ", ".join(
        f"image -> conv({{{', '.join(map(str, w))}}} , 1, bias=true)"
        if len(w) > 1
        else f"image -> conv({w[0]}, 1, bias=true)"
        for w in widths
    )
    net = fresh(graph(f"  output concat({parts})"), seed).eval()
    x, convs = images(net.graph), list(net.operators.values())
    decided = iter(net.gates.values().values())
    gates = [list(next(decided).values()) if len(options) > 1 else [1.0] for options in widths]
    total = sum(options[-1] for options in widths)
    expected = torch.zeros(2, total, 8, 8, dtype=torch.float64)
    for k, (conv, options) in enumerate(zip(convs, widths, strict=True)):
        y = conv(x) * mask(gates[k], options, options[-1])
        for before in itertools.product(*(range(len(w)) for w in widths[:k])):
            probability, offset = 1.0, 0
            for j, choice in enumerate(before):
                probability, offset = probability * gates[j][choice], offset + widths[j][choice]
            expected[:, offset : offset + options[-1]] += probability * y
    assert torch.allclose(net(x), expected, atol=1e-13)


def test_a_concatenation_of_a_width_and_its_complement_has_a_constant_width():
    blocks = "block fill(c) of x { concat(x -> conv(c - x.channels, 1, bias=true), x) }"
    net = fresh(graph("  output image -> conv({2, 3}, 1, bias=true) -> fill(5)", blocks)).eval()
    x, (first, second) = images(net.graph), net.operators.values()
    a, b = gates_of(net, "channels")
    y = first(x) * mask((a, b), (2, 3), 3)
    z = second(y) * mask((a, b), (3, 2), 3)
    expected = F.pad(z, (0, 0, 0, 0, 0, 2)).clone()
    expected[:, 3:5] += a * y[:, :2]  # beyond the fifth channel nothing can stand
    expected[:, 2:5] += b * y
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_the_likeliest_input_size_is_taken_in_evaluation_and_a_drawn_one_in_training():
    body = "  size = {4, 6, 8}\n  input image: 2, size, size\n  output image -> conv(3, 1)"
    net = fresh(open_source(Source("s.ssr", f"space s() {{\n{body}\n}}\n")).graph)
    x = torch.rand(1, 2, 8, 8, dtype=torch.float64)
    net.gates.alpha.data = torch.tensor([0.0, 3.0, 1.0], dtype=torch.float64)
    assert net.eval()(x).shape[2:] == (6, 6)
    sizes = [net.train()(x).shape[-1] for _ in range(40)]
    assert set(sizes) == {4, 6, 8}
    net.training_passes = 0
    assert [net(x).shape[-1] for _ in range(40)] == sizes
