"""Names of operators: built-in ones, registered ones, those of other packages."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import ClassVar

import pytest

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.operators import (
    OPERATORS,
    Called,
    Construction,
    Operator,
    Shape,
    applied,
    attribute,
    operators,
    register,
    registry,
    unregister,
)
from ssrdsl.operators.activation import Relu
from ssrdsl.space.check import check

# The primitive operators of the language, as its description lists them.
LISTED = """
conv deconv depthwise linear bn maxpool maxpool_indices unpool avgpool adaptive_avgpool adaptive_maxpool resize dropout
dropout2d relu relu6 sigmoid swish hswish hsigmoid prelu softmax concat add mul match pixel_shuffle channel_shuffle
shift pad crop identity skip zero group_norm layer_norm instance_norm leaky_relu elu gelu tanh silu
"""


@dataclass(frozen=True)
class Mish(Operator):
    """x * tanh(softplus(x))."""

    name: ClassVar[str] = "mish"

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        return applied(Called("nn.Mish"))


@dataclass(frozen=True)
class Unmade(Operator):
    """Has no construction."""

    name: ClassVar[str] = "unmade"


class Plain(Mish):
    """Is not a dataclass."""


@dataclass(frozen=True)
class Repeat(Mish):
    """Has the name of a function of the language."""

    name: ClassVar[str] = "repeat"


@dataclass(frozen=True)
class Choose(Mish):
    """Has the name of a reserved word."""

    name: ClassVar[str] = "choose"


@dataclass(frozen=True)
class Failing(Mish):
    """Cannot tell its shape."""

    name: ClassVar[str] = "failing"

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        raise KeyError("height")


@dataclass(frozen=True)
class Shapeless(Mish):
    """Returns a number as a shape."""

    name: ClassVar[str] = "shapeless"

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (inputs[0].channels,)


@dataclass(frozen=True)
class Impostor(Operator):
    """Has the name of a known one."""

    name: ClassVar[str] = "relu"


@dataclass(frozen=True)
class Nameless(Operator):
    """Has no name."""


@dataclass(frozen=True)
class Unwritable(Operator):
    """Has a name that a file cannot write."""

    name: ClassVar[str] = "Soft-Plus"


NOT_AN_OPERATOR = 17


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """The entry points of installed packages, loaded again."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry for entry in found if entry.group == group])
    monkeypatch.setattr(registry, "_is_offered", lambda: bool(found))
    monkeypatch.setattr(registry, "_loaded", None)
    yield found
    registry._loaded = None


def entry(name: str) -> EntryPoint:
    return EntryPoint(name.lower(), f"{__name__}:{name}", "ssrdsl.operators")


def test_every_listed_operator_is_there() -> None:
    assert {*OPERATORS} == {*LISTED.split()}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_are_called_as_they_are_listed(name: str) -> None:
    operator = OPERATORS[name]
    assert operator.name == name or (name, operator.name) in {("skip", "identity"), ("silu", "swish")}
    assert operator.__doc__
    assert not operator.__doc__.startswith(operator.__name__ + "(")
    assert operator.construct is not Operator.construct


@pytest.mark.parametrize("name", OPERATORS)
def test_few_arguments_have_a_position(name: str) -> None:
    positional = [field.name for field in OPERATORS[name].signature() if field.metadata["positional"]]
    assert len(positional) <= 2
    assert positional == [field.name for field in OPERATORS[name].signature()][: len(positional)]


def test_sets_are_allowed_where_weights_are_shared() -> None:
    dimensions = {
        (name, field.name): field.metadata["dimension"]
        for name, operator in OPERATORS.items()
        for field in operator.signature()
        if field.metadata["dimension"] is not None
    }
    convolutions = ("conv", "deconv", "depthwise")
    assert dimensions == {
        **{(name, "channels"): "channel" for name in ("conv", "deconv", "linear")},
        **{(name, "kernel"): "kernel" for name in convolutions},
        **{(name, "dilation"): "dilation" for name in convolutions},
        **{(name, "groups"): "channel" for name in ("conv", "deconv")},
        ("resize", "target"): "input",
    }


def test_own_operators_need_no_other_package(offered: list[EntryPoint]) -> None:
    assert operators() == OPERATORS


def test_packages_offer_operators(offered: list[EntryPoint]) -> None:
    offered.append(entry("Mish"))
    assert operators()["mish"].__qualname__ == "Mish"
    assert {*operators()} == {*OPERATORS, "mish"}


def test_packages_are_asked_once(offered: list[EntryPoint]) -> None:
    operators()
    offered.append(entry("Mish"))
    assert "mish" not in operators()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Impostor"], ":Impostor has the name `relu` of ssrdsl.operators.activation.Relu"),
        (["Nameless"], ":Nameless has no valid name"),
        (["Unwritable"], ":Unwritable has no valid name"),
        (["NOT_AN_OPERATOR"], ":NOT_AN_OPERATOR is not an operator"),
        (["Missing"], "cannot load the operator tests"),
    ],
)
def test_unfit_offers_are_refused(offered: list[EntryPoint], names: list[str], message: str) -> None:
    offered += map(entry, names)
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        operators()
    assert caught.value.help


def test_installed_package_is_found(tmp_path: Path) -> None:
    (tmp_path / "curves.py").write_text(
        "from dataclasses import dataclass\n"
        "from ssrdsl.operators import Called, Operator, applied\n"
        "@dataclass(frozen=True)\n"
        "class Mish(Operator):\n"
        "    name = 'mish'\n"
        "    def construct(self, inputs):\n"
        "        return applied(Called('nn.Mish'))\n"
    )
    information = tmp_path / "curves-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: curves\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[ssrdsl.operators]\nmish = curves:Mish\n")
    source = "from ssrdsl.operators import operators; print(operators()['mish']().construct(()).module.target)"
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "nn.Mish\n"


def test_registered_operators_are_known() -> None:
    assert register(Mish) is Mish
    try:
        assert operators()["mish"] is Mish
        assert register(Mish) is Mish
    finally:
        unregister(Mish)
    assert "mish" not in operators()


def test_taken_names_are_not_registered() -> None:
    with pytest.raises(UserError, match="has the name `relu`"):
        register(Impostor)
    assert operators()["relu"] is Relu


@pytest.mark.parametrize(("name", "message"), [("Unmade", "has no method"), ("Plain", "is not a dataclass")])
def test_half_an_operator_is_reported(offered: list[EntryPoint], name: str, message: str) -> None:
    offered.append(entry(name))
    with pytest.raises(UserError, match=message):
        operators()


@pytest.mark.parametrize("name", ["Repeat", "Choose"])
def test_a_word_of_the_language_is_no_name_of_an_operator(offered: list[EntryPoint], name: str) -> None:
    offered.append(entry(name))
    with pytest.raises(UserError, match=f"`{name.lower()}`, which is reserved"):
        check(Source("s.ssr", "space s {\n  input x: 1, 8, 8\n  output x\n}\n"))


@pytest.mark.parametrize(("name", "message"), [("failing", "KeyError: 'height'"), ("shapeless", "`shapes` returned")])
def test_an_operator_that_fails_is_reported_where_it_is_applied(
    offered: list[EntryPoint], name: str, message: str
) -> None:
    offered.append(entry(name.capitalize()))
    (found,) = check(Source("s.ssr", f"space s {{\n  input x: 1, 8, 8\n  output x -> {name}\n}}\n"))
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0407", 3, 15)
    assert message in found.message
    assert found.notes == (f"implemented in {__name__}.{name.capitalize()}",)


def test_an_installed_operator_that_cannot_be_loaded_is_no_mistake_of_the_file(offered: list[EntryPoint]) -> None:
    offered.append(entry("Missing"))
    with pytest.raises(UserError, match="cannot load the operator"):
        check(Source("s.ssr", "space s {\n  input x: 1, 8, 8\n  output x\n}\n"))


def test_an_unknown_dimension_is_reported() -> None:
    with pytest.raises(ValueError, match="channel, kernel, dilation, input"):
        attribute(3, dimension="kernle")
