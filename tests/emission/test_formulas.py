"""Formulas over a block's parameters in attributes: the emitted file computes the values defined by the language."""

from __future__ import annotations

import pytest

from tests.emission.compared import check_emitted, graph_from
from tests.emission.networks import file_of

FORMULAS = {
    "p + q": "12, 3",
    "p - q": "12, 3",
    "p * q": "4, 3",
    "-q + p": "12, 3",
    "p / 2": "12, 0",
    "p / q": "12, 3",
    "2 * p / 3": "12, 0",
    "p * 3 / 2 - q": "12, 3",
    "(p + q) / 2": "11, 3",
    "(p - q) * (p + q)": "4, 3",
    "floor(p / 2)": "13, 0",
    "floor(p / q)": "13, 3",
    "p - floor(p / 2)": "13, 0",
    "-floor(p / 2) + p": "13, 0",
    "floor(-p / 2) + 2 * p": "5, 0",
    "2 * floor(p / 2)": "13, 0",
    "floor(floor(p / 2) / 3)": "27, 0",
    "floor((p + q) / 2) * 3": "5, 2",
    "floor(p / 2 + q / 3)": "13, 4",
    "floor(p * q / 5)": "13, 4",
    "floor(p / (q + 1))": "13, 4",
    "floor(p / (2 * q))": "29, 4",
    "floor(p / floor(q / 2))": "29, 5",
    "ceil(p / 2)": "13, 0",
    "ceil(p / q)": "13, 3",
    "round(p / 2)": "13, 0",
    "round(p / 3)": "13, 0",
    "round(p, 4)": "13, 0",
    "round_to(p, 4)": "13, 0",
    "round_to(p / 2, 4)": "21, 0",
    "round_to(p * 2 / 3, 4)": "21, 0",
    "max(p, q)": "12, 3",
    "max(p / 2, 4)": "12, 3",
    "max(4, p / 3)": "12, 3",
    "min(p, 8)": "12, 3",
    "min(p / 2, q)": "12, 7",
    "min(p, q, 5)": "12, 7",
    "max(p, q) * max(q, 2)": "4, 3",
    "max(1, p / 4) * 2": "12, 3",
    "floor(max(p / 2, 3) / 2)": "13, 3",
    "max(floor(p / 2), 2) - min(q, 1)": "13, 3",
    "sum([p, q])": "12, 3",
    "sum([i for i in [1..p]])": "4, 0",
    "len([1..p])": "12, 0",
    "p if q > 2 else 2 * p": "6, 3",
    "p if p > q else q": "6, 3",
    "2 * (p if q == 3 else 4)": "6, 3",
    "4 if p > q else 3": "6, 3",
    "p if p > 5 and q == 3 else 2 * q": "6, 3",
    "p / 2 if p / 3 > q / 2 or q == 9 else p + q": "6, 3",
    "3 * (p / 2 if p == 6 else p / 4) + 1": "6, 3",
    "max(p if q < 3 else 5, 3)": "6, 3",
    "(p if q > 2 else q) if p > 5 else p + 1": "6, 3",
    "4 if q >= 1 and 6 / q == 2 else 8": "6, 3",
    "max([q..2 * p])": "6, 3",
    "len([q..p]) + min([q..p])": "12, 3",
    "[q..3 * p][2]": "12, 3",
    "sum([p..q step -1])": "12, 3",
    "min(max(sum([q..2 * p]), 9), 12 if p == 3 else q / 2)": "13, 4",
    "max((p / 2 if q > 2 else p) + 1, 3)": "6, 3",
    "round_to(p / 2 if q > 2 else p / 3, 4)": "12, 3",
    "[4, p][1]": "6, 0",
    "1.5 * p": "6, 0",
    "p * 0.75": "8, 0",
    "ceil((p + 1) / q)": "13, 3",
    "round(p / q)": "13, 3",
    "round(p / q) * q": "13, 3",
    "floor(p / q + 1)": "13, 3",
    "p / q + 1": "12, 3",
    "2 * p / q": "12, 3",
    "floor(p / q + q / 2)": "13, 3",
    "max(p / q, 3)": "12, 3",
    "floor(p / (q / 2))": "13, 3",
    "q * 8": "0, 1/2",
    "q * p": "8, 3/2",
    "floor(p * q)": "9, 1/2",
    "round_to(p * q, 4)": "13, 3/4",
    "len(p)": "[4, 6], 0",
    "sum(p)": "[4, 6], 0",
    "max(p) - p[0]": "[2, 6], 0",
    "p[1] + sum(p + [1])": "[2, 6], 0",
}
OTHERS = {
    "12, 3": "10, 2",
    "[4, 6], 0": "[3, 5], 0",
    "8, 3/2": "4, 1/2",
    "4, 3": "6, 2",
    "13, 3": "7, 5",
    "13, 0": "7, 0",
    "12, 0": "6, 0",
    "6, 3": "4, 2",
}
PLACES = {
    "channels": "x -> conv({}, 3) -> relu",
    "widths": "x -> conv(8) -> conv({}, 3) -> conv({}) -> bn",
    "shared": "y = x -> conv({})\n  z = y -> relu -> conv({})\n  add(y, z)",
    "matched": "residual(conv({}, 3))",
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas(formula: str) -> None:
    first = FORMULAS[formula]
    second = OTHERS.get(first, first)
    for place, body in PLACES.items():
        body = body.replace("{}", formula)
        text = f"""use std
block b(p, q) of x {{
  {body if place != "matched" else "x -> " + body}
}}
space s(height=8, width=8) {{
  input image: 3, height, width
  y = image -> conv(8)
  output y -> b({first})
  output y -> b({second})
}}
"""
        check_emitted(text)


KEPT = {
    "ceil(p / 3)": "(p + 2) // 3",
    "ceil(p / q)": "-(-p // q)",
    "floor(p / q)": "p // q",
    "round(p / 3)": "(2 * p + 3) // 6",
    "round(p / q)": "(2 * p + q) // (2 * q)",
    "round(p, 4)": "4 * ((p + 2) // 4)",
    "round_to(p / 2, 4)": "round_to(p / 2, 4)",
    "min(p, q, 5)": "min(p, q, 5)",
    "max([p, q, 5])": "max(p, q, 5)",
    "sum([p, q, 1])": "p + q + 1",
    "[p, q][1]": "q",
    "p / q": "p // q",
    "p if p > 2 else q": "p",
    "4 if p > 15 else q": "4 if p > 15 else q",
    "p if p / 3 > 5 else 2 * p": "p if p > 15 else 2 * p",
    "q if p > 15 and q == 5 or p == 3 else p / 2": "q if (p > 15 and q == 5) or p == 3 else p // 2",
    "2 * (p if q == 3 else q)": "2 * (p if q == 3 else q)",
    "len([q..p])": "p + 1 - q",
    "sum([q..p])": "sum(range(q, p + 1))",
    "max([p..q step -1])": "max(range(p, q - 1, -1))",
    "[q..p][2]": "q + 2",
}
LISTS = {
    "len(p)": "len(p)",
    "p[1]": "p[1]",
    "sum(p)": "p[0] + p[1]",
    "max(p)": "max(p[0], p[1])",
    "floor(p[0] / 2)": "p[0] // 2",
}


@pytest.mark.parametrize(
    ("formula", "arguments", "written"),
    [
        *((formula, ("12, 3", "20, 5"), written) for formula, written in KEPT.items()),
        *((formula, ("[4, 9], 0", "[6, 8], 0"), written) for formula, written in LISTS.items()),
        ("q * x.channels", ("0, 1/2", "0, 3/2"), "round(q * in_channels)"),
    ],
)
def test_functions_of_the_language_keep_their_formula(formula: str, arguments: tuple[str, str], written: str) -> None:
    uses = "\n".join(f"  output y -> b({given})" for given in arguments)
    text = f"""block b(p, q) of x {{
  x -> conv({formula}, 3) -> relu
}}
space s(height=8, width=8) {{
  input image: 3, height, width
  y = image -> conv(8)
{uses}
}}
"""
    assert f"nn.Conv2d(in_channels, {written}, 3, padding=1)" in file_of(graph_from(text))


CONDITIONS = {
    "x -> (conv(p, 3) if p / 2 > q else skip) -> relu -> conv(3)": "if p > 2 * q",
    "x -> (conv(4, 3) if p == 8 and q < 4 or q == 7 else skip) -> relu": "if (p == 8 and q < 4) or q == 7",
    "x -> repeat(conv(4, 3) -> relu, q)": "if q > 3",
    "x -> repeat(conv(4, 3) -> relu, p - q)": "if p - q > 2",
    "x -> repeat(part, q - 1)": "for _ in range(q - 1)",
    "add(x, x -> repeat(part, p - q))": "for _ in range(p - q)",
}


@pytest.mark.parametrize("body", CONDITIONS)
def test_conditions_and_depths_keep_their_formula(body: str) -> None:
    text = f"""block part of x {{ x -> conv(x.channels, 3) -> relu -> conv(x.channels) }}
block b(p, q) of x {{ {body} }}
space s(height=8, width=8) {{
  input image: 4, height, width
  output image -> b(8, 3) -> conv(4)
  output image -> b(9, 4) -> conv(4)
  output image -> b(9, 7) -> conv(4)
}}
"""
    check_emitted(text)
    assert CONDITIONS[body] in file_of(graph_from(text))


def test_a_long_chain_of_conditionals_keeps_its_formula() -> None:
    chain = " else ".join(f"{n} if p == {n}" for n in range(1, 31)) + " else 40"
    uses = "\n".join(f"  output image -> b({p})" for p in (3, 8, 50))
    text = f"""block b(p) of x {{ x -> conv({chain}) }}
space s(height=8, width=8) {{
  input image: 3, height, width
{uses}
}}
"""
    check_emitted(text)
    assert chain in file_of(graph_from(text))


def test_chains_of_very_different_lengths_share_a_class() -> None:
    text = """block b(n) of x { x -> repeat(conv(2), n) }
space s(height=2, width=2) {
  input image: 2, height, width
  output image -> b(1)
  output image -> b(1200)
}
"""
    file = file_of(graph_from(text))
    assert file.count("class B(") == 1
    assert "if n > 1" in file
