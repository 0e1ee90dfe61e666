"""Networks of single architectures that are trained in turn, and random paths of a supernet."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from torch import Tensor

from ssrdsl.errors import UserError
from ssrdsl.search.state import State, begin
from ssrdsl.search.strategy import Context
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph
from ssrdsl.space.sample import Sampler


def share(total: int, part: int, parts: int) -> int:
    """Where part `part` begins if `total` things are divided among `parts`."""
    return part * total // parts


def install(state: State, context: Context, survivors: Mapping[str, tuple[int, ...]]) -> None:
    """Replaces the network of the state by a freshly initialised one with only these options left."""
    fresh = begin(
        context.graph, state.net.relaxation, context.schedule.settings, context.seed, context.device, survivors
    )
    state.net, state.weights, state.architecture = fresh.net, fresh.weights, fresh.architecture
    state.survivors = fresh.survivors


def snapshot(state: State) -> dict[str, Any]:
    """The network of the state with its weights, for memory."""
    held = {
        name: value.detach().clone() if isinstance(value, Tensor) else value
        for name, value in state.net.state_dict().items()
    }
    return {"survivors": dict(state.survivors), "net": held}


def restore(state: State, context: Context, taken: Mapping[str, Any]) -> None:
    """Replaces the network of the state by that of a snapshot, with fresh optimizers."""
    install(state, context, taken["survivors"])
    state.net.load_state_dict(taken["net"])


@lru_cache(maxsize=2)
def path_sampler(graph: Graph) -> Sampler:
    """Draws architectures of a graph, every decision uniform, whatever they cost; made once for each graph."""
    return Sampler(graph, bounded=False)


def random_path(graph: Graph, rng: random.Random) -> dict[str, int]:
    """A random architecture of a graph, every active decision uniform, that meets the requirements over decisions."""
    return path_sampler(graph).draw(rng)


def check_input_sizes(strategy: str, graph: Graph, reason: str) -> None:
    """Raises `UserError` where a space decides the size of its input."""
    sizes = [decision.name for decision in graph.open_decisions if decision.dimension is Dimension.INPUT]
    if sizes:
        raise UserError(
            f"`{strategy}` cannot search `{graph.name}`: it decides the size of its input (`{sizes[0]}`), and {reason}",
            help='take "ssr" or "random", which search input sizes, or give the input one size',
        )
