"""Every attribute of every operator, as a constant and as a parameter of a block: the file computes the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ssrdsl.operators import OPERATORS
from tests.emission.compared import check_emitted

CALLS: dict[str, tuple[str, ...]] = {
    "conv({}, 3)": ("4", "6"),
    "conv(4, {})": ("1", "3", "(1, 3)"),
    "conv(4, 3, stride={})": ("1", "2", "(2, 1)"),
    "conv(4, 3, dilation={})": ("1", "2", "(1, 2)"),
    "conv(4, 3, groups={})": ("1", "2"),
    "conv(4, 3, padding={})": ("0", "2", "(0, 1)"),
    "conv(4, 3, bias={})": ("true", "false"),
    "deconv({}, 2)": ("4", "6"),
    "deconv(4, {}, padding=1, output_padding=0)": ("3", "4", "(3, 4)"),
    "deconv(4, 4, stride={})": ("2", "4", "(4, 2)"),
    "deconv(4, 3, padding=1, output_padding=1, dilation={})": ("1", "2", "(1, 2)"),
    "deconv(4, 2, groups={})": ("1", "4"),
    "deconv(4, 4, output_padding=0, padding={})": ("0", "1", "(1, 0)"),
    "deconv(4, 3, padding=1, output_padding={})": ("0", "1", "(1, 0)"),
    "deconv(4, 2, bias={})": ("true", "false"),
    "depthwise({})": ("1", "3", "(3, 1)"),
    "depthwise(3, stride={})": ("1", "2", "(2, 1)"),
    "depthwise(3, dilation={})": ("1", "2", "(1, 2)"),
    "depthwise(3, padding={})": ("0", "2", "(0, 1)"),
    "depthwise(3, bias={})": ("true", "false"),
    "linear({})": ("4", "6"),
    "linear(4, bias={})": ("true", "false"),
    "bn(eps={})": ("1e-3", "0.5"),
    "bn(momentum={})": ("0.1", "0.5"),
    "group_norm({})": ("1", "4"),
    "group_norm(2, eps={})": ("1e-3", "0.5"),
    "layer_norm(eps={})": ("1e-3", "0.5"),
    "instance_norm(eps={})": ("1e-3", "0.5"),
    "leaky_relu(slope={})": ("0.01", "0.2"),
    "elu(alpha={})": ("1", "0.5"),
    "dropout({})": ("0.1", "0.5"),
    "dropout2d({})": ("0.1", "0.5"),
    "prelu(channels={})": ("true", "false"),
    "maxpool({})": ("2", "3", "(1, 3)"),
    "maxpool(3, stride={})": ("1", "2", "(2, 1)"),
    "maxpool(3, padding={})": ("0", "1", "(0, 1)"),
    "maxpool(3, stride=2, padding=0, ceil_mode={})": ("true", "false"),
    "maxpool_indices({0}) -> unpool({0})": ("2", "3", "(1, 3)"),
    "maxpool_indices(2, stride={0}, padding=0) -> unpool(2, stride={0}, padding=0)": ("1", "2", "(2, 1)"),
    "maxpool_indices(4, stride=2, padding={0}) -> unpool(4, stride=2, padding={0})": ("0", "1", "(0, 1)"),
    "maxpool_indices(2, ceil_mode={}) -> unpool(2)": ("true", "false"),
    "avgpool({})": ("2", "3", "(1, 3)"),
    "avgpool(3, stride={})": ("1", "2", "(2, 1)"),
    "avgpool(3, padding={})": ("0", "1", "(0, 1)"),
    "avgpool(3, stride=2, padding=0, ceil_mode={})": ("true", "false"),
    "avgpool(3, padding=1, count_include_pad={})": ("true", "false"),
    "adaptive_avgpool({})": ("1", "3", "(2, 3)"),
    "adaptive_maxpool({})": ("1", "3", "(2, 3)"),
    "resize({})": ("(4, 6)", "(14, 20)"),
    "resize(scale={})": ("2", "1/2", "3/2", "1/3", "(2, 3)"),
    "resize((15, 15), mode={})": ('"bilinear"', '"nearest"', '"nearest-exact"', '"bicubic"', '"area"'),
    "resize((15, 15), align_corners={})": ("true", "false"),
    "resize(image, mode={})": ('"bilinear"', '"nearest"', '"bicubic"'),
    "resize(image, mode={}) ": ('"bilinear"', '"bicubic"'),
    "resize(image, align_corners={})": ("true", "false"),
    "resize(scale=2, mode={})": ('"bilinear"', '"nearest"', '"bicubic"'),
    "resize(scale=2, align_corners={})": ("true", "false"),
    "pixel_shuffle({})": ("1", "2"),
    "channel_shuffle({})": ("1", "2", "4"),
    "pad({})": ("1", "(1, 2)", "(0, 1, 2, 3)"),
    "pad(1, mode={})": ('"constant"', '"reflect"', '"replicate"'),
    "crop({})": ("1", "(1, 2)", "(0, 1, 2, 3)"),
    "shift({})": ("1", "-2", "0"),
    "zero(stride={})": ("1", "2"),
}
HEAD = "use std\nspace s(height=12, width=12) {\n  input image: 3, height, width\n  x = image -> conv(8, 3)\n"


def outputs(calls) -> str:
    return "".join(f"  output {call}\n" for call in calls) + "}\n"


def test_every_attribute_is_here() -> None:
    known = {(name, item.name) for name, operator in OPERATORS.items() for item in operator.signature()}
    assert {one for call in CALLS for one in attributes(call)} == known - {("match", "like")}


def attributes(call: str) -> Iterator[tuple[str, str]]:
    """The operators of a call, and their attributes that have the value."""
    for name, text in re.findall(r"(\w+)\(([^()]*|\(.*)\)", call):
        by_position = [item.name for item in OPERATORS[name].signature() if item.metadata["positional"]]
        for place, argument in enumerate(re.sub(r"\([^()]*\)", "pair", text).split(", ")):
            if "{" in argument:
                yield name, argument.partition("=")[0] if "=" in argument else by_position[place]


@pytest.mark.parametrize("call", CALLS)
def test_constants(call: str):
    check_emitted(HEAD + outputs(f"x -> {call.format(value)}" for value in CALLS[call]))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("form", ["chain", "function", "default", "handed", "shared", "with"])
def test_parameters(call: str, form: str):
    values = CALLS[call]
    inner, image = call.format("p"), "image" in call
    of = " of x, image" if image else " of x"
    here = "(x, image)" if image else "x"
    block = {
        "chain": f"block b(p){of} {{\n  x -> conv(8, 3) -> {inner}\n}}\n",
        "function": f"block b(p){of} {{\n  y = x -> conv(8, 3)\n  y -> {inner} -> relu\n}}\n",
        "default": f"block b(p={values[0]}){of} {{\n  x -> conv(8, 3) -> {inner}\n}}\n",
        "handed": f"block c(p){of} {{\n  x -> conv(8, 1) -> {inner}\n}}\n"
        f"block b(p){of} {{\n  {'(x -> relu, image)' if image else 'x -> relu'} -> c(p)\n}}\n",
        "shared": f"block b(p){of} {{\n  y = x -> conv(8, 3)\n  z = y -> {inner}\n  concat(z, z -> relu)\n}}\n",
        "with": f"block b(p){of} {{\n  x -> {inner}\n}}\n",
    }[form]
    uses = [f"{here} -> b({value})" for value in values]
    if form == "default":
        uses.append(f"{here} -> b")
    check_emitted(HEAD.replace("space", block + "space") + outputs(uses))
