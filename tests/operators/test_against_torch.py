"""The definition of every operator agrees with torch."""

from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ssrdsl.operators import OPERATORS, Operator, Shape, Vector
from ssrdsl.supernet.traits import KEEPS_ZERO
from tests.operators.running import (
    broken,
    expected_size,
    macs_of,
    make,
    module_of,
    run,
    run_function,
    size_of,
    tensor,
    tensors,
)

Case = tuple[Operator, tuple[Shape, ...]]

EXTENTS = st.integers(1, 13)
SHAPES = st.builds(Shape, st.integers(1, 6), EXTENTS, EXTENTS)


def number_or_pair(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return numbers | st.tuples(numbers, numbers)


KERNELS = number_or_pair(st.integers(1, 5))
STRIDES = number_or_pair(st.integers(1, 4))
DILATIONS = number_or_pair(st.integers(1, 3))
PADDINGS = number_or_pair(st.integers(0, 3))


@st.composite
def cases(draw: st.DrawFn, /, name: str, **attributes: st.SearchStrategy[Any]) -> Case:
    """An operator with some of its attributes, and the shape of its one input."""
    drawn = draw(st.fixed_dictionaries({}, optional=attributes))
    for field in OPERATORS[name].signature():
        if field.name in ("channels", "kernel", "size", "factor", "border", "by", "p") and field.name in attributes:
            drawn.setdefault(field.name, draw(attributes[field.name]))
    shape = draw(SHAPES)
    return make(name, **drawn).complete((shape,)), (shape,)


@st.composite
def grouped(draw: st.DrawFn, name: str) -> Case:
    """A convolution with groups that divide the channels on both sides."""
    groups = draw(st.integers(1, 3))
    taken, given_channels = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    shape = Shape(taken, draw(EXTENTS), draw(EXTENTS))
    more = {"stride": STRIDES, "dilation": DILATIONS, "padding": PADDINGS, "bias": st.booleans()}
    if name == "deconv":
        more["output_padding"] = number_or_pair(st.integers(0, 2))
    drawn = draw(st.fixed_dictionaries({"kernel": KERNELS}, optional=more))
    return make(name, channels=given_channels, groups=groups, **drawn).complete((shape,)), (shape,)


def pools(name: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Case]:
    return cases(name, kernel=KERNELS, stride=STRIDES, padding=PADDINGS, ceil_mode=st.booleans(), **more)


SCALES = st.sampled_from([1, 2, 3, 4, Fraction(1, 2), Fraction(3, 4), Fraction(1, 3), Fraction(5, 3), Fraction(2, 7)])
BORDERS = st.integers(0, 3) | st.tuples(*[st.integers(0, 3)] * 2) | st.tuples(*[st.integers(0, 3)] * 4)


@st.composite
def resizes(draw: st.DrawFn) -> Case:
    shape = draw(SHAPES)
    mode = draw(st.sampled_from(["bilinear", "nearest", "nearest-exact", "bicubic", "area"]))
    aligned = draw(st.booleans()) if mode in ("bilinear", "bicubic") else False
    where = draw(
        st.fixed_dictionaries({"scale": SCALES | st.tuples(SCALES, SCALES)})
        | st.fixed_dictionaries({"target": st.tuples(EXTENTS, EXTENTS) | SHAPES})
    )
    return make("resize", **where, mode=mode, align_corners=aligned).complete((shape,)), (shape,)


@st.composite
def merges(draw: st.DrawFn, name: str) -> Case:
    full = draw(SHAPES)
    others = [full]
    if name == "concat":
        others = [full._replace(channels=draw(st.integers(1, 6))) for _ in range(3)]
    else:
        others += [Shape(full.channels, 1, 1), Shape(1, full.height, full.width)]
    shapes = draw(st.permutations([full, *draw(st.lists(st.sampled_from(others), max_size=3))]))
    return make(name), tuple(shapes)


@st.composite
def matches(draw: st.DrawFn) -> Case:
    shape = draw(SHAPES)
    kind = draw(st.sampled_from([Shape, Vector]))
    shape = kind(shape.channels, 1, 1) if kind is Vector else shape
    return make("match", like=draw(SHAPES)), (shape,)


@st.composite
def linears(draw: st.DrawFn) -> Case:
    shape = draw(SHAPES | st.builds(Vector, st.integers(1, 9), st.just(1), st.just(1)))
    return make("linear", channels=draw(st.integers(1, 9)), bias=draw(st.booleans())), (shape,)


@st.composite
def plain(draw: st.DrawFn, /, name: str, **attributes: st.SearchStrategy[Any]) -> Case:
    """An operator that takes vectors, too."""
    shape = draw(SHAPES | st.builds(Vector, st.integers(1, 9), st.just(1), st.just(1)))
    return make(name, **draw(st.fixed_dictionaries(attributes))), (shape,)


@st.composite
def shuffles(draw: st.DrawFn, name: str, attribute: str) -> Case:
    factor = draw(st.integers(1, 3))
    channels = draw(st.integers(1, 3)) * (factor * factor if name == "pixel_shuffle" else factor)
    return make(name, **{attribute: factor}), (Shape(channels, draw(EXTENTS), draw(EXTENTS)),)


COUNTED = ("conv", "deconv", "depthwise", "linear")
SHARES = st.sampled_from([0, Fraction(1, 10), Fraction(3, 100), Fraction(1, 2)])
EPS = st.sampled_from([Fraction(1, 1000), Fraction(1, 100_000)])
CASES: dict[str, st.SearchStrategy[Case]] = {
    "conv": grouped("conv"),
    "deconv": grouped("deconv"),
    "depthwise": cases(
        "depthwise", kernel=KERNELS, stride=STRIDES, dilation=DILATIONS, padding=PADDINGS, bias=st.booleans()
    ),
    "linear": linears(),
    "bn": plain("bn", eps=st.sampled_from([Fraction(1, 1000), Fraction(1, 100_000)]), momentum=SHARES),
    "dropout": plain("dropout", p=SHARES),
    "dropout2d": cases("dropout2d", p=SHARES),
    "group_norm": plain("group_norm", groups=st.integers(1, 3), eps=EPS),
    "layer_norm": plain("layer_norm", eps=EPS),
    "instance_norm": cases("instance_norm", eps=EPS),
    **{name: plain(name) for name in ("relu", "relu6", "swish", "hswish", "sigmoid", "hsigmoid", "softmax")},
    **{name: plain(name) for name in ("gelu", "tanh", "silu")},
    "leaky_relu": plain("leaky_relu", slope=SHARES),
    "elu": plain("elu", alpha=st.sampled_from([1, 2, Fraction(1, 2)])),
    "prelu": plain("prelu", channels=st.booleans()),
    "maxpool": pools("maxpool"),
    "avgpool": pools("avgpool", count_include_pad=st.booleans()),
    "maxpool_indices": pools("maxpool_indices"),
    "adaptive_avgpool": cases("adaptive_avgpool", size=number_or_pair(st.integers(1, 9))),
    "adaptive_maxpool": cases("adaptive_maxpool", size=number_or_pair(st.integers(1, 9))),
    "resize": resizes(),
    "pixel_shuffle": shuffles("pixel_shuffle", "factor"),
    "channel_shuffle": shuffles("channel_shuffle", "groups"),
    **{name: merges(name) for name in ("concat", "add", "mul")},
    "match": matches(),
    "pad": cases("pad", border=BORDERS, mode=st.sampled_from(["constant", "reflect", "replicate"])),
    "crop": cases("crop", border=BORDERS),
    "shift": cases("shift", by=st.integers(-3, 3)),
    "identity": plain("identity"),
    "zero": cases("zero", stride=STRIDES),
}


def test_only_convolutions_and_linear_layers_have_macs() -> None:
    assert {name for name, operator in OPERATORS.items() if operator.macs is not Operator.macs} == {*COUNTED}


def test_every_operator_has_cases() -> None:
    """`unpool`, which needs the indices of a pooling, has its own test; `skip` is `identity`."""
    assert {*CASES, "unpool", "skip"} == {*OPERATORS}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30)
@given(st.data())
def test_torch_agrees(name: str, data: st.DataObject) -> None:
    operator, shapes = data.draw(CASES[name].filter(lambda case: not broken(*case)))
    module, operands = module_of(operator, shapes), tensors(shapes)
    target = getattr(operator, "target", None)
    like = (target.height, target.width) if isinstance(target, Shape) else None
    results = run(operator, shapes, operands, module, like)
    assert [size_of(result) for result in results] == [expected_size(shape) for shape in operator.shapes(shapes)]
    assert sum(result[0].numel() for result in results) == operator.elements(shapes)
    parameters = 0 if module is None else sum(parameter.numel() for parameter in module.parameters())
    assert parameters == operator.parameters(shapes)
    if name in COUNTED:
        assert macs_of(operator, shapes, module) == operator.macs(shapes)
    if operator.construct(shapes).function is not None:
        for one, other in zip(results, run_function(operator, shapes, operands, like), strict=True):
            assert torch.equal(one, other)
    if operator.is_neutral(shapes):
        assert torch.equal(results[0], operands[0])


@pytest.mark.parametrize("name", ["conv", "deconv", "depthwise", "maxpool", "avgpool"])
@settings(max_examples=150)
@given(st.data())
def test_rules_refuse_only_what_torch_refuses(name: str, data: st.DataObject) -> None:
    """With an explicit padding, no rule is stricter than torch, except that a result needs positions."""
    operator, shapes = data.draw(CASES[name])
    if operator.padded or not broken(operator, shapes):  # type: ignore[attr-defined]
        return
    assert not computes(operator, shapes)


def test_a_result_without_positions_is_refused_although_torch_computes_it() -> None:
    operator, shapes = make("deconv", channels=1, kernel=2, stride=2, padding=1), (Shape(1, 1, 1),)
    assert broken(operator, shapes)
    (found,) = run(operator, shapes, tensors(shapes), module_of(operator, shapes))
    assert tuple(found.shape[1:]) == (1, 0, 0)


def computes(operator: Operator, shapes: tuple[Shape, ...]) -> bool:
    """Whether torch computes a result that has positions."""
    try:
        results = run(operator, shapes, tensors(shapes), module_of(operator, shapes))
    except (RuntimeError, ValueError):
        return False
    return all(result.numel() for result in results)


@settings(max_examples=30)
@given(SHAPES, number_or_pair(st.integers(1, 3)), st.none() | STRIDES, st.none() | PADDINGS)
def test_unpool_puts_maxima_back(shape: Shape, kernel: Any, stride: Any, padding: Any) -> None:
    pool = make("maxpool_indices", kernel=kernel, stride=stride, padding=padding).complete((shape,))
    unpool = make("unpool", kernel=kernel, stride=stride, padding=padding)
    pooled = pool.shapes((shape,))
    unpool = unpool.complete(pooled)
    if broken(pool, (shape,)) or broken(unpool, pooled):
        return
    x = tensor(shape)
    values, indices = run(pool, (shape,), [x], module_of(pool, (shape,)))
    (back,) = run(unpool, pooled, [values, indices], module_of(unpool, pooled))
    assert size_of(back) == expected_size(unpool.shapes(pooled)[0]) == tuple(shape)
    assert torch.equal(back[back != 0], x[back != 0])
    assert {*values.flatten().tolist()} <= {*back.flatten().tolist()}
    assert torch.equal(back, run_function(unpool, pooled, [values, indices])[0])


def test_layer_norm_takes_the_channels_of_every_position_together() -> None:
    norm, shape = make("layer_norm"), Shape(6, 3, 4)
    x = tensor(shape)
    (found,) = run(norm, (shape,), [x], module_of(norm, (shape,)))
    mean, variance = x.mean(1, keepdim=True), x.var(1, unbiased=False, keepdim=True)
    assert torch.allclose(found, (x - mean) / (variance + 1e-5).sqrt(), atol=1e-5)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "gelu", "swish", "hswish", "tanh", "prelu"])
def test_activations_that_keep_zeros_need_no_mask(name: str) -> None:
    operator, shape = make(name), Shape(2, 3, 3)
    (found,) = run(operator, (shape,), [torch.zeros(1, 2, 3, 3)], module_of(operator, (shape,)))
    assert name in KEEPS_ZERO
    assert not found.any()


def test_shift_moves_the_picture_up_and_left() -> None:
    shape = Shape(2, 5, 7)
    x = tensor(shape)
    (moved,) = run(make("shift", by=1), (shape,), [x], module_of(make("shift", by=1), (shape,)))
    assert torch.equal(moved[:, :, :-1, :-1], x[:, :, 1:, 1:])
    assert not moved[:, :, -1].any()
    assert not moved[..., -1].any()


def test_shuffle_deals_channels_out() -> None:
    shuffle, shape = make("channel_shuffle", groups=2), Shape(6, 1, 1)
    x = torch.arange(6.0).reshape(1, 6, 1, 1)
    (dealt,) = run(shuffle, (shape,), [x], module_of(shuffle, (shape,)))
    assert dealt.flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_match_cuts_and_pads_after_the_last_channel() -> None:
    x = tensor(Shape(3, 2, 2))
    for channels in (2, 5):
        (matched,) = run(make("match", like=Shape(channels, 9, 9)), (Shape(3, 2, 2),), [x], None)
        assert torch.equal(matched[:, :3], x[:, :channels])
        assert not matched[:, 3:].any()
