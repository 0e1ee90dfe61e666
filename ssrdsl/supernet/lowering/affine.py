"""Fold gates and masks into the affine part of the preceding batch norm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ssrdsl.space.graph import Port
from ssrdsl.supernet.plan import ExecutionPlan, Mix, PlanStep, Run, Term
from ssrdsl.supernet.scale import UNIT, Scale


def fold_into_norms(plan: ExecutionPlan) -> ExecutionPlan:
    """Multiply weight and bias of a batch norm by a scale instead of multiplying its results.

    Precondition: a valid plan. Postcondition: the same function; no sum scales the result of a batch norm without
    other readers.
    """
    makers, uses = plan.makers(), plan.uses()
    scales: dict[Port, Scale] = {}
    steps: list[PlanStep] = []
    for step in reversed(plan.steps):
        if isinstance(step, Mix):
            terms = tuple(_folded(term, makers, uses, scales) for term in step.terms)
            step = replace(step, terms=terms)
        elif isinstance(step, Run) and step.results[0] in scales:
            step = replace(step, scale=step.scale * scales[step.results[0]])
        steps.append(step)
    return plan.with_steps(reversed(steps))


def _folded(term: Term, makers: Mapping[Port, PlanStep], uses: Counter[Port], scales: dict[Port, Scale]) -> Term:
    maker = makers[term.source]
    if term.scale.is_unit or uses[term.source] > 1 or not isinstance(maker, Run) or maker.node.operator.name != "bn":
        return term
    scales[term.source] = term.scale
    return replace(term, scale=UNIT)
