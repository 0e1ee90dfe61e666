"""How many multiply-accumulate operations a network takes."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_macs(model: nn.Module, inputs: list[torch.Tensor]) -> int:
    """Multiply-accumulate operations of a forward pass; the flop counter takes each for two."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    return int(counter.get_total_flops()) // 2
