"""The identity and zeros."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ssrdsl.operators.attributes import POSITIVES
from ssrdsl.operators.construction import Called, Construction, Operand, Subscript, applied
from ssrdsl.operators.definition import Operator, Rule, Scalar, Shape, Vector, attribute, refusal
from ssrdsl.operators.scalars import is_one, pair

_ALL = (None, None, None)


class Identity(Operator):
    """Returns the tensor unchanged; `identity` and `skip` are the same operator."""

    name: ClassVar[str] = "identity"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Identity`."""
        return applied(Called("nn.Identity"))

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Always true."""
        return True


@dataclass(frozen=True)
class Zero(Operator):
    """Zeros in the shape of a tensor, at every `stride`-th position: a missing edge in a cell."""

    name: ClassVar[str] = "zero"
    reads_data: ClassVar[bool] = False
    stride: Scalar = attribute(1, takes=POSITIVES)

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The channels of the input; extents divided by the stride, rounded up."""
        if self._keeps_extents():
            return inputs
        (vertical, horizontal), (channels, height, width) = pair(self.stride), inputs[0]
        return (Shape(channels, (height + vertical - 1) // vertical, (width + horizontal - 1) // horizontal),)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """A stride requires height and width."""
        yield from super().rules(inputs)
        if isinstance(inputs[0], Vector) and not self._keeps_extents():
            text = "`zero` with a stride needs height and width, which the result of `linear` does not have"
            yield refusal("E0207", text, "write `zero`")

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`torch.zeros_like`."""
        like: Operand | Subscript = Operand(0)
        if not self._keeps_extents():
            steps = tuple((None, None, step) for step in pair(self.stride))
            like = Subscript(Operand(0), (_ALL, _ALL, *steps))
        return Construction(None, Called("torch.zeros_like", (like,)))

    def _keeps_extents(self) -> bool:
        return all(map(is_one, pair(self.stride)))
