"""Rules shared by several operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ssrdsl.operators.definition import Rule, Scalar, Shape


def whole(what: str, value: Scalar, least: int = 1) -> Iterator[Rule]:
    """A value is an integer from `least` on."""
    help = "round it: `round(x)`, `floor(x)`, `round_to(x, 8)`"
    yield Rule("E0202", "integer", value, 0, f"{what} not an integer", help)
    text = f"{what} not positive" if least == 1 else f"{what} below {least}"
    yield Rule("E0201", "at least", value, least, text, f"use numbers of at least {least}")


def positive_extents(shape: Shape, help: str) -> Iterator[Rule]:
    """Height and width are positive."""
    yield Rule("E0201", "at least", shape.height, 1, "the height is not positive", help)
    yield Rule("E0201", "at least", shape.width, 1, "the width is not positive", help)


def equal_extents(left: Shape, right: Shape) -> Iterator[Rule]:
    """Two tensors agree in height and width."""
    help = "`b -> resize(a)` resizes `b` to the height and width of `a`"
    yield Rule("E0203", "equal", left.height, right.height, "heights differ", help)
    yield Rule("E0203", "equal", left.width, right.width, "widths differ", help)


def equal_channels(left: Shape, right: Shape) -> Rule:
    """Two tensors agree in channels."""
    fitting = "`match(b, a)` cuts or zero-pads the channels of `b` to those of `a`"
    help = f"{fitting}; `conv(c, 1)` changes their number to `c`"
    return Rule("E0203", "equal", left.channels, right.channels, "channels differ", help)


def wholes(what: str, values: Iterable[Scalar], least: int = 1) -> Iterator[Rule]:
    """Values are integers from `least` on."""
    for value in dict.fromkeys(values):
        yield from whole(what, value, least)
