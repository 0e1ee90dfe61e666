"""Constructions resolved against torch: operators, which are data, become modules and calls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.operators.construction import (
    Called,
    Code,
    Construction,
    Extent,
    Infix,
    Leaf,
    Listed,
    Operand,
    Self_,
    Slice,
    Subscript,
)  # fmt: skip

Application: TypeAlias = Callable[[nn.Module | None, Sequence[Tensor]], Any]
"""A function of the module and the operands, the reference tensor last, if the operator has one."""

_ROOTS = {"torch": torch, "nn": nn, "F": F}
_SIGNS = {"+": operator.add, "*": operator.mul}


class ConstructionFault(Exception):
    """The definition of an operator does not resolve: an internal error."""


def make_module(construction: Construction) -> nn.Module | None:
    """The module with state, initialised from torch's global generator; None for a pure function."""
    if construction.module is None:
        return None
    made = _evaluator(construction.module)(None, ())
    if not isinstance(made, nn.Module):
        raise ConstructionFault(f"{construction.module.target} does not return a module")
    return made


def make_application(construction: Construction) -> Application:
    """The application of the operator."""
    return _evaluator(construction.apply)


def _evaluator(code: Code) -> Application:
    """Compile an expression, so that no names are looked up when the network runs."""
    match code:
        case Leaf(scalar=scalar):
            return lambda module, operands: scalar
        case Operand(index=index):
            return lambda module, operands: operands[index]
        case Self_():
            return lambda module, operands: module
        case Called():
            return _call(code)
        case Infix(sign=sign, operands=sides):
            join, parts = _SIGNS[sign], [_evaluator(side) for side in sides]
            return lambda module, operands: reduce(join, (part(module, operands) for part in parts))
        case Subscript(value=value, slices=slices):
            whole, cut = _evaluator(value), tuple(map(_slice, slices))
            return lambda module, operands: whole(module, operands)[cut]
        case Listed(items=items):
            parts = [_evaluator(item) for item in items]
            return lambda module, operands: [part(module, operands) for part in parts]
        case Extent(tensor=Operand(index=index)):
            return lambda module, operands: operands[index].shape[2:]
    raise ConstructionFault(f"a construction cannot contain {code!r}")


def _slice(code: Slice) -> slice:
    return slice(*(part.scalar if isinstance(part, Leaf) else None for part in (code.start, code.stop, code.step)))


def _call(call: Called) -> Application:
    arguments = [_evaluator(argument) for argument in call.arguments]
    keywords = [(name, _evaluator(value)) for name, value in call.keywords]
    function = _function(call.target)
    return lambda module, operands: function(
        *(argument(module, operands) for argument in arguments),
        **{name: value(module, operands) for name, value in keywords},
    )


def _function(target: str) -> Callable[..., Any]:
    """The function of a dotted name; for `.name` and no name a method, and a call, of the first argument."""
    if not target:
        return operator.call
    if target.startswith("."):
        return lambda called, *arguments, **keywords: getattr(called, target[1:])(*arguments, **keywords)
    root, *path = target.split(".")
    try:
        return reduce(getattr, path, _ROOTS[root])  # type: ignore[return-value]
    except (KeyError, AttributeError):
        raise ConstructionFault(f"torch has no {target}") from None
