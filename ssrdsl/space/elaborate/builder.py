"""The graph builder: nodes, decisions and scopes with their names, and limits on their number."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Diagnostics, Label
from ssrdsl.language.source import Span
from ssrdsl.operators import AttributeFault, Operator, Shape
from ssrdsl.operators.definition import application
from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.decisions import Decision, Dimension, Kind, Option
from ssrdsl.space.expressions import MAX_MAGNITUDE, ExactScalar, ExpressionLimit, support, switch
from ssrdsl.space.faults import AlreadyReported, fail
from ssrdsl.space.graph import Extents, GraphNode, Mux, OperatorNode, Port, Requirement, Scope, Select

MAX_FUEL = 200_000
"""Limit on the steps of elaboration, reached after some seconds. Large spaces take 4 to 11 per node."""
STEPS_OF_A_DECISION = 50
"""The cost of a decision in steps, since decisions make proofs slower. Large spaces have some hundred decisions."""
MAX_CASES = 5_000
"""Limit on the cases of scalars that depend on several decisions."""
MAX_NODES = 20_000
"""The largest space shipped has 14,194 nodes; some commands take a second for 5,000."""
MAX_OPTIONS = 10_000
MAX_VALUES = 2_048
"""Limit on the values of a set; expressions are evaluated for all of them."""
MAX_NESTING = 64


class UniqueNames:
    """Create unique names; repeated ones get the suffix `_2`, `_3`, ..."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """The name, with a number if it is already used."""
        if name not in self._given:
            self._given[name] = 1
            return name
        made = name
        while made in self._given:
            self._given[name] += 1
            made = f"{name}_{self._given[name]}"
        self._given[made] = 1
        return made


class Place(NamedTuple):
    """The current place in the network.

    `path` names nodes; `decision_path` names decisions (another one inside tied blocks, with its own `names`).
    `suffix` is the index of the loop iteration, added to the next label.
    """

    path: str
    decision_path: str
    suffix: str
    scope: str
    names: UniqueNames
    tied: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of an operator for input shapes, shared by all nodes with this operator and these shapes."""

    operator: Operator
    shapes: tuple[Shape, ...]
    is_neutral: bool


@dataclass(slots=True)
class GraphBuilder:
    """The graph under construction."""

    nodes: dict[str, GraphNode] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    """The dimensions of the decisions, each set at the first use."""
    scopes: dict[str, Scope] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    """The decisions of imported files, which may be unused."""
    requirements: list[Requirement] = field(default_factory=list)
    warnings: Diagnostics = field(default_factory=Diagnostics)
    node_names: UniqueNames = field(default_factory=UniqueNames)
    scope_names: UniqueNames = field(default_factory=UniqueNames)
    decision_names: UniqueNames = field(default_factory=UniqueNames)
    tie_names: UniqueNames = field(default_factory=UniqueNames)
    tied_decisions: dict[str, str] = field(default_factory=dict)
    """The names of tied decisions, by their places relative to the tied scope."""
    fuel: int = MAX_FUEL
    is_exhausted: bool = False
    case_budget: Budget = field(default_factory=lambda: Budget(MAX_CASES))
    refuted: set[ExactScalar] = field(default_factory=set)
    """Conditions that hold in no architecture."""
    _applied: dict[Hashable, Applied] = field(default_factory=dict)

    def root(self, definition: syntax.Space | None = None) -> Place:
        """The place at the root of a space; without `definition`, for files without a space."""
        name, span = ("", None) if definition is None else (definition.name, definition.span)
        self.scopes[""] = Scope("", "space", name, None, definition=definition, span=span)
        return Place("", "", "", "", UniqueNames())

    def spend(self, amount: int, span: Span) -> None:
        """Count work. Raises an error if a file expands beyond the limits, reported only the first time."""
        self.fuel -= amount
        if self.fuel < 0 or len(self.nodes) > MAX_NODES:
            if self.is_exhausted:
                raise AlreadyReported
            self.is_exhausted = True
            many = len(self.nodes) > MAX_NODES
            reason = f"more than {MAX_NODES:,} nodes" if many else "it takes too many steps to build"
            help = "loops, repeats and lists multiply the numbers of nodes and decisions; make one of them smaller"
            fail("E0601", f"the space is too large: {reason}", span, help=help)

    def foresee(self, spent: int, turns: int, span: Span) -> None:
        """Raise an error if `turns` iterations, of which one took `spent`, would certainly exceed the limits."""
        if spent * turns > 2 * self.fuel:
            self.spend(self.fuel + 1, span)

    def enter(
        self, place: Place, label: str, kind: str, *, frame: str | None, span: Span, visible: bool = True, **parts: Any
    ) -> Place:
        """Open a scope; only the label of a visible scope is part of names."""
        if place.depth >= MAX_NESTING:
            fail("E0602", "blocks are nested too deeply", span, help=f"at most {MAX_NESTING} levels")
        if not visible:
            scope = self.scope_names.unique(f"{place.path}<{label}>{place.suffix}")
            self.scopes[scope] = Scope(scope, kind, label, place.scope, frame, span=span, **parts)
            return place._replace(scope=scope, depth=place.depth + 1)
        path = self.scope_names.unique(joined(place.path, label + place.suffix))
        decision_path = (
            path if not place.tied else place.names.unique(joined(place.decision_path, label + place.suffix))
        )
        self.scopes[path] = Scope(path, kind, label + place.suffix, place.scope, frame, span=span, **parts)
        return Place(path, decision_path, "", path, place.names, place.tied, place.depth + 1)

    def turn(self, place: Place, index: int, *, frame: str | None, span: Span) -> Place:
        """Open the scope of one iteration of a loop; its index is added to the next label."""
        self.spend(1, span)
        suffix = f"{place.suffix}[{index}]"
        scope = self.scope_names.unique(place.path + suffix)
        self.scopes[scope] = Scope(scope, "turn", str(index), place.scope, frame, span=span)
        return place._replace(suffix=suffix, scope=scope, depth=place.depth + 1)

    def tie_key(self, place: Place, label: str) -> str:
        """A unique key for the `tied` statement at a place; it ties all uses of the statement."""
        key = joined(place.decision_path, label + place.suffix)
        if place.tied:  # the key is the same for all uses of the tied block around it
            return place.names.unique(f"tied {key}").removeprefix("tied ")
        return self.tie_names.unique(key)

    def tie(self, place: Place, key: str, label: str) -> Place:
        """The place inside a tied block: its decisions are shared with all places tied by the same key.

        The index of a loop iteration is part of the names of nodes only: all iterations share the decisions.
        """
        path = joined(place.path, label + place.suffix) if place.suffix else place.path
        return place._replace(path=path, decision_path=key, suffix="", names=UniqueNames(), tied=True)

    @staticmethod
    def untie(place: Place, home: Place) -> Place:
        """The place outside of a tied block: decisions made there belong to `home`."""
        path = home.decision_path if home.tied else place.path
        return place._replace(decision_path=path, names=home.names, tied=home.tied)

    def decide(self, place: Place, label: str, kind: Kind, options: Sequence[tuple[str, Any]], span: Span) -> str:
        """Create a decision, or find the tied one of that name; return its name."""
        self.spend(STEPS_OF_A_DECISION + len(options), span)
        refuse_many(len(options), span)
        name = self._decision_name(place, joined(place.decision_path, label + place.suffix))
        made = tuple(Option(index, text, value) for index, (text, value) in enumerate(options))
        known = self.decisions.get(name)
        if known is not None and len(known.options) != len(made):
            fail(
                "E0505",
                f"tied decision `{name}` has {len(known.options)} options elsewhere and {len(made)} here",
                span,
                secondary=(Label(known.span, "first use here"),),
                help="options are matched by order; give every use the same number of options",
            )
        if known is None:
            self.decisions[name] = Decision(name, Dimension.OPERATOR, kind, made, place.scope, span, place.tied)
        return name

    def _decision_name(self, place: Place, name: str) -> str:
        if not place.tied:
            return self.decision_names.unique(name)
        within = place.names.unique(name)
        if within not in self.tied_decisions:
            self.tied_decisions[within] = self.decision_names.unique(within)
        return self.tied_decisions[within]

    def tag(self, value: Any, dimension: Dimension) -> None:
        """Set the dimension of the decisions in a value that have none yet."""
        for name in support(value):
            self.dimensions.setdefault(name, dimension)

    def shape(self, port: Port) -> Shape:
        """The shape of a tensor."""
        return self.nodes[port.node].shapes[port.index]

    def add(self, node: GraphNode) -> None:
        """Append a node; its number of inputs counts as work."""
        self.spend(max(1, len(node.inputs)), node.span)
        for shape in node.shapes:
            for extent in shape:
                if type(extent) is int and extent > MAX_MAGNITUDE:
                    fail(
                        "E0603",
                        f"a channel count, height or width is larger than {MAX_MAGNITUDE:.0e}",
                        node.span,
                        help="make it smaller",
                    )
        self.nodes[node.id] = node

    def node_id(self, place: Place, label: str) -> str:
        """A unique id for a node at a place."""
        return self.node_names.unique(joined(place.path, label + place.suffix))

    def operator(
        self,
        operator: Operator,
        inputs: tuple[Port, ...],
        place: Place,
        frame: str,
        call: syntax.Expression,
        like: Port | None = None,
        extents: Extents | None = None,
    ) -> tuple[Port, ...]:
        """Apply an operator to tensors; no node is added for an operator that is an identity."""
        applied = self._apply(operator, tuple(map(self.shape, inputs)), call.span)
        if applied.is_neutral:
            return inputs[:1]
        node = self.node_id(place, operator.name)
        self.add(
            OperatorNode(
                id=node, inputs=inputs, shapes=applied.shapes, scope=place.scope, frame=frame,
                span=call.span, operator=applied.operator, like=like, extents=extents, call=call,
            )
        )  # fmt: skip
        return tuple(Port(node, index) for index in range(operator.results))

    def _apply(self, operator: Operator, shapes: tuple[Shape, ...], span: Span) -> Applied:
        key = application(operator, shapes)
        if (known := self._applied.get(key)) is not None:
            return known
        try:
            completed = operator.complete(shapes)
            neutral = completed.is_neutral(shapes)
            made = Applied(completed, shapes[:1] if neutral else _results(completed, shapes), neutral)
        except AttributeFault as fault:  # an automatic value that cannot be determined
            fail("E0407", str(fault), span, help="give the value explicitly")
        except ExpressionLimit as limit:
            fail("E0603", str(limit), span, help="make the numbers smaller, or involve fewer decisions")
        except Exception as error:
            if type(operator).__module__.startswith("ssrdsl."):
                raise
            fail("E0407", f"the operator `{operator.name}` failed: {type(error).__name__}: {error}", span,
                 notes=(f"implemented in {type(operator).__module__}.{type(operator).__qualname__}",),
                 help="fix or uninstall the package that provides it")  # fmt: skip
        self._applied[key] = made
        return made

    def mux(self, decision: str, branches: Sequence[tuple[int, Port]], place: Place, frame: str, span: Span) -> Port:
        """Add a node that selects one of several tensors: widths may differ, height and width are the first one's."""
        ports = tuple(dict.fromkeys(port for _, port in branches))
        first = self.shape(ports[0])
        channels = switch(decision, [(index, self.shape(port).channels) for index, port in branches])
        node = self.node_id(place, "mux")
        self.add(
            Mux(
                id=node, inputs=ports, shapes=(first._replace(channels=channels),), scope=place.scope,
                frame=frame, span=span, decision=decision, branches=tuple(branches),
            )
        )  # fmt: skip
        return Port(node)

    def select(
        self, decision: str, branches: Sequence[tuple[int, tuple[Port, ...]]], place: Place, frame: str, span: Span
    ) -> Port:
        """Add a node for the sum of a selection of several tensors."""
        ports = tuple(dict.fromkeys(port for _, members in branches for port in members))
        first = self.shape(ports[0])
        widths: list[tuple[int, ExactScalar]] = [
            (index, self.shape(members[0] if members else ports[0]).channels) for index, members in branches
        ]
        node = self.node_id(place, "select")
        self.add(
            Select(
                id=node, inputs=ports, shapes=(first._replace(channels=switch(decision, widths)),),
                scope=place.scope, frame=frame, span=span, decision=decision, branches=tuple(branches),
            )
        )  # fmt: skip
        return Port(node)


def _results(operator: Operator, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """The shapes of the results; those of operators of other packages are checked."""
    found: Any = operator.shapes(inputs)
    if not isinstance(found, tuple) or [isinstance(part, Shape) for part in found] != [True] * operator.results:
        raise TypeError(f"`shapes` returned {found!r} instead of a tuple of {operator.results} Shape(s)")
    return tuple(found)


def refuse_many(options: int, span: Span) -> None:
    """Raise an error for a decision with too many options, before they are listed."""
    if options > MAX_OPTIONS:
        fail("E0604", f"a decision of {options:,} options", span, help=f"at most {MAX_OPTIONS:,}")


def joined(path: str, label: str) -> str:
    """A path with a further label."""
    return f"{path}.{label}" if path else label
