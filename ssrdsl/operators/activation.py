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
    in_place: ClassVar[bool] = True

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the equivalent function."""
        return applied(Called(self.module), Called(self.function, (Operand(0),)), self.in_place)


class Relu(_Elementwise):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"
    module: ClassVar[str] = "nn.ReLU"
    function: ClassVar[str] = "F.relu"


class Relu6(_Elementwise):
    """min(max(x, 0), 6)."""

    name: ClassVar[str] = "relu6"
    module: ClassVar[str] = "nn.ReLU6"
    function: ClassVar[str] = "F.relu6"


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


class Gelu(_Elementwise):
    """x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016)."""

    name: ClassVar[str] = "gelu"
    module: ClassVar[str] = "nn.GELU"
    function: ClassVar[str] = "F.gelu"
    in_place: ClassVar[bool] = False


class Swish(_Elementwise):
    """x * sigmoid(x), also called SiLU."""

    name: ClassVar[str] = "swish"
    module: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "F.silu"


class Hswish(_Elementwise):
    """x * min(max(x + 3, 0), 6) / 6 (MobileNetV3)."""

    name: ClassVar[str] = "hswish"
    module: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "F.hardswish"


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x))."""

    name: ClassVar[str] = "sigmoid"
    module: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "torch.sigmoid"
    in_place: ClassVar[bool] = False


class Hsigmoid(_Elementwise):
    """min(max(x + 3, 0), 6) / 6 (MobileNetV3)."""

    name: ClassVar[str] = "hsigmoid"
    module: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "F.hardsigmoid"


class Tanh(_Elementwise):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"
    module: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "torch.tanh"
    in_place: ClassVar[bool] = False


class Softmax(Operator):
    """Softmax over the channels, at every position."""

    name: ClassVar[str] = "softmax"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Softmax`, or the equivalent function."""
        dim = (("dim", 1),)
        return applied(Called("nn.Softmax", (), dim), Called("F.softmax", (Operand(0),), dim))
