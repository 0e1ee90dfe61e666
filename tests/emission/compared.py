"""Compares the emitted file of a space without decisions with the supernet of the same graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ssrdsl.language.source import Source
from ssrdsl.space import Graph, open_source
from ssrdsl.space.prove import prove
from ssrdsl.space.restrict import computed, restrict
from ssrdsl.supernet import NodeState, Supernet, load_node_state, node_state
from tests.emission.networks import emitted


def graph_from(text: str, **overrides: int) -> Graph:
    """The network of a text, with the first option of every decision."""
    settings = {name: str(value) for name, value in overrides.items()}
    space = open_source(Source("space.ssr", text), settings).graph
    prove(space).raise_errors()
    return computed(restrict(space, {name: decision.indices[:1] for name, decision in space.decisions.items()}))


def check_emitted(text: str, sizes: Sequence[tuple[int, int]] = ()) -> nn.Module:
    """Check that file and supernet have the same outputs, also for other values of `height` and `width`.

    Returns the network of the file.
    """
    graph = graph_from(text)
    net = Supernet(graph, seed=1)
    state = varied(node_state(net), torch.Generator().manual_seed(0))
    load_node_state(net, state)
    made, paths = emitted(graph)
    model = made().eval()
    model.load_state_dict(emitted_state(state, paths), strict=True)
    _check_outputs(model, graph, net)
    for height, width in sizes:
        other = graph_from(text, height=height, width=width)
        resized = Supernet(other, seed=1)
        load_node_state(resized, state)
        _check_outputs(model, other, resized)
    return model


def _check_outputs(model: nn.Module, graph: Graph, net: Supernet) -> None:
    generator = torch.Generator().manual_seed(0)
    images = [torch.randn(2, *map(int, node.shapes[0]), generator=generator) for node in graph.inputs]
    with torch.no_grad():
        found, wanted = tensors(model(*images)), tensors(net.eval()(*images))
    shapes = [graph.shape(output.inputs[0]) for output in graph.outputs if not output.auxiliary]
    for one, other, shape in zip(found, wanted, shapes, strict=True):
        assert tuple(one.shape[1:]) == tuple(map(int, shape))[: one.dim() - 1]
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def emitted_state(state: NodeState, paths: Mapping[str, str]) -> dict[str, Tensor]:
    """The `state_dict` of an emitted model; `paths` gives, by node id, the attribute path of the operator's module."""
    return {f"{paths[node]}.{key}": value for node, tensors in state.items() for key, value in tensors.items()}


def varied(state: NodeState, generator: torch.Generator) -> NodeState:
    """Weights and statistics that all differ from the initial ones."""
    for parts in state.values():
        for name, tensor in parts.items():
            if name == "running_var":
                tensor.uniform_(0.5, 1.5, generator=generator)
            elif tensor.is_floating_point():
                tensor += torch.empty_like(tensor).uniform_(-0.1, 0.1, generator=generator)
    return state


def tensors(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)
