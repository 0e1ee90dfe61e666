"""Rules: codes and texts, paddings, broadcasting, types of tensors."""

from typing import Any

import pytest

from ssrdsl.operators import Indices, Operator, Shape, Vector
from tests.operators.running import broken, holds, make


def made(name: str, shape: Shape, **attributes: Any) -> Any:
    """An operator with its automatic values."""
    return make(name, **attributes).complete((shape,))


IMAGE = Shape(3, 512, 1024)


@pytest.mark.parametrize(
    ("attributes", "padding"),
    [
        ({}, (0, 0)),
        ({"kernel": 3}, (1, 1)),
        ({"kernel": 3, "stride": 2}, (1, 1)),
        ({"kernel": 2, "stride": 2}, (0, 0)),
        ({"kernel": 3, "stride": 3}, (0, 0)),
        ({"kernel": (3, 1), "dilation": (4, 1)}, (4, 0)),
        ({"kernel": (1, 3), "dilation": (1, 16)}, (0, 16)),
        ({"kernel": 7, "stride": 2}, (3, 3)),
        ({"kernel": (2, 5), "stride": (2, 1)}, (0, 2)),
        ({"kernel": 4, "padding": 1}, (1, 1)),
        ({"kernel": 3, "padding": (0, 2)}, (0, 2)),
    ],
)
def test_padding_of_convolutions(attributes: dict[str, Any], padding: tuple[int, int]) -> None:
    conv = made("conv", IMAGE, channels=8, **attributes)
    assert conv.padding == padding
    assert not broken(conv, (IMAGE,))
    assert conv.complete((IMAGE,)) == conv


@pytest.mark.parametrize("name", ["conv", "depthwise", "maxpool", "avgpool"])
def test_even_kernel_asks_for_a_padding(name: str) -> None:
    attributes = {"channels": 8} if name == "conv" else {}
    operator = made(name, IMAGE, kernel=4, stride=1, **attributes)
    (rule, *_) = [rule for rule in operator.rules((IMAGE,)) if not holds(rule)]
    assert rule.code == "E0205"
    assert rule.help == f"set the padding: `{name}(..., padding=0)`"


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [(2, 2, 1), (3, 2, 1), (4, 2, 1), (5, 2, 1), (1, 2, 1), (3, 1, 1), (3, 3, 1), (4, 4, 1), (8, 4, 1), (3, 2, 2),
     (2, 5, 1), (3, 1, 3)],
)  # fmt: skip
def test_deconv_multiplies_the_extent_exactly(kernel: int, stride: int, dilation: int) -> None:
    shape = Shape(4, 7, 9)
    deconv = made("deconv", shape, channels=2, kernel=kernel, stride=stride, dilation=dilation)
    assert not broken(deconv, (shape,))
    assert deconv.shapes((shape,)) == (Shape(2, stride * 7, stride * 9),)


def test_deconv_of_erfnet() -> None:
    deconv = made("deconv", IMAGE, channels=64, kernel=3)
    assert (deconv.padding, deconv.output_padding) == ((1, 1), (1, 1))


def test_deconv_that_cannot_be_exact_asks_for_a_padding() -> None:
    assert broken(made("deconv", IMAGE, channels=2, kernel=4, stride=1), (IMAGE,)) == ["E0205"]


def test_padding_of_a_deconv_leaves_the_output_padding_to_pytorch() -> None:
    assert made("deconv", IMAGE, channels=2, kernel=3, padding=1).output_padding == (0, 0)


def test_stride_of_a_pool_is_its_kernel() -> None:
    pool = made("maxpool", IMAGE, kernel=(2, 4))
    assert pool.shapes((IMAGE,)) == (Shape(3, 256, 256),)
    assert made("maxpool", IMAGE, kernel=3, stride=2).shapes((IMAGE,)) == (Shape(3, 256, 512),)


BROKEN: list[tuple[str, dict[str, Any], tuple[Shape, ...], str]] = [
    ("conv", {"channels": 0}, (IMAGE,), "the channels are not positive"),
    ("conv", {"channels": -5, "kernel": 3}, (IMAGE,), "the channels are not positive"),
    ("conv", {"channels": 8, "kernel": 0, "padding": 0}, (IMAGE,), "the kernel is not positive"),
    ("conv", {"channels": 8, "groups": 2}, (IMAGE,), "groups do not divide the input channels"),
    ("conv", {"channels": 8, "groups": 3}, (IMAGE,), "groups do not divide the output channels"),
    ("conv", {"channels": 8, "kernel": 5, "padding": 0}, (Shape(3, 4, 9),), "the height is not positive"),
    ("linear", {"channels": 0}, (IMAGE,), "the channels are not positive"),
    ("maxpool", {"kernel": 8}, (Shape(3, 9, 7),), "the width is not positive"),
    ("avgpool", {"kernel": 3, "padding": 2}, (IMAGE,), "the padding is more than half of the kernel"),
    ("maxpool_indices", {"kernel": 2}, (Shape(3, 9, 8),), "unpooling does not restore the height"),
    ("resize", {"target": (0, 4)}, (IMAGE,), "the height or width is not positive"),
    ("pixel_shuffle", {"factor": 2}, (IMAGE,), "the squared factor does not divide the channels"),
    ("channel_shuffle", {"groups": 2}, (IMAGE,), "groups do not divide the channels"),
    ("crop", {"border": (4, 4, 0, 0)}, (Shape(3, 8, 8),), "the height is not positive"),
    ("shift", {"by": -3}, (Shape(3, 3, 8),), "the shift is at least as large as the image"),
    ("pad", {"border": 4, "mode": "reflect"}, (Shape(3, 4, 8),), "a reflected border must be narrower than the tensor"),
    ("concat", {}, (Shape(3, 8, 8), Shape(3, 8, 9)), "widths differ"),
    ("concat", {}, (Shape(3, 8, 8), Shape(3, 8, 8), Shape(3, 4, 8)), "heights differ"),
    ("add", {}, (Shape(3, 8, 8), Shape(4, 8, 8)), "channels differ"),
    ("add", {}, (Shape(3, 1, 1), Shape(4, 8, 8)), "channels differ"),
    ("mul", {}, (Shape(1, 1, 1), Shape(4, 8, 8)), "channels differ"),
    ("mul", {}, (Shape(1, 8, 1), Shape(4, 8, 8)), "widths differ"),
    ("mul", {}, (Shape(4, 1, 1), Shape(1, 8, 8)), "channels differ"),
]


@pytest.mark.parametrize(("name", "attributes", "shapes", "text"), BROKEN)
def test_broken_rule_is_reported(name: str, attributes: dict[str, Any], shapes: tuple[Shape, ...], text: str) -> None:
    operator = make(name, **attributes).complete(shapes)
    assert [rule.text for rule in operator.rules(shapes) if not holds(rule)] == [text]


@pytest.mark.parametrize("name", ["add", "mul"])
def test_ones_are_broadcast(name: str) -> None:
    full, column, plane = Shape(4, 8, 9), Shape(4, 1, 1), Shape(1, 8, 9)
    for shapes in ((full, column), (column, full), (full, plane), (plane, full), (column, plane, full), (plane, plane)):
        operator = make(name)
        assert not broken(operator, shapes)
        assert operator.shapes(shapes) == ((full if full in shapes else plane),)


def test_sides_of_a_difference_are_in_the_order_of_the_file() -> None:
    left, right = Shape(3, 1, 1), Shape(4, 8, 8)
    (rule,) = [rule for rule in make("add").rules((left, right)) if not holds(rule)]
    assert (rule.left, rule.right) == (3, 4)


SPATIAL = [
    ("conv", {"channels": 4}), ("deconv", {"channels": 4, "kernel": 2}), ("depthwise", {"kernel": 1}),
    ("maxpool", {"kernel": 1}), ("adaptive_avgpool", {"size": 1}), ("resize", {"scale": 1}), ("dropout2d", {"p": 0}),
    ("pixel_shuffle", {"factor": 1}), ("channel_shuffle", {"groups": 1}), ("pad", {"border": 1}),
    ("crop", {"border": 0}), ("shift", {"by": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attributes"), SPATIAL)
def test_vectors_have_no_windows(name: str, attributes: dict[str, Any]) -> None:
    assert "E0207" in broken(make(name, **attributes), (Vector(4, 1, 1),))
    assert "E0207" not in broken(make(name, **attributes), (Shape(4, 1, 1),))


@pytest.mark.parametrize("name", ["bn", "relu", "prelu", "sigmoid", "softmax", "identity", "zero"])
def test_vectors_stay_vectors(name: str) -> None:
    (shape,) = make(name).shapes((Vector(4, 1, 1),))
    assert isinstance(shape, Vector)
    assert not broken(make(name), (shape,))


@pytest.mark.parametrize("name", ["add", "mul", "concat"])
def test_vectors_meet_only_vectors(name: str) -> None:
    operator: Operator = make(name)
    vector, column = Vector(4, 1, 1), Shape(4, 1, 1)
    assert not broken(operator, (vector, vector))
    assert isinstance(operator.shapes((vector, vector))[0], Vector)
    assert broken(operator, (vector, column)) == ["E0207"]


def test_indices_are_for_unpool() -> None:
    values, indices = made("maxpool_indices", IMAGE, kernel=2).shapes((IMAGE,))
    assert type(values) is Shape
    assert isinstance(indices, Indices)
    assert broken(make("relu"), (indices,)) == ["E0207"]
    unpool = make("unpool", kernel=2)
    assert not broken(unpool, (values, indices))
    assert broken(unpool, (values, values)) == ["E0207"]
    assert broken(unpool, (values._replace(channels=5), indices)) == ["E0203"]


NEUTRAL = [
    ("maxpool", {"kernel": 1}), ("avgpool", {"kernel": (1, 1)}), ("resize", {"scale": 1}), ("dropout", {"p": 0}),
    ("dropout2d", {"p": 0}), ("identity", {}), ("skip", {}), ("concat", {}), ("add", {}), ("mul", {}),
    ("pixel_shuffle", {"factor": 1}), ("channel_shuffle", {"groups": 1}), ("shift", {"by": 0}), ("pad", {"border": 0}),
    ("crop", {"border": (0, 0)}), ("match", {"like": Shape(3, 1, 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attributes"), NEUTRAL)
def test_what_changes_nothing_is_neutral(name: str, attributes: dict[str, Any]) -> None:
    assert made(name, IMAGE, **attributes).is_neutral((IMAGE,))


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("maxpool", {"kernel": 2}), ("maxpool", {"kernel": 1, "stride": 2}), ("resize", {"scale": (1, 2)}),
     ("dropout", {"p": 1}), ("match", {"like": Shape(4, 512, 1024)}), ("maxpool_indices", {"kernel": 1}),
     ("conv", {"channels": 3}), ("resize", {"target": IMAGE}), ("zero", {})],
)  # fmt: skip
def test_what_may_change_something_is_not(name: str, attributes: dict[str, Any]) -> None:
    assert not made(name, IMAGE, **attributes).is_neutral((IMAGE,))


def test_resize_keeps_its_reference_until_detached() -> None:
    resize = make("resize", target=Shape(8, 30, 40))
    assert resize.detached() == make("resize", target=(30, 40))
    assert make("resize", scale=2).detached() == make("resize", scale=2)
