"""Unbound names, with hints for names of other languages and libraries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostic, Label, suggest
from ssrdsl.space.binding.modules import Module

_COST = "the costs are `macs` and `parameters`: `require macs <= 10G`"
_TIME = "time cannot be bounded: bound `macs` or `parameters`, and time the emitted file with `python model.py`"

FOREIGN = {
    "range": "write `[0..2]` for `range(3)`: a list of integers, both ends included",
    "True": "write `true`",
    "False": "write `false`",
    "None": "omit the argument, or write `auto` if that is the default",
    "latency": _TIME,
    "fps": _TIME,
    "flops": _COST,
    "FLOPs": _COST,
    "params": _COST,
    **dict.fromkeys(["batchnorm", "batch_norm", "BatchNorm2d", "BatchNorm", "batchnorm2d", "norm"], "write `bn`"),
    **dict.fromkeys(["GroupNorm", "groupnorm", "gn"], "write `group_norm(groups)`"),
    **dict.fromkeys(["LayerNorm", "layernorm", "ln"], "write `layer_norm`"),
    **dict.fromkeys(["InstanceNorm2d", "instancenorm"], "write `instance_norm`"),
    **dict.fromkeys(["Conv2d", "conv2d", "convolution"], "write `conv(channels, kernel)`: input channels are inferred"),
    **dict.fromkeys(["ConvTranspose2d", "conv_transpose", "deconvolution"], "write `deconv(channels, kernel)`"),
    **dict.fromkeys(["dwconv", "depthwise_conv", "DepthwiseConv2d"], "write `depthwise(kernel)`"),
    **dict.fromkeys(["Linear", "fc", "dense", "Dense"], "write `linear(channels)`"),
    **dict.fromkeys(["flatten", "Flatten"], "omit it: `linear` flattens its input"),
    **dict.fromkeys(["MaxPool2d", "max_pool", "maxpool2d", "max_pool2d"], "write `maxpool(kernel)`"),
    **dict.fromkeys(["AvgPool2d", "avg_pool", "avgpool2d", "avg_pool2d"], "write `avgpool(kernel)`"),
    **dict.fromkeys(["AdaptiveAvgPool2d", "gap"], "write `adaptive_avgpool(1)`"),
    **dict.fromkeys(["interpolate", "Upsample"], "write `resize(scale=2)`, or `resize(x)` for the size of `x`"),
    **dict.fromkeys(["cat", "Concat", "concatenate"], "write `concat(a, b)`"),
    **dict.fromkeys(["Sequential", "sequential"], "write `f -> g`, or `chain([f, g])`"),
    **dict.fromkeys(["Identity", "none"], "write `skip`, or `zero` for no connection"),
    **{name: f"write `{own}`" for name, own in {
        "ReLU": "relu", "ReLU6": "relu6", "SiLU": "silu", "GELU": "gelu", "ELU": "elu", "Tanh": "tanh",
        "LeakyReLU": "leaky_relu", "lrelu": "leaky_relu", "PReLU": "prelu", "Sigmoid": "sigmoid",
        "Hardswish": "hswish", "hard_swish": "hswish", "hardswish": "hswish", "Hardsigmoid": "hsigmoid",
        "hardsigmoid": "hsigmoid", "Softmax": "softmax", "Dropout": "dropout(p)", "Dropout2d": "dropout2d(p)",
    }.items()},
}  # fmt: skip

AUTOMATIC = "auto"
"""The spelling of an automatic value: `conv(8, 3, padding=auto)`."""
HELP = 'define it before, or import it: `use std` for the prelude, `use "blocks.ssr"` for a file'


def unknown(name: syntax.Name, known: Iterable[str]) -> Diagnostic:
    """The diagnostic for an unknown name; a similar one of `known` is suggested."""
    help = FOREIGN.get(name.name) or suggest(name.name, known) or HELP
    return Diagnostic("E0301", f"`{name.name}` is not defined", Label(name.span), help=help)


def unknown_names(module: Module) -> Iterator[Diagnostic]:
    """The diagnostics for all unbound names of a file, including those in unused blocks."""
    known = module.names.visible(module.file.span.end) if module.names.unknown else {}
    return (unknown(name, known) for name in module.names.unknown if name.name != AUTOMATIC)
