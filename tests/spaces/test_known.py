"""Networks whose figures are known from their authors or from torchvision are points of the shipped spaces."""

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path

import pytest

from ssrdsl.space import Graph, cost, open_space
from ssrdsl.space.restrict import restrict
from ssrdsl.space.size import architectures

FOLDER = Path(__file__).parents[2] / "spaces"
OPERATORS = ["sep3", "sep5", "dil3", "dil5", "max3", "avg3", "pass"]
CIFAR = {"c": "36", "layers": "20"}
POOLED = 2 * (72 + 144)
"""Parameters of a batch norm behind one pooling of both reduction cells, at c=36: the authors' have none."""

Cell = list[dict[int, str]]
"""For every node of a cell, the inputs that it keeps with their operators."""


def space(name: str, **overrides: str) -> Graph:
    return open_space(FOLDER / f"{name}.ssr", overrides).graph


def whole(graph: Graph, taken: Mapping[str, int]) -> Graph:
    network = restrict(graph, {name: (index,) for name, index in taken.items()})
    assert not network.open_decisions
    return network


def labelled(graph: Graph, name: str, label: str) -> int:
    (index,) = (option.index for option in graph.decisions[name].options if option.label == label)
    return index


@pytest.mark.parametrize(
    ("width", "depth", "count"),
    [
        ("1", "1", 5_288_548),
        ("1", "1.1", 7_794_184),
        ("1.1", "1.2", 9_109_994),
        ("1.2", "1.4", 12_233_232),
        ("1.4", "1.8", 19_341_616),
        ("1.6", "2.2", 30_389_784),
        ("1.8", "2.6", 43_040_704),
        ("2", "3.1", 66_347_960),
    ],
)
def test_efficientnets_b0_to_b7(width: str, depth: str, count: int):
    assert cost.parameters(space("efficientnet", width=width, depth=depth)) == count


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
