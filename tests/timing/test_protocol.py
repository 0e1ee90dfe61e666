"""The timing protocol: folded batch norms compute the same, figures are counted, times are measured in turns."""

import ast
from collections.abc import Callable
from functools import partial
from importlib import resources

import pytest
import torch
from torch import nn

from ssrdsl.emission.classes.class_names import RESERVED
from ssrdsl.timing.protocol import count_macs, fold_batch_norms, measure, quantile, surroundings, variants


class Net(nn.Module):
    """Convolutions of both kinds before batch norms, one batch norm before, one convolution read twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.BatchNorm2d(3)
        self.down = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.up = nn.Sequential(nn.ConvTranspose2d(6, 4, 2, stride=2), nn.BatchNorm2d(4))
        self.conv = nn.Conv2d(4, 4, 1)
        self.last = nn.BatchNorm2d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv(self.up(self.down(self.first(x))))
        normed: torch.Tensor = self.last(y.relu())
        return normed


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    made = Net()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias)
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    return made


def test_folding_keeps_the_function_and_takes_the_norms_behind_convolutions(net: Net):
    image = torch.rand(2, 3, 8, 8)
    folded = fold_batch_norms(net, [image])
    with torch.no_grad():
        torch.testing.assert_close(folded(image), net.eval()(image), rtol=1e-4, atol=1e-5)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in folded.modules()) == 2
    assert sum(isinstance(module, nn.BatchNorm2d) for module in net.modules()) == 4


def test_a_convolution_that_is_read_twice_is_left_alone(net: Net):
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.bn = nn.Conv2d(3, 4, 1), net.last

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.conv(x)
            total: torch.Tensor = y * 2 + self.bn(y)
            return total

    image, model = torch.rand(1, 3, 8, 8), Twice().eval()
    folded = fold_batch_norms(model, [image])
    with torch.no_grad():
        torch.testing.assert_close(folded(image), model(image))


def test_macs_are_half_of_what_the_flop_counter_says(net: Net):
    down, up, conv = 6 * 3 * 9 * 16, 6 * 4 * 4 * 16, 4 * 4 * 64
    assert count_macs(net, [torch.rand(1, 3, 8, 8)]) == down + up + conv


def test_runs_take_turns_and_all_are_timed(net: Net):
    order: list[str] = []
    runs: dict[str, Callable[[], object]] = {name: partial(order.append, name) for name in ("a", "b")}
    times = measure(runs, cuda=False, seconds=1e-5, warmups=2)
    assert order[:4] == ["a", "a", "b", "b"]
    assert order[4:6] == ["a", "b"]
    assert set(times) == {"a", "b"}
    assert all(time >= 0 for found in times.values() for time in found)


def test_on_a_processor_there_is_one_way_to_run(net: Net):
    image = torch.rand(1, 3, 8, 8)
    runs = variants(net, [image])
    assert list(runs) == ["float32, eager"]
    with torch.inference_mode():
        output = runs["float32, eager"]()
    assert isinstance(output, torch.Tensor)
    torch.testing.assert_close(output, net.eval()(image).detach(), rtol=1e-4, atol=1e-5)
    assert list(variants(net, [image], "bfloat16")) == ["bfloat16, eager"]


def test_quantiles_are_times_that_were_measured():
    times = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert (quantile(times, 0.1), quantile(times, 0.5), quantile(times, 0.9)) == (1.0, 3.0, 5.0)
    assert quantile([7.0], 0.9) == 7.0


def test_surroundings_name_device_and_versions():
    assert torch.__version__ in surroundings(torch.device("cpu"))


def test_emission_keeps_its_classes_off_the_names_of_the_text():
    tree = ast.parse((resources.files("ssrdsl.timing") / "protocol.py").read_text(encoding="utf-8"))
    names = {alias.asname or alias.name for n in tree.body if isinstance(n, ast.ImportFrom) for alias in n.names}
    names |= {
        target.id
        for n in tree.body
        if isinstance(n, ast.Assign)
        for target in n.targets
        if isinstance(target, ast.Name)
    }
    names |= {n.name for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}
    assert {name for name in names if name[0].isupper()} <= set(RESERVED)


def test_the_text_needs_torch_and_the_standard_library_alone():
    tree = ast.parse((resources.files("ssrdsl.timing") / "protocol.py").read_text(encoding="utf-8"))
    modules = {
        (name.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    standard = {"argparse", "collections", "copy", "functools", "itertools", "platform", "re", "subprocess", "time"}
    assert modules - standard == {"torch", "typing"}
