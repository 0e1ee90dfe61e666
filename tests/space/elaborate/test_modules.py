"""What `use` brings in, and what stays apart."""

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
    graph = opened(space('use "a.ssr"\nuse "b.ssr"', "one -> other -> one -> other"), a=one, b=other)
    assert architectures(graph) == 16


@pytest.mark.parametrize("text", ["search { target.macs = 1G }\n", "space t { input x: 1, 2, 3\n output x }\n"])
def test_a_used_file_holds_definitions_alone(text: str):
    with pytest.raises(DiagnosticError) as caught:
        opened(space('use "a.ssr"', "relu"), a=text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.label.span.line) == ("E0704", 1)
