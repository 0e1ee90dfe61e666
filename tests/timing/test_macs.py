"""MACs are half of the floating-point operations counted by torch."""

import torch
from torch import nn

from ssrdsl.timing.macs import count_macs


def test_macs_are_half_of_what_the_flop_counter_says():
    net = nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.BatchNorm2d(6), nn.ConvTranspose2d(6, 4, 2, stride=2)
    )
    down, up = 6 * 3 * 9 * 16, 6 * 4 * 4 * 16
    assert count_macs(net, [torch.rand(1, 3, 8, 8)]) == down + up
