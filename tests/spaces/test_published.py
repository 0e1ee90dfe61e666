"""The published network of SSR is an architecture of `realtime.ssr`."""

import json
from pathlib import Path

import pytest
import torch

from ssrdsl.space import Graph, cost, open_space
from ssrdsl.space.architecture import apply, read_architecture
from ssrdsl.supernet import Supernet, load_node_state, node_state

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def point() -> Graph:
    program = open_space(ROOT / "spaces/realtime.ssr", {"classes": "20"})
    return apply(program.graph, read_architecture(ROOT / "examples/published/architecture.json"))


@pytest.fixture(scope="module")
def published() -> Graph:
    return open_space(ROOT / "spaces/ssr_published.ssr").graph


def test_it_has_the_published_cost(point: Graph, published: Graph):
    assert cost.parameters(point) == cost.parameters(published) == 1_022_688
    assert cost.macs(point) == cost.macs(published) == 10_902_301_216


@pytest.mark.parametrize(
    ("example", "space"), [("published", "spaces/realtime.ssr"), ("camvid", "examples/camvid/realtime_small.ssr")]
)
def test_shipped_architectures_are_of_the_shipped_spaces(example: str, space: str):
    record = json.loads((ROOT / "examples" / example / "architecture.json").read_text(encoding="utf-8"))
    assert record["sha256"] == open_space(ROOT / space).sha256


def test_it_gives_the_same_outputs_with_the_same_weights(point: Graph, published: Graph):
    one, other = Supernet(point, seed=1).eval(), Supernet(published, seed=2).eval()
    states = [node_state(net) for net in (one, other)]
    # Both graphs come in the order of the network, so that their nodes with weights match one by one.
    load_node_state(other, dict(zip(states[1], states[0].values(), strict=True)))
    image = torch.randn(1, 3, 64, 128, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(one(image), other(image))
