"""The classes in the file of a network, and the path of the module of every operator in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from ssrdsl.emission.blocks.block_class import BlockClass, ModulePath, class_of
from ssrdsl.emission.blocks.units import Unit
from ssrdsl.emission.classes.class_names import name_classes
from ssrdsl.emission.classes.grouping import Grouping
from ssrdsl.emission.code.trees import calls
from ssrdsl.emission.instances.instance import Instance
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.space.graph import Graph, OperatorNode
from ssrdsl.space.restrict import computed


@dataclass(slots=True)
class Model:
    """The classes of an emitted file, inner ones first, the network last."""

    graph: Graph
    blocks: list[BlockClass]
    space: BlockClass


def model(graph: Graph) -> Model:
    """Plan the file of a graph without open decisions."""
    graph = computed(graph)
    grouping = Grouping(IndexedNetwork(graph))
    grouping.run()
    space = grouping.space()
    blocks: list[BlockClass] = []
    _collect(space, grouping.by_key, blocks)
    name_classes(space, blocks)
    return Model(graph, blocks, space)


def _collect(made: BlockClass, by_key: dict[str, BlockClass], found: list[BlockClass]) -> None:
    for call in calls(made.constructor()):
        inner = by_key.get(call.target)
        if inner is not None and inner not in found:
            _collect(inner, by_key, found)
            found.append(inner)


def parameter_names(made: Model) -> dict[str, str]:
    """For every operator with weights, by its node id, the path of its module in the emitted network."""
    return {
        node.id: ".".join(map(str, path))
        for node, path in _paths(made.space.instances[0])
        if node.operator.parameters(made.graph.input_shapes(node)) != 0
    }


def _paths(instance: Instance) -> Iterator[tuple[OperatorNode, ModulePath]]:
    """The operators of an instance that have modules, and the paths of these in it."""
    block = class_of(instance)
    for unit in block.units:
        if unit.number not in block.paths:
            continue
        if (node := unit.nodes[instance.index]) is not None:
            yield node, _path_in(instance, unit, 0)
        for turn, child in enumerate(unit.runs[instance.index]):
            own = _path_in(instance, unit, turn)
            yield from ((node, (*own, *path)) for node, path in _paths(child))


def _path_in(instance: Instance, unit: Unit, turn: int) -> ModulePath:
    """The path of a module of a unit inside an instance; `turn` counts the instances of a run.

    Its number is shifted by preceding runs that are longer in this instance.
    """
    block = class_of(instance)
    paths = block.paths[unit.number]
    path, more = (paths[turn], 0) if len(paths) > 1 else (paths[0], turn)
    position = next((i for i, step in enumerate(path) if isinstance(step, int)), None)
    if position is None:
        return path
    number = cast(int, path[position])
    for other in block.units:
        if other.repeats and other is not unit and other.number in block.paths:
            own = block.paths[other.number][0]
            if own[:position] == path[:position] and isinstance(before := own[position], int) and before < number:
                more += len(other.runs[instance.index]) - 1
    return (*path[:position], number + more, *path[position + 1 :])
