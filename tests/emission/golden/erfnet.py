"""erfnet, from erfnet.ssr (sha256 00000000), written by ssrdsl 0.1.0.

2,064,256 parameters, 26.61 GMACs at 3 x 512 x 1024.

To load weights written by ssrdsl:

    saved = torch.load("model.pt", weights_only=True)
    network = Erfnet()
    network.load_state_dict(saved["state_dict"])

The input is float32 of [N, 3, 512, 1024]: RGB in 0..1, minus the mean, divided by the standard deviation, both in
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

norm = partial(nn.BatchNorm2d, eps=1e-3)


class Reduce(nn.Module):
    """A strided convolution and a max pooling."""

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
    benchmark(Erfnet(), (3, 512, 1024))
# Written by ssrdsl emit. The sha256 of the lines above begins with b7eee62643769757
