"""Every block of the prelude, with its defaults and with others: the emitted file computes the same as the supernet."""

from __future__ import annotations

from pathlib import Path

import pytest

import ssrdsl.std
from tests.emission.compared import check_emitted

CALLS: dict[str, tuple[str, ...]] = {
    "residual": ("residual(conv(6))", "residual(conv(10, 3))", "residual(conv(8) -> relu)"),
    "conv_bn": ("conv_bn(4)", "conv_bn(6, 3)", "conv_bn(4, (1, 3), stride=2)", "conv_bn(4, 3, dilation=2)"),
    "conv_bn_relu": ("conv_bn_relu(4)", "conv_bn_relu(4, 3, stride=(2, 1))", "conv_bn_relu(4, k=3, dilation=(1, 2))"),
    "separable": ("separable(4)", "separable(4, 5)", "separable(4, stride=2)", "separable(4, dilation=2)"),
    "upsample": (
        "upsample(2)",
        "upsample(3/2)",
        'upsample(2, mode="nearest")',
        'upsample(2, mode="bicubic", align_corners=true)',
        "upsample(2, align_corners=true)",
    ),
    "global_pool": ("global_pool", "global_pool -> conv(4)"),
    "shortcut": ("shortcut(8)", "shortcut(4)", "shortcut(8, stride=2)"),
    "basic": ("basic(8)", "basic(4)", "basic(8, stride=2)", "basic(8, dilation=2)"),
    "bottleneck": ("bottleneck(2)", "bottleneck(4)", "bottleneck(2, stride=2)", "bottleneck(2, dilation=2)"),
    "squeeze_excite": (
        "squeeze_excite(2)",
        "squeeze_excite(2, act=swish)",
        "squeeze_excite(4, gate=hsigmoid)",
        "squeeze_excite(2, act=prelu)",
    ),
    "mbconv": (
        "mbconv(8)",
        "mbconv(4)",
        "mbconv(8, 5)",
        "mbconv(8, expand=1)",
        "mbconv(8, stride=2)",
        "mbconv(8, act=hswish)",
        "mbconv(8, attend=squeeze_excite(4))",
        "mbconv(8, 3, 2, 1, attend=squeeze_excite(2, gate=hsigmoid))",
    ),
    "sep_conv": ("sep_conv(4)", "sep_conv(4, 5)", "sep_conv(4, stride=2)"),
    "dil_conv": ("dil_conv(4)", "dil_conv(4, 5)", "dil_conv(4, stride=2)", "dil_conv(4, dilation=1)"),
    "pyramid_pool": (
        "pyramid_pool(4)",
        "pyramid_pool(2)",
        "pyramid_pool(4, grids=[1, 2])",
        "pyramid_pool(4, [3])",
        "pyramid_pool(4, align_corners=true)",
    ),
    "aspp": ("aspp(4)", "aspp(2)", "aspp(4, rates=[1, 2])", "aspp(4, [3])"),
}
PARAMETERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "residual": ("residual(conv(p, 3) -> bn)", ("8", "4")),
    "conv_bn": ("conv_bn(p, 3)", ("8", "4")),
    "conv_bn_relu": ("conv_bn_relu(4, 3, stride=p)", ("1", "2")),
    "separable": ("separable(4, p)", ("3", "5")),
    "upsample": ("upsample(2, align_corners=p)", ("true", "false")),
    "global_pool": ("(global_pool if p else conv(4)) -> relu", ("true", "false")),
    "shortcut": ("shortcut(p)", ("4", "8")),
    "basic": ("basic(8, dilation=p)", ("1", "2")),
    "bottleneck": ("bottleneck(p)", ("2", "4")),
    "squeeze_excite": ("squeeze_excite(p)", ("2", "4")),
    "mbconv": ("mbconv(8, expand=p)", ("1", "2")),
    "sep_conv": ("sep_conv(4, p)", ("3", "5")),
    "dil_conv": ("dil_conv(4, dilation=p)", ("1", "2")),
    "pyramid_pool": ("pyramid_pool(4, align_corners=p)", ("true", "false")),
    "aspp": ("aspp(4, rates=p)", ("[1, 2]", "[2, 3]")),
}
HEAD = "space s(height=16, width=24) {\n  input image: 3, height, width\n  x = image -> conv(8, 3)\n"
SIZES = [(32, 24), (16, 40)]


def written(calls: tuple[str, ...]) -> str:
    return HEAD + "".join(f"  output x -> {call}\n" for call in calls) + "}\n"


def test_every_block_of_the_prelude_is_here() -> None:
    text = (Path(ssrdsl.std.__file__).parent / "std.ssr").read_text(encoding="utf-8")
    names = {line.split()[1].partition("(")[0] for line in text.splitlines() if line.startswith("block ")}
    assert names == set(CALLS) == set(PARAMETERS)


@pytest.mark.parametrize("block", CALLS)
def test_defaults_and_other_arguments(block: str) -> None:
    for call in CALLS[block]:
        check_emitted("use std\n" + written((call,)), SIZES)


@pytest.mark.parametrize("block", CALLS)
def test_all_calls_in_one_network(block: str) -> None:
    check_emitted("use std\n" + written(CALLS[block]), SIZES)


@pytest.mark.parametrize("block", CALLS)
def test_arguments_from_a_parameter(block: str) -> None:
    call, values = PARAMETERS[block]
    for start in (
        f"block b(p) = conv(8, 3) -> {call}\n",
        f"block b(p={values[0]}) of x {{\n  y = x -> relu\n  y -> {call}\n}}\n",
    ):
        uses = [f"b({value})" for value in values] + (["b"] if "=" in start.partition(")")[0] else [])
        check_emitted("use std\n" + start + written(tuple(uses)), SIZES)


def test_a_rebound_norm() -> None:
    calls = tuple(call for block in CALLS for call in CALLS[block][:1])
    check_emitted("use std with bn = bn(eps=1e-3)\n" + written(calls), SIZES)
