"""Fixtures for tests of emission: an architecture of a space, its file, and the network that the file defines."""

import re
from functools import cache
from pathlib import Path
from random import Random

from torch import nn

from ssrdsl.emission import Heading, emit, model, parameter_names
from ssrdsl.space import Graph, open_space
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import computed, restrict
from ssrdsl.space.sample import Sampler

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"


@cache
def graph_of(path: Path, seed: int = 0, **overrides: str) -> Graph:
    """A random architecture of the space of a file."""
    return drawn(open_space(path, overrides).graph, seed)


def drawn(space: Graph, seed: int) -> Graph:
    """A random architecture of a space."""
    return computed(restrict(space, only(Sampler(space).draw(Random(seed)))))


def file_of(graph: Graph, origin: str = "") -> str:
    """The emitted file, with a constant hash in its header."""
    return emit(model(graph), _heading(graph, origin))


def _heading(graph: Graph, origin: str = "") -> Heading:
    return Heading(f"{graph.name}.ssr", "0" * 64, origin=origin)


def emitted(graph: Graph) -> tuple[type[nn.Module], dict[str, str]]:
    """The network of the emitted file, and by node id the attribute path of the operator's module."""
    planned = model(graph)
    return network_class(emit(planned, _heading(graph))), parameter_names(planned)


def classes_of(text: str) -> str:
    """The classes of an emitted file, and the functions before them, without imports and timing."""
    start = re.search(r"^(norm = |def |class )", text, re.MULTILINE)
    assert start is not None
    return text[start.start() : text.index("\n\n\ndef fold_batch_norms(")] + "\n"


def network_class(text: str) -> type[nn.Module]:
    """The network that a file defines: its last class."""
    namespace: dict[str, object] = {"__name__": "emitted"}
    exec(compile(text, "model.py", "exec"), namespace)
    found = [
        made
        for made in namespace.values()
        if isinstance(made, type) and issubclass(made, nn.Module) and made.__module__ == "emitted"
    ]
    return found[-1]
