"""erfnet, from erfnet.ssr (sha256 00000000), written by ssrdsl 0.1.0.

2,064,256 parameters, 26.61 GMACs at 3 x 512 x 1024.
"""

import argparse
import copy
import itertools
import platform
import re
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.flop_counter import FlopCounterMode

norm = partial(nn.BatchNorm2d, eps=1e-3)


class Reduce(nn.Module):
    """A strided convolution beside a max pooling."""

    def __init__(self, in_channels, c):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, c - in_channels, 3, stride=2, padding=1)
        self.bn = norm(c)

    def forward(self, x):
        return F.relu(self.bn(torch.cat([self.conv(x), F.max_pool2d(x, 2)], dim=1)))


class NonBottleneck(nn.Module):
    """Two pairs of 3x1 and 1x3 convolutions, the second pair dilated."""

    def __init__(self, c, dilation=1, drop=0.0):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(c, c, (3, 1), padding=(1, 0)),
            nn.ReLU(inplace=True),
            nn.Conv2d(c, c, (1, 3), padding=(0, 1)),
            norm(c),
            nn.ReLU(inplace=True),
            nn.Conv2d(c, c, (3, 1), padding=(dilation, 0), dilation=(dilation, 1)),
            nn.ReLU(inplace=True),
            nn.Conv2d(c, c, (1, 3), padding=(0, dilation), dilation=(1, dilation)),
            norm(c),
            nn.Dropout2d(drop) if drop > 0 else nn.Identity(),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


class Enlarge(nn.Sequential):
    """Doubles the extent."""

    def __init__(self, in_channels, c):
        super().__init__(
            nn.ConvTranspose2d(in_channels, c, 3, stride=2, padding=1, output_padding=1), norm(c), nn.ReLU(inplace=True)
        )


class Erfnet(nn.Module):
    def __init__(self, classes=20, auxiliary=False):
        super().__init__()
        self.auxiliary = auxiliary
        self.quarter = nn.Sequential(Reduce(3, 16), Reduce(16, 64), *(NonBottleneck(64, drop=0.03) for _ in range(5)))
        self.eighth = nn.Sequential(
            Reduce(64, 128),
            NonBottleneck(128, dilation=2, drop=0.3),
            NonBottleneck(128, dilation=4, drop=0.3),
            NonBottleneck(128, dilation=8, drop=0.3),
            NonBottleneck(128, dilation=16, drop=0.3),
            NonBottleneck(128, dilation=2, drop=0.3),
            NonBottleneck(128, dilation=4, drop=0.3),
            NonBottleneck(128, dilation=8, drop=0.3),
            NonBottleneck(128, dilation=16, drop=0.3),
        )
        self.head = nn.Sequential(
            Enlarge(128, 64),
            NonBottleneck(64),
            NonBottleneck(64),
            Enlarge(64, 16),
            NonBottleneck(16),
            NonBottleneck(16),
            nn.ConvTranspose2d(16, classes, 2, stride=2),
        )
        if auxiliary:
            self.encoder_head = nn.Conv2d(128, classes, 1)

    def forward(self, image):
        quarter = self.quarter(image)
        eighth = self.eighth(quarter)
        output = self.head(eighth)
        if self.auxiliary and self.training:
            return output, {"encoder": self.encoder_head(eighth)}
        return output


Run = Callable[[], object]


def fold_batch_norms(model: nn.Module, inputs: list[torch.Tensor]) -> nn.Module:
    """A copy in eval mode in which every batch norm right behind a convolution is a part of it.

    Where something else reads such a convolution, too, folding would change the function, and nothing is folded.
    """
    plain, folded = copy.deepcopy(model).eval(), copy.deepcopy(model).eval()
    behind: dict[int, Any] = {}
    pairs: dict[nn.Module, Any] = {}

    def watch(module: Any, arguments: Any, output: Any) -> None:
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            behind[id(output)] = module, output  # kept, so that no later tensor has its id
        elif isinstance(module, nn.BatchNorm2d) and id(arguments[0]) in behind:
            pairs[module] = behind[id(arguments[0])][0], module

    hooks = [module.register_forward_hook(watch) for module in folded.modules()]
    with torch.inference_mode():
        expected = folded(*inputs)
    for hook in hooks:
        hook.remove()
    for parent in list(folded.modules()):
        for name, child in list(parent.named_children()):
            if child in pairs:
                conv, norm = pairs[child]
                fused = fuse_conv_bn_eval(conv, norm, transpose=isinstance(conv, nn.ConvTranspose2d))
                conv.weight, conv.bias = fused.weight, fused.bias
                setattr(parent, name, nn.Identity())
    with torch.inference_mode():
        results = zip(*(x if isinstance(x, tuple) else (x,) for x in (folded(*inputs), expected)), strict=True)
        same = all(torch.allclose(a, b, rtol=1e-2, atol=1e-3 * float(b.abs().max())) for a, b in results)
    return folded if same else plain


def graphed(model: nn.Module, inputs: list[torch.Tensor]) -> Run:
    """The network as a CUDA graph: one launch in place of hundreds."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            model(*inputs)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = model(*inputs)

    def run() -> object:
        graph.replay()
        return model, inputs, output  # whose memory the graph uses

    return run


@torch.inference_mode()
def variants(model: nn.Module, inputs: list[torch.Tensor], dtype: str | None = None) -> dict[str, Run]:
    """The ways to run a network, by name: as it is; on CUDA also in 16 bits with channels last, as a CUDA graph."""
    folded = fold_batch_norms(model, inputs)
    cuda = inputs[0].is_cuda
    runs: dict[str, Run] = {}
    for name in [dtype] if dtype else ["float32", "float16"] if cuda else ["float32"]:
        kind = getattr(torch, name)
        graph = cuda and kind.itemsize == 2
        layout = torch.channels_last if graph else torch.contiguous_format
        given = [image.to(dtype=kind, memory_format=layout) for image in inputs]
        cast: Any = copy.deepcopy(folded)
        cast.to(dtype=kind, memory_format=layout)
        if graph:
            runs[f"{name}, channels last, CUDA graph"] = graphed(cast, given)
        else:
            runs[f"{name}, eager"] = partial(cast, *given)
    return runs


def burst(run: Run, cuda: bool, count: int) -> list[float]:
    """Milliseconds of runs one after the other."""
    marks: list[Any] = []
    for index in range(count + 1):
        if index:
            run()
        marks.append(torch.cuda.Event(enable_timing=True) if cuda else 1000 * time.perf_counter())
        if cuda:
            marks[-1].record()
    if cuda:
        torch.cuda.synchronize()
    return [before.elapsed_time(after) if cuda else after - before for before, after in itertools.pairwise(marks)]


@torch.inference_mode()
def measure(runs: dict[str, Run], cuda: bool, seconds: float, warmups: int) -> dict[str, list[float]]:
    """Milliseconds of every single run, in turns, until each has run for `seconds`."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        burst(run, cuda, warmups)
    while min(map(sum, times.values())) < 1000 * seconds:
        for name, run in runs.items():
            times[name] += burst(run, cuda, 10 if cuda else 1)
    return times


def quantile(times: list[float], share: float) -> float:
    """The time below which a share of the times lie."""
    return sorted(times)[min(int(share * len(times)), len(times) - 1)]


def count_macs(model: nn.Module, inputs: list[torch.Tensor]) -> int:
    """Multiply-accumulate operations of a forward pass; the flop counter takes each for two."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    return int(counter.get_total_flops()) // 2


def surroundings(device: torch.device) -> str:
    """The device with its driver and clocks, and the versions."""
    versions = f"PyTorch {torch.__version__}, Python {platform.python_version()}"
    if device.type != "cuda":
        return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads; {versions}"
    query = ["nvidia-smi", "--query-gpu=driver_version,clocks.sm,clocks.mem", "--format=csv,noheader"]
    try:
        answers = subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        answers = []
    driver = f"driver, clocks: {answers[0]}" if answers else "driver and clocks unknown"
    tf32 = "on" if torch.backends.cudnn.allow_tf32 else "off"
    cuda = f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, TF32 {tf32}"
    return f"{torch.cuda.get_device_name(device)}, {driver}; {versions}, {cuda}"


def parsed(name: str, shapes: tuple[tuple[int, int, int], ...]) -> argparse.Namespace:
    """The options of the command line, checked; `size` as two numbers."""
    parser = argparse.ArgumentParser(description=f"Times {name}.")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("--size", default="x".join(map(str, shapes[0][1:])), help="height x width (%(default)s)")
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], help="one kind of numbers alone")
    parser.add_argument("--batch", type=int, default=1, help="images at a time (%(default)s)")
    options = parser.parse_args()
    size = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", options.size)
    if size is None:
        parser.error(f"--size {options.size}: write it as HxW, such as 512x1024")
    if options.batch < 1:
        parser.error(f"--batch {options.batch}: at least one image")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: PyTorch finds no CUDA device here; try --device cpu")
    options.scale = [int(extent) / first for extent, first in zip(size.groups(), shapes[0][1:], strict=True)]
    return options


def benchmark(model: nn.Module, *shapes: tuple[int, int, int]) -> None:
    """Times a network from the command line; `shapes` are those of its inputs: channels, height, width."""
    name = type(model).__name__
    options = parsed(name, shapes)
    device, (down, across) = torch.device(options.device), options.scale
    cuda = device.type == "cuda"
    torch.backends.cudnn.benchmark = True
    model = model.to(device).eval()
    inputs = [torch.rand(options.batch, c, round(h * down), round(w * across), device=device) for c, h, w in shapes]
    try:
        macs = count_macs(model, inputs) / options.batch
    except RuntimeError as error:
        raise SystemExit(f"error: {name} cannot take {options.size}: {str(error).splitlines()[0]}") from error
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{name}: {parameters:,} parameters, {macs / 1e9:.3f} GMACs ({macs / 5e8:.3f} GFLOPs) an image")
    print(f"{options.batch} x {options.size} on {surroundings(device)}")
    runs = variants(model, inputs, options.dtype)
    for way, times in measure(runs, cuda, seconds=3 if cuda else 1, warmups=50 if cuda else 3).items():
        low, middle, high = (quantile(times, share) for share in (0.1, 0.5, 0.9))
        rate = 1000 * options.batch / middle
        print(f"{way}: median {middle:.3f} ms (p10 {low:.3f}, p90 {high:.3f}, {len(times)} runs), {rate:.1f} images/s")


if __name__ == "__main__":
    benchmark(Erfnet(), (3, 512, 1024))
