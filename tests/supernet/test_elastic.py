"""Kernels and dilations that share weights, against their formulas."""

from collections.abc import Iterable
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.errors import UserError
from ssrdsl.language.source import Source
from ssrdsl.space.program import open_source
from ssrdsl.supernet import Supernet
from ssrdsl.supernet.elastic import centre_crop
from tests.supernet.nets import fresh, images


def graph(layers, height=9):
    text = f"space s() {{\n  input image: 2, {height}, 8\n  output image -> {layers}\n}}\n"
    return open_source(Source("s.ssr", text)).graph


def convolution(net: Supernet, place: int = 0) -> nn.Conv2d:
    module = list(net.operators.values())[place]
    assert isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
    return cast(nn.Conv2d, module)


def summed(tensors: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(tensors)).sum(0)


def test_mixed_kernels_are_one_effective_kernel_of_centre_crops():
    net = fresh(graph("conv(3, {1, 3, 5})")).eval()
    x = images(net.graph)
    (gates,) = net.gates.values().values()
    conv = convolution(net)
    expected = summed(
        gates[i] * F.conv2d(x, centre_crop(conv.weight, (k, k)), conv.bias, padding=k // 2)
        for i, k in enumerate((1, 3, 5))
    )
    assert conv.weight.shape[2:] == (5, 5)
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_one_kernel_is_applied_at_every_dilation_and_the_bias_added_once():
    net = fresh(graph("conv(3, 3, dilation={1, 2, 4})")).eval()
    x = images(net.graph)
    (gates,) = net.gates.values().values()
    conv = convolution(net)
    expected = summed(
        gates[i] * F.conv2d(x, conv.weight, conv.bias, padding=d, dilation=d) for i, d in enumerate((1, 2, 4))
    )
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_kernel_and_dilation_may_both_be_decided_and_the_convolution_depthwise():
    net = fresh(graph("conv(4, 1) -> depthwise({3, 5}, dilation={1, 2})")).eval()
    x = images(net.graph)
    kernel, dilation = (net.gates.values()[name] for name in net.gates.slices)
    first, conv = convolution(net), convolution(net, 1)
    y = first(x)
    expected = summed(
        kernel[i]
        * dilation[j]
        * F.conv2d(y, centre_crop(conv.weight, (k, k)), conv.bias, padding=d * (k // 2), dilation=d, groups=4)
        for i, k in enumerate((3, 5))
        for j, d in enumerate((1, 2))
    )
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_transposed_kernels_are_cropped_likewise():
    net = fresh(graph("deconv(3, {2, 4})")).eval()
    x = images(net.graph)
    (gates,) = net.gates.values().values()
    conv = convolution(net)
    expected = summed(
        gates[i] * F.conv_transpose2d(x, centre_crop(conv.weight, (k, k)), conv.bias, stride=2, padding=k // 2 - 1)
        for i, k in enumerate((2, 4))
    )
    assert torch.allclose(net(x), expected, atol=1e-14)


def test_kernels_that_are_not_centred_are_refused():
    with pytest.raises(UserError, match="the kernels of `conv` are not concentric"):
        fresh(graph("conv(3, {3, 5}, padding=1) -> adaptive_avgpool(1)"))
