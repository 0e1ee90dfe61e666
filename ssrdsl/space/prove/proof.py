"""Proof that every architecture of a space is valid: shapes agree, extents are positive, requirements can be met.

Every architecture is covered without enumeration: a fact is checked only for the decisions that it depends on. A
violation in an assignment in which the node is not alive is not an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ssrdsl.language.diagnostics import Diagnostic, Diagnostics, Label
from ssrdsl.operators.definition import Indices, Rule, application
from ssrdsl.space.conditions.budget import TooWide
from ssrdsl.space.cost import COSTS, node_cost
from ssrdsl.space.expressions import ExpressionLimit, ValuesLimit, limited_values
from ssrdsl.space.graph import Graph, GraphNode, OperatorNode
from ssrdsl.space.prove.facts import facts
from ssrdsl.space.prove.findings import limit_reached, place, unproven, violated
from ssrdsl.space.prove.magnitudes import Magnitudes
from ssrdsl.space.prove.satisfiable import check_conditions
from ssrdsl.space.prove.violations import Judge, ViolationSearch

if TYPE_CHECKING:
    from ssrdsl.space.conditions.guards import Guards


def prove(graph: Graph) -> Diagnostics:
    """The errors of a space, at most one for each place in its text.

    A node is not checked if one of its inputs failed.
    """
    proof = _Proof(graph)
    with limited_values():
        proof.run()
    return proof.findings


@dataclass
class _Proof:
    graph: Graph
    findings: Diagnostics = field(default_factory=Diagnostics)
    judge: Judge = field(default_factory=Judge)
    search: ViolationSearch = field(init=False)
    magnitudes: Magnitudes = field(default_factory=Magnitudes)
    failed: set[str] = field(default_factory=set)
    places: set[object] = field(default_factory=set)
    sound: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.search = ViolationSearch(self.judge, self.graph.domains)

    def run(self) -> None:
        self.check_requirements()
        if self.findings.errors:
            return  # no node is left to prove anything about
        for node in self.graph:
            try:
                if self.reads_failed(node) or not self.is_sound(node):
                    self.failed.add(node.id)
            except ValuesLimit as limit:
                self.report(limit_reached(self.graph, node, limit))
                return

    def check_requirements(self) -> None:
        """Whether the requirements over decisions can be evaluated and met."""
        for requirement in self.graph.conditions:
            try:
                self.magnitudes.check(requirement.condition, "a number")
            except ExpressionLimit as limit:
                help = "make the numbers smaller, or split the requirement: with products of fewer decisions each"
                self.findings.add(Diagnostic("E0603", str(limit), Label(requirement.span), help=help))
        if not self.findings.errors:
            for diagnostic in check_conditions(self.graph):
                self.findings.add(diagnostic)

    def reads_failed(self, node: GraphNode) -> bool:
        return bool(self.failed) and any(port.node in self.failed for port in node.reads)

    def is_sound(self, node: GraphNode) -> bool:
        """Whether all facts hold at a node; reports those that do not."""
        alike = self.alike(node)
        if alike in self.sound:
            return True
        try:
            doubtful = [rule for rule in facts(self.graph, node) if self.judge.holds(rule) is not True]
            if not self.hold(node, doubtful):
                return False
            for extent in (extent for shape in node.shapes for extent in shape):
                self.magnitudes.check(extent, "a channel count, height or width")
            for cost in COSTS:
                self.magnitudes.check(node_cost(self.graph, node, cost), f"the number of {cost}")
        except ValuesLimit:
            raise
        except ExpressionLimit as limit:
            self.report(limit_reached(self.graph, node, limit))
            return False
        if not doubtful:  # what holds case by case may hold only for the guard of this node
            self.sound.add(alike)
        return True

    def alike(self, node: GraphNode) -> object:
        """A key that nodes share if the same facts must hold at them."""
        if not isinstance(node, OperatorNode):
            return node.id
        shapes = self.graph.input_shapes(node)
        if any(isinstance(shape, Indices) for shape in shapes):  # their origin is not part of the shape
            return node.id
        return application(node.operator, shapes)

    def hold(self, node: GraphNode, rules: list[Rule]) -> bool:
        """Whether rules hold wherever a node is alive; reports the one that fails with the fewest decisions."""
        failing = ((rule, failure) for rule in rules if (failure := self.failure(node, rule)) is not None)
        first = next(failing, None)
        if first is None:
            return True
        if place(self.graph, node)[0].span not in self.places:  # else already reported, so any failure is enough
            failures = [self.worded(node, rule, failure) for rule, failure in (first, *failing)]
            self.report(min(failures, key=lambda failure: failure[0])[1])
        return False

    def failure(self, node: GraphNode, rule: Rule) -> dict[str, int] | TooWide | None:
        """Options with which a rule fails at a node, or why they cannot be determined; None if none do."""
        try:
            if self.search.violation(rule, self.guards.true) is None:
                return None
            return self.search.violation(rule, self.guards[node.id] & self.guards.required)
        except TooWide as reason:
            return reason

    def worded(self, node: GraphNode, rule: Rule, failure: dict[str, int] | TooWide) -> tuple[int, Diagnostic]:
        """The diagnostic for a failing rule, and its number of decisions."""
        if isinstance(failure, TooWide):
            return len(self.graph.decisions), unproven(self.graph, node, rule, failure)
        witness = self.search.shortened(rule, failure, self.guards[node.id])
        return len(witness), violated(self.graph, node, rule, witness)

    def report(self, diagnostic: Diagnostic) -> None:
        if diagnostic.label.span not in self.places:
            self.places.add(diagnostic.label.span)
            self.findings.add(diagnostic)

    @cached_property
    def guards(self) -> Guards:
        """Created when a fact has to be checked case by case, which most spaces never need."""
        from ssrdsl.space.conditions.guards import Guards

        return Guards(self.graph, auxiliary=True)
