"""Activations: elementwise functions, and softmax over the channels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from ssrdsl.operators.attributes import FLAG, NUMBER
from ssrdsl.operators.construction import Called, Construction, Operand, applied, keywords
from ssrdsl.operators.definition import Operator, Scalar, Shape, attribute


class _Elementwise(Operator):
    """An activation without attributes, as a module and as a function of torch; its name is that of its class."""

    module: ClassVar[str]
    function: ClassVar[str]
    in_place: ClassVar[bool]

    def __init_subclass__(cls, module: str, function: str, in_place: bool = True) -> None:
        cls.name, cls.module, cls.function, cls.in_place = cls.__name__.lower(), module, function, in_place

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the equivalent function."""
        return applied(Called(self.module), Called(self.function, (Operand(0),)), self.in_place)


class Relu(_Elementwise, module="nn.ReLU", function="F.relu"):
    """max(x, 0)."""


class Relu6(_Elementwise, module="nn.ReLU6", function="F.relu6"):
    """min(max(x, 0), 6)."""


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


class Gelu(_Elementwise, module="nn.GELU", function="F.gelu", in_place=False):
    """x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016)."""


class Swish(_Elementwise, module="nn.SiLU", function="F.silu"):
    """x * sigmoid(x), also called SiLU."""


class Hswish(_Elementwise, module="nn.Hardswish", function="F.hardswish"):
    """x * min(max(x + 3, 0), 6) / 6 (MobileNetV3)."""


class Sigmoid(_Elementwise, module="nn.Sigmoid", function="torch.sigmoid", in_place=False):
    """1 / (1 + exp(-x))."""


class Hsigmoid(_Elementwise, module="nn.Hardsigmoid", function="F.hardsigmoid"):
    """min(max(x + 3, 0), 6) / 6 (MobileNetV3)."""


class Tanh(_Elementwise, module="nn.Tanh", function="torch.tanh", in_place=False):
    """The hyperbolic tangent."""


class Softmax(Operator):
    """Softmax over the channels, at every position."""

    name: ClassVar[str] = "softmax"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Softmax`, or the equivalent function."""
        dim = (("dim", 1),)
        return applied(Called("nn.Softmax", (), dim), Called("F.softmax", (Operand(0),), dim))
