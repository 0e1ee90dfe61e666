"""Graphs for other tools."""

from __future__ import annotations

import io
import json
from typing import Any

import networkx as nx

from ssrdsl.space import open_space
from ssrdsl.space.export import graphml, node_link_json
from tests.space.texts import graph_of

LINES = (
    "y = x -> conv({4, 8})",
    "output concat(select({0..2}, [x -> conv(5), x -> conv(5, 3)]), y -> choose { relu | skip })",
)


def test_node_link_json_is_read_by_networkx():
    graph = graph_of(*LINES)
    held = json.loads(node_link_json(graph))
    network = nx.node_link_graph(held, edges="links")
    assert set(network) == set(graph.network)
    assert network.number_of_edges() == sum(len(node.reads) for node in graph)
    assert network.nodes["y.conv"]["operator"] == "conv"
    assert network.nodes["y.conv"]["shapes"] == [["{4, 8}", 12, 12]]
    assert held["graph"]["decisions"][0] == {
        "name": "y.conv.channels", "dimension": "channel", "kind": "set", "tied": False,
        "options": [{"index": 0, "label": "4"}, {"index": 1, "label": "8"}],
    }  # fmt: skip


def read(text: str) -> Any:
    return nx.node_link_graph(json.loads(text), edges="links")


def test_edges_into_mixtures_have_their_options():
    graph = graph_of(*LINES)
    network = read(node_link_json(graph))
    assert {kind for _, kind in network.nodes(data="type")} == {"input", "operator", "mux", "select", "output"}
    (mux,) = [name for name, kind in network.nodes(data="type") if kind == "mux"]
    options_of = {source: options for source, _, options in network.in_edges(mux, data="options")}
    assert sorted(map(tuple, options_of.values())) == [("relu",), ("skip",)]
    (select,) = [name for name, kind in network.nodes(data="type") if kind == "select"]
    assert all(len(options) == 2 for *_, options in network.in_edges(select, data="options"))


def test_graphml_is_read_by_networkx():
    graph = open_space("spaces/erfnet.ssr").graph
    network = nx.read_graphml(io.BytesIO(graphml(graph).encode()), force_multigraph=True)
    assert set(network) == set(graph.network)
    assert network.nodes["quarter.reduce.conv"]["shapes"] == "13 x 256 x 512"
    assert network.nodes["quarter.reduce.conv"]["operator.stride"] == "2, 2"


def test_the_same_graph_gives_the_same_texts():
    assert node_link_json(graph_of(*LINES)) == node_link_json(graph_of(*LINES))
    assert graphml(graph_of(*LINES)) == graphml(graph_of(*LINES))
