"""Activations: functions of every number by itself, and softmax over the channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.operators.attributes import FLAG
from ssrdsl.operators.construction import Call, Construction, Operand, applied
from ssrdsl.operators.definition import Operator, Scalar, Shape, attribute


class _Elementwise(Operator):
    """An activation without attributes, as a module and as a function."""

    module: ClassVar[str]
    function: ClassVar[str]
    in_place: ClassVar[bool] = True

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """The module, or the function of the same meaning."""
        return applied(Call(self.module), Call(self.function, (Operand(0),)), self.in_place)


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


class Hsigmoid(_Elementwise):
    """min(max(x + 3, 0), 6) / 6 (MobileNetV3)."""

    name: ClassVar[str] = "hsigmoid"
    module: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "F.hardsigmoid"


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x))."""

    name: ClassVar[str] = "sigmoid"
    module: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "torch.sigmoid"
    in_place: ClassVar[bool] = False


@dataclass(frozen=True)
class Prelu(Operator):
    """x where it is positive, else a learned multiple of x: one for all channels, or one for each."""

    name: ClassVar[str] = "prelu"
    channels: bool = attribute(False, takes=FLAG)

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """The multiples."""
        return inputs[0].channels if self.channels else 1

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.PReLU`."""
        return applied(Call("nn.PReLU", (inputs[0].channels,) if self.channels else ()))


class Softmax(Operator):
    """Softmax over the channels, at every position."""

    name: ClassVar[str] = "softmax"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Softmax`, or the function of the same meaning."""
        dim = (("dim", 1),)
        return applied(Call("nn.Softmax", (), dim), Call("F.softmax", (Operand(0),), dim))
