"""Count the multiply-accumulate operations of a network."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_macs(model: nn.Module, inputs: list[torch.Tensor]) -> int:
    """The multiply-accumulate operations of a forward pass; the flop counter counts each as two."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    return int(counter.get_total_flops()) // 2
