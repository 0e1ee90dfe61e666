"""Channels of a network filled by `zero`, and their cost in the layers that read them.

A `zero` chosen by a search is removed from a sum, but not from a `concat`: the next layers have weights for its
channels, and the network must compute the function of the supernet. So the channels are kept, and their cost is
reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ssrdsl.space import activity
from ssrdsl.space.cost import node_cost
from ssrdsl.space.graph import Graph, GraphNode, OperatorNode


class ZeroChannels(NamedTuple):
    """A `concat` with `channels` of which `zeros` are zeros, and the MACs that its readers spend on them."""

    concat: OperatorNode
    zeros: int
    channels: int
    macs: int


def zero_channels(graph: Graph) -> Iterator[ZeroChannels]:
    """Every `concat` with zeros on which its readers spend MACs; of a network as emitted.

    A reader is the first layer with weights for channels, after layers without cost that keep the channels.
    """
    nodes = activity.network_nodes(graph)
    for node in graph:
        if not isinstance(node, OperatorNode) or node.operator.name != "concat" or node.id not in nodes:
            continue
        zeros: Any = sum(graph.shape(port).channels for port in node.inputs if activity.is_zero(graph[port.node]))
        channels: Any = node.shapes[0].channels
        if zeros:
            macs: Any = sum(node_cost(graph, reader, "macs") for reader in _readers(graph, node) if reader.id in nodes)
            if macs:
                yield ZeroChannels(node, zeros, channels, macs * zeros // channels)


def _readers(graph: Graph, concat: OperatorNode) -> Iterator[GraphNode]:
    """The layers with costs that read the channels of a `concat`."""
    stack: list[GraphNode] = [concat]
    while stack:
        for reader in graph.consumers[stack.pop().id]:
            if not isinstance(reader, OperatorNode) or len(reader.inputs) != 1:
                continue
            if node_cost(graph, reader, "macs"):
                yield reader
            elif reader.shapes[0].channels == concat.shapes[0].channels:
                stack.append(reader)
