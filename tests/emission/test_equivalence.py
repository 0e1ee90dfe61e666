"""The emitted file is the network that the graph describes: parameters, MACs, outputs.

20 random architectures by default; 200 if `SSRDSL_FUZZ` is set.
"""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import torch

from ssrdsl.emission import Heading, emit, model, parameter_names
from ssrdsl.language.source import Source
from ssrdsl.space import Graph, Program, cost, open_source, open_space
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import computed, restrict
from ssrdsl.space.sample import Sampler
from ssrdsl.supernet import Supernet, node_state
from ssrdsl.timing.macs import count_macs
from tests.emission.compared import emitted_state
from tests.emission.networks import emitted

ROOT = Path(__file__).parents[2]
SMALL = {"classes": "3", "height": "32", "width": "64"}
DRAWN = 200 if "SSRDSL_FUZZ" in os.environ else 20


@pytest.fixture(scope="module")
def realtime() -> Program:
    return open_space(ROOT / "spaces/realtime.ssr", SMALL)


def drawn(program: Program, seed: int, by: str = "decisions") -> Graph:
    assignment = Sampler(program.graph, by).draw(Random(seed))
    return restrict(program.graph, only(assignment))


@pytest.mark.parametrize("seed", range(4))
def test_random_architectures_cost_what_the_graph_says(realtime: Program, seed: int):
    sampler, rng = Sampler(realtime.graph, "decisions"), Random(seed)
    for _ in range(DRAWN // 4):
        assignment = sampler.draw(rng)
        graph = restrict(realtime.graph, only(assignment))
        model = emitted(graph)[0]()
        assert sum(parameter.numel() for parameter in model.parameters()) == cost.parameters(graph), assignment
        assert count_macs(model, [torch.zeros(1, 3, 32, 64)]) == cost.macs(graph), assignment


def test_the_file_alone_gives_the_outputs_of_the_supernet(realtime: Program, tmp_path: Path):
    for by in ("decisions", "architectures"):
        write_files(drawn(realtime, 7, by), tmp_path / by)
    done = subprocess.run([sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [float(line) <= 1e-5 for line in done.stdout.split()] == [True, True]


def write_files(graph: Graph, folder: Path) -> None:
    """Write the file of a network, its weights, and outputs of its supernet."""
    folder.mkdir()
    supernet = Supernet(graph, seed=3)
    images = torch.randn(4, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    supernet(images)  # one pass in training mode, so that the statistics of the batch norms are not those of the start
    supernet.eval()
    with torch.no_grad():
        torch.save({"images": images, "outputs": supernet(images)}, folder / "expected.pt")
    planned = model(graph)
    (folder / "model.py").write_text(emit(planned, Heading("space.ssr", "0" * 64)))
    torch.save(emitted_state(node_state(supernet), parameter_names(planned)), folder / "weights.pt")


ALONE = """
import runpy
import sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "ssrdsl":
            raise ImportError("an emitted file needs torch alone")

sys.meta_path.insert(0, Refuse())
import torch

for folder in Path(sys.argv[1]).iterdir():
    network = runpy.run_path(str(folder / "model.py"))["Realtime"]()
    network.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
    expected = torch.load(folder / "expected.pt", weights_only=True)
    with torch.no_grad():
        outputs = network.eval()(expected["images"])
    print(float((outputs - expected["outputs"]).abs().max()))
"""


def test_a_network_without_operators_hands_its_inputs_on():
    text = "space s {\n  input a: 3, 4, 6\n  input b: 3, 4, 6\n  output b\n  output a -> repeat(relu, 0)\n}\n"
    model = emitted(open_source(Source("s.ssr", text)).graph)[0]()
    one, other = torch.rand(1, 3, 4, 6), torch.rand(1, 3, 4, 6)
    assert model(one, other)[0] is other
    assert model(one, other)[1] is one


def test_what_only_zeros_read_is_neither_written_nor_counted():
    text = "space s {\n  input x: 3, 4, 6\n  y = x -> conv(3) -> choose { zero | skip }\n  output add(x, y)\n}\n"
    graph = restrict(open_source(Source("s.ssr", text)).graph, {"y.choose": (0,)})
    made, paths = emitted(graph)
    net, model = Supernet(graph, seed=0).eval(), made().eval()
    assert paths == model.state_dict() == {}
    assert (cost.macs(graph), cost.macs(computed(graph)), cost.parameters(computed(graph))) == (0, 0, 0)
    x = torch.rand(1, 3, 4, 6)
    assert torch.equal(net(x), x)
    assert torch.equal(model(x), x)


def test_one_file_serves_other_sizes(realtime: Program):
    network = emitted(drawn(realtime, 1))[0]().eval()
    with torch.no_grad():
        for size in (32, 64), (64, 64), (96, 160):
            assert network(torch.zeros(2, 3, *size)).shape == (2, 3, *size)


def test_a_target_that_nothing_else_reads_leaves_its_extents():
    text = """
space s {
  input image: 3, 32, 64
  output image -> maxpool(2) -> resize(image -> conv(8))
}
"""
    graph = restrict(open_source(Source("s.ssr", text)).graph, {})
    assert emitted(graph)[0]()(torch.zeros(1, 3, 32, 64)).shape == (1, 3, 32, 64)


@pytest.mark.parametrize("taken", [0, 1])
def test_a_target_that_is_not_computed_leaves_its_extent(taken: int):
    """Only the shape of `fine` is read where the other branch is chosen."""
    text = """
use std
space s {
  input image: 3, 32, 64
  half = image -> conv_bn_relu(8, 3, stride=2)
  fine = half -> conv(8, 3)
  deep = half -> conv(8, 3, stride=2)
  output select(1, [fine, deep -> resize(fine)])
}
"""
    graph = open_source(Source("s.ssr", text)).graph
    chosen = restrict(graph, dict.fromkeys(graph.decisions, (taken,)))
    supernet = Supernet(chosen, seed=1).eval()
    made, paths = emitted(chosen)
    model = made().eval()
    model.load_state_dict(emitted_state(node_state(supernet), paths))
    images = torch.randn(2, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert model(images).shape == (2, 8, 16, 32)
        torch.testing.assert_close(model(images), supernet(images))
