"""The parameters of a space: as text, as JSON, and read back."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from ssrdsl.errors import UserError
from ssrdsl.space import open_space
from ssrdsl.space.architecture import describe, open_recorded, read_architecture, write_architecture
from ssrdsl.space.arguments import argument_texts, argument_values

TEXT = """
block pair(c) = conv(c) -> relu -> conv(c)

space s(act=pair, mode="bilinear", on=true, e=1/2, xs=[1, 2], t=(1, 2), n) {
  input x: 3, 8, 8
  output x -> act(3) -> conv(8, bias=on) -> resize((16, 16), mode=mode)
    -> chain([conv(c) for c in xs]) -> conv(4 * t[0], e * 2) -> conv(n)
}
"""
OTHER = {"act": "conv", "mode": '"nearest"', "on": "false", "e": "3/2", "xs": "[3, 4, 5]", "t": "(2, 1)", "n": "7"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s.ssr"
    path.write_text(TEXT)
    return path


def test_values_are_written_as_the_language_writes_them(file: Path) -> None:
    graph = open_space(file, {"n": "3"}).graph
    assert argument_texts(graph) == {
        "act": "pair", "mode": '"bilinear"', "on": "true", "e": "1/2", "xs": "[1, 2]", "t": "(1, 2)", "n": "3",
    }  # fmt: skip
    again = open_space(file, argument_texts(graph)).graph
    assert argument_values(again) == argument_values(graph)


def test_values_are_plain_and_layers_are_texts(file: Path) -> None:
    graph = open_space(file, {"n": "1 + 2", "xs": "[1,\n 4]"}).graph
    values = argument_values(graph)
    assert values == {
        "act": "pair", "mode": "bilinear", "on": True, "e": "1/2", "xs": [1, 4], "t": [1, 2], "n": 3,
    }  # fmt: skip
    assert json.loads(json.dumps(values)) == values
    assert asdict(describe(open_space(file, {"n": "3"}), {}))["parameters"]["act"] == "pair"


def test_an_architecture_brings_the_parameters_that_it_was_written_for(file: Path, tmp_path: Path) -> None:
    written = open_space(file, OTHER)
    write_architecture(tmp_path / "a.json", describe(written, {}))
    program = open_recorded(file, {}, read_architecture(tmp_path / "a.json"))
    assert argument_values(program.graph) == argument_values(written.graph)
    assert program.overrides == OTHER
    assert program.graph.shape(program.graph.outputs[0].inputs[0]).channels == 7


def test_what_is_given_comes_before_what_is_recorded(file: Path) -> None:
    recorded = describe(open_space(file, OTHER), {})
    program = open_recorded(file, {"n": "5", "on": "true"}, recorded)
    assert argument_values(program.graph) == {**argument_values(open_space(file, OTHER).graph), "n": 5, "on": True}


def test_parameters_that_are_gone_are_passed_over(file: Path) -> None:
    recorded = describe(open_space(file, OTHER), {})
    file.write_text("space s(n=4, k=1) { input x: 3, 8, 8\n output x -> conv(n, k) }")
    assert argument_values(open_recorded(file, {}, recorded).graph) == {"n": 7, "k": 1}


def test_of_another_space_nothing_is_taken(file: Path) -> None:
    recorded = describe(open_space(file, OTHER), {})
    file.write_text(TEXT.replace("space s(", "space other("))
    with pytest.raises(UserError, match="parameter `n` of `other` has no value"):
        open_recorded(file, {}, recorded)
