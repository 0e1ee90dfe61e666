"""Diagnostics of a proof: the place, both sides, and a violating architecture."""

from __future__ import annotations

from collections.abc import Mapping

from ssrdsl.language.diagnostics import Diagnostic, Label
from ssrdsl.language.source import Span
from ssrdsl.operators.definition import Rule, Shape
from ssrdsl.space import expressions
from ssrdsl.space.elaborate.labels import bound_texts
from ssrdsl.space.expressions import Decided, ExactScalar, ExpressionLimit, ValuesLimit
from ssrdsl.space.faults import TRACED, head
from ssrdsl.space.graph import Graph, GraphNode, Mux, OperatorNode, Scope, Select
from ssrdsl.space.prove.facts import members
from ssrdsl.space.ranges.extremes import Extremes

SOMEWHERE = " in some architectures of this space"


def violated(graph: Graph, node: GraphNode, rule: Rule, assignment: Mapping[str, int]) -> Diagnostic:
    """The diagnostic for a rule that does not hold at a node under an assignment."""
    shown = _Shown(graph, node, rule, assignment)
    primary, secondary = place(graph, node)
    notes = (f"when: {when(graph, assignment)}",) if assignment else ()
    return Diagnostic(
        rule.code,
        shown.message() + (SOMEWHERE if assignment else ""),
        Label(primary.span, shown.sides()),
        secondary=secondary,
        notes=notes,
        help=rule.help,
    )


def unproven(graph: Graph, node: GraphNode, rule: Rule, reason: Exception) -> Diagnostic:
    """The diagnostic for a rule that can neither be proved nor disproved."""
    primary, secondary = place(graph, node)
    return Diagnostic(
        "E0605",
        f"cannot prove for every architecture: `{rule.text}` never happens",
        Label(primary.span, str(reason)),
        secondary=secondary,
        help="involve fewer decisions: bind a shared set to a name, or insert a layer of fixed width",
    )


def limit_reached(graph: Graph, node: GraphNode, limit: ExpressionLimit) -> Diagnostic:
    """Numbers or expressions beyond the limits."""
    primary, secondary = place(graph, node)
    help = limit.help if isinstance(limit, ValuesLimit) else "make the numbers smaller"
    return Diagnostic("E0603", str(limit), primary, secondary=secondary, help=help)


def place(graph: Graph, node: GraphNode) -> tuple[Label, tuple[Label, ...]]:
    """The place of a node for users: for one inside blocks of the prelude, where those were applied."""
    applied = [scope.span for scope in graph.ancestry(node.scope) if scope.library and scope.span is not None]
    own = [span for span in applied if span.source != node.span.source]
    if not own:
        return Label(node.span), _uses(graph, node, node.span)
    return Label(own[0]), (Label(node.span, "inside this block"), *_uses(graph, node, own[0]))


def _uses(graph: Graph, node: GraphNode, shown: Span) -> tuple[Label, ...]:
    """The uses of blocks and the turns of loops that contain a node, innermost first."""
    found = [label for scope in graph.ancestry(node.scope) if (label := _use(graph, scope)) is not None]
    fresh = list(dict.fromkeys(label for label in found if label.span != shown))
    return tuple(fresh if len(fresh) <= TRACED else [*fresh[: TRACED - 1], fresh[-1]])


def _use(graph: Graph, scope: Scope) -> Label | None:
    if scope.span is None or graph.is_prelude(scope):
        return None
    if scope.kind == "block":
        return Label(scope.span, f"`{scope.label.partition('[')[0]}` is used here")
    if scope.kind != "turn" or not scope.names:
        return None
    first = next(iter(scope.names.values()))
    names = {name: bound.value for name, bound in scope.names.items() if bound.expression is first.expression}
    return Label(head(scope.span), bound_texts(names))


def when(graph: Graph, assignment: Mapping[str, int]) -> str:
    """The text of an assignment: `stage2.s = 2, quarter.joint[0].mid = 32`."""
    return ", ".join(f"{name} = {graph.decisions[name].labels[index]}" for name, index in assignment.items())


class _Shown:
    """The texts of a violation."""

    def __init__(self, graph: Graph, node: GraphNode, rule: Rule, assignment: Mapping[str, int]) -> None:
        self.graph, self.node, self.rule, self.assignment = graph, node, rule, assignment
        self.extremes = Extremes(graph)

    def message(self) -> str:
        """The message of the diagnostic."""
        merges = isinstance(self.node, OperatorNode) and self._operands() is not None
        return "shapes differ" if merges else self.rule.text

    def sides(self) -> str:
        """The two sides that do not agree."""
        operands = self._operands()
        if operands is not None:
            return ", ".join(f"{name} is {self._shape(shape)}" for name, shape in operands)
        left = self._scalar(self.rule.left)
        if self.rule.relation == "multiple" and self.rule.code == "E0204":
            return f"{left} is not a multiple of {self._scalar(self.rule.right)}"
        if self.rule.code in {"E0201", "E0202"}:
            return f"here {left}"
        return ""

    def _operands(self) -> list[tuple[str, Shape]] | None:
        """The two tensors that do not agree, with names; None for a rule that does not compare two tensors."""
        pairs = self._tensors()
        side = (self.rule.left, self.rule.right)
        for at, (name, one) in enumerate(pairs):
            for other_name, other in pairs[at + 1 :]:
                if any(_same(side, both) for both in zip(one, other, strict=True)):
                    return [(name, one), (other_name, other)]
        return None

    def _tensors(self) -> list[tuple[str, Shape]]:
        if self.rule.relation != "equal" or self.rule.left == 0:
            return []
        if isinstance(self.node, (Mux, Select)):
            labels = self.graph.decisions[self.node.decision].labels
            return [(f"`{labels[index]}`", self.graph.shape(port)) for index, port in members(self.node)]
        if not isinstance(self.node, OperatorNode) or len(self.node.reads) < 2:
            return []
        shapes = [self.graph.shape(port) for port in self.node.reads]
        if len(shapes) == 2:
            return list(zip(("left", "right"), shapes, strict=True))
        return [(f"tensor {number}", shape) for number, shape in enumerate(shapes, 1)]

    def _shape(self, shape: Shape) -> str:
        return " x ".join(map(self._scalar, shape))

    def _scalar(self, scalar: ExactScalar) -> str:
        """The text of a number under the assignment; a range if it depends on other decisions."""
        value = expressions.assign(scalar, self.assignment)
        return self.extremes.text(value, otherwise=expressions.describe(value))


def _same(one: tuple[ExactScalar, ExactScalar], other: tuple[ExactScalar, ExactScalar]) -> bool:
    return all(a is b or (not isinstance(a, Decided) and a == b) for a, b in zip(one, other, strict=True))
