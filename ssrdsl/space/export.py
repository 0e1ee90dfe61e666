"""The space graph for other tools: node-link JSON and GraphML, through networkx."""

from __future__ import annotations

import io
import json
from typing import Any

import networkx as nx
from networkx.readwrite import json_graph
from networkx.readwrite.graphml import write_graphml_xml

from ssrdsl.language.width import visible
from ssrdsl.space.arguments import plain
from ssrdsl.space.decided import attributes
from ssrdsl.space.decisions import Decision
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Port, Select


def node_link_json(graph: Graph) -> str:
    """Nodes, links and decisions as one JSON object, as networkx's `node_link_graph` reads it (`edges="links"`)."""
    found = json_graph.node_link_data(annotated(graph), edges="links")
    found["graph"]["decisions"] = [_decision(decision) for decision in graph.decisions.values()]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def graphml(graph: Graph) -> str:
    """The graph as GraphML (yEd, Gephi, Cytoscape); attributes are text and integers."""
    network = nx.relabel_nodes(annotated(graph), visible)
    network.graph = {name: _flat(value) for name, value in network.graph.items()}
    for *_, held in (*network.nodes(data=True), *network.edges(data=True)):
        held.update({name: _flat(value) for name, value in held.items()})
    written = io.BytesIO()
    write_graphml_xml(network, written)
    return written.getvalue().decode("utf-8") + "\n"


def annotated(graph: Graph) -> nx.MultiDiGraph[str]:
    """The nodes and the edges from producers to consumers, with plain attributes.

    Edges for which only a shape is read have `data=False`; one into a mixture has the options that it feeds.
    """
    network = graph.network.copy()
    for node in graph:
        held = network.nodes[node.id]
        held.clear()
        held.update(_attributes(graph, node))
    for producer, reader, edge in network.edges(data=True):
        node = graph[reader]
        if isinstance(node, (Mux, Select)):
            edge["options"] = _options(graph, node, Port(producer, edge["index"]))
    return network


def _options(graph: Graph, node: Mux | Select, port: Port) -> list[str]:
    """The labels of the options of a mixture that take a tensor."""
    labels = graph.decisions[node.decision].labels
    branches = [(index, (target,) if isinstance(target, Port) else target) for index, target in node.branches]
    return [labels[index] for index, ports in branches if index in labels and port in ports]


def _attributes(graph: Graph, node: GraphNode) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": type(node).__name__.removesuffix("Node").lower(),
        "scope": node.scope,
        "line": node.span.line,
        "shapes": [plain(shape) for shape in node.shapes],
    }
    if isinstance(node, OperatorNode):
        found["operator"] = node.operator.name
        for name, value in attributes(node.operator).items():
            found[f"operator.{name}"] = plain(value)
    elif isinstance(node, (Mux, Select)):
        found["decision"] = node.decision
        found["dimension"] = graph.decisions[node.decision].dimension.value
    elif isinstance(node, (InputNode, OutputNode)):
        found["name"] = node.name
        if isinstance(node, OutputNode):
            found["auxiliary"] = node.auxiliary
    return found


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "name": decision.name,
        "dimension": decision.dimension.value,
        "kind": decision.kind.value,
        "tied": decision.tied,
        "options": [{"index": option.index, "label": option.label} for option in decision.options],
    }


def _flat(value: Any) -> Any:
    """A value for GraphML: without lists, missing values and control characters."""
    if isinstance(value, list):
        texts = (" x ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)
        return visible(", ".join(texts))
    if value is None:
        return ""
    return value if isinstance(value, (bool, int, float)) else visible(str(value))
