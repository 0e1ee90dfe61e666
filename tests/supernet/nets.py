"""Fixtures for tests of the supernet: random nets, forced gates, a plain network to compare with."""

import random
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ssrdsl.space import Graph
from ssrdsl.space.decisions import only
from ssrdsl.space.graph import InputNode, OperatorNode, OutputNode, Port
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from ssrdsl.supernet import Expected, Supernet, node_state, rebuild
from ssrdsl.supernet.expected import ExpectedCosts
from ssrdsl.supernet.resolve import make_application, make_module

Survivors = Mapping[str, tuple[int, ...]]


def fresh(graph: Graph, seed: int = 0, **options) -> Supernet:
    """A supernet in float64 with weights, statistics and gates that differ from their initial values."""
    torch.set_num_threads(1)
    net = Supernet(graph, seed=seed, **options).double()
    generator = torch.Generator().manual_seed(seed)
    for name, value in sorted({**dict(net.named_parameters()), **dict(net.named_buffers())}.items()):
        if value.is_floating_point():
            noise = torch.empty(value.shape, dtype=torch.float64).uniform_(-0.5, 0.5, generator=generator)
            value.data += noise.abs() if name.endswith("running_var") else noise
    return net


def images(graph: Graph, batch: int = 2, seed: int = 1) -> Tensor:
    """A batch for the first input of a graph."""
    channels, height, width = (16 if not isinstance(extent, int) else extent for extent in graph.inputs[0].shapes[0])
    generator = torch.Generator().manual_seed(seed)
    return torch.rand((batch, channels, height, width), generator=generator, dtype=torch.float64) - 0.5


def architecture(graph: Graph, seed: int) -> Survivors:
    """One option for every active decision."""
    return only(Sampler(graph).draw(random.Random(seed)))


def some_survivors(graph: Graph, seed: int, share: float = 0.6) -> Survivors:
    """A random part of the options of every open decision, at least one each."""
    rng = random.Random(seed)
    kept = {}
    for decision in graph.open_decisions:
        indices = [index for index in decision.indices if rng.random() < share]
        kept[decision.name] = tuple(indices) or (rng.choice(decision.indices),)
    return kept


@torch.no_grad()
def force(net: Supernet, survivors: Survivors) -> None:
    """Set the gates of all other options to exactly zero."""
    for (name, index), place in net.gates.layout.places.items():
        if name in survivors and index not in survivors[name]:
            net.gates.alpha[place] = -torch.inf


def decided(graph: Graph, seed: int) -> tuple[Supernet, Supernet, "Plain"]:
    """An architecture in three ways: by gates, by a supernet rebuilt from those weights, and as a plain network."""
    chosen = architecture(graph, seed)
    net = fresh(graph, seed).eval()
    force(net, chosen)
    small = rebuild(net, chosen)
    plain = Plain(graph, chosen)
    plain.load(node_state(small))
    plain.train(False)
    return net, small, plain


def expected_costs(net: Supernet) -> Expected:
    """The expected costs of a supernet at its current gates."""
    return ExpectedCosts(net.graph, net.graph.domains)(net.gates.shares())


def gradient(parameter: Tensor) -> Tensor:
    """The gradient that a backward pass left."""
    assert parameter.grad is not None
    return parameter.grad


class Plain:
    """The network of a graph without open decisions, run node by node from the constructions only."""

    def __init__(self, graph: Graph, survivors: Survivors | None = None) -> None:
        self.graph = restrict(graph, survivors or {})
        assert not self.graph.open_decisions
        self.modules: dict[str, nn.Module] = {}
        self._applications = {}
        for node in self.graph:
            if isinstance(node, OperatorNode):
                construction = node.operator.construct(self.graph.input_shapes(node))
                module = make_module(construction)
                if module is not None:
                    self.modules[node.id] = module.double()
                self._applications[node.id] = make_application(construction)

    def load(self, state: Mapping[str, Mapping[str, Tensor]]) -> None:
        for node, tensors in state.items():
            self.modules[node].load_state_dict(dict(tensors))

    def train(self, mode: bool) -> None:
        for module in self.modules.values():
            module.train(mode)

    def __call__(self, image: Tensor) -> Tensor:
        made: dict[Port, Tensor] = {}
        results = []
        for node in self.graph:
            if isinstance(node, InputNode):
                made[Port(node.id)] = image
            elif isinstance(node, OutputNode):
                results += [] if node.auxiliary else [made[node.inputs[0]]]
            elif isinstance(node, OperatorNode):
                operands = [made[port] for port in node.reads]
                value = self._applications[node.id](self.modules.get(node.id), operands)
                values = value if isinstance(value, tuple) else (value,)
                made.update({Port(node.id, k): each for k, each in enumerate(values)})
            else:
                raise AssertionError(f"{node.id} is left open")
        return results[0]
