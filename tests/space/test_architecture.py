"""Architectures as files, and errors for invalid ones."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ssrdsl.errors import UserError
from ssrdsl.space.architecture import (
    Architecture,
    apply,
    describe,
    read_architecture,
    resolve,
    write_architecture,
)
from ssrdsl.space.expressions import apply as call
from ssrdsl.space.graph import Bound, Graph
from ssrdsl.space.restrict import restrict
from tests.space.graphs import Build


def build(*, required: bool = False) -> Graph:
    made = Build()
    x = made.input()
    wide = made.layer(x, made.set("layer.width", [16, 24]))
    made.output(made.mux(made.decide("which", ["plain", "wide"]), [made.layer(x, 4), wide]))
    if required:
        made.require(call("!=", made.values["layer.width"], 24))
    return made.graph()


def architecture(**decisions: str) -> Architecture:
    return Architecture("test", "ab", {}, {name.replace("_", "."): label for name, label in decisions.items()})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    graph = build()
    graph.scopes[""].arguments.update(e=Bound(Fraction(1, 2), None, ""), n=Bound([1], None, ""))
    program: Any = SimpleNamespace(name="test", sha256="ab", graph=graph)
    written = describe(cast(Any, program), {"which": 1, "layer.width": 0})
    write_architecture(tmp_path / "architecture.json", written)
    assert read_architecture(tmp_path / "architecture.json") == written
    assert json.loads((tmp_path / "architecture.json").read_text()) == {
        "space": "test",
        "sha256": "ab",
        "parameters": {"e": "1/2", "n": [1]},
        "decisions": {"layer.width": "16", "which": "wide"},
    }


def test_applying_closes_every_decision() -> None:
    graph = apply(build(), architecture(which="wide", layer_width="24"))
    assert not graph.open_decisions
    assert graph.shape(graph.outputs[0].inputs[0]).channels == 24
    assert set(apply(build(), architecture(which="plain")).decisions) == {"which"}


def test_decisions_that_are_not_active_are_passed_over() -> None:
    assert resolve(build(), architecture(which="plain", layer_width="24")) == {"which": 0}


@pytest.mark.parametrize(
    ("made", "message", "help"),
    [
        (architecture(whihc="wide"), "`test` has no decision `whihc`", "did you mean `which`?"),
        (architecture(which="wode"), "decision `which` has no option `wode`", "did you mean `wide`?"),
        (architecture(which="9"), "decision `which` has no option `9`", "the options are `plain`, `wide`"),
        (architecture(which="wide"), "has no option for `layer.width`", "use one of `16`, `24`"),
        (architecture(which="wide", layer_width="24"), "does not meet", "use other options"),
        (replace(architecture(which="plain"), space="other"), "to the space `other`, not to `test`", "that space"),
    ],
)
def test_wrong_architectures_are_explained(made: Architecture, message: str, help: str) -> None:
    with pytest.raises(UserError) as error:
        resolve(build(required=True), made)
    assert message in error.value.message
    assert help in (error.value.help or "")


def test_a_dropped_option_is_distinguished_from_an_unknown_one() -> None:
    with pytest.raises(UserError, match="option `wide` of decision `which` was removed"):
        resolve(restrict(build(), {"which": (0,)}), architecture(which="wide"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"space": "test"}', '{"space": "test", "decisions": {"a": 1}}'])
def test_files_that_are_no_architecture_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "architecture.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"architecture\.json(: it)? is not"):
        read_architecture(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*absent\.json"):
        read_architecture(tmp_path / "absent.json")


@pytest.mark.parametrize("value", ["null", '{"a": 1}', "[1, null]"])
def test_parameters_that_the_language_has_no_values_for_are_refused(value: str, tmp_path: Path) -> None:
    path = tmp_path / "architecture.json"
    path.write_text(f'{{"space": "test", "parameters": {{"n": {value}}}, "decisions": {{}}}}')
    with pytest.raises(UserError, match="is not an architecture file"):
        read_architecture(path)
