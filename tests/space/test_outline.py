"""The outline folds a graph along its source."""

from __future__ import annotations

from ssrdsl.space.listing import axes, listed
from ssrdsl.space.outline import NetworkPart, Outline
from tests.space.texts import graph_of, program
from tests.spaces.shipped import graph_of as graph_of_shipped


def kind_and_label(part: NetworkPart) -> tuple[str, str]:
    return part.kind, part.label


def test_stages_blocks_and_repeats():
    outline = Outline(graph_of_shipped("realtime"))
    parts = outline.parts()
    assert [kind_and_label(part) for part in parts] == [
        ("input", "image"),
        ("binding", "half"),
        ("binding", "quarter"),
        ("binding", "eighth"),
        ("block", "aggregate(classes)"),
        ("operator", "resize(image)"),
        ("output", "output"),
    ]
    reduce, joints = parts[2].parts
    assert kind_and_label(reduce) == ("block", "reduce(64)")
    assert (joints.kind, joints.label, joints.least, joints.greatest) == ("repeat", "joint(64, 0.03)", 1, 5)
    assert joints.decision is not None
    assert joints.decision.name == "quarter.repeat.depth"
    choice, relu = joints.parts[0].parts
    assert (choice.kind, choice.label) == ("choose", "(d,s)")
    assert [part.label for part in choice.parts][:2] == ["maxpool(s)", "conv(mid, (3, 1), dilation=(d, 1), bias=true)"]
    assert relu.label == "relu"
    assert sum(len(part.nodes) for part in parts) == len(outline.graph)


def test_every_node_is_in_one_part_of_each_level():
    for name in ("darts", "ofa_mobilenetv3", "fbnetv2", "cas", "erfnet"):
        graph = graph_of_shipped(name)
        found = [node for part in Outline(graph).parts() for node in part.nodes]
        assert sorted(found) == sorted(graph.network)


def test_chains_chosen_by_length_show_their_lengths():
    outline = Outline(graph_of_shipped("realtime_paths"))
    chosen = next(part for part in outline.parts() if part.label == "quarter").parts[1]
    assert (chosen.kind, chosen.least, chosen.greatest) == ("choose", 5, 9)
    assert chosen.parts[0].label == "joint(64, 0.03)"


def test_a_repeat_from_none_on():
    (part,) = [
        p for p in Outline(graph_of("output x -> repeat(conv(3), {0..2}) -> conv(4)")).parts() if p.kind == "repeat"
    ]
    assert (part.least, part.greatest) == (0, 2)


def test_blocks_of_the_prelude_are_one_operator_under_the_call_that_made_them():
    head = "use std with bn = bn(eps=1e-3)"
    text = head + "\nspace t() {\n  input x: 3, 8, 8\n  output x -> conv_bn_relu( 4, 3) -> relu\n}\n"
    parts = Outline(program(text).graph).parts()
    assert [kind_and_label(part) for part in parts[1:3]] == [("operator", "conv_bn_relu(4, 3)"), ("operator", "relu")]
    assert len(parts[1].nodes) == 3


def test_two_choices_with_one_text_stay_two():
    graph = graph_of("f = choose { conv(4) | conv(4, 3) }", "output x -> f -> f -> conv(2)")
    chosen = [part for part in Outline(graph).parts() if part.kind == "choose"]
    assert [part.decision.name for part in chosen if part.decision] == list(graph.decisions)


def test_options_are_listed_in_the_spelling_of_the_language():
    graph = graph_of(
        "a = {8..32 step 8}", "b = {1, 2, 4}",
        "output x -> conv(a) -> conv(b) -> choose d in {1, 2, 3}, s in {1, 2} "
        "{ maxpool(s) -> conv(3, 3, dilation=d) -> upsample(s) } -> choose { relu | skip }",
    )  # fmt: skip
    assert [listed(decision) for decision in graph.decisions.values()] == [
        "{8..32 step 8}", "{1, 2, 4}", "{1..3} x {1, 2}", "{relu, skip}",
    ]  # fmt: skip
    assert axes(["(1,1)", "(1,2)", "(2,2)"]) == [["(1,1)", "(1,2)", "(2,2)"]]
