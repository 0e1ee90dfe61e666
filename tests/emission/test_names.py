"""For any names, comments and lengths of a space, its file can be imported and computes the same."""

from __future__ import annotations

import ast
import builtins

import pytest

from tests.emission.compared import check_emitted, graph_from
from tests.emission.networks import file_of

COMMENTS = {
    "#": "",
    "#\n#\n#   ": "",
    "# a\0b": "a b",
    "# \x1b[31mred\x07 \u202eleft": "[31mred left",
    '# """': "'''",
    '# ends in "': 'ends in "',
    "# ends in \\": "ends in \\",
    "# " + "a" * 112 + "\\x": "a" * 112 + "\\x",
    "# " + "\\" * 300: "\\" * 300,
    "# {x} %s \\N{DASH} \\u12": "{x} %s \\N{DASH} \\u12",
    "# One. Two.": "One. Two.",
}


@pytest.mark.parametrize("comment", COMMENTS)
def test_comments(comment: str) -> None:
    text = (
        f"{comment}\nblock b(c) = conv(c, 3)\nspace s {{\n  input image: 3, 8, 8\n  output image -> b(8) -> b(4)\n}}\n"
    )
    check_emitted(text)
    made = next(one for one in ast.parse(file_of(graph_from(text))).body if isinstance(one, ast.ClassDef))
    assert " ".join((ast.get_docstring(made) or "").split()) == COMMENTS[comment]


NAMES = [
    "__class__",
    "__import__",
    "_",
    "__",
    "Class",
    "None_",
    "IF",
    "lambda_",
    "self",
    "forward",
    "training",
    "torch",
]
NAMES += ["nn", "F", "norm", "match", "resize", "median", "benchmark", "copy", "auxiliary_", "in_channels", "z", "y"]


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    """As a block, a parameter of one and of the space, an input and a binding."""
    text = f"""use std
block b({name}) of x {{
  {name}2 = x -> conv({name}, 3) -> bn
  add({name}2, {name}2 -> conv({name}, 3) -> relu)
}}
block {name}(c) of {name} {{
  concat([{name} -> conv(c, 1) -> maxpool(k, stride=1) for k in [1, 3]])
}}
space s({name}3=3) {{
  input {name}Image: 3, 16, 16
  input {name}image: 3, 16, 16
  a = add({name}Image, {name}image) -> b(8) -> {name}(4)
  output a -> conv({name}3, 1)
}}
"""
    check_emitted(text)


def test_no_class_hides_a_builtin() -> None:
    for name in ("runtime_error", "system_exit", "exception", "value_error", "any", "callable", "none", "ellipsis"):
        body = f"{{\n  input x: 3, 8, 8\n  output x -> {name}(8)\n}}\n"
        text = f"block {name}(c) = conv(c, 3) -> relu\nspace {name}_s {body}"
        for source in (text, text.replace(f"{name}_s", "s2").replace(name, "k").replace("s2", name)):
            check_emitted(source)
            classes = {one.name for one in ast.parse(file_of(graph_from(source))).body if isinstance(one, ast.ClassDef)}
            assert not classes & ({*dir(builtins), "Any", "Callable"})


@pytest.mark.parametrize(
    "layers",
    [
        "image -> repeat(relu, 200)",
        "image -> conv(4) -> repeat(relu, 150) -> conv(4) -> repeat(maxpool(3, stride=1), 150)",
        "add([image -> repeat(relu, i) for i in [1..40]] * 4)",
        "mul([image -> conv(3) -> sigmoid for i in [1..60]])",
        "concat([image -> relu for i in [1..200]])",
    ],
)
def test_long_chains_and_sums(layers: str) -> None:
    check_emitted(f"space s {{\n  input image: 3, 8, 8\n  output {layers}\n}}\n")


def test_long_lists_are_not_written() -> None:
    """A list doubled 22 times has eight million numbers, each of which would be visited."""
    lists = "\n".join(f"  l{i} = [l{i - 1}, l{i - 1}]" for i in range(1, 23))
    text = (
        f"block b(l) of x {{\n  x -> conv(len(l)) -> relu\n}}\nspace s {{\n  input x: 3, 8, 8\n  l0 = [1, 2]\n{lists}\n"
    )
    check_emitted(text + "  output x -> b(l22) -> b([l22, l20, l1])\n}\n")
