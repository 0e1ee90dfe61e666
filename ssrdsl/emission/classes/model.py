"""The classes in the file of a network."""

from __future__ import annotations

from dataclasses import dataclass

from ssrdsl.emission.classes.class_names import name_classes
from ssrdsl.emission.classes.grouping import Grouping
from ssrdsl.emission.code.trees import calls
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.instances.near_zeros import with_near_zeros
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.space.graph import Graph
from ssrdsl.space.restrict import computed


@dataclass(slots=True)
class Model:
    """The classes of an emitted file, inner ones first, the network last."""

    graph: Graph
    """The network as it is emitted, before almost zero tensors are replaced."""
    network: IndexedNetwork
    space: BlockClass
    blocks: list[BlockClass]
    holders: dict[str, BlockClass]
    """The class of every scope that has one."""

    @property
    def classes(self) -> list[BlockClass]:
        """All classes in the order of the file."""
        return [*self.blocks, self.space]


def model(graph: Graph) -> Model:
    """Plan the file of a graph without open decisions."""
    graph = computed(graph)
    network = IndexedNetwork(with_near_zeros(graph))
    grouping = Grouping(network)
    grouping.run()
    space = grouping.space()
    blocks: list[BlockClass] = []
    _collect(space, grouping.by_key, blocks)
    name_classes(space, blocks, grouping.wrappers)
    return Model(graph, network, space, blocks, grouping.classes | {"": space})


def _collect(made: BlockClass, by_key: dict[str, BlockClass], found: list[BlockClass]) -> None:
    for call in calls(made.constructor()):
        inner = by_key.get(call.target)
        if inner is not None and inner not in found:
            _collect(inner, by_key, found)
            found.append(inner)
