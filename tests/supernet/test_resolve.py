"""Constructions resolved against torch."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ssrdsl.operators.construction import (
    Called,
    Construction,
    Extent,
    Infix,
    Listed,
    Operand,
    Self_,
    Subscript,
    applied,
)
from ssrdsl.supernet.resolve import ConstructionFault, make_application, make_module

X = torch.arange(48, dtype=torch.float32).reshape(1, 3, 4, 4)


def result(construction, *operands):
    return make_application(construction)(make_module(construction), operands)


def test_a_module_is_made_with_its_arguments_and_called():
    module = make_module(applied(Called("nn.Conv2d", (3, 8, (3, 1)), (("padding", (1, 0)), ("bias", False)))))
    assert isinstance(module, nn.Conv2d)
    assert (module.kernel_size, module.padding, module.bias) == ((3, 1), (1, 0), None)
    assert torch.equal(result(applied(Called("nn.MaxPool2d", (2,))), X), F.max_pool2d(X, 2))


def test_operands_extents_and_nested_calls():
    size = Construction(None, Called("F.interpolate", (Operand(0),), (("size", Extent(1)), ("mode", "nearest"))))
    assert torch.equal(result(size, X, torch.zeros(1, 1, 2, 2)), F.interpolate(X, size=(2, 2)))
    cat = Construction(None, Called("torch.cat", (Listed((Operand(0), Operand(1))),), (("dim", 1),)))
    assert torch.equal(result(cat, X, X), torch.cat([X, X], 1))
    flat = Construction(Called("nn.Linear", (48, 5)), Called("", (Self_(), Called(".flatten", (Operand(0), 1)))))
    assert result(flat, X).shape == (1, 5)


def test_infixes_and_subscripts():
    assert torch.equal(result(Construction(None, Infix("+", (Operand(0), Operand(1), 1))), X, X), 2 * X + 1)
    assert torch.equal(result(Construction(None, Infix("*", (Operand(0), Operand(1)))), X, X), X * X)
    every = (None, None, None)
    cut = Construction(None, Subscript(Operand(0), (every, (1, None, None), (None, None, 2))))
    assert torch.equal(result(cut, X), X[:, 1:, ::2])


def test_what_torch_does_not_have_is_a_fault():
    with pytest.raises(ConstructionFault, match=r"nn\.Nothing"):
        make_module(applied(Called("nn.Nothing")))
    with pytest.raises(ConstructionFault, match="module"):
        make_module(applied(Called("torch.zeros", (3,))))
