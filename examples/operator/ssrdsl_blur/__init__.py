"""Two operators that are not built into the language."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ssrdsl.operators import Called, Construction, Operand, Operator, Rule, Shape, applied, attribute
from ssrdsl.operators.attributes import POSITIVE


@dataclass(frozen=True)
class Blur(Operator):
    """The mean of the k x k positions around each position, inside the image; the extents do not change."""

    name: ClassVar[str] = "blur"
    spatial: ClassVar[bool] = True
    kernel: Any = attribute(3, takes=POSITIVE, positional=True)

    def rules(self, inputs: tuple[Shape, ...]) -> Iterator[Rule]:
        """The window is odd, so that it has a center."""
        yield from super().rules(inputs)
        help = "write an odd kernel, such as `blur(3)`"
        yield Rule("E0205", "multiple", self.kernel - 1, 2, "an even window has no center", help)

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.AvgPool2d`, or the equivalent function."""
        named = (("stride", 1), ("padding", self.kernel // 2), ("count_include_pad", False))
        return applied(
            Called("nn.AvgPool2d", (self.kernel,), named), Called("F.avg_pool2d", (Operand(0), self.kernel), named)
        )

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the window is a single position."""
        return bool(self.kernel == 1)


@dataclass(frozen=True)
class Mish(Operator):
    """x * tanh(softplus(x)) (Misra, 2020)."""

    name: ClassVar[str] = "mish"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.Mish`, or the equivalent function."""
        return applied(Called("nn.Mish"), Called("F.mish", (Operand(0),)))
