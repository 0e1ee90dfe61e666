"""One file at every size: sizes of tensors, computed or not, follow the size of the images."""

from __future__ import annotations

import pytest
import torch

from tests.emission.compared import check_emitted

SIZES = [(32, 48), (33, 47), (24, 64)]
TARGETS = (
    "image -> avgpool(8)",
    "image -> conv(4, 3, stride=2) -> relu",
    "image -> maxpool(3, stride=2, padding=1, ceil_mode=true)",
    "image -> depthwise(3, stride=(1, 2), dilation=2, padding=1)",
    "image -> deconv(4, 4)",
    "image -> resize(scale=3/2)",
    "image -> resize(scale=1/3)",
    "image -> resize(image -> conv(3, 3, stride=4))",
    "image -> adaptive_avgpool((3, 5))",
    "image -> pad((1, 2)) -> crop((0, 1, 2, 3)) -> shift(1)",
    "image -> conv(8, 1) -> pixel_shuffle(2)",
    "image -> zero(stride=2)",
    "mul(image -> global_pool, image -> conv(3, 3, stride=2))",
    "concat(image -> avgpool(3, stride=2), image -> maxpool(2, stride=2, padding=1))",
    "match(image -> conv(6), image)",
    "(image -> maxpool_indices(2)) -> unpool(2)",
    "small",
    "small -> conv(4, 3, stride=3)",
)
SPACE = """use std
{blocks}
space s(height=16, width=32) {{
  input image: 3, height, width
  small = image -> conv_bn_relu(4, 3, stride=2)
{outputs}
}}
"""


def space(*outputs: str, blocks: str = "") -> str:
    lines = (f"  output {output}" for output in outputs)
    return SPACE.format(blocks=blocks, outputs="\n".join(lines))


@pytest.mark.parametrize("target", TARGETS)
def test_a_tensor_that_is_read_for_its_size_alone(target: str) -> None:
    sizes = [size for size in SIZES if ("unpool" not in target and "concat" not in target) or size[0] % 2 == 0]
    check_emitted(space("small", f"small -> conv(4) -> resize({target})"), sizes)


def test_the_size_is_written_over_the_nearest_tensor() -> None:
    block = "block up(f) of x, like {\n  x -> conv(4) -> resize(like -> f)\n}\n"
    check_emitted(space("(small, image) -> up(avgpool(4))", "(small, small) -> up(conv(4, 3))", blocks=block), SIZES)


def test_blocks_of_one_class_with_other_strides() -> None:
    block = "block up(s) of x {\n  x -> conv(4, 3, stride=2) -> resize(x -> maxpool(s)) -> relu\n}\n"
    check_emitted(space("small -> up(2)", "small -> up(4)", "image -> up(1)", blocks=block), SIZES)


def test_a_comprehension_over_sizes() -> None:
    text = space("concat([small -> conv(2) -> resize(image -> avgpool(s)) -> resize(image) for s in [2, 4, 8]])")
    check_emitted(text, SIZES)


OPTIONS = ("fine", "deep -> resize(fine)", "small -> relu -> resize(fine)", "fine -> zero")


@pytest.mark.parametrize("first", range(len(OPTIONS)))
def test_what_is_not_computed_in_one_architecture(first: int) -> None:
    """Only the size of `fine` is read where another branch is chosen; the first option is."""
    lines = ["fine = small -> conv(4, 3) -> maxpool(3, stride=2, padding=1)", "deep = small -> conv(4, 3, stride=4)"]
    options = ", ".join(OPTIONS[first:] + OPTIONS[:first])
    text = space(f"select(1, [{options}]) -> conv(2)").replace("  output", "  " + "\n  ".join(lines) + "\n  output")
    check_emitted(text, SIZES)


ZEROS = {
    "add(small, small -> conv(4) -> zero)": 0,
    "concat(small, small -> conv(4, 3) -> zero)": 0,
    "concat(small -> maxpool(2), image -> maxpool(2) -> conv(4) -> conv(6) -> zero(stride=2))": 0,
    "small -> conv(6, 3, stride=2) -> zero": 0,
    "mul(small, small -> global_pool -> conv(4) -> zero)": 0,
    "add(small -> global_pool, small -> conv(4) -> zero)": 0,
    "small -> conv(2) -> zero -> conv(4) -> resize(image -> conv(3, 3, stride=4))": 1,
    "select(2, [small -> conv(4) -> zero, small -> conv(4), small -> relu])": 1,
}
"""Outputs, and how many convolutions are left of those in them."""


@pytest.mark.parametrize("output", ZEROS)
def test_what_only_zeros_read_is_not_in_the_file(output: str) -> None:
    model = check_emitted(space("small", output), SIZES)
    convolutions = sum(isinstance(module, torch.nn.Conv2d) for module in model.modules())
    assert convolutions == 1 + ZEROS[output]  # the one of `small`


EMPTY = {
    "select(0, [small -> conv(4), small -> relu])": 4,
    "select({0, 1}, [image -> conv(4, 3, stride=4), image -> conv(4, 1, stride=4)])": 4,
    "select({0, 1}, [small -> conv(5, 3, stride=2), image -> conv(5, 3, stride=4)])": 5,
    "select({0, 1}, [choose { small -> conv(4, 3, stride=2) | small -> conv(4, 1, stride=2) }])": 4,
    "select(n, [image -> conv(4, 3, stride=4), image -> conv(4, 1, stride=4)])": 4,
    "select({0, 1}, [small -> adaptive_avgpool((8, 16)), small -> adaptive_avgpool((8, 16))])": 4,
    "select({0, 1}, [small -> global_pool, small -> conv(4) -> global_pool])": 4,
    "select({0, 1}, [small -> conv(2) -> relu, small -> conv(2)])": 2,
}
"""Sums of no tensors in the first architecture, and their channels."""


@pytest.mark.parametrize("empty", EMPTY)
def test_an_empty_sum_follows_the_size_of_the_tensors_that_it_leaves_out(empty: str) -> None:
    lines = "  n = {0, 1}\n  output" if "(n," in empty else "  output"
    text = space("small", f"{empty} -> conv(3)", "image -> global_pool").replace("  output", lines, 1)
    model = check_emitted(text, SIZES)
    convolutions = [module for module in model.modules() if isinstance(module, torch.nn.Conv2d)]
    assert [convolution.in_channels for convolution in convolutions] == [3, EMPTY[empty]]


@pytest.mark.parametrize(
    "vector", ["small -> linear(4) -> zero", "select(0, [small -> linear(4), small -> linear(4)])"]
)
def test_vectors_of_zeros_follow_the_size_of_the_batch(vector: str) -> None:
    check_emitted(space("small", f"{vector} -> linear(3)", "small -> global_pool -> linear(4)"), SIZES)
