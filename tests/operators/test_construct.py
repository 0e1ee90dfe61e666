"""The text of constructions, with numbers and with symbols."""

from fractions import Fraction
from typing import Any

import pytest

from ssrdsl.operators import OPERATORS, Called, Infix, Listed, Operand, Self_, Shape, Subscript, Vector
from ssrdsl.operators.construction import Extent, Leaf, Slice
from ssrdsl.space.expressions.symbols import SymbolicValue, named
from tests.operators.running import make

X = Shape(16, 64, 128)


def text(part: Any) -> str:
    """A construction as Python, for reading."""
    match part:
        case Called(target, arguments, keywords):
            written = [*map(text, arguments), *(f"{name}={text(value)}" for name, value in keywords)]
            return f"{target}({', '.join(written)})"
        case Infix(sign, operands):
            return f" {sign} ".join(map(text, operands))
        case Subscript(value, slices):
            return f"{text(value)}[{', '.join(map(text, slices))}]"
        case Slice(start, stop, step):
            return ":".join("" if bound is None else text(bound) for bound in (start, stop, step))
        case Operand(index):
            return "xyz"[index]
        case Self_():
            return "module"
        case Listed(items):
            return f"[{', '.join(map(text, items))}]"
        case Leaf(scalar):
            return text(scalar)
        case Extent(tensor):
            return f"{text(tensor)}.shape[2:]"
        case SymbolicValue():
            return str(part)
        case tuple():
            return f"({', '.join(map(text, part))})"
    return repr(part)


def module(name: str, *shapes: Shape, **attributes: Any) -> str:
    shapes = shapes or (X,)
    return text(make(name, **attributes).complete(shapes).construct(shapes).module)


def function(name: str, *shapes: Shape, **attributes: Any) -> str:
    shapes = shapes or (X,)
    made = make(name, **attributes).complete(shapes).construct(shapes)
    return text(made.apply if made.module is None else made.function)


@pytest.mark.parametrize(
    ("name", "attributes", "written"),
    [
        ("conv", {"channels": 32}, "nn.Conv2d(16, 32, 1)"),
        ("conv", {"channels": 32, "kernel": 3, "stride": 2, "bias": False},
         "nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False)"),
        ("conv", {"channels": 32, "kernel": (3, 1), "dilation": (4, 1), "bias": True},
         "nn.Conv2d(16, 32, (3, 1), padding=(4, 0), dilation=(4, 1))"),
        ("conv", {"channels": 32, "kernel": 3, "groups": 16}, "nn.Conv2d(16, 32, 3, padding=1, groups=16)"),
        ("depthwise", {"kernel": 5, "bias": False}, "nn.Conv2d(16, 16, 5, padding=2, groups=16, bias=False)"),
        ("deconv", {"channels": 8, "kernel": 3},
         "nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1)"),
        ("deconv", {"channels": 8, "kernel": 2, "stride": (2, 1), "padding": 0, "bias": False},
         "nn.ConvTranspose2d(16, 8, 2, stride=(2, 1), bias=False)"),
        ("bn", {}, "nn.BatchNorm2d(16)"),
        ("bn", {"eps": Fraction(1, 1000), "momentum": Fraction(1, 100)},
         "nn.BatchNorm2d(16, eps=0.001, momentum=0.01)"),
        ("dropout", {"p": Fraction(3, 10)}, "nn.Dropout(0.3)"),
        ("dropout2d", {"p": Fraction(3, 100)}, "nn.Dropout2d(0.03)"),
        ("relu", {}, "nn.ReLU()"),
        ("prelu", {}, "nn.PReLU()"),
        ("prelu", {"channels": True}, "nn.PReLU(16)"),
        ("softmax", {}, "nn.Softmax(dim=1)"),
        ("maxpool", {"kernel": 2}, "nn.MaxPool2d(2)"),
        ("maxpool", {"kernel": 3, "stride": 2}, "nn.MaxPool2d(3, stride=2, padding=1)"),
        ("maxpool_indices", {"kernel": 2}, "nn.MaxPool2d(2, return_indices=True)"),
        ("avgpool", {"kernel": 2, "ceil_mode": True, "count_include_pad": False}, "nn.AvgPool2d(2, ceil_mode=True)"),
        ("avgpool", {"kernel": 3, "stride": 1, "count_include_pad": False},
         "nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)"),
        ("adaptive_avgpool", {"size": 6}, "nn.AdaptiveAvgPool2d(6)"),
        ("adaptive_maxpool", {"size": (1, 2)}, "nn.AdaptiveMaxPool2d((1, 2))"),
        ("resize", {"scale": 2, "align_corners": True},
         "nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)"),
        ("resize", {"scale": Fraction(1, 2), "mode": "nearest"}, "nn.Upsample(scale_factor=0.5, mode='nearest')"),
        ("resize", {"scale": Fraction(1, 3)}, "nn.Upsample(size=(21, 42), mode='bilinear', align_corners=False)"),
        ("resize", {"target": (30, 40)}, "nn.Upsample(size=(30, 40), mode='bilinear', align_corners=False)"),
        ("pad", {"border": 2}, "nn.ZeroPad2d(2)"),
        ("pad", {"border": (0, 1, 2, 3), "mode": "reflect"}, "nn.ReflectionPad2d((2, 3, 0, 1))"),
        ("crop", {"border": 1}, "nn.ZeroPad2d(-1)"),
        ("identity", {}, "nn.Identity()"),
    ],
)  # fmt: skip
def test_module(name: str, attributes: dict[str, Any], written: str) -> None:
    assert module(name, **attributes) == written


@pytest.mark.parametrize(
    ("name", "attributes", "shapes", "written"),
    [
        ("relu", {}, (), "F.relu(x)"),
        ("avgpool", {"kernel": 2}, (), "F.avg_pool2d(x, 2)"),
        ("concat", {}, (X, X), "torch.cat([x, y], dim=1)"),
        ("add", {}, (X, X, X), "x + y + z"),
        ("mul", {}, (X, X), "x * y"),
        ("match", {"like": Shape(20, 1, 1)}, (), "F.pad(x, (0, 0, 0, 0, 0, 4))"),
        ("match", {"like": Shape(20, 1, 1)}, (Vector(25, 1, 1),), "F.pad(x, (0, -5))"),
        ("resize", {"target": X}, (), "F.interpolate(x, size=y.shape[2:], mode='bilinear', align_corners=False)"),
        ("zero", {}, (), "torch.zeros_like(x)"),
        ("zero", {"stride": 2}, (), "torch.zeros_like(x[::, ::, ::2, ::2])"),
        ("shift", {"by": 1}, (), "F.pad(x, (-1, 1, -1, 1))"),
        ("unpool", {"kernel": 2}, (X, X), "F.max_unpool2d(x, y, 2)"),
    ],
)
def test_function(name: str, attributes: dict[str, Any], shapes: tuple[Shape, ...], written: str) -> None:
    assert function(name, *shapes, **attributes) == written


def test_linear_flattens_what_has_extents() -> None:
    linear = make("linear", channels=10)
    assert text(linear.construct((Shape(4, 2, 3),)).module) == "nn.Linear(24, 10)"
    assert text(linear.construct((Shape(4, 2, 3),)).apply) == "(module, .flatten(x, 1))"
    assert text(linear.construct((Vector(4, 1, 1),)).apply) == "(module, x)"


def test_batch_norm_of_a_vector_has_one_dimension() -> None:
    assert module("bn", Vector(4, 1, 1)) == "nn.BatchNorm1d(4)"


def test_symbols_are_printed_by_their_names() -> None:
    """Also if their value is torch's default: it may differ in another instance of the block."""
    c, d, s, k = named(13, "c"), named(1, "d"), named(1, "s"), named(3, "k")
    shape = Shape(named(3, "in_channels"), 64, 64)
    assert (
        module("conv", shape, channels=c - shape.channels, kernel=(3, 1), stride=s, dilation=(d, 1))
        == "nn.Conv2d(in_channels, c - in_channels, (3, 1), stride=s, padding=(d, 0), dilation=(d, 1))"
    )
    assert module("conv", shape, channels=c, kernel=k) == "nn.Conv2d(in_channels, c, k, padding=k // 2)"
    assert (
        module("depthwise", shape, kernel=3, dilation=d)
        == "nn.Conv2d(in_channels, in_channels, 3, padding=d, dilation=d, groups=in_channels)"
    )
    assert module("maxpool", shape, kernel=k) == "nn.MaxPool2d(k)"
    assert module("bn", shape, eps=named(Fraction(1, 1000), "eps")) == "nn.BatchNorm2d(in_channels, eps=eps)"
    assert module("dropout2d", shape, p=named(Fraction(1, 10), "drop")) == "nn.Dropout2d(drop)"
    assert function("match", shape, like=Shape(c, 1, 1)) == "F.pad(x, (0, 0, 0, 0, 0, c - in_channels))"
    assert module("prelu", shape, channels=True) == "nn.PReLU(in_channels)"


def test_pairs_of_different_symbols_stay_pairs() -> None:
    one, other = named(2, "a"), named(2, "b")
    assert module("conv", X, channels=4, kernel=3, dilation=(one, other), padding=0) == (
        "nn.Conv2d(16, 4, 3, dilation=(a, b))"
    )
    assert module("conv", X, channels=4, kernel=3, dilation=(one, named(2, "a")), padding=0) == (
        "nn.Conv2d(16, 4, 3, dilation=a)"
    )


def test_modules_that_work_in_place_say_so() -> None:
    in_place = {name for name in OPERATORS if not OPERATORS[name].signature() and _in_place(name)}
    assert in_place == {"relu", "relu6", "swish", "silu", "hswish", "hsigmoid"}


def _in_place(name: str) -> bool:
    return bool(make(name).construct((X,)).in_place)
