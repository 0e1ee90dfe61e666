"""Plans: what a supernet executes, a list of typed steps that lowering passes rewrite.

A plan is derived from a graph and holds no weights. Tensors are named by ports as in the graph; those added by passes
and masks have a `#` in their name, which ids of nodes never have. Every tensor is as wide as its widest option; live
channels come first, all others are exactly zero unless the step that follows is its mask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ssrdsl.operators.definition import Shape
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.graph import OperatorNode, Port
from ssrdsl.supernet.scale import UNIT, Scale


@dataclass(frozen=True, slots=True)
class OneResult:
    """The common base of steps with one result."""

    result: Port

    @property
    def results(self) -> tuple[Port, ...]:
        """The results of the step."""
        return (self.result,)


@dataclass(frozen=True, slots=True)
class Read(OneResult):
    """Takes an input of the network; `resized` brings it to its shape, where the space decides that."""

    name: str
    shape: Shape
    resized: bool

    @property
    def sources(self) -> tuple[Port, ...]:
        """The tensors that it reads."""
        return ()


@dataclass(frozen=True, slots=True)
class Run:
    """Applies an operator at its widest, its first result scaled by channels.

    `sources` are the tensors whose data it reads and, last, the one whose extents it reads, if there is one. `inputs`
    are the shapes that the operator was created for. A step with weights owns those of `node`.
    """

    node: OperatorNode
    sources: tuple[Port, ...]
    results: tuple[Port, ...]
    inputs: tuple[Shape, ...]
    scale: Scale = UNIT

    @property
    def has_weights(self) -> bool:
        """Whether the operator has trainable weights."""
        return bool(self.node.operator.parameters(self.inputs) != 0)


@dataclass(frozen=True, slots=True)
class Drop:
    """A dropout of whole channels, drawn for a node."""

    node: str
    probability: float


@dataclass(frozen=True, slots=True)
class Term:
    """A tensor in a sum, scaled by channels and in training by dropouts of whole channels."""

    source: Port
    scale: Scale = UNIT
    drops: tuple[Drop, ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether the tensor is added unchanged."""
        return self.scale.is_unit and not self.drops


@dataclass(frozen=True, slots=True)
class Mix(OneResult):
    """A sum of scaled tensors of equal extents, each zero-padded to the widest of `channels`.

    A tensor wider than the sum is cut by its scale. Mixtures, selections, sums, masks and `match` have this form. There
    is at least one term.
    """

    terms: tuple[Term, ...]
    channels: ExactScalar

    @property
    def sources(self) -> tuple[Port, ...]:
        """The tensors that it reads."""
        return tuple(term.source for term in self.terms)


@dataclass(frozen=True, slots=True)
class Join(OneResult):
    """A concatenation along channels, compact again: each segment is at its expected offset."""

    sources: tuple[Port, ...]
    widths: tuple[ExactScalar, ...]
    channels: ExactScalar


PlanStep: TypeAlias = Read | Run | Mix | Join


@dataclass(frozen=True, slots=True)
class ExecutionPlan:
    """Steps in executable order, the tensors that are the network's results, and the width of every tensor.

    `outputs` are name, tensor and whether the output is auxiliary.
    """

    steps: tuple[PlanStep, ...]
    outputs: tuple[tuple[str, Port, bool], ...]
    channels: Mapping[Port, ExactScalar] = field(repr=False)

    def __iter__(self) -> Iterator[PlanStep]:
        return iter(self.steps)

    def with_steps(
        self, steps: Iterable[PlanStep], channels: Mapping[Port, ExactScalar] | None = None
    ) -> ExecutionPlan:
        """The plan with other steps and further tensors."""
        return replace(self, steps=tuple(steps), channels={**self.channels, **(channels or {})})

    def uses(self) -> Counter[Port]:
        """The number of readers of every tensor, including the results."""
        counts = Counter(port for step in self.steps for port in step.sources)
        counts.update(port for _, port, _ in self.outputs)
        return counts

    def makers(self) -> dict[Port, PlanStep]:
        """The step that makes each tensor."""
        return {port: step for step in self.steps for port in step.results}

    def renamed(self, names: Mapping[Port, Port]) -> ExecutionPlan:
        """The plan with tensors replaced in all readers."""
        if not names:
            return self
        steps = tuple(_renamed(step, names) for step in self.steps)
        outputs = tuple((name, names.get(port, port), auxiliary) for name, port, auxiliary in self.outputs)
        return replace(self, steps=steps, outputs=outputs)


def _renamed(step: PlanStep, names: Mapping[Port, Port]) -> PlanStep:
    if isinstance(step, Mix):
        terms = tuple(replace(term, source=names.get(term.source, term.source)) for term in step.terms)
        return replace(step, terms=terms)
    if isinstance(step, Read):
        return step
    return replace(step, sources=tuple(names.get(port, port) for port in step.sources))


def derived(port: Port, suffix: str) -> Port:
    """The name of a tensor that belongs to another one."""
    return Port(f"{port.node}#{suffix}", port.index)


class PlanFault(Exception):
    """A plan that cannot be executed: an internal error of a lowering pass."""


def verify(plan: ExecutionPlan) -> None:
    """Check that every tensor is made once, before it is read, and has a width. Raises PlanFault."""
    made: set[Port] = set()
    for step in plan:
        for port in step.sources:
            if port not in made:
                raise PlanFault(f"{port} is read before it is made")
        for port in step.results:
            if port in made:
                raise PlanFault(f"{port} is made twice")
            if port not in plan.channels:
                raise PlanFault(f"{port} has no width")
            made.add(port)
    for name, port, _ in plan.outputs:
        if port not in made:
            raise PlanFault(f"the output {name} is not made")
