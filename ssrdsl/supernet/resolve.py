"""Constructions resolved against torch: the one place where operators, which are data, become modules and calls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ssrdsl.operators.construction import Call, Construction, Extent, Infix, Operand, Operands, Self_, Subscript

Extents: TypeAlias = tuple[int, int]
Application: TypeAlias = Callable[[nn.Module | None, Sequence[Tensor], Extents | None], Any]
"""Takes the module, the operands and the height and width of the reference tensor, if the operator has one."""

_ROOTS = {"torch": torch, "nn": nn, "F": F}
_SIGNS = {"+": operator.add, "*": operator.mul}


class ConstructionFault(Exception):
    """The definition of an operator does not resolve: an internal fault, never a user's mistake."""


def make_module(construction: Construction) -> nn.Module | None:
    """The part with state, freshly initialised from torch's global generator; None for a pure function."""
    if construction.module is None:
        return None
    made = _evaluator(construction.module)(None, (), None)
    if not isinstance(made, nn.Module):
        raise ConstructionFault(f"{construction.module.target} does not make a module")
    return made


def make_application(construction: Construction) -> Application:
    """What applies the operator: a function of the module, the operands and the reference's extents."""
    return _evaluator(construction.apply)


def _evaluator(part: Any) -> Application:
    """Compiles a literal, placeholder or call, so that nothing is looked up when the network runs."""
    if isinstance(part, Call):
        return _call(part)
    if isinstance(part, Infix):
        sign, sides = _SIGNS[part.sign], [_evaluator(side) for side in part.operands]
        return lambda module, operands, like: reduce(sign, (side(module, operands, like) for side in sides))
    if isinstance(part, Subscript):
        value, slices = _evaluator(part.value), tuple(slice(*each) for each in part.slices)
        return lambda module, operands, like: value(module, operands, like)[slices]
    if isinstance(part, (tuple, list)):
        items = [_evaluator(item) for item in part]
        if all(_is_literal(item) for item in part):
            return lambda module, operands, like: part
        return lambda module, operands, like: type(part)(item(module, operands, like) for item in items)
    if isinstance(part, Operand):
        return lambda module, operands, like: operands[part.index]
    if isinstance(part, Operands):
        return lambda module, operands, like: list(operands)
    if isinstance(part, Self_):
        return lambda module, operands, like: module
    if isinstance(part, Extent):
        return lambda module, operands, like: _extent(part.index, operands, like)
    return lambda module, operands, like: part


def _is_literal(part: Any) -> bool:
    if isinstance(part, (tuple, list)):
        return all(map(_is_literal, part))
    return not isinstance(part, (Call, Infix, Subscript, Operand, Operands, Self_, Extent))


def _extent(index: int, operands: Sequence[Tensor], like: Extents | None) -> Extents:
    if index < len(operands):
        height, width = operands[index].shape[2:]
        return height, width
    if like is None:
        raise ConstructionFault("an operator reads the extent of a reference that it does not have")
    return like


def _call(call: Call) -> Application:
    arguments = [_evaluator(argument) for argument in call.arguments]
    keywords = [(name, _evaluator(value)) for name, value in call.keywords]
    function = _function(call.target)
    if function is None:
        function = _method(call.target)
    return lambda module, operands, like: function(
        *(argument(module, operands, like) for argument in arguments),
        **{name: value(module, operands, like) for name, value in keywords},
    )


def _function(target: str) -> Callable[..., Any] | None:
    """What a dotted name stands for; None for methods and for calls of the first argument."""
    if not target or target.startswith("."):
        return None
    root, *path = target.split(".")
    try:
        return reduce(getattr, path, _ROOTS[root])  # type: ignore[return-value]
    except (KeyError, AttributeError):
        raise ConstructionFault(f"torch has no {target}") from None


def _method(target: str) -> Callable[..., Any]:
    if not target:
        return lambda called, *arguments, **keywords: called(*arguments, **keywords)
    name = target[1:]
    return lambda called, *arguments, **keywords: getattr(called, name)(*arguments, **keywords)
