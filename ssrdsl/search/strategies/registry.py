"""The strategies of search by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ssrdsl.errors import UserError
from ssrdsl.search.strategies.fair_darts import FairDarts
from ssrdsl.search.strategies.paths import Paths
from ssrdsl.search.strategies.pdarts import ProgressiveDarts
from ssrdsl.search.strategies.random import RandomSearch
from ssrdsl.search.strategies.sandwich import Sandwich
from ssrdsl.search.strategies.sdarts import SmoothDarts
from ssrdsl.search.strategies.sgas import Greedy
from ssrdsl.search.strategies.snas import StochasticSearch
from ssrdsl.search.strategies.ssr import SolutionSpaceRegularization
from ssrdsl.search.strategy import Strategy
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.graph import Graph

STRATEGIES: Mapping[str, Callable[[], Strategy]] = {
    "ssr": SolutionSpaceRegularization,
    "darts": Strategy,
    "snas": StochasticSearch,
    "fair_darts": FairDarts,
    "pdarts": ProgressiveDarts,
    "sdarts": SmoothDarts,
    "sgas": Greedy,
    "sandwich": Sandwich,
    "paths": Paths,
    "random": RandomSearch,
}
"""The names are repeated in `ssrdsl.space.settings`, so that checking a file does not load the search."""


def find_strategy(name: str) -> Strategy:
    """The strategy of a name. Raises `UserError` for an unknown name."""
    if name not in STRATEGIES:
        raise UserError(f"unknown search strategy `{name}`", help=f"the strategies are {', '.join(STRATEGIES)}")
    return STRATEGIES[name]()


def default_strategy(graph: Graph) -> str:
    """The name of the default strategy for a space.

    Networks that `paths` found were better than random ones of the same cost, those of `ssr` were not
    (benchmarks/search_quality.md). Where the size of the input is decided, `paths` cannot be used.
    """
    decides_size = any(decision.dimension is Dimension.INPUT for decision in graph.open_decisions)
    return "ssr" if decides_size else "paths"
