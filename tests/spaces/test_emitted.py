"""Emitted files of all shipped spaces: their figures and shapes, their form, and three golden files."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ssrdsl.space import Graph, cost
from ssrdsl.space.restrict import restrict
from tests.emission.compared import tensors
from tests.emission.networks import drawn, file_of, network_class
from tests.golden import check_golden
from tests.spaces.shipped import FOLDER, SPACES, graph_of

GOLDEN = FOLDER.parent / "tests" / "emission" / "golden"
RULES = "A,B,C4,E,F,FA,I,ISC,PERF,PIE,RET,RUF,SIM,TID,UP,W"


@cache
def shipped(name: str) -> tuple[Graph, str]:
    """A network of a space with its file."""
    graph = drawn(graph_of(name), seed=1)
    return graph, file_of(graph, "Seed 1.")


def unchanged(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    """A batch norm without its arithmetic, which takes half of the time on `meta`, where torch decomposes it."""
    assert x.shape[1] == norm.num_features
    return x


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_figures_and_shapes_are_those_of_the_graph(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nn.BatchNorm2d, "forward", unchanged)
    graph, text = shipped(path.stem)
    made = network_class(text)
    with torch.device("meta"):
        model = made().eval()
        images = [torch.empty(1, *map(int, node.shapes[0])) for node in graph.inputs]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        outputs = tensors(model(*images))
    assert sum(p.numel() for p in model.parameters()) == cost.parameters(graph)
    assert counter.get_total_flops() == 2 * cost.macs(graph)
    heads = [graph.shape(node.inputs[0]) for node in graph.outputs if not node.auxiliary]
    assert [tuple(each.shape[1:]) for each in outputs] == [
        tuple(head)[: each.dim() - 1] for each, head in zip(outputs, heads, strict=True)
    ]


def test_all_files_are_in_the_formatters_form_and_free_of_findings(tmp_path: Path):
    for path in SPACES:
        (tmp_path / f"{path.stem}.py").write_text(shipped(path.stem)[1])
    options = ["--isolated", "--line-length", "120", "--target-version", "py311"]
    for command in (["format", "--diff"], ["check", "--select", RULES]):
        ruff = [sys.executable, "-m", "ruff", *command, *options, str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["ssr_published", "erfnet"])
def test_networks_read_as_kept(name: str):
    graph = restrict(graph_of(name), {})
    check_golden(GOLDEN / f"{name}.py", file_of(graph))


def test_a_sample_reads_as_kept():
    check_golden(GOLDEN / "realtime.py", shipped("realtime")[1])


def test_a_network_can_be_exported():
    model = network_class((GOLDEN / "realtime.py").read_text(encoding="utf-8"))().eval()
    image = torch.rand(1, 3, 32, 64)
    exported = torch.export.export(model, (image,))
    with torch.no_grad():
        torch.testing.assert_close(exported.module()(image), model(image))


def test_the_published_network_has_its_figures():
    model = network_class((GOLDEN / "ssr_published.py").read_text(encoding="utf-8"))()
    assert sum(p.numel() for p in model.parameters()) == 1_022_688


def test_erfnet_has_its_figures_with_and_without_its_head():
    made = network_class((GOLDEN / "erfnet.py").read_text(encoding="utf-8"))
    assert sum(p.numel() for p in made().parameters()) == 2_064_256
    assert sum(p.numel() for p in made(auxiliary=True).parameters()) == 2_066_836
