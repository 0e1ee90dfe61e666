"""The timing protocol: folded batch norms compute the same; medians of several runs of any length."""

import ast
from importlib import resources
from itertools import cycle
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from ssrdsl.emission.classes.class_names import RESERVED
from ssrdsl.timing import protocol
from ssrdsl.timing.protocol import benchmark, fold_batch_norms


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


def folded_copy(model: nn.Module, image: torch.Tensor) -> nn.Module:
    """A network as it is timed."""
    with torch.inference_mode():
        return fold_batch_norms(model.eval(), [image])


def norm_is_folded(module: nn.Module) -> bool:
    """Whether a batch norm passes its input on."""
    return isinstance(module, nn.BatchNorm2d) and "forward" in vars(module)


def test_folding_keeps_the_function_and_removes_norms_after_convolutions(net: Net):
    image = torch.rand(2, 3, 8, 8)
    folded = folded_copy(net, image)
    with torch.inference_mode():
        torch.testing.assert_close(folded(image), net.eval()(image), rtol=1e-4, atol=1e-5)
    assert sum(map(norm_is_folded, folded.modules())) == 2
    assert not any(map(norm_is_folded, net.modules()))


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
    folded = folded_copy(model, image)
    with torch.inference_mode():
        torch.testing.assert_close(folded(image), model(image))


def test_a_norm_after_an_activation_in_place_is_left_alone(net: Net):
    """The activation returns the very tensor of the convolution."""
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(inplace=True), net.last, nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    image = torch.randn(1, 3, 8, 8)
    folded = folded_copy(model, image)
    with torch.inference_mode():
        torch.testing.assert_close(folded(image), model(image), rtol=1e-4, atol=1e-5)
    assert [norm_is_folded(module) for module in folded.modules() if isinstance(module, nn.BatchNorm2d)] == [
        False,
        True,
    ]


class Timed(nn.Module):
    """A network of two inputs that takes the given seconds of its own clock, in turn."""

    def __init__(self, *seconds: float) -> None:
        super().__init__()
        self.seconds = cycle(seconds)
        self.now = 0.0
        self.inputs: list[torch.Tensor] = []

    def __deepcopy__(self, memo: object) -> "Timed":
        return self

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.now += next(self.seconds)
        self.inputs[:] = x, y
        return x


def timed(model: nn.Module, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The output of a file called with options."""
    monkeypatch.setattr("sys.argv", ["model.py", "--device", "cpu", *options])
    if isinstance(model, Timed):
        monkeypatch.setattr(protocol, "time", SimpleNamespace(perf_counter=lambda: model.now))
    benchmark(model, (3, 8, 8), (1, 4, 4))
    return capsys.readouterr().out


def test_a_slow_network_runs_five_times(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The median is not moved by runs that take far longer."""
    network = Timed(0.3, 0.9, 0.3)
    printed = timed(network, monkeypatch, capsys, "--size", "16x24", "--batch", "2")
    assert printed == "2 x 16x24 float32 on cpu: median 300.000 ms, 5 runs\n"
    assert [tuple(each.shape) for each in network.inputs] == [(2, 3, 16, 24), (2, 1, 8, 12)]


def test_a_fast_network_runs_for_a_second(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    network = Timed(0.03)
    printed = timed(network, monkeypatch, capsys, "--dtype", "bfloat16")
    assert printed == "1 x 8x8 bfloat16 on cpu: median 30.000 ms, 34 runs\n"
    assert [each.dtype for each in network.inputs] == [torch.bfloat16, torch.bfloat16]


def test_a_size_that_the_network_cannot_take_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    class Picky(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x.view(1, 3, 8, 8)

    with pytest.raises(SystemExit, match="error: the network cannot take 9x8: shape"):
        timed(Picky(), monkeypatch, capsys, "--size", "9x8")
    for wrong in (["--size", "16"], ["--size", "0x4"], ["--batch", "0"]):
        with pytest.raises(SystemExit, match="2"):
            timed(Picky(), monkeypatch, capsys, *wrong)
        assert wrong[1] in capsys.readouterr().err


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
    standard = {"argparse", "collections", "copy", "functools", "re", "statistics", "time"}
    assert modules - standard == {"torch", "typing"}


def test_the_text_is_short():
    """The timing code must not dominate an emitted file."""
    text = (resources.files("ssrdsl.timing") / "protocol.py").read_text(encoding="utf-8")
    assert len(text[text.index("def fold_batch_norms") :].splitlines()) <= 60
