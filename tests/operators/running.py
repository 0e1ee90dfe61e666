"""Operators run with torch, as the supernet runs them, and their rules judged on plain numbers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ssrdsl.operators import OPERATORS, Construction, Indices, Operator, Rule, Shape, Vector
from ssrdsl.supernet.resolve import make_application, make_module

BATCH = 2


def make(name: str, **attributes: Any) -> Any:
    """An operator by its name in the language."""
    return OPERATORS[name](**attributes)


def holds(rule: Rule) -> bool:
    match rule.relation:
        case "equal":
            return bool(rule.left == rule.right)
        case "at least":
            return bool(rule.left >= rule.right)
        case "multiple":
            return bool(rule.right > 0 and rule.left % rule.right == 0)
        case "integer":
            return isinstance(rule.left, int)
    raise ValueError(rule.relation)


def broken(operator: Operator, shapes: tuple[Shape, ...]) -> list[str]:
    """The codes of the rules that do not hold."""
    return [rule.code for rule in operator.rules(shapes) if not holds(rule)]


def tensor(shape: Shape, seed: int = 0) -> Tensor:
    size = (BATCH, shape.channels) if isinstance(shape, Vector) else (BATCH, *shape)
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


def tensors(shapes: tuple[Shape, ...]) -> list[Tensor]:
    assert not any(isinstance(shape, Indices) for shape in shapes)
    return [tensor(shape, seed) for seed, shape in enumerate(shapes)]


def module_of(operator: Operator, shapes: tuple[Shape, ...]) -> nn.Module | None:
    made = make_module(operator.construct(shapes))
    return None if made is None else made.eval()


def run(
    operator: Operator,
    shapes: tuple[Shape, ...],
    given: Sequence[Tensor],
    module: nn.Module | None,
    like: tuple[int, int] | None = None,
) -> tuple[Tensor, ...]:
    """The results of the operator for given tensors."""
    return _results(operator.construct(shapes), given, module, like)


def run_function(
    operator: Operator, shapes: tuple[Shape, ...], given: Sequence[Tensor], like: tuple[int, int] | None = None
) -> tuple[Tensor, ...]:
    """The results by the construction's function form."""
    function = operator.construct(shapes).function
    assert function is not None
    return _results(Construction(None, function), given, None, like)


def _results(
    construction: Construction, given: Sequence[Tensor], module: nn.Module | None, like: tuple[int, int] | None
) -> tuple[Tensor, ...]:
    reference = [] if like is None else [torch.empty(1, 1, *like)]
    with torch.no_grad():
        made: Any = make_application(construction)(module, [*given, *reference])
    return made if isinstance(made, tuple) else (made,)


def macs_of(operator: Operator, shapes: tuple[Shape, ...], module: nn.Module | None) -> int:
    """What torch counts for one image: a multiply-accumulate is two of its operations."""
    counter = FlopCounterMode(display=False)
    with counter:
        run(operator, shapes, tensors(shapes), module)
    total = counter.get_total_flops()
    assert total % (2 * BATCH) == 0
    return int(total) // (2 * BATCH)


def size_of(result: Tensor) -> tuple[int, ...]:
    return tuple(result.shape[1:])


def expected_size(shape: Shape) -> tuple[int, ...]:
    return (shape.channels,) if isinstance(shape, Vector) else tuple(shape)
