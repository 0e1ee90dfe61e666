"""Move linear operators out of mixtures: sum_i g_i up(y_i) = up(sum_i g_i y_i), with the identity of residuals once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import cast

from ssrdsl.operators.normalization import Dropout2d
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.graph import Port
from ssrdsl.supernet.plan import Drop, ExecutionPlan, Mix, PlanStep, Run, Term, derived
from ssrdsl.supernet.scale import Scale
from ssrdsl.supernet.traits import LINEAR_BY_CHANNEL


def flatten_mixtures(plan: ExecutionPlan) -> ExecutionPlan:
    """Merge sums of sums into one sum, in which every tensor occurs once.

    Precondition: a valid plan. Postcondition: the same function; no sum reads another sum, nor the dropout of whole
    channels of a tensor, that nothing else reads. Since scales are per channel, dropping commutes with them.
    """
    makers, uses = plan.makers(), plan.uses()
    gone: set[Port] = set()
    steps: list[PlanStep] = []
    for step in reversed(plan.steps):
        if any(port in gone for port in step.results):
            continue
        steps.append(_flattened(step, makers, uses, gone) if isinstance(step, Mix) else step)
    return plan.with_steps(reversed(steps))


def _flattened(step: Mix, makers: Mapping[Port, PlanStep], uses: Counter[Port], gone: set[Port]) -> Mix:
    terms: dict[tuple[Port, tuple[Drop, ...]], Scale] = {}
    taken: set[Port] = set()
    waiting = list(reversed(step.terms))
    while waiting:
        term = waiting.pop()
        inner = _terms(makers[term.source]) if uses[term.source] == 1 else None
        if inner is None:
            key = (term.source, term.drops)
            terms[key] = terms[key] + term.scale if key in terms else term.scale
        else:
            taken.add(term.source)
            waiting += [Term(t.source, term.scale * t.scale, (*term.drops, *t.drops)) for t in reversed(inner)]
    if not terms:
        return step
    gone |= taken
    return replace(step, terms=tuple(Term(source, scale, drops) for (source, drops), scale in terms.items()))


def _terms(step: PlanStep) -> tuple[Term, ...] | None:
    """The terms of a step for a sum that reads it, if they can be written as scaled tensors."""
    if isinstance(step, Mix):
        return step.terms
    if not isinstance(step, Run):
        return None
    operator = step.node.operator
    if not operator.reads_data:  # zeros, which add nothing
        return ()
    if operator.name == "dropout2d":
        return (Term(step.sources[0], step.scale, (Drop(step.node.id, float(cast(Dropout2d, operator).p)),)),)
    return None


def hoist_linear(plan: ExecutionPlan) -> ExecutionPlan:
    """Apply a linear operator once to a sum instead of to every term.

    Precondition: a valid plan. Postcondition: the same function; no sum reads a resizing, an average pooling or a
    shift that nothing else reads, except unscaled and one of its kind.
    """
    while True:
        hoisted = _hoist_once(plan)
        if hoisted is plan:
            return plan
        plan = flatten_mixtures(hoisted)


def _hoist_once(plan: ExecutionPlan) -> ExecutionPlan:
    makers, uses = plan.makers(), plan.uses()
    gone: set[Port] = set()
    steps: list[PlanStep] = []
    channels: dict[Port, ExactScalar] = {}
    for step in reversed(plan.steps):
        if any(port in gone for port in step.results):
            continue
        if not isinstance(step, Mix) or not (groups := _groups(step, makers, uses)):
            steps.append(step)
            continue
        parts = _split(step, groups, channels)
        gone |= {term.source for members in groups.values() for term, _ in members}
        steps += reversed(parts)
    return plan.with_steps(reversed(steps), channels) if gone else plan


Groups = Mapping[Hashable, list[tuple[Term, Run]]]


def _groups(step: Mix, makers: Mapping[Port, PlanStep], uses: Counter[Port]) -> Groups:
    """The terms that are results of linear operators, by operator and reference."""
    groups: dict[Hashable, list[tuple[Term, Run]]] = {}
    for term in step.terms:
        maker = makers[term.source]
        if isinstance(maker, Run) and maker.node.operator.name in LINEAR_BY_CHANNEL and uses[term.source] == 1:
            extents = tuple(shape[1:] for shape in maker.inputs)
            groups.setdefault((maker.node.operator, maker.sources[1:], extents), []).append((term, maker))
    return {key: members for key, members in groups.items() if len(members) > 1 or not members[0][0].is_bare}


def _split(step: Mix, groups: Groups, channels: dict[Port, ExactScalar]) -> list[PlanStep]:
    """Inner sums, the linear operators applied to them, and the sum of their results."""
    hoisted = {id(term) for members in groups.values() for term, _ in members}
    outer = [term for term in step.terms if id(term) not in hoisted]
    parts: list[PlanStep] = []
    for count, members in enumerate(groups.values()):
        inner, result = derived(step.result, f"{count}.sum"), derived(step.result, f"{count}")
        terms = tuple(replace(term, source=run.sources[0]) for term, run in members)
        channels[inner] = channels[result] = step.channels
        first = members[0][1]
        hoisted_run = replace(first, sources=(inner, *first.sources[1:]), results=(result,))
        parts += [Mix(inner, terms, step.channels), hoisted_run]
        outer.append(Term(result))
    return [*parts, replace(step, terms=tuple(outer))]
