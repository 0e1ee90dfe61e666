"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.operators.attributes import FLAG, NUMBER
from ssrdsl.operators.construction import Called, Construction, Operand, Self_, keywords
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal
from ssrdsl.operators.rules import whole
from ssrdsl.operators.scalars import is_decided


@dataclass(frozen=True)
class Linear(Operator):
    """Fully connected layer over all channels and positions. The result has no height and width."""

    name: ClassVar[str] = "linear"
    channels: Scalar = attribute(takes=NUMBER, dimension="channel", positional=True)
    bias: bool = attribute(True, takes=FLAG)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """A vector of the given channels."""
        return (Vector(self.channels, 1, 1),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """Positive channels; extents that do not depend on decisions, since there are weights for every position."""
        yield from super().rules(inputs)
        yield from whole("the channels are", self.channels)
        if any(map(is_decided, inputs[0][1:])):
            text = "`linear` has weights for every position, but their number depends on decisions"
            yield refusal("E0502", text, "add `global_pool` before it, or use `conv(c, 1)` instead")

    def macs(self, inputs: tuple[Shape, ...]) -> Scalar:
        """One per weight."""
        return self._in_features(inputs) * self.channels

    def parameters(self, inputs: tuple[Shape, ...]) -> Scalar:
        """Weights and biases."""
        return self.macs(inputs) + (self.channels if self.bias else 0)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Linear` on the flattened tensor."""
        module = Called("nn.Linear", (self._in_features(inputs), self.channels), keywords(("bias", self.bias, True)))
        flat: Operand | Called = Operand(0)
        if not isinstance(inputs[0], Vector):
            flat = Called(".flatten", (Operand(0), 1))
        return Construction(module, Called("", (Self_(), flat)))

    def _in_features(self, inputs: tuple[Shape, ...]) -> Scalar:
        return inputs[0].channels * inputs[0].height * inputs[0].width
