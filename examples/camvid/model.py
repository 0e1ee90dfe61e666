"""realtime_small, from realtime_small.ssr (sha256 f78de447), written by ssrdsl 0.1.0.

64,847 parameters, 50.20 MMACs at 3 x 176 x 240. Set: classes=11, height=176, width=240. Found by ssrdsl search in
search, seed 0.

To load weights written by ssrdsl:

    saved = torch.load("model.pt", weights_only=True)
    network = RealtimeSmall()
    network.load_state_dict(saved["state_dict"])

The input is float32 of [N, 3, 176, 240]: RGB in 0..1, minus the mean, divided by the standard deviation, both in
saved["preprocessing"].
"""

import argparse
import copy
import re
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils.fusion import fuse_conv_bn_eval


def match(x, channels):
    """x with its channels cut or zero-padded to the given number."""
    return F.pad(x, (0, 0, 0, 0, 0, channels - x.shape[1]))


def resize(x, like):
    """x resized to the height and width of another tensor."""
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class Reduce(nn.Module):
    """A strided convolution beside a max pooling."""

    def __init__(self, in_channels, c):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, c - in_channels, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(self.bn(torch.cat([self.conv(x), F.max_pool2d(x, 2)], dim=1)))


class Joint(nn.Module):
    """One searched layer.

    Dilation and resolution form one decision of ten options, and every option has weights and channel widths of its
    own.
    """

    def __init__(self, in_channels, mid, out, d, s, drop):
        super().__init__()
        self.out = out
        self.body = nn.Sequential(
            nn.MaxPool2d(s) if s > 1 else nn.Identity(),
            nn.Conv2d(in_channels, mid, (3, 1), padding=(d, 0), dilation=(d, 1)),
            nn.BatchNorm2d(mid),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid, out, (1, 3), padding=(0, d), dilation=(1, d)),
            nn.BatchNorm2d(out),
            nn.Upsample(scale_factor=s, mode="bilinear", align_corners=True) if s > 1 else nn.Identity(),
            nn.Dropout2d(drop) if drop > 0 else nn.Identity(),
        )

    def forward(self, x):
        return F.relu(match(x, self.out) + self.body(x))


class Pyramid(nn.Module):
    def __init__(self, in_channels, c, grids):
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(g), nn.Conv2d(in_channels, c, 1, bias=False), nn.BatchNorm2d(c))
            for g in grids
        )

    def forward(self, x):
        return torch.cat([*(resize(level(x), like=x) for level in self.levels), x], dim=1)


class Aggregate(nn.Module):
    def __init__(self, half_channels, quarter_channels, eighth_channels, classes):
        super().__init__()
        self.detail = nn.Sequential(
            nn.Conv2d(quarter_channels + half_channels, 24, 3, padding=1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(inplace=True),
        )
        self.context = nn.Sequential(
            Pyramid(eighth_channels, 12, grids=(1, 2, 3, 6)),
            nn.Conv2d(eighth_channels + 48, 48, 1, bias=False),
            nn.BatchNorm2d(48),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Sequential(
            nn.Conv2d(72, 48, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU(inplace=True), nn.Conv2d(48, classes, 1)
        )

    def forward(self, half, quarter, eighth):
        detail = self.detail(torch.cat([quarter, F.avg_pool2d(half, 2)], dim=1))
        context = resize(self.context(eighth), like=quarter)
        return self.head(torch.cat([context, detail], dim=1))


class RealtimeSmall(nn.Module):
    """One network of the space realtime_small.

    A smaller sister of spaces/realtime.ssr for studies on a CPU: the same decisions, fewer and narrower layers.
    """

    def __init__(self, classes=11):
        super().__init__()
        self.to_half = Reduce(3, 12)
        self.to_quarter = nn.Sequential(
            Reduce(12, 24), Joint(24, 20, 24, d=1, s=1, drop=0.0), Joint(24, 12, 12, d=1, s=2, drop=0.0)
        )
        self.to_eighth = nn.Sequential(
            Reduce(12, 48),
            Joint(48, 40, 32, d=16, s=2, drop=0.05),
            Joint(32, 48, 40, d=4, s=2, drop=0.05),
            Joint(40, 36, 40, d=2, s=2, drop=0.05),
            Joint(40, 48, 32, d=2, s=2, drop=0.05),
        )
        self.aggregate = Aggregate(12, 12, 32, classes)

    def forward(self, image):
        half = self.to_half(image)
        quarter = self.to_quarter(half)
        eighth = self.to_eighth(quarter)
        return resize(self.aggregate(half, quarter, eighth), like=image)


def fold_batch_norms(model: nn.Module, inputs: list[torch.Tensor]) -> nn.Module:
    """A copy in eval mode with batch norms folded into the convolutions before them, unless results would change."""
    folded, made, pairs = copy.deepcopy(model), dict[int, Any](), list[Any]()

    def watch(module: Any, arguments: Any, output: Any) -> None:
        if not any(module.children()):
            before = made.get(id(arguments[0]), (None,))[0]
            if isinstance(module, nn.BatchNorm2d) and isinstance(before, nn.Conv2d | nn.ConvTranspose2d):
                pairs.append((before, module))
            made[id(output)] = module, output  # keep the output: its id must stay unique

    with register_module_forward_hook(watch):
        expected = folded(*inputs)
    for conv, norm in pairs:
        fused = fuse_conv_bn_eval(conv, norm, transpose=isinstance(conv, nn.ConvTranspose2d))
        conv.weight, conv.bias, norm.forward = fused.weight, fused.bias, lambda x: x
    both = zip(*(x if isinstance(x, tuple) else (x,) for x in (folded(*inputs), expected)), strict=True)
    same = all(torch.allclose(a, b, rtol=1e-2, atol=1e-3 * float(b.abs().max())) for a, b in both)
    return folded if same else copy.deepcopy(model)


@torch.inference_mode()
def benchmark(model: nn.Module, *shapes: tuple[int, int, int]) -> None:
    """Print the median time of a forward pass; `shapes` are channels, height and width of the inputs."""
    devices, parser = ["cpu", "cuda"][: 1 + torch.cuda.is_available()], argparse.ArgumentParser()
    parser.add_argument("--device", default=devices[-1], choices=devices)
    parser.add_argument("--size", default="{1}x{2}".format(*shapes[0]), help="height x width (default: %(default)s)")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float16", "bfloat16"])
    parser.add_argument("--batch", default=1, type=int)
    args = parser.parse_args()
    if not re.fullmatch(r"[1-9]\d*x[1-9]\d*", args.size) or args.batch < 1:
        parser.error(f"--size {args.size} --batch {args.batch}: expected a size such as 512x1024, at least one image")
    cuda, torch.backends.cudnn.benchmark = args.device == "cuda", True
    y, x = (int(side) / old for side, old in zip(args.size.split("x"), shapes[0][1:], strict=True))
    images = [torch.rand(args.batch, c, round(h * y), round(w * x), device=args.device) for c, h, w in shapes]
    try:
        model = fold_batch_norms(model.to(args.device).eval(), images)
    except (RuntimeError, ValueError) as error:
        raise SystemExit(f"error: the network cannot take {args.size}: {str(error).splitlines()[0]}") from error
    layout = torch.channels_last if (graph := cuda and args.dtype != "float32") else torch.contiguous_format
    kind = {"dtype": getattr(torch, args.dtype), "memory_format": layout}
    run, times = partial(model.to(**kind), *(image.to(**kind) for image in images)), list[float]()
    for _ in range(50 if cuda else 2):
        run()
    if graph:
        with torch.cuda.graph(captured := torch.cuda.CUDAGraph()):
            run()
    timed: Callable[[], object] = captured.replay if graph else run
    while len(times) < 5 or sum(times) < 1000:  # milliseconds of single runs
        if cuda:
            marks = [torch.cuda.Event(enable_timing=True) for _ in range(11)]
            for mark in marks:
                timed()
                mark.record()
            torch.cuda.synchronize()
            times += map(torch.cuda.Event.elapsed_time, marks, marks[1:])
        else:
            start, _, end = time.perf_counter(), timed(), time.perf_counter()
            times.append(1000 * (end - start))
    print(f"{args.batch} x {args.size} {args.dtype} on {args.device}: median {median(times):.3f} ms, {len(times)} runs")


if __name__ == "__main__":
    benchmark(RealtimeSmall(), (3, 176, 240))
# Written by ssrdsl emit. The sha256 of the lines above begins with 6e28cb201ef2dec1
