"""Spaces used by several tests of the search."""

from itertools import product
from pathlib import Path

import pytest

from ssrdsl.space import activity, cost, open_space
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import restrict
from tests.search.spaces import tiny


@pytest.fixture(scope="session")
def streets():
    return open_space(Path("examples/demo/streets.ssr"), {}).graph


def active_of(graph, taken):
    return activity.walk(graph, lambda decision: taken[decision.name]).assignment


@pytest.fixture(scope="session")
def costs_of_tiny():
    """The costs of all architectures of the tiny space."""
    graph = tiny().graph
    found = {}
    for taken in product(*(decision.indices for decision in graph.decisions.values())):
        active = active_of(graph, dict(zip(graph.decisions, taken, strict=True)))
        left = restrict(graph, only(active))
        found[tuple(sorted(active.items()))] = {"macs": cost.macs(left), "parameters": cost.parameters(left)}
    return list(found.values())
