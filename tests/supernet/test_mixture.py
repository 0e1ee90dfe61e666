"""The weighted sum and its gradients."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from ssrdsl.supernet.mixture import weighted_sum


@st.composite
def sums(draw):
    channels = draw(st.integers(1, 5))
    extents = draw(st.sampled_from([(), (2, 3)]))
    layout = draw(st.sampled_from([torch.contiguous_format, torch.channels_last]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    terms = []
    for _ in range(draw(st.integers(1, 4))):
        width = draw(st.integers(1, channels))
        own = width + draw(st.integers(0, 2))
        source = torch.randn((2, own, *extents), generator=generator, dtype=torch.float64)
        if extents:
            source = source.contiguous(memory_format=layout)
        scale = draw(st.sampled_from([None, (width,), (2, width)]))
        scale = None if scale is None else torch.randn(scale, generator=generator, dtype=torch.float64)
        terms.append((source, scale, width))
    return channels, terms


def reference(channels, terms):
    total = torch.zeros((), dtype=torch.float64)
    for source, scale, width in terms:
        part = source[:, :width]
        if scale is not None:
            spread = scale if scale.dim() == 2 else scale[None]
            part = part * spread.reshape(*spread.shape, *(1 for _ in source.shape[2:]))
        total = total + F.pad(part, (*(0, 0) * (source.dim() - 2), 0, channels - width))
    return total


@given(sums())
def test_values_and_gradients_are_those_of_padded_products(case):
    channels, terms = case
    leaves = [tensor.requires_grad_() for source, scale, _ in terms for tensor in (source, scale) if tensor is not None]
    sources, scales, widths = zip(*terms, strict=True)
    made, expected = weighted_sum(sources, scales, widths, channels), reference(channels, terms)
    assert torch.allclose(made, expected, atol=1e-14)
    weights = torch.linspace(-1, 1, made.numel(), dtype=torch.float64).reshape(made.shape)
    ours = torch.autograd.grad((made * weights).sum(), leaves)
    theirs = torch.autograd.grad((expected * weights).sum(), leaves)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, other, atol=1e-13)


def test_one_bare_tensor_is_passed_on_and_inputs_are_left_alone():
    x = torch.randn(2, 4, 3, 3)
    assert weighted_sum([x], [None], [4], 4) is x
    kept = x.clone()
    weighted_sum([x, x], [None, torch.ones(4)], [4, 4], 4)
    assert torch.equal(x, kept)


def test_the_layout_of_the_sum_is_that_of_its_terms():
    x = torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    assert weighted_sum([x], [None], [3], 8).is_contiguous(memory_format=torch.channels_last)
