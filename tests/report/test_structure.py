"""The content of pictures: the parts of a network, and the tensors between them."""

from __future__ import annotations

from itertools import pairwise

from ssrdsl.report.flow import Box, Flow
from ssrdsl.report.picture import _NetworkPicture, space_svg
from tests.report.networks import BRANCHES, NETWORKS, SEARCHED, TWO_INPUTS, UNET, UNET_OF_LOOPS, shipped, shipped_svg
from tests.report.test_picture import texts
from tests.space.texts import graph_of, program


def links(flow: Flow) -> set[tuple[str, str]]:
    """The links of a flow by the labels of its boxes."""
    return {(flow.boxes[start].label, flow.boxes[end].label) for start, end in pairs(flow)}


def pairs(flow: Flow) -> list[tuple[int, int]]:
    """The links of a flow: a start and an end for each."""
    return [(net.start, end) for net in flow.nets for end in net.ends]


def boxes_of(flow: Flow) -> dict[str, Box]:
    return {box.label: box for box in flow.boxes}


def picture(text: str) -> _NetworkPicture:
    return _NetworkPicture(program(text).graph)


def panel(drawn: _NetworkPicture, title: str) -> Flow:
    return next(box.inside[0] for box in drawn.panels if box.label == title)


def test_all_skip_connections_of_a_unet_are_drawn():
    path = ["image", "e1", "e2", "e3", "middle", "d3", "d2", "d1", "conv(classes, 1)", "output"]
    skips = {("e1", "d1"), ("e2", "d2"), ("e3", "d3")}
    assert links(picture(UNET).pipeline) == {*pairwise(path), *skips}


def test_a_merging_operator_has_the_names_of_what_it_reads():
    found = texts(space_svg(program(UNET).graph))
    assert "concat(·, e3)" in found
    assert "concat(·, e1)" in found


def test_loops_that_collect_skip_connections_are_drawn_turn_by_turn():
    drawn = picture(UNET_OF_LOOPS).pipeline
    path = ["image", "c = 16", "c = 32", "c = 64", "x", "i = 2", "i = 1", "i = 0", "conv(classes, 1)", "output"]
    skips = {("c = 16", "i = 0"), ("c = 32", "i = 1"), ("c = 64", "i = 2")}
    assert links(drawn) == {*pairwise(path), *skips}
    from_first = [(net.label, drawn.boxes[end].label) for net in drawn.nets if net.start == 1 for end in net.ends]
    assert sorted(from_first) == [("16 × 32 × 32", "c = 32"), ("16 × 64 × 64", "i = 0")]


def test_values_of_loop_variables_are_written_into_the_calls_of_a_turn():
    found = texts(space_svg(program(UNET_OF_LOOPS).graph))
    assert {"double(16)", "double(32)", "double(64)"} <= set(found)


def test_parallel_inputs_of_a_concat_are_side_by_side():
    flow = boxes_of(picture(BRANCHES).pipeline)["y"].inside[0]
    assert links(flow) == {
        *(("", label) for label in ("conv(8, 1)", "conv(16, 3)", "maxpool(3, stride=1)")),
        *((label, "concat") for label in ("conv(8, 1)", "conv(16, 3)", "maxpool(3, stride=1)")),
    }
    column = {box.label: flow.column[index] for index, box in enumerate(flow.boxes)}
    assert column["conv(8, 1)"] == column["conv(16, 3)"] == column["maxpool(3, stride=1)"]


def test_branches_made_by_a_comprehension_are_side_by_side():
    flow = boxes_of(picture(BRANCHES).pipeline)["z"].inside[0]
    rates = {f"d = {d}" for d in (1, 2, 4, 8)}
    assert links(flow) == {*(("", rate) for rate in rates), *((rate, "concat") for rate in rates)}


def test_branches_of_different_length_in_a_block():
    flow = panel(picture(BRANCHES), "inception(c)")
    columns = {box.label: flow.column[index] for index, box in enumerate(flow.boxes)}
    assert columns["conv(c, 1)"] == columns["conv(c / 2, 1)"] == columns["maxpool(3, stride=1)"] == 1
    assert columns["concat"] == 5
    assert sum(flow.boxes[end].label == "concat" for _, end in pairs(flow)) == 3


def test_several_inputs_and_outputs():
    a, b = "a", "b"
    assert links(picture(TWO_INPUTS).pipeline) == {
        ("left", a), ("right", b), (a, "both"), (b, "both"), ("both", "conv(16, 1)"), ("both", "conv(classes, 1)"),
        (a, "add(a, ·)"), ("conv(16, 1)", "add(a, ·)"), ("add(a, ·)", "edges"), ("conv(classes, 1)", "output"),
    }  # fmt: skip


def test_inputs_of_a_block_have_ports_with_their_names():
    flow = panel(picture(SEARCHED), "up(c)")
    assert {("x", "deconv(c, 2)"), ("deconv(c, 2)", "concat"), ("skip", "concat")} <= links(flow)


def test_options_are_shown_as_they_are_written():
    found = texts(space_svg(program(SEARCHED).graph))
    assert {"conv(mid, 3) -> bn", "conv(mid, 5) -> bn", "depthwise(3) -> conv(mid, 1) -> bn"} <= set(found)
    assert "conv_2" not in " ".join(found)


def test_two_choices_between_blocks_of_one_name_are_drawn_in_turn():
    drawn = picture(
        "block v(c) = conv(c, 3) -> bn\nspace s {\n  input image: 8, 16, 16\n"
        "  output image -> choose { v(8) | v(16) } -> conv(8) -> choose { v(8) | v(16) } -> conv(4)\n}\n"
    )
    assert len(drawn.pipeline.boxes) == 6
    assert all(start < end for start, end in pairs(drawn.pipeline))


def test_strides_are_in_the_labels_of_all_stages_blocks_and_rows():
    found = texts(space_svg(program(UNET).graph))
    assert "conv(32, 3, stride=2)" in found
    inside = texts(shipped_svg("bisenetv2"))
    assert "stride=2" in inside
    assert "conv_bn_relu(5 * f / 2, 3, stride=2)" in texts(shipped_svg("auto_deeplab"))


def test_a_folded_loop_has_what_differs_between_its_turns():
    found = " ".join(texts(shipped_svg("erfnet")))
    assert "non_bottleneck(128, d), dilation = 2, 4, 8, 16, 2, 4, 8, 16" in found


def test_the_nodes_of_a_cell_read_all_earlier_ones():
    flow = panel(shipped("darts"), "cell(c, stride)")
    turns = [f"i = {i}" for i in (1, 2, 3, 4)]
    earlier = {(one, other) for i, other in enumerate(turns) for one in turns[:i]}
    expected = {*earlier, *(("nodes", turn) for turn in turns), *((turn, "concat(nodes[2..])") for turn in turns)}
    assert links(flow) - {("a", "nodes"), ("b", "nodes"), ("concat(nodes[2..])", "")} == expected
    assert {("a", "nodes"), ("b", "nodes")} <= links(flow)


def test_cells_are_distinguished_and_read_the_last_two():
    flow = shipped("darts").pipeline
    cells = [index for index, box in enumerate(flow.boxes) if box.label.startswith(("normal", "reduction"))]
    assert [flow.boxes[index].label for index in cells] == [
        "normal(16)", "normal(16)", "reduction(32)", "normal(32)", "normal(32)", "reduction(64)",
        "normal(64)", "normal(64)",
    ]  # fmt: skip
    assert {(cells[i - 2], cells[i]) for i in range(2, 8)} <= {*pairs(flow)}
    assert {(cells[i - 1], cells[i]) for i in range(1, 8)} <= {*pairs(flow)}


def test_a_network_without_decisions_has_the_inside_of_its_blocks():
    drawn = shipped("erfnet")
    assert [box.label for box in drawn.panels] == ["reduce(c)", "non_bottleneck(c, dilation, drop)", "enlarge(c)"]


def test_many_repeats_are_one_stage():
    flow = _NetworkPicture(graph_of("output x -> repeat(relu, 200) -> conv(4)")).pipeline
    assert [box.label for box in flow.boxes] == ["x", "relu", "conv(4)", "output"]


def test_each_small_network_has_a_picture():
    for text in NETWORKS.values():
        assert space_svg(program(text).graph).startswith("<svg ")
