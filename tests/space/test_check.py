"""Checking reports the same errors as compiling, without raising."""

from functools import partial

import pytest

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.check import check
from ssrdsl.space.cost import Costs
from ssrdsl.space.elaborate import space as elaboration
from ssrdsl.space.expressions.limits import MAX_VALUES, limited_values
from ssrdsl.space.prove import proof

SPACE = "space s {{\n  input image: 3, 8, 8\n  output image -> conv({{8, 16}}, 3)\n  {}\n}}\n"


def codes(text: str) -> list[str]:
    return [found.code for found in check(Source("s.ssr", text))]


def test_definitions_alone_are_no_mistake() -> None:
    assert codes("use std\n# Doubles.\nblock f(c) = conv_bn(2 * c, 3)\nwidths = [1..3]\n") == []
    assert codes("block f = g\nblock g = f\n") == ["E0303"]
    assert codes("block f = relu\nblock f = relu6\n") == ["E0304"]
    assert codes("a = 1 / 0\n") == ["E0407"]
    assert codes("search {\n  epochs = 3\n}\n") == ["E0703"]
    assert codes("") == ["E0703"]


def test_parameter_without_a_value() -> None:
    (found,) = check(Source("s.ssr", "space s(c) {\n  input x: 3, 8, 8\n  output x -> conv(c)\n}\n"))
    assert (found.code, found.label.span.line, found.help) == (
        "E0706",
        1,
        "add `--set c=...`, or a default in the file",
    )


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("=8", "a number, such as its default 8"),
        ('="zeros"', 'a string in double quotes, such as its default "zeros"'),
        ("", "a number, a string in double quotes, a list or a layer"),
    ],
)
def test_unknown_name_as_the_value_of_a_parameter(default: str, expected: str) -> None:
    text = f"space s(c{default}) {{\n  input x: 3, 8, 8\n  output x -> conv(c)\n}}\n"
    (found,) = check(Source("s.ssr", text), {"c": "many"})
    assert (found.code, found.message) == ("E0301", "`many` is not defined")
    assert found.help == f"parameter `c` of `s` takes {expected}"


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ("require macs <= 14k", []),  # 3 * 9 * 8 * 64 = 13,824
        ("require macs <= 13k", ["E0801"]),
        ("require parameters == 448", []),  # 3 * 9 * 16 + 16
        ("require parameters > 448", ["E0801"]),
    ],
)
def test_bounds_on_costs(bound: str, expected: list[str]) -> None:
    assert codes(SPACE.format(bound)) == expected


def test_settings_are_checked() -> None:
    assert codes(SPACE.format("") + "search {\n  ssr.depth = -1\n  sr.depth = 1\n}\n") == ["E0705", "E0705"]


@pytest.mark.parametrize(
    "setting", ["target.macs = true", 'epochs = "3"', "strategy = 1", "epochs = 2.5", "batch = false"]
)
def test_settings_are_of_their_kind(setting: str) -> None:
    assert codes(SPACE.format("") + f"search {{\n  {setting}\n}}\n") == ["E0705"]


def test_a_group_of_settings_is_no_setting() -> None:
    (found,) = check(Source("s.ssr", SPACE.format("") + "search {\n  target = 3\n}\n"))
    assert found.message == "`target` is a group of settings"
    assert "target.macs" in (found.help or "")


NAMES = [f"a{index}" for index in range(20)]
SETS, PRODUCT = [f"{name} = {{1, 9}}" for name in NAMES], " * ".join(NAMES)
SCALED = " * ".join(f"{name} / 9" for name in NAMES[:-1]) + f" * {NAMES[-1]}"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["output image -> conv(1e17) -> choose { conv(4, 3) | conv(8, 3) }"], "the number of macs can be larger"),
        (["a = {1, 1e9}", "output image -> conv(a) -> conv(a)"], "larger than 1e+18"),
        ([*SETS, f"output image -> conv({PRODUCT})"], "a channel count, height or width can be larger"),
        ([*SETS, f"output image -> conv(sum([{', '.join(NAMES)}]))", f"require {PRODUCT} <= 9"], "a number can be"),
        # Constants come first however it is written, so the product itself is met.
        ([*SETS, f"output image -> conv(sum([{', '.join(NAMES)}]))", f"require {SCALED} <= 9"], "a number can be"),
        (["output image -> conv({1..700}) -> choose v in [1..700] { conv(v) }"], "too many values in total"),
        (["w = {1..2000}", "xs = [w * i for i in [1..2000]]", "output image -> conv(w)"], "too many values in total"),
    ],
)
def test_numbers_beyond_the_limits_are_refused(lines: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in (elaboration, proof):  # the limit of each stage, only sooner
        monkeypatch.setattr(stage, "limited_values", partial(limited_values, MAX_VALUES // 20))
    body = "\n".join(f"  {line}" for line in ["input image: 3, 8, 8", *lines])
    (found,) = check(Source("s.ssr", f"space s {{\n{body}\n}}\n"))
    assert (found.code, message in found.message) == ("E0603", True)


def test_what_is_below_the_limits_is_computed_exactly() -> None:
    graph = open_source(Source("s.ssr", SPACE.format("").replace("3, 8, 8", "1e9, 8, 8"))).graph
    costs = Costs(graph)
    (name,) = graph.domains
    assert costs("macs", {name: 1}) == 10**9 * 9 * 16 * 64


def test_bounds_on_costs_beyond_measure_are_no_crash() -> None:
    body = "a, b = split(8, 2)\n  y = image -> adaptive_avgpool(1000000000) -> conv(floor(a * b / 7), {1, 3})"
    text = SPACE.format(f"{body}\n  output heat: y")
    assert codes(text.replace("output heat", "require macs <= 1G\n  output heat")) == ["E0603"]
    with pytest.raises(UserError, match="the MACs of an architecture"):
        Costs(graph := open_source(Source("s.ssr", text)).graph)("macs", {n: i[-1] for n, i in graph.domains.items()})
