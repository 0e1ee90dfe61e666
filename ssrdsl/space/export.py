"""The space graph for other tools: node-link JSON and GraphML, through networkx."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ssrdsl.language.width import visible
from ssrdsl.space.decisions import Decision
from ssrdsl.space.expressions import Decided, describe
from ssrdsl.space.graph import Graph, GraphNode, InputNode, Mux, OperatorNode, OutputNode, Port, Select

if TYPE_CHECKING:
    import networkx as nx


def node_link_json(graph: Graph) -> str:
    """Nodes, links and decisions as one JSON object, as networkx's `node_link_graph` reads it (`edges="links"`)."""
    from networkx.readwrite import json_graph

    found = json_graph.node_link_data(annotated(graph), edges="links")
    found["graph"]["decisions"] = [_decision(decision) for decision in graph.decisions.values()]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def graphml(graph: Graph) -> str:
    """The graph as GraphML (yEd, Gephi, Cytoscape); attributes are text and integers."""
    import networkx as nx
    from networkx.readwrite.graphml import write_graphml_xml

    network = nx.relabel_nodes(annotated(graph), visible)
    network.graph = {name: _flat(value) for name, value in network.graph.items()}
    for *_, attributes in (*network.nodes(data=True), *network.edges(data=True)):
        attributes.update({name: _flat(value) for name, value in attributes.items()})
    written = io.BytesIO()
    write_graphml_xml(network, written)
    return written.getvalue().decode("utf-8") + "\n"


def annotated(graph: Graph) -> nx.MultiDiGraph[str]:
    """The network with plain attributes of nodes; an edge has the branch of a mixture that it feeds."""
    network = graph.network.copy()
    for node in graph:
        network.nodes[node.id].update(_attributes(graph, node))
    for node in graph:
        if isinstance(node, (Mux, Select)):
            _label_branches(graph, network, node)
    return network


def _label_branches(graph: Graph, network: nx.MultiDiGraph[str], node: Mux | Select) -> None:
    labels = graph.decisions[node.decision].labels
    branches = [(index, (target,) if isinstance(target, Port) else target) for index, target in node.branches]
    for port in node.inputs:
        taken = [labels[index] for index, ports in branches if index in labels and port in ports]
        for attributes in network[port.node][node.id].values():
            if attributes["index"] == port.index:
                attributes["options"] = taken


def _attributes(graph: Graph, node: GraphNode) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": type(node).__name__.removesuffix("Node").lower(),
        "scope": node.scope,
        "line": node.span.line,
        "shapes": [_plain(shape) for shape in node.shapes],
    }
    if isinstance(node, OperatorNode):
        found["operator"] = node.operator.name
        for item in fields(node.operator):
            found[f"operator.{item.name}"] = _plain(getattr(node.operator, item.name))
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


def _plain(value: Any) -> Any:
    """A value for JSON: fractions and expressions over decisions as text."""
    if isinstance(value, (Decided, Fraction)):
        return describe(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _flat(value: Any) -> Any:
    """A value for GraphML: without lists, missing values and control characters."""
    if isinstance(value, list):
        texts = (" x ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)
        return visible(", ".join(texts))
    if value is None:
        return ""
    return value if isinstance(value, (bool, int, float)) else visible(str(value))
