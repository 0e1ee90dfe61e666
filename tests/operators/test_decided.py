"""Rules over decided attributes agree for every option with those for its plain value."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.operators import Operator, Rule, Shape
from ssrdsl.space.expressions import Decided, assign, switch
from tests.operators.running import holds, make

NAMES = ("channels", "kernel", "dilation", "extent")


def decided(decision: str, values: list[int]) -> Any:
    return switch(decision, list(enumerate(values)))


def taken(value: Any, assignment: dict[str, int]) -> Any:
    """A value with options chosen, in tuples and shapes too."""
    if isinstance(value, Shape):
        return type(value)(*(taken(part, assignment) for part in value))
    if isinstance(value, tuple) and not isinstance(value, Rule):
        return tuple(taken(part, assignment) for part in value)
    if isinstance(value, Rule):
        return value._replace(left=taken(value.left, assignment), right=taken(value.right, assignment))
    return assign(value, assignment) if isinstance(value, Decided) else value


CALLS: dict[str, Callable[[Any, Any, Any], Operator]] = {
    "conv": lambda c, k, d: make("conv", channels=c, kernel=(k, 3), dilation=(1, d), stride=2),
    "conv_grouped": lambda c, k, d: make("conv", channels=8 * c, kernel=k, dilation=d, groups=c),
    "conv_padded": lambda c, k, d: make("conv", channels=c, kernel=k, dilation=d, padding=(1, 2)),
    "deconv": lambda c, k, d: make("deconv", channels=c, kernel=k, dilation=d),
    "depthwise": lambda c, k, d: make("depthwise", kernel=(1, k), dilation=d, bias=False),
    "maxpool": lambda c, k, d: make("maxpool", kernel=3, stride=2, ceil_mode=True),
    "avgpool": lambda c, k, d: make("avgpool", kernel=2),
    "maxpool_indices": lambda c, k, d: make("maxpool_indices", kernel=2),
    "resize": lambda c, k, d: make("resize", target=(4 * k, d)),
    "resize_like": lambda c, k, d: make("resize", target=Shape(c, 8 * d, k)),
    "upsample": lambda c, k, d: make("resize", scale=3),
    "match": lambda c, k, d: make("match", like=Shape(c, 1, 1)),
    "zero": lambda c, k, d: make("zero", stride=2),
    "pixel_shuffle": lambda c, k, d: make("pixel_shuffle", factor=2),
    "bn": lambda c, k, d: make("bn"),
    "prelu": lambda c, k, d: make("prelu", channels=True),
    "crop": lambda c, k, d: make("crop", border=(0, 1, 2, 0)),
}


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=20)
@given(st.data())
def test_every_option_as_its_plain_value(call: str, data: st.DataObject) -> None:
    odd, small = st.sampled_from([1, 3, 5, 7]), st.integers(1, 8)
    values = {
        "channels": data.draw(st.lists(small.map(lambda c: 4 * c), min_size=2, max_size=4)),
        "kernel": data.draw(st.lists(odd | st.just(2), min_size=2, max_size=3)),
        "dilation": data.draw(st.lists(small, min_size=2, max_size=3)),
        "extent": data.draw(st.lists(st.integers(5, 40), min_size=2, max_size=3)),
    }
    c, k, d, h = (decided(name, values[name]) for name in NAMES)
    shape = Shape(c, h, 2 * h + 1)
    operator = CALLS[call](c, k, d).complete((shape,))
    assignment = {name: data.draw(st.integers(0, len(values[name]) - 1)) for name in NAMES}
    found = taken((shape,), assignment)
    plain = replace(operator, **{f.name: taken(getattr(operator, f.name), assignment) for f in fields(operator)})
    for part in ("shapes", "macs", "parameters", "elements"):
        assert taken(getattr(operator, part)((shape,)), assignment) == getattr(plain, part)(found), part
    verdicts = [
        holds(taken(rule, assignment)) for rule in operator.rules((shape,)) if "equals the stride" not in rule.text
    ]
    assert all(verdicts) == all(map(holds, plain.rules(found)))


@given(st.lists(st.sampled_from([1, 3, 5, 7]), min_size=2, max_size=4, unique=True), st.integers(1, 4))
def test_decided_odd_kernels_keep_the_extent(kernels: list[int], dilation: int) -> None:
    shape = Shape(8, 64, 48)
    conv = make("conv", channels=8, kernel=decided("kernel", kernels), dilation=dilation).complete((shape,))
    assert conv.shapes((shape,)) == (shape,)
    assert all(holds(taken(rule, {"kernel": 0})) for rule in conv.rules((shape,)))


def test_even_option_of_a_kernel_breaks_a_rule() -> None:
    shape = Shape(8, 64, 48)
    conv = make("conv", channels=8, kernel=decided("kernel", [3, 4])).complete((shape,))
    broken = [{rule.code for rule in conv.rules((shape,)) if not holds(taken(rule, {"kernel": i}))} for i in (0, 1)]
    assert broken == [set(), {"E0205"}]


def test_option_of_a_kernel_that_is_the_stride_breaks_a_rule() -> None:
    shape = Shape(8, 64, 48)
    conv = make("conv", channels=8, kernel=decided("kernel", [3, 5]), stride=3).complete((shape,))
    broken = [{rule.code for rule in conv.rules((shape,)) if not holds(taken(rule, {"kernel": i}))} for i in (0, 1)]
    assert broken == [{"E0205"}, set()]


def test_cost_of_a_decided_width_is_a_polynomial() -> None:
    c = decided("channels", [16, 32])
    shape = Shape(c, 10, 20)
    assert make("conv", channels=c, kernel=3).complete((shape,)).macs((shape,)) is 9 * 200 * (c * c)
    assert make("depthwise", kernel=3, bias=True).complete((shape,)).parameters((shape,)) is 10 * c


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("conv", {"channels": 8, "groups": 4}),
        ("conv", {"channels": 8, "groups": switch("groups", [(0, 2), (1, 4)])}),
        ("channel_shuffle", {"groups": 4}),
    ],
)
def test_groups_over_decided_channels_share_no_weights(name: str, attributes: dict[str, Any]) -> None:
    shape = Shape(decided("channels", [16, 32]), 8, 8)
    operator = make(name, **attributes).complete((shape,))
    assert "E0502" in {rule.code for rule in operator.rules((shape,)) if rule[1:4] == ("equal", 0, 1)}


def test_groups_that_are_the_input_channels_share_weights() -> None:
    c = decided("channels", [16, 32])
    shape = Shape(c, 8, 8)
    conv = make("conv", channels=6 * c, kernel=3, groups=c).complete((shape,))
    assert "E0502" not in {rule.code for rule in conv.rules((shape,))}
    assert conv.parameters((shape,)) is 6 * 9 * c + 6 * c


def test_linear_refuses_decided_extents() -> None:
    shape = Shape(16, decided("extent", [4, 7]), 4)
    assert "E0502" in {rule.code for rule in make("linear", channels=10).rules((shape,))}


def test_match_is_neutral_where_channels_are_one_expression() -> None:
    c, same_values = decided("channels", [16, 32]), decided("other", [16, 32])
    match = make("match", like=Shape(c, 1, 1))
    assert match.is_neutral((Shape(c, 8, 8),))
    assert not match.is_neutral((Shape(same_values, 8, 8),))
