"""Channels of a network that `zero` fills, and what the layers that read them spend on them.

A `zero` that won in a search leaves a sum, but not a `concat`: the layers behind it have weights for its channels, and
the network computes what the supernet computed. So the channels stay, and their cost is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ssrdsl.space import activity
from ssrdsl.space.cost import node_macs
from ssrdsl.space.graph import Graph, Node, OperatorNode


class ZeroChannels(NamedTuple):
    """The `zeros` of the `channels` of a `concat` that are zeros, and the MACs of the layers that read it for them."""

    concat: OperatorNode
    zeros: int
    channels: int
    macs: int


def zero_channels(graph: Graph) -> Iterator[ZeroChannels]:
    """Every `concat` with zeros in it, where its readers spend MACs on them; of a network as it is emitted.

    A reader is the first layer with weights for channels, behind layers that cost nothing and keep the channels.
    """
    nodes = activity.network_nodes(graph)
    for node in graph:
        if not isinstance(node, OperatorNode) or node.operator.name != "concat" or node.id not in nodes:
            continue
        zeros: Any = sum(graph.shape(port).channels for port in node.inputs if _is_zero(graph[port.node]))
        channels: Any = node.shapes[0].channels
        if zeros:
            macs: Any = sum(node_macs(graph, reader) for reader in _readers(graph, node) if reader.id in nodes)
            if macs:
                yield ZeroChannels(node, zeros, channels, macs * zeros // channels)


def _is_zero(node: Node) -> bool:
    return isinstance(node, OperatorNode) and not node.operator.reads_data


def _readers(graph: Graph, concat: OperatorNode) -> Iterator[Node]:
    """The layers that cost something and read the channels of a `concat`."""
    stack: list[Node] = [concat]
    while stack:
        for reader in graph.consumers[stack.pop().id]:
            if not isinstance(reader, OperatorNode) or len(reader.inputs) != 1:
                continue
            if node_macs(graph, reader):
                yield reader
            elif reader.shapes[0].channels == concat.shapes[0].channels:
                stack.append(reader)
