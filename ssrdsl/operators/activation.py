"""Activations: elementwise functions, and softmax over the channels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from ssrdsl.operators.attributes import FLAG, NUMBER
from ssrdsl.operators.construction import Called, Construction, Operand, applied, keywords
from ssrdsl.operators.definition import Operator, Scalar, Shape, attribute


class _Elementwise(Operator):
    """An activation without attributes, as a module and as a function."""

    module: ClassVar[str]
    function: ClassVar[str]
    in_place: ClassVar[bool]

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the equivalent function."""
        return applied(Called(self.module), Called(self.function, (Operand(0),)), self.in_place)


def _elementwise(name: str, module: str, function: str, formula: str, *, in_place: bool = True) -> type[_Elementwise]:
    """The operator of a name in the language, a module and a function in torch, and a formula as its description."""
    members = {"__doc__": formula, "name": name, "module": module, "function": function, "in_place": in_place}
    return type(name.capitalize(), (_Elementwise,), members)


Relu = _elementwise("relu", "nn.ReLU", "F.relu", "max(x, 0).")
Relu6 = _elementwise("relu6", "nn.ReLU6", "F.relu6", "min(max(x, 0), 6).")


@dataclass(frozen=True)
class LeakyRelu(Operator):
    """x if it is positive, else `slope` * x."""

    name: ClassVar[str] = "leaky_relu"
    slope: Scalar = attribute(Fraction(1, 100), takes=NUMBER)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.LeakyReLU`, or the equivalent function."""
        slope = keywords(("negative_slope", self.slope, 0.01))
        return applied(Called("nn.LeakyReLU", (), slope), Called("F.leaky_relu", (Operand(0),), slope), in_place=True)


@dataclass(frozen=True)
class Prelu(Operator):
    """x if it is positive, else a learned multiple of x: one for all channels, or one per channel."""

    name: ClassVar[str] = "prelu"
    channels: bool = attribute(False, takes=FLAG)

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The multiples."""
        return inputs[0].channels if self.channels else 1

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.PReLU`."""
        return applied(Called("nn.PReLU", (inputs[0].channels,) if self.channels else ()))


@dataclass(frozen=True)
class Elu(Operator):
    """x if it is positive, else `alpha` * (exp(x) - 1) (Clevert et al., 2016)."""

    name: ClassVar[str] = "elu"
    alpha: Scalar = attribute(1, takes=NUMBER)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.ELU`, or the equivalent function."""
        alpha = keywords(("alpha", self.alpha, 1))
        return applied(Called("nn.ELU", (), alpha), Called("F.elu", (Operand(0),), alpha), in_place=True)


Gelu = _elementwise(
    "gelu", "nn.GELU", "F.gelu", "x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016).", in_place=False
)
Swish = _elementwise("swish", "nn.SiLU", "F.silu", "x * sigmoid(x), also called SiLU.")
Hswish = _elementwise("hswish", "nn.Hardswish", "F.hardswish", "x * min(max(x + 3, 0), 6) / 6 (MobileNetV3).")
Sigmoid = _elementwise("sigmoid", "nn.Sigmoid", "torch.sigmoid", "1 / (1 + exp(-x)).", in_place=False)
Hsigmoid = _elementwise("hsigmoid", "nn.Hardsigmoid", "F.hardsigmoid", "min(max(x + 3, 0), 6) / 6 (MobileNetV3).")
Tanh = _elementwise("tanh", "nn.Tanh", "torch.tanh", "The hyperbolic tangent.", in_place=False)


class Softmax(Operator):
    """Softmax over the channels, at every position."""

    name: ClassVar[str] = "softmax"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Softmax`, or the equivalent function."""
        dim = (("dim", 1),)
        return applied(Called("nn.Softmax", (), dim), Called("F.softmax", (Operand(0),), dim))
