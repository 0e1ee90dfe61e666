"""Formulas over a block's parameters in attributes: the emitted file computes what the language means by them."""

from __future__ import annotations

import pytest

from tests.emission.compared import check_emitted

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
    "[4, p][1]": "6, 0",
    "1.5 * p": "6, 0",
    "p * 0.75": "8, 0",
}
OTHERS = {"12, 3": "10, 2", "4, 3": "6, 2", "13, 3": "7, 5", "13, 0": "7, 0", "12, 0": "6, 0", "6, 3": "4, 2"}
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
