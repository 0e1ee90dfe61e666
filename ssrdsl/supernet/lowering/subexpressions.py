"""Common subexpressions: candidates that start with the same pooling share it."""

from __future__ import annotations

from typing import Any

from ssrdsl.space.graph import Port
from ssrdsl.supernet.plan import ExecutionPlan, PlanStep, Run
from ssrdsl.supernet.traits import RANDOM


def share_subexpressions(plan: ExecutionPlan) -> ExecutionPlan:
    """Run an operator without weights once if it is applied to the same tensors several times.

    Precondition: a valid plan. Postcondition: the same function; no two steps without weights apply the same operator
    to the same tensors, reading the same reference. Dropouts are not merged: each draws its own numbers.
    """
    names: dict[Port, Port] = {}
    known: dict[Any, Run] = {}
    steps: list[PlanStep] = []
    for step in plan:
        key = _key(step, names)
        if isinstance(step, Run) and key is not None and key in known:
            names.update(zip(step.results, known[key].results, strict=True))
            continue
        if isinstance(step, Run) and key is not None:
            known[key] = step
        steps.append(step)
    return plan.with_steps(steps).renamed(names)


def _key(step: PlanStep, names: dict[Port, Port]) -> Any:
    """A key for equal steps; None for steps that are kept."""
    if not isinstance(step, Run) or step.node.operator.name in RANDOM or step.has_weights:
        return None
    sources = tuple(names.get(port, port) for port in step.sources)
    return step.node.operator, sources, step.scale
