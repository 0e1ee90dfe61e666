"""When a set is decided, what decisions are called, and what ties them."""

from typing import Any

import pytest

from ssrdsl.language.source import Source
from ssrdsl.space import Graph, open_source
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import GraphNode, Mux, OperatorNode, Select


def elaborated(body: str, header: str = "") -> Graph:
    text = f"use std\n{header}\nspace probe(classes=3) {{\n  input image: 3, 32, 64\n{body}\n}}\n"
    return open_source(Source("probe.ssr", text)).graph


def operator(node: GraphNode) -> Any:
    assert isinstance(node, OperatorNode)
    return node.operator


def names(graph: Graph) -> list[str]:
    return list(graph.decisions)


def test_a_literal_set_in_a_layer_is_decided_at_every_application():
    graph = elaborated("  output image -> repeat(conv({4, 8}, 3), 40)")
    assert len(graph.decisions) == 40
    assert names(graph)[:2] == ["conv.channels[0]", "conv.channels[1]"]


def test_a_named_set_is_one_decision():
    graph = elaborated("  c = {4, 8}\n  output image -> conv(c, 3) -> conv(c, 3)")
    assert names(graph) == ["c"]
    assert graph.decisions["c"].dimension is Dimension.CHANNEL


def test_a_parameter_is_one_decision_wherever_it_is_used():
    graph = elaborated("  output image -> pair({4, 8})", "block pair(c) = conv(c, 3) -> conv(c, 3)")
    assert names(graph) == ["pair.c"]


def test_a_set_of_one_value_is_that_value():
    graph = elaborated("  output image -> conv({8..8}, {3})")
    assert not graph.decisions


def test_a_layer_that_is_named_is_still_decided_at_every_application():
    graph = elaborated("  f = conv({4, 8}, 3)\n  output image -> f -> f")
    assert len(graph.decisions) == 2


def test_a_tied_layer_is_decided_once():
    graph = elaborated("  tied act = choose { relu | hswish }\n  output image -> conv(4) -> act -> conv(4) -> act")
    assert names(graph) == ["act.choose"]
    assert sum(isinstance(node, Mux) for node in graph) == 2


@pytest.mark.parametrize(
    "output",
    ["image -> repeat(conv(4) -> act, 3)", "add([image -> conv(4) -> act for i in [0..2]])", "image -> three(act)"],
)
def test_turns_share_what_is_tied_outside_of_them(output: str):
    graph = elaborated(
        f"  tied act = choose {{ relu | hswish }}\n  output {output}",
        "block three(f) = chain([residual(f) for i in [0..2]])",
    )
    assert names(graph) == ["act.choose"]
    assert sum(isinstance(node, Mux) for node in graph) == 3


CONV = "choose { conv(3) | conv(3, 3) }"


@pytest.mark.parametrize(
    ("header", "lines", "count"),
    [
        ("", f"tied f, g = ({CONV}, {CONV})\n  output image -> f -> g -> g -> f", 2),
        ("", f"tied fs = [{CONV} for i in [0..2]]\n  output image -> chain(fs) -> fs[0] -> fs[2]", 3),
        (f"block cell = {CONV}", "tied f = cell\n  output image -> f -> f", 1),
        ("block cell(c) = choose { conv(c) | conv(c, 3) }", "tied f = cell\n  output image -> f(3) -> f(4)", 1),
        ("", f"tied f = [{CONV}, bn][{{0, 1}}]\n  output image -> f -> f", 2),
        ("", f"tied f = {CONV}\n  tied g = f\n  output image -> f -> g", 1),
    ],
)
def test_every_layer_of_a_tied_binding_is_decided_once(header: str, lines: str, count: int):
    assert len(elaborated(f"  {lines}", header).decisions) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (f"output image -> twice({CONV}) -> twice(choose {{ conv(3) | conv(3, 3) | conv(3, 5) }})", 5),
        (f"tied block net = twice({CONV})\n  output image -> net -> net", 3),
        (f"tied f = {CONV}\n  output image -> twice(f) -> twice(f)", 2),
        ("output image -> twice(conv({3, 4})) -> twice(relu)", 3),
    ],
)
def test_decisions_in_an_argument_of_a_tied_block_are_the_callers(lines: str, count: int):
    header = "tied block twice(f) = f -> choose { relu | bn } -> f"
    assert len(elaborated(f"  {lines}", header).decisions) == count


def test_a_tied_block_at_file_level_is_decided_once_for_the_space():
    graph = elaborated("  output image -> cell(4) -> cell(8)", "tied block cell(c) = conv(c, {3, 5}) -> conv({4, 8})")
    assert names(graph) == ["cell.conv.kernel", "cell.conv.channels"]
    assert all(decision.tied for decision in graph.decisions.values())


def test_tied_options_may_have_other_values_at_every_use():
    graph = elaborated("  output image -> cell(8) -> cell(16)", "tied block cell(c) = conv({c / 2, c})")
    (decision,) = graph.decisions.values()
    assert len(decision.options) == 2
    widths = [node.shapes[0].channels for node in graph if node.id.endswith("conv")]
    assert [dict(width.branches) for width in widths] == [{0: 4, 1: 8}, {0: 8, 1: 16}]


def test_a_tied_block_inside_a_loop_is_decided_once_per_turn():
    body = """
  x = image
  for c in [4, 8] {
    tied block cell = conv(c, {3, 5})
    x = x -> cell -> cell
  }
  output x"""
    assert len(elaborated(body).decisions) == 2


def test_options_of_choose_have_decisions_of_their_own():
    graph = elaborated("  output image -> choose d in {1, 2} { conv({4, 8}, 3, dilation=d) }")
    assert names(graph) == ["d", "d=1.conv.channels", "d=2.conv.channels"]
    assert graph.decisions["d"].dimension is Dimension.DILATION


def test_a_product_of_domains_is_one_decision():
    graph = elaborated(
        "  output image -> choose d in {1, 2}, s in {1, 2} { maxpool(s) -> conv(4, 3, dilation=d) -> upsample(s) }"
    )
    decision = graph.decisions["(d,s)"]
    assert [option.label for option in decision.options] == ["(1,1)", "(1,2)", "(2,1)", "(2,2)"]
    assert decision.dimension is Dimension.OPERATOR


@pytest.mark.parametrize(
    ("layer", "dimension"),
    [
        ("choose s in {1, 2} { maxpool(s) -> conv(4) -> upsample(s) }", Dimension.RESOLUTION),
        ("choose k in {3, 5} { conv(4, k) }", Dimension.KERNEL),
        ("choose n in {1..3} { repeat(conv(4, 3), n) }", Dimension.DEPTH),
        ("choose { conv(4) | conv(8, 3) }", Dimension.OPERATOR),
        ("choose r in {1, 2} { dil_conv(4, 3, dilation=r) }", Dimension.DILATION),
        ("repeat(conv(4), {1..3})", Dimension.DEPTH),
        ("conv(4, {3, 5})", Dimension.KERNEL),
        ("conv(4, 3, dilation={1, 2})", Dimension.DILATION),
    ],
)
def test_decisions_are_tagged_by_what_they_vary(layer: str, dimension: Dimension):
    (decision,) = elaborated(f"  output image -> {layer}").decisions.values()
    assert decision.dimension is dimension


def test_depth_mixes_the_outputs_of_one_chain():
    graph = elaborated("  output image -> repeat(conv(4, 3), {0..3})")
    (mux,) = (node for node in graph if isinstance(node, Mux))
    assert [port.node for _, port in mux.branches] == ["image", "conv[0]", "conv[1]", "conv[2]"]
    assert dict(mux.shapes[0].channels.branches) == {0: 3, 1: 4, 2: 4, 3: 4}


def test_select_decides_between_subsets():
    graph = elaborated("  xs = [image -> conv(4) for i in [1..4]]\n  output select({1..2}, xs)")
    (select,) = (node for node in graph if isinstance(node, Select))
    assert len(select.branches) == 4 + 6
    assert graph.decisions["select"].dimension is Dimension.TOPOLOGY


def test_select_of_tuples_is_one_decision():
    graph = elaborated("  a, b = select(1, [(image, image -> conv(3)), (image -> relu, image)])\n  output add(a, b)")
    assert len(graph.decisions) == 1
    assert sum(isinstance(node, Select) for node in graph) == 2


def test_split_is_one_decision_of_all_compositions():
    graph = elaborated(
        "  a, b, c = split(6, 3)\n  output image -> repeat(relu, a) -> repeat(relu, b) -> repeat(relu, c)"
    )
    (decision,) = graph.decisions.values()
    assert len(decision.options) == 10
    assert decision.options[0].value == (1, 1, 4)


def test_permutation_orders_positions():
    graph = elaborated("  a, b, c = permutation([4, 8, 8])\n  output image -> conv(a) -> conv(b) -> conv(c)")
    assert [len(decision.options) for decision in graph.decisions.values()] == [3, 2]


def test_what_a_loop_rebinds_outlives_it():
    graph = elaborated("  x = image\n  for c in [4, 8] { x = x -> conv(c) }\n  output x")
    assert [node.shapes[0].channels for node in graph if "conv" in node.id] == [4, 8]
    assert [node.id for node in graph if "conv" in node.id] == ["x[0].conv", "x[1].conv"]


def test_closures_keep_the_bindings_of_their_place():
    body = "  c = 4\n  f = conv(c)\n  c = 8\n  output image -> f"
    assert elaborated(body).shape(elaborated(body).outputs[0].inputs[0]).channels == 4


def test_neutral_operators_vanish():
    graph = elaborated("  output image -> maxpool(1) -> upsample(1) -> dropout(0) -> identity -> conv(classes)")
    assert [node.id for node in graph] == ["image", "conv", "output"]


def test_a_bias_is_left_out_where_a_batch_norm_follows():
    graph = elaborated("  output image -> conv(4) -> bn -> conv(4) -> relu")
    biases = {node.id: operator(node).bias for node in graph if node.id.startswith("conv")}
    assert biases == {"conv": False, "conv_2": True}


def test_the_prelude_is_rebound_for_all_it_defines():
    text = "use std with bn = bn(eps=1e-3)\nspace s { input image: 3, 8, 8\n output image -> conv_bn(4) -> bn }"
    graph = open_source(Source("s.ssr", text)).graph
    assert [float(operator(node).eps) for node in graph if ".".join(node.id.split("_")[:1]) == "bn"] == [1e-3, 1e-3]


def test_conditions_see_through_decisions_that_cannot_meet():
    graph = elaborated("  x = image -> conv({16, 24})\n  output x -> (relu if x.channels == 40 else sigmoid)")
    assert [node.id for node in graph if node.id in {"relu", "sigmoid"}] == ["sigmoid"]


def test_a_decided_index_picks_one_of_several_layers():
    graph = elaborated("  o = {0..2}\n  output image -> [relu, conv(4), conv(8)][o] -> conv(2)\n  require o != 0")
    (mux,) = (node for node in graph if isinstance(node, Mux))
    assert [port.node for _, port in mux.branches] == ["pick=0.relu", "pick=1.conv", "pick=2.conv"]
    assert mux.decision == "o"
    assert len(graph.requirements) == 1


def test_a_set_in_an_index_is_called_by_what_it_is_for():
    graph = elaborated(
        "  acts = [relu, bn]\n  w = [4, 8][{0, 1}]\n  output image -> acts[{0, 1}] -> conv(w) -> conv([4, 8][{0, 1}])"
    )
    assert names(graph) == ["w", "acts", "conv.channels"]


def test_an_index_may_depend_on_several_decisions():
    graph = elaborated("  i, j = ({0, 1}, {0, 1})\n  output image -> [relu, conv(4), bn][i + j]")
    outer, *inner = (node for node in reversed(list(graph)) if isinstance(node, Mux))
    assert outer.decision == "i"
    assert [node.decision for node in inner] == ["j", "j"]
    assert sum(isinstance(node, OperatorNode) for node in graph) == 3


def test_the_places_of_a_permutation_share_their_mixtures():
    graph = elaborated("  p = permutation([0..3])\n  output [image -> conv(c) for c in [1..4]][p[3]]")
    # Of the last place, 2 + 3 + 4 remainders are left once one, two, three of the decisions are taken; the 4 are items.
    assert sum(isinstance(node, Mux) for node in graph) == 1 + 2 + 3


def test_a_decided_index_takes_a_whole_row():
    graph = elaborated("  c, k, act = [(4, 1, relu), (8, 3, bn)][{0, 1}]\n  output image -> conv(c, k) -> act")
    assert names(graph) == ["(c,k,act)"]
    assert graph["output"].shapes[0].channels.support == {"(c,k,act)"}


def test_a_named_number_of_summands_is_a_decision_of_its_own():
    graph = elaborated("  k = {1, 2}\n  output select(k, [image -> conv(c - 3) for c in [4, 4, 4]])")
    assert [len(decision.options) for decision in graph.decisions.values()] == [2, 3, 3]
    assert {decision.dimension for decision in graph.decisions.values()} == {Dimension.TOPOLOGY}


def test_a_block_may_require_something_of_its_decisions():
    body = "a, b = ({0..1}, {0..1})\n  require a + b == 1\n  x -> [relu, skip][a] -> [relu, skip][b]"
    header = f"block cell of x {{\n  {body}\n}}"
    graph = elaborated("  output image -> repeat(cell, 2)", header)
    assert len(graph.requirements) == 2


@pytest.mark.parametrize(
    "body",
    [
        "choose t in [image -> conv(4), image -> conv(4, 3)] { t -> relu }",
        "choose t, f in [(image -> conv(4), relu), (image -> conv(4, 3), swish)] { t -> f }",
        "image -> choose f in [relu, swish] { conv(4) -> f }",
    ],
)
def test_a_choice_may_run_over_tensors_and_layers(body: str):
    graph = elaborated(f"  output {body}")
    assert [len(decision.options) for decision in graph.decisions.values()] == [2]


def test_results_of_a_block_are_tensors_in_a_choice():
    block = "block two(k) of a { (a -> conv(4, k), a -> conv(4)) }"
    graph = elaborated("  output choose k in {1, 3} {\n    a, b = image -> two(k)\n    concat(a, b)\n  }", block)
    assert list(graph.decisions) == ["k"]


CELL = "tied block cell(c) = choose { conv(c) | conv(c, 3) }\nblock twice = cell(4) -> cell(4)"
TWICE = "tied a = choose { relu | swish }\n"
ACT = "tied act = choose { relu | swish }\nblock twice = act -> act"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (CELL, "cell = image -> choose { relu | swish }\n  output cell -> twice"),
        (CELL, "block cell = choose { relu | swish }\n  output image -> cell -> twice"),
        (ACT, "tied act = choose { relu6 | hswish }\n  output image -> twice -> act -> act"),
        ("", f"{TWICE}y = image -> a -> a\n{TWICE}output y -> a -> a"),
        (f"tied block cell of x {{\n{TWICE}y = x -> a -> a\n{TWICE}y -> a -> a\n}}", "output image -> cell -> cell"),
    ],
)
def test_what_is_tied_is_tied_to_itself_alone(header: str, body: str):
    graph = elaborated(f"  {body}", header)
    assert [len(decision.options) for decision in graph.decisions.values()] == [2, 2]


def test_options_that_are_layers_or_tensors_go_by_their_names():
    graph = elaborated(
        "  a = image -> conv(8)\n"
        "  f = bn -> relu\n"
        "  block g(c=4) = conv(c)\n"
        "  y = choose t in [image, a] { t -> conv(4) }\n"
        "  output y -> choose l in [relu, conv(3), conv(4), g, f, g(3) -> bn] { l }\n"
    )
    labels = {name: list(decision.labels.values()) for name, decision in graph.decisions.items()}
    assert labels == {"y.t": ["image", "a.conv"], "l": ["relu", "conv", "conv_2", "g", "f", "g_2"]}
