"""A registered operator works in a file like built-in ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import torch

from ssrdsl.language.source import Source
from ssrdsl.operators import Called, Construction, Operator, Shape, applied, attribute, register, unregister
from ssrdsl.operators.attributes import POSITIVE
from ssrdsl.space import open_source
from ssrdsl.space.graph import OperatorNode
from ssrdsl.supernet import Supernet


@dataclass(frozen=True)
class GroupNorm(Operator):
    """Normalizes groups of channels, whatever the batch."""

    name: ClassVar[str] = "gn"
    groups: int = attribute(4, takes=POSITIVE, positional=True)

    def parameters(self, inputs: tuple[Shape, ...]) -> Any:
        """A scale and a shift for every channel."""
        return 2 * inputs[0].channels

    def construct(self, inputs: tuple[Shape, ...]) -> Construction:
        """`nn.GroupNorm`."""
        return applied(Called("nn.GroupNorm", (self.groups, inputs[0].channels)))


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    register(GroupNorm)
    yield
    unregister(GroupNorm)


def test_registered_operator_in_a_file() -> None:
    text = "space s() {\n  input image: 3, 8, 8\n  output image -> conv(8, 3) -> gn(2) -> relu\n}\n"
    graph = open_source(Source("gn.ssr", text)).graph
    (node,) = (node for node in graph if isinstance(node, OperatorNode) and node.operator.name == "gn")
    assert node.operator == GroupNorm(2)
    net = Supernet(graph, seed=0)
    assert net(torch.zeros(2, 3, 8, 8)).shape == (2, 8, 8, 8)
    assert sum(weights.numel() for weights in net.weights()) == 3 * 8 * 9 + 8 + 16
