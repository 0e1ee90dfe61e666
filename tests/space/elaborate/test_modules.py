"""What `use` brings in, and what stays apart."""

from fractions import Fraction
from typing import Any

import pytest

from ssrdsl.language.diagnostics import DiagnosticError
from ssrdsl.language.source import Source
from ssrdsl.space import Graph, open_source
from ssrdsl.space.graph import OperatorNode
from ssrdsl.space.size import architectures


def space(uses: str, output: str) -> str:
    return f"{uses}\nspace s {{\n  input x: 3, 8, 8\n  output x -> {output}\n}}\n"


def opened(text: str, **files: str) -> Graph:
    """The space of a text beside files that are named without their ending."""

    def read(path: str) -> Source:
        return Source(path, files[path.removesuffix(".ssr")])

    return open_source(Source("main.ssr", text), read=read).graph


def attributes(graph: Graph, operator: str, name: str) -> list[Any]:
    found = [node.operator for node in graph if isinstance(node, OperatorNode)]
    return [getattr(made, name) for made in found if made.name == operator]


def test_a_used_file_leaves_names_alone_that_it_does_not_define():
    blocks = "use std\nblock layer(c) = conv_bn(c)\n"
    text = space('use std with bn = bn(eps=1e-3)\nuse "blocks.ssr"', "conv_bn(4) -> conv(4) -> bn -> layer(4)")
    plain = attributes(opened(space("", "bn")), "bn", "eps")
    given = attributes(opened(space("", "bn(eps=1e-3)")), "bn", "eps")
    assert attributes(opened(text, blocks=blocks), "bn", "eps") == given + given + plain


def test_the_prelude_of_a_used_file_is_at_hand_where_nothing_else_has_the_name():
    assert len(opened(space('use "blocks.ssr"', "conv_bn(4) -> f"), blocks="use std\nblock f = relu\n")) == 5


def test_names_by_way_of_another_file_give_way_to_those_of_the_file_itself():
    files = {"deep": "block act = relu\n", "outer": 'use "deep.ssr" with act = swish\nblock two = act -> act\n'}
    for uses in ('use "deep.ssr"\nuse "outer.ssr"', 'use "outer.ssr"\nuse "deep.ssr"'):
        graph = opened(space(uses, "act -> two"), **files)
        names = [node.operator.name for node in graph if isinstance(node, OperatorNode)]
        assert names == ["relu", "swish", "swish"]


def test_a_file_used_twice_is_decided_once():
    files = {"widths": "tied c = {4, 8}\n", "layers": 'use "widths.ssr"\nblock layer = conv(c, 3)\n'}
    graph = opened(space('use "widths.ssr"\nuse "layers.ssr"', "conv(c) -> layer"), **files)
    assert architectures(graph) == 2


def test_decisions_of_used_files_need_not_be_used():
    files = {"widths": "narrow = {4, 8}\nwide = {16, 32}\n"}
    assert list(opened(space('use "widths.ssr"', "conv(wide)"), **files).decisions) == ["wide"]
    with pytest.raises(DiagnosticError) as caught:
        opened(space("narrow = {4, 8}", "conv(4)"))
    assert [found.code for found in caught.value.diagnostics] == ["E0501"]


def test_equal_names_in_two_files_are_not_tied_to_each_other():
    tied = "tied act = choose { relu | swish }\ntied block cell = choose { conv(4) | conv(4, 3) }\n"
    one = f"{tied}block one = cell -> act\n"
    other = one.replace("one", "other").replace("swish", "hswish")
    users = {"c": 'use "a.ssr"\nblock first = one\n', "d": 'use "b.ssr"\nblock second = other\n'}
    text = space('use "c.ssr"\nuse "d.ssr"', "first -> second -> first -> second")
    assert architectures(opened(text, a=one, b=other, **users)) == 16


A, B = "block f = conv(4)\n", "block f = conv(8)\n"
FROM_A, FROM_B = 'use "a.ssr"\nblock g = f\n', 'use "b.ssr"\nblock h = f\n'


@pytest.mark.parametrize(
    ("uses", "place", "others", "help"),
    [
        ('use "a.ssr"\nuse "b.ssr"', (2, 1), {("a.ssr", 1), ("b.ssr", 1)}, "another name"),
        ('use "a.ssr"\nblock f = relu', (2, 7), {("a.ssr", 1), ("main.ssr", 1)}, 'use "a.ssr" with f = ...'),
        ('f = 3\nuse "a.ssr"', (1, 1), {("a.ssr", 1), ("main.ssr", 2)}, 'use "a.ssr" with f = ...'),
        ("use std\nblock residual = relu", (2, 7), {("<std>", 4), ("main.ssr", 1)}, "use std with residual = ..."),
        ("use std with bn = bn(eps=1e-3)\nbn = relu", (2, 1), {("main.ssr", 1)}, "use std with bn"),
        ("use std\nuse std with bn = relu", (2, 1), {("main.ssr", 1)}, "in one"),
        ("use std with bn = bn(eps=1e-3), bn = bn(eps=1e-2)", (1, 33), {("main.ssr", 1)}, "omit one of them"),
        (
            'use std with relu = prelu\nuse "a.ssr" with relu = swish',
            (2, 1),
            {("main.ssr", 1), ("main.ssr", 2)},
            "name",
        ),
    ],
)
def test_a_file_has_one_definition_of_a_name(uses: str, place: tuple[int, int], others: set[Any], help: str):
    with pytest.raises(DiagnosticError) as caught:
        opened(space(uses, "relu"), a=A, b=B)
    (found,) = caught.value.diagnostics
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0304", *place)
    assert {(label.span.source.name, label.span.line) for label in found.secondary} == others
    assert help in (found.help or "")


def test_a_name_with_two_meanings_is_reported_where_it_is_used():
    uses = 'use "c.ssr"\nuse "d.ssr"'
    assert len(opened(space(uses, "g -> h"), a=A, b=B, c=FROM_A, d=FROM_B)) == 4
    with pytest.raises(DiagnosticError) as caught:
        opened(space(uses, "f -> g"), a=A, b=B, c=FROM_A, d=FROM_B)
    (found,) = caught.value.diagnostics
    assert (found.code, found.label.span.line, found.label.span.column) == ("E0304", 5, 15)
    assert len(opened(space(f'{uses}\nuse "a.ssr"', "f -> g"), a=A, b=B, c=FROM_A, d=FROM_B)) == 4


def test_one_rebinding_may_be_in_several_uses():
    uses = 'use std with bn = bn(eps=1e-3)\nuse "a.ssr" with bn = bn(eps=1e-3)'
    assert (
        attributes(opened(space(uses, "f -> conv_bn(4)"), a="block f = bn\n"), "bn", "eps") == [Fraction(1, 1000)] * 2
    )


def test_a_rebinding_may_name_what_an_earlier_use_brings():
    uses = 'use "a.ssr"\nuse std with relu = act'
    graph = opened(space(uses, "conv_bn_relu(4)"), a="block act = swish\n")
    assert "swish" in [node.operator.name for node in graph if isinstance(node, OperatorNode)]


@pytest.mark.parametrize("text", ["search { target.macs = 1G }\n", "space t { input x: 1, 2, 3\n output x }\n"])
def test_a_used_file_holds_definitions_alone(text: str):
    with pytest.raises(DiagnosticError) as caught:
        opened(space('use "a.ssr"', "relu"), a=text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.label.span.line) == ("E0704", 1)
