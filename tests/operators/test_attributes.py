"""Invalid values of attributes are rejected when the operator is created."""

from fractions import Fraction
from typing import Any

import pytest

from ssrdsl.operators import AttributeFault, Shape
from ssrdsl.space.expressions import switch
from tests.operators.running import make

DECIDED = switch("d", [(0, 3), (1, 5)])


@pytest.mark.parametrize(
    ("name", "attributes", "message"),
    [
        ("conv", {"channels": "many"}, '`channels` of `conv` must be a number, not "many"'),
        ("conv", {"channels": True}, "`channels` of `conv` must be a number, not true"),
        ("conv", {"channels": 8, "kernel": (1, 2, 3)},
         "`kernel` of `conv` must be a number or a pair of numbers, not (1, 2, 3)"),
        ("conv", {"channels": 8, "stride": 0},
         "`stride` of `conv` must be an integer of at least 1, or a pair of them, not 0"),
        ("conv", {"channels": 8, "stride": Fraction(1, 2)},
         "`stride` of `conv` must be an integer of at least 1, or a pair of them, not 1/2"),
        ("conv", {"channels": 8, "padding": -1},
         "`padding` of `conv` must be an integer of at least 0, or a pair of them, not -1"),
        ("conv", {"channels": 8, "bias": 1}, "`bias` of `conv` must be true or false, not 1"),
        ("maxpool", {"kernel": 0}, "`kernel` of `maxpool` must be an integer of at least 1, or a pair of them, not 0"),
        ("bn", {"eps": -1}, "`eps` of `bn` must be a number from 0 to 1, not -1"),
        ("dropout", {"p": Fraction(3, 2)}, "`p` of `dropout` must be a number from 0 to 1, not 3/2"),
        ("dropout", {"p": "half"}, '`p` of `dropout` must be a number from 0 to 1, not "half"'),
        ("resize", {"scale": 0}, "`scale` of `resize` must be a number above 0, or a pair of them, not 0"),
        ("resize", {"scale": 2, "mode": "cubic"},
         '`mode` of `resize` must be one of "bilinear", "nearest", "nearest-exact", "bicubic", "area", not "cubic"'),
        ("resize", {"target": 4}, "`target` of `resize` must be a tensor or a pair (height, width), not 4"),
        ("match", {"like": 4}, "`like` of `match` must be a tensor, not 4"),
        ("crop", {"border": -1}, "`border` of `crop` must be an integer of at least 0, a pair or four of them, not -1"),
        ("pad", {"border": (1, 2, 3)},
         "`border` of `pad` must be an integer of at least 0, a pair or four of them, not (1, 2, 3)"),
        ("shift", {"by": Fraction(1, 2)}, "`by` of `shift` must be an integer, not 1/2"),
        ("channel_shuffle", {"groups": (2, 2)},
         "`groups` of `channel_shuffle` must be an integer of at least 1, not (2, 2)"),
    ],
)  # fmt: skip
def test_unfit_value_is_reported(name: str, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(AttributeFault) as caught:
        make(name, **attributes)
    assert str(caught.value) == message
    assert caught.value.attribute in attributes


@pytest.mark.parametrize("attributes", [{}, {"target": (4, 4), "scale": 2}])
def test_resize_has_one_aim(attributes: dict[str, Any]) -> None:
    with pytest.raises(AttributeFault, match="either a tensor or pair, or `scale=` alone"):
        make("resize", **attributes)


def test_corners_are_aligned_only_where_something_is_interpolated() -> None:
    with pytest.raises(AttributeFault, match='must be false if the mode is "nearest", not true'):
        make("resize", scale=2, mode="nearest", align_corners=True)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("conv", {"channels": DECIDED, "kernel": (DECIDED, 1), "dilation": DECIDED, "groups": DECIDED}),
        ("resize", {"target": (DECIDED, 4)}),
        ("resize", {"target": Shape(DECIDED, DECIDED, 4)}),
        ("match", {"like": Shape(DECIDED, 1, 1)}),
    ],
)
def test_decided_values_pass(name: str, attributes: dict[str, Any]) -> None:
    operator = make(name, **attributes)
    assert all(getattr(operator, key) is value for key, value in attributes.items())
