"""Time a network from the command line. Every emitted file ends with a copy of the code after the imports."""

import argparse
import copy
import re
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils.fusion import fuse_conv_bn_eval


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
