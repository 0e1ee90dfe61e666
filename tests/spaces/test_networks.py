"""Every shipped space compiles without diagnostics, and a network drawn from it is emitted and runs."""

from pathlib import Path
from random import Random

import pytest
import torch
from torch import nn

from ssrdsl.emission import Heading, emit
from ssrdsl.emission import model as planned
from ssrdsl.space import cost, open_space
from ssrdsl.space.decisions import only
from ssrdsl.space.prove import prove
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from tests.spaces.shipped import FOLDER, FOR_SEGMENTATION, SPACES

SMALL = {
    "icnet": {"height": "129", "width": "257"},
    "pspnet_r50": {"height": "97", "width": "97"},
    "deeplabv3_r50": {"height": "97", "width": "97"},
    "spinenet": {"base": "256"},
    "auto_deeplab": {"layers": "5", "height": "128", "width": "256"},
}


def small(path: Path) -> dict[str, str]:
    """Parameters that make a network quick to run."""
    if path.stem in SMALL:
        return SMALL[path.stem]
    return {"height": "128", "width": "256"} if path in FOR_SEGMENTATION else {}


def built(text: str) -> nn.Module:
    namespace: dict[str, object] = {"__name__": "emitted"}
    exec(compile(text, "model.py", "exec"), namespace)
    networks = [made for made in namespace.values() if isinstance(made, type) and issubclass(made, nn.Module)]
    return networks[-1]()


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_a_network_of_the_space_is_emitted_and_runs(path: Path):
    program = open_space(path, small(path))
    assert not prove(program.graph).found
    assignment = Sampler(program.graph).draw(Random(1))
    graph = restrict(program.graph, only(assignment))
    model = built(emit(planned(graph), Heading(path.name, program.sha256))).eval()
    heads = (graph.shape(node.inputs[0]) for node in graph.outputs if not node.auxiliary)
    with torch.inference_mode():
        output = model(torch.zeros(1, *graph.inputs[0].shapes[0]))
    assert tuple(output.shape[1:]) in {tuple(shape)[: output.dim() - 1] for shape in heads}
    assert sum(parameter.numel() for parameter in model.parameters()) == cost.parameters(graph)


@pytest.mark.parametrize("name", SMALL)
def test_nothing_is_found_in_a_large_space_either(name: str):
    assert not prove(open_space(FOLDER / f"{name}.ssr").graph).found
