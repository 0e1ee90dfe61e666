"""Rules that several operators state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.operators.definition import Rule, Scalar, Shape


def whole(what: str, value: Scalar, least: int = 1) -> Iterator[Rule]:
    """A value is an integer from `least` on."""
    help = "round it: `round(x)`, `floor(x)`, `round_to(x, 8)`"
    yield Rule("E0202", "integer", value, 0, f"{what} not a whole number", help)
    text = f"{what} not positive" if least == 1 else f"{what} below {least}"
    yield Rule("E0201", "at least", value, least, text, f"give numbers from {least} on")


def positive_extents(shape: Shape, help: str) -> Iterator[Rule]:
    """Something is left of height and width."""
    yield Rule("E0201", "at least", shape.height, 1, "nothing is left of the height", help)
    yield Rule("E0201", "at least", shape.width, 1, "nothing is left of the width", help)


def equal_extents(left: Shape, right: Shape) -> Iterator[Rule]:
    """Two tensors agree in height and width."""
    help = "`b -> resize(a)` brings `b` to the height and width of `a`"
    yield Rule("E0203", "equal", left.height, right.height, "heights differ", help)
    yield Rule("E0203", "equal", left.width, right.width, "widths differ", help)


def equal_channels(left: Shape, right: Shape) -> Rule:
    """Two tensors agree in channels."""
    help = "`match(b, a)` cuts or zero-pads the channels of `b` to those of `a`; `conv(c, 1)` makes `c` of them"
    return Rule("E0203", "equal", left.channels, right.channels, "channels differ", help)


def wholes(what: str, values: Iterable[Scalar], least: int = 1) -> Iterator[Rule]:
    """Values are integers from `least` on."""
    for value in dict.fromkeys(values):
        yield from whole(what, value, least)
