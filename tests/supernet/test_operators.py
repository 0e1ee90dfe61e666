"""After a decided width, at one-hot gates, an operator equals that of the plain network, and is zero beyond.

Values of dead channels (biases, the shift of a norm, one half of a sigmoid) must not reach the next operator.
"""

import pytest

from ssrdsl.language.source import Source
from ssrdsl.operators import OPERATORS
from ssrdsl.space.check import check
from ssrdsl.space.program import open_source
from tests.supernet.nets import decided, images

WIDE = "conv({2, 4}, 3, bias=true)"
BODIES = {
    "conv": f"output image -> {WIDE} -> conv({{3, 5}}, 1, bias=true)",
    "deconv": f"output image -> {WIDE} -> deconv({{2, 5}}, 3, bias=true)",
    "depthwise": f"output image -> {WIDE} -> depthwise(3, bias=true)",
    "linear": f"output image -> {WIDE} -> global_pool -> linear({{3, 5}}) -> linear({{2, 4}})",
    "bn": f"output image -> {WIDE} -> relu -> bn",
    "dropout": f"output image -> {WIDE} -> dropout(0.5) -> relu",
    "dropout2d": f"output image -> {WIDE} -> dropout2d(0.5) -> relu",
    **{
        name: f"output image -> {WIDE} -> {name}"
        for name in ("relu", "relu6", "prelu", "swish", "hswish", "sigmoid", "hsigmoid", "softmax")
    },
    **{name: f"output image -> {WIDE} -> {name}" for name in ("leaky_relu", "elu", "gelu", "tanh", "silu")},
    "instance_norm": f"output image -> {WIDE} -> relu -> instance_norm",
    "group_norm": "output image -> choose c in {2, 4} { conv(c, 3, bias=true) -> group_norm(2) } -> conv(3, 1)",
    "layer_norm": "output image -> choose c in {2, 4} { conv(c, 3, bias=true) -> layer_norm } -> conv(3, 1)",
    "maxpool": f"output image -> {WIDE} -> maxpool(2)",
    "maxpool_indices": f"y, places = image -> {WIDE} -> maxpool_indices(2)\n  output (y, places) -> unpool(2)",
    "unpool": f"y, places = image -> {WIDE} -> maxpool_indices(2)\n  output (y -> sigmoid, places) -> unpool(2)",
    "avgpool": f"output image -> {WIDE} -> avgpool(3, stride=1)",
    "adaptive_avgpool": f"output image -> {WIDE} -> adaptive_avgpool(2)",
    "adaptive_maxpool": f"output image -> {WIDE} -> adaptive_maxpool(2)",
    "resize": f"output image -> {WIDE} -> resize((5, 3))",
    "pixel_shuffle": "output image -> conv({4, 8}, 3, bias=true) -> pixel_shuffle(2)",
    "concat": f"output concat(image -> {WIDE}, image, image -> {WIDE})",
    "add": f"output add(image -> {WIDE}, image -> conv(1, 1))",
    "mul": f"output mul(image -> conv(1, 1), image -> {WIDE})",
    "match": f"output match(image -> {WIDE}, image -> conv({{3, 5}}, 1))",
    "channel_shuffle": f"output image -> {WIDE} -> conv(4, 1) -> channel_shuffle(2)",
    "pad": f'output image -> {WIDE} -> pad(1, mode="reflect")',
    "crop": f"output image -> {WIDE} -> crop(1)",
    "shift": f"output image -> {WIDE} -> shift(1)",
    "identity": f"output image -> {WIDE} -> choose {{ identity | relu }}",
    "skip": f"output image -> {WIDE} -> repeat(sigmoid, {{0..2}})",
    "zero": f"output image -> {WIDE} -> choose {{ zero | skip | bn }}",
}


def test_every_operator_has_its_case() -> None:
    assert BODIES.keys() == OPERATORS.keys()


@pytest.mark.parametrize("name", BODIES)
def test_an_operator_after_a_decided_width_equals_that_of_the_plain_network(name: str) -> None:
    text = f"use std\nspace s() {{\n  input image: 2, 8, 8\n  {BODIES[name]}\n}}\n"
    graph = open_source(Source("s.ssr", text)).graph
    x = images(graph)
    for seed in range(3):
        net, small, plain = decided(graph, seed)
        expected, wide = plain(x), net(x)
        width = expected.shape[1]
        assert (small(x) - expected).abs().max() <= 1e-13
        assert (wide[:, :width] - expected).abs().max() <= 1e-13
        assert not wide[:, width:].any()


@pytest.mark.parametrize("norm", ["group_norm(2)", "layer_norm"])
def test_norms_across_channels_are_refused_after_a_decided_width(norm: str) -> None:
    text = f"space s() {{\n  input image: 2, 8, 8\n  output image -> {WIDE} -> {norm}\n}}\n"
    (found,) = check(Source("s.ssr", text))
    assert (found.code, found.label.span.text) == ("E0502", norm)
    assert "choose c in" in (found.help or "")
