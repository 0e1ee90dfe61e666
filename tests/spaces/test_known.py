"""Networks with figures known from their authors or from torchvision are architectures of the shipped spaces."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import pytest

from ssrdsl.language.source import Source
from ssrdsl.space import Graph, cost, open_source, open_space
from ssrdsl.space.decisions import only
from ssrdsl.space.ranges.bounds import bounds
from ssrdsl.space.restrict import restrict
from ssrdsl.space.size import architectures
from tests.spaces.shipped import FOLDER, graph_of

CLASSIFIER = {"resnet18": 512 * 1000 + 1000, "resnet50": 2048 * 1000 + 1000, "mobilenetv2": 1280 * 1000 + 1000}
"""Parameters of the last layer for ImageNet."""
OPERATORS = ["sep3", "sep5", "dil3", "dil5", "max3", "avg3", "pass"]
CIFAR = {"c": "36", "layers": "20"}
POOLED = 2 * (72 + 144)
"""Parameters of a batch norm behind one pooling of both reduction cells, at c=36: the authors' have none."""

Cell = list[dict[int, str]]
"""For every node of a cell, the inputs that it keeps with their operators."""


def space(name: str, **overrides: str) -> Graph:
    return open_space(FOLDER / f"{name}.ssr", overrides).graph if overrides else graph_of(name)


def whole(graph: Graph, taken: Mapping[str, int]) -> Graph:
    network = restrict(graph, only(taken))
    assert not network.open_decisions
    return network


def labelled(graph: Graph, name: str, label: str) -> int:
    (index,) = (option.index for option in graph.decisions[name].options if option.label == label)
    return index


@pytest.mark.parametrize(
    ("width", "depth", "count", "resolution", "gmacs"),
    [
        ("1", "1", 5_288_548, "224", "0.386"),
        ("1", "1.1", 7_794_184, "240", "0.687"),
        ("1.1", "1.2", 9_109_994, "288", "1.088"),
        ("1.2", "1.4", 12_233_232, "300", "1.827"),
        ("1.4", "1.8", 19_341_616, "380", "4.394"),
        ("1.6", "2.2", 30_389_784, "456", None),
        ("1.8", "2.6", 43_040_704, "528", None),
        ("2", "3.1", 66_347_960, "600", None),
    ],
)
def test_efficientnets_b0_to_b7(width: str, depth: str, count: int, resolution: str, gmacs: str | None):
    """Their parameters, and up to B4 the MACs of torchvision."""
    graph = space("efficientnet", width=width, depth=depth, resolution=resolution)
    assert cost.parameters(graph) == count
    if gmacs is not None:
        assert f"{cost.macs(graph) / 1e9:.3f}" == gmacs


def within(graph: Graph, *parts: str) -> int:
    """The parameters of the nodes in these outermost parts of a network."""
    inside = [node for node in graph if node.id.partition(".")[0] in parts]
    counts: list[Any] = [cost.node_cost(graph, node, "parameters") for node in inside]
    return int(sum(counts))


@pytest.mark.parametrize(
    ("name", "parts", "count"),
    [
        ("bisenet_r18", ("x8", "x16", "x32"), 11_689_512 - CLASSIFIER["resnet18"]),
        ("swiftnet_r18", ("quarter", "eighth", "sixteenth", "thirtysecond"), 11_689_512 - CLASSIFIER["resnet18"]),
        ("liteseg_mobilenetv2", ("quarter", "x"), 3_504_872 - CLASSIFIER["mobilenetv2"]),
    ],
)
def test_backbones_have_torchvisions_parameters(name: str, parts: tuple[str, ...], count: int):
    assert within(space(name), *parts) == count


def test_pspnets_backbone_is_a_residual_network_with_three_convolutions_for_a_stem():
    plain = 7 * 7 * 3 * 64 + 2 * 64
    deep = 9 * (3 * 64 + 64 * 64 + 64 * 128) + 2 * (64 + 64 + 128)
    wider = (128 - 64) * (64 + 256)  # the first block reads 128 channels, in its first convolution and in its shortcut
    backbone = within(space("pspnet_r50"), "stem", "third", "stage")
    assert backbone == 25_557_032 - CLASSIFIER["resnet50"] - plain + deep + wider


@pytest.mark.parametrize(
    ("name", "beside", "published"),
    [
        ("ssr_published", 0, "1.0"),
        ("swiftnet_r18", 0, "11.8"),
        ("liteseg_mobilenetv2", CLASSIFIER["mobilenetv2"], "4.38"),
        ("drn_d_22", CLASSIFIER["resnet18"] - (512 * 19 + 19), "16.4"),
    ],
)
def test_networks_have_the_millions_of_parameters_of_their_papers(name: str, beside: int, published: str):
    """`beside` are the layers that the paper counts and the network does not have, minus those that only it has."""
    places = len(published.partition(".")[2])
    assert f"{(cost.parameters(space(name)) + beside) / 1e6:.{places}f}" == published


def test_swiftnet_has_the_macs_of_its_paper():
    assert round(cost.macs(space("swiftnet_r18")) / 1e9) == 104


def test_auto_deeplab_has_as_many_cells_and_paths_as_its_paper_says():
    cells, paths = (720 * 8**5) ** 2, 28_657
    assert (f"{cells:.1e}", f"{paths:.1e}") == ("5.6e+14", "2.9e+04")
    assert architectures(space("auto_deeplab")) == cells * paths


def test_cas_is_two_tied_cells_and_a_choice_of_contexts_and_eight_cells_where_they_are_not_tied():
    cell, contexts = 3 * 6 * 8**6, 20
    assert architectures(space("cas")) == cell**2 * contexts
    path = FOLDER / "cas.ssr"
    untied = path.read_text(encoding="utf-8").replace("tied block", "block")
    assert architectures(open_source(Source(str(path), untied)).graph) == cell**8 * contexts


@pytest.mark.parametrize(
    ("blocks", "count", "sizes"), [((3, 4, 6, 3), 25_557_032, 455 * 3**16), ((3, 4, 23, 3), 44_549_160, 4_960 * 3**33)]
)
def test_cr_nas_contains_the_residual_networks(blocks: tuple[int, ...], count: int, sizes: int):
    graph = space("crnas", blocks=str(sum(blocks)))
    assert architectures(graph) == sizes
    shared = next(name for name, decision in graph.decisions.items() if len(decision.options) > 3)
    plain = dict.fromkeys(graph.decisions, 0)
    network = whole(graph, plain | {shared: labelled(graph, shared, f"({','.join(map(str, blocks))})")})
    assert cost.parameters(network) == count


def test_cr_nas_only_moves_computation():
    macs = bounds(space("crnas"))["macs"]
    assert macs.minimum.value == macs.maximum.value == 4_089_184_256


def test_deeplabv3_has_torchvisions_parameters():
    auxiliary = 9 * 1024 * 256 + 2 * 256 + 256 * 21 + 21
    assert cost.parameters(space("deeplabv3_r50")) == 42_004_074 - auxiliary


def darts_choices(graph: Graph, name: str, cell: Cell) -> Iterable[tuple[str, int]]:
    for node, kept in enumerate(cell):
        for edge, operator in kept.items():
            yield f"{name}.cell.nodes[{node}].edge[{edge}].choose", OPERATORS.index(operator)
        if node:  # the first node keeps both of its inputs
            pair = f"{name}.cell.nodes[{node}].nodes"
            yield pair, labelled(graph, pair, "+".join(map(str, sorted(kept))))


def test_darts_contains_the_network_of_its_authors():
    normal: Cell = [
        {0: "sep3", 1: "sep3"},
        {0: "sep3", 1: "sep3"},
        {0: "pass", 1: "sep3"},
        {0: "pass", 2: "dil3"},
    ]
    reduction: Cell = [
        {0: "max3", 1: "max3"},
        {1: "max3", 2: "pass"},
        {0: "max3", 2: "pass"},
        {1: "max3", 2: "pass"},
    ]
    graph = space("darts", **CIFAR)
    taken = dict([*darts_choices(graph, "normal", normal), *darts_choices(graph, "reduction", reduction)])
    assert cost.parameters(whole(graph, taken)) == 3_349_342 + 5 * POOLED


def pdarts_choices(name: str, cell: Cell) -> Iterable[tuple[str, int]]:
    for node, kept in enumerate(cell):
        for edge, operator in kept.items():
            yield f"{name}.cell.kinds[{node}][{edge}]", OPERATORS.index(operator)
        if node:
            pairs = [(first, second) for second in range(1, node + 2) for first in range(second)]
            yield f"{name}.cell.pair[{node}]", pairs.index((min(kept), max(kept)))


def test_p_darts_contains_the_network_of_its_authors():
    normal: Cell = [
        {0: "pass", 1: "dil3"},
        {0: "pass", 1: "sep3"},
        {1: "sep3", 3: "sep3"},
        {0: "sep3", 4: "dil5"},
    ]
    reduction: Cell = [
        {0: "avg3", 1: "sep5"},
        {0: "sep3", 2: "dil5"},
        {0: "max3", 1: "dil3"},
        {1: "dil3", 3: "dil5"},
    ]
    taken = dict([*pdarts_choices("normal", normal), *pdarts_choices("reduction", reduction)])
    assert cost.parameters(whole(space("pdarts", **CIFAR), taken)) == 3_433_798 + 2 * POOLED


def fasterseg_ways(layer: int, ends: tuple[int, ...]) -> int:
    """How tensors at these strides can come to a layer: from which cells, with which operators and widths."""
    if not layer:
        return 1
    total = 0
    for sources in product(*({stride - 1, stride} & {*range(min(layer, 3))} for stride in ends)):
        count = fasterseg_ways(layer - 1, tuple(sorted(set(sources))))
        for cell in set(sources):
            onwards = [end == cell for end, source in zip(ends, sources, strict=True) if source == cell]
            # Every operator has five widths for each tensor that it makes, but for what a skip hands on at its stride.
            count *= 4 * 5 ** len(onwards) + 5 ** (len(onwards) - sum(onwards))
        total += count
    return total


@pytest.mark.parametrize("layers", [3, 6])
def test_fasterseg_is_pairs_of_paths(layers: int):
    pairs = sum(fasterseg_ways(layers - 1, (fine, 2)) for fine in (0, 1))
    assert architectures(space("fasterseg", layers=str(layers))) == 5 * 5 * pairs


def test_auto_deeplab_is_paths_over_four_strides():
    ways, cells = [1], (720 * 8**5) ** 2
    for layer in range(1, 5):
        ways = [sum(ways[max(s - 1, 0) : s + 2]) for s in range(min(layer + 1, 4))]
    assert architectures(space("auto_deeplab", layers="5")) == cells * sum(ways)
