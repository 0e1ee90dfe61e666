"""Small graphs made by hand and at random, from operators of the tests' own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, ClassVar

from ssrdsl.language import syntax
from ssrdsl.language.source import Source, Span
from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.operators.trivial import Zero
from ssrdsl.space.decisions import Decision, Dimension, Kind, Option
from ssrdsl.space.expressions import ExactScalar, add, apply, switch
from ssrdsl.space.graph import (
    Graph,
    GraphNode,
    InputNode,
    Mux,
    OperatorNode,
    OutputNode,
    Port,
    Requirement,
    Scope,
    Select,
)

SPAN = Span(Source("test.ssr", ""), 0, 0)
CALL = syntax.Name(name="layer", span=SPAN)


@dataclass(frozen=True)
class Layer(Operator):
    """Gives `channels` channels."""

    name: ClassVar[str] = "layer"
    channels: Any

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (Shape(self.channels, inputs[0].height, inputs[0].width),)

    def parameters(self, inputs: tuple[Shape, ...]) -> Any:
        return inputs[0].channels * self.channels


@dataclass(frozen=True)
class Fit(Operator):
    """Gives as many channels as `like` has."""

    name: ClassVar[str] = "fit"
    takes_like: ClassVar[str | None] = "like"
    like: Any

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (Shape(self.like.channels, inputs[0].height, inputs[0].width),)

    def is_neutral(self, inputs: tuple[Shape, ...]) -> bool:
        return bool(self.like.channels is inputs[0].channels or self.like.channels == inputs[0].channels)


@dataclass(frozen=True)
class Join(Operator):
    """Concatenates channels."""

    name: ClassVar[str] = "join"
    inputs: ClassVar[int | None] = None

    def shapes(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        total: ExactScalar = 0
        for shape in inputs:
            total = total + shape.channels
        return (Shape(total, inputs[0].height, inputs[0].width),)


@dataclass
class Build:
    """A graph that grows node by node."""

    nodes: list[GraphNode] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)
    values: dict[str, ExactScalar] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)

    def shape(self, port: Port) -> Shape:
        return next(node for node in self.nodes if node.id == port.node).shapes[port.index]

    def _add(self, kind: type[GraphNode], label: str, shape: Shape, **parts: Any) -> Port:
        name = f"{label}{len(self.nodes)}"
        self.nodes.append(kind(id=name, shapes=(shape,), scope="", frame="", span=SPAN, **parts))
        return Port(name)

    def input(self, channels: ExactScalar = 3) -> Port:
        return self._add(InputNode, "input", Shape(channels, 8, 8), name="image")

    def decide(self, name: str, values: Sequence[Any], kind: Kind = Kind.SET) -> str:
        options = tuple(Option(index, str(value), value) for index, value in enumerate(values))
        self.decisions[name] = Decision(name, Dimension.CHANNEL, kind, options, "", SPAN)
        return name

    def set(self, name: str, values: Sequence[int]) -> ExactScalar:
        self.decide(name, values)
        self.values[name] = switch(name, enumerate(values))
        return self.values[name]

    def operator(self, operator: Operator, *inputs: Port, like: Port | None = None) -> Port:
        (shape,) = operator.shapes(tuple(self.shape(port) for port in inputs))
        return self._add(OperatorNode, operator.name, shape, inputs=inputs, operator=operator, like=like, call=CALL)

    def layer(self, x: Port, channels: ExactScalar) -> Port:
        return self.operator(Layer(channels), x)

    def fit(self, x: Port, like: Port) -> Port:
        return self.operator(Fit(self.shape(like)), x, like=like)

    def join(self, *inputs: Port) -> Port:
        return self.operator(Join(), *inputs)

    def mux(self, decision: str, ports: Sequence[Port]) -> Port:
        branches = tuple(enumerate(ports))
        channels = switch(decision, [(index, self.shape(port).channels) for index, port in branches])
        return self._add(
            Mux, "mux", Shape(channels, 8, 8), inputs=tuple(dict.fromkeys(ports)), decision=decision, branches=branches
        )

    def select(self, decision: str, subsets: Sequence[Sequence[int]], ports: Sequence[Port]) -> Port:
        """The sum of subsets of ports, which have the same width."""
        branches = tuple((index, tuple(ports[i] for i in subset)) for index, subset in enumerate(subsets))
        return self._add(
            Select, "select", self.shape(ports[0]), inputs=tuple(dict.fromkeys(ports)), decision=decision,
            branches=branches,
        )  # fmt: skip

    def output(self, x: Port, auxiliary: bool = False) -> None:
        name = "head" if auxiliary else "result"
        self._add(OutputNode, "output", self.shape(x), inputs=(x,), name=name, auxiliary=auxiliary)

    def require(self, condition: ExactScalar) -> None:
        self.requirements.append(Requirement(SPAN, condition=condition))

    def graph(self) -> Graph:
        scope = Scope("", "space", "test", None)
        return Graph("test", self.nodes, self.decisions.values(), {"": scope}, self.requirements)


def keep(count: int, of: int) -> list[tuple[int, ...]]:
    """The subsets of some size."""
    return list(combinations(range(of), count))


class RandomGraph:
    """A random graph: nested and tied choices, sets, sums, diamonds, zeros, shapes that are read, requirements."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.build = Build()
        self.pool = [self.build.input(self._width() if self.random.random() < 0.2 else 3)]
        for _ in range(self.random.randint(2, 9)):
            self.pool.append(self._grow())
        self.build.output(self.pool[-1])
        if self.random.random() < 0.3:
            self.build.output(self._port(), auxiliary=True)
        if self.build.values and self.random.random() < 0.4:
            self._require()

    def graph(self) -> Graph:
        return self.build.graph()

    def _port(self) -> Port:
        """A tensor, rather a late one."""
        return self.pool[max(self.random.randrange(len(self.pool)) for _ in range(2))]

    def _fresh(self) -> str:
        return f"d{len(self.build.decisions)}"

    def _width(self) -> ExactScalar:
        if self.build.values and self.random.random() < 0.3:
            return self.random.choice(list(self.build.values.values()))
        values = self.random.sample(range(1, 9), self.random.randint(2, 3))
        return self.build.set(self._fresh(), values)

    def _grow(self) -> Port:
        draws = [self._plain, self._layer, self._read, self._like, self._join, self._mux, self._mux, self._sum]
        return self.random.choice([*draws, self._zero])()

    def _plain(self) -> Port:
        return self.build.layer(self._port(), 4)

    def _layer(self) -> Port:
        return self.build.layer(self._port(), self._width())

    def _read(self) -> Port:
        return self.build.layer(self._port(), 50 - self.build.shape(self._port()).channels)

    def _like(self) -> Port:
        return self.build.fit(self._port(), self._port())

    def _zero(self) -> Port:
        return self.build.operator(Zero(), self._port())

    def _join(self) -> Port:
        return self.build.join(*{self._port(): None for _ in range(2)})

    def _decision(self, options: int, kind: Kind) -> str:
        """A new decision or one that has as many options."""
        known = [d.name for d in self.build.decisions.values() if len(d.options) == options]
        if known and self.random.random() < 0.35:
            return self.random.choice(known)
        name = self.build.decide(self._fresh(), range(options), kind)
        self.build.values[name] = switch(name, enumerate(range(options)))
        return name

    def _mux(self) -> Port:
        ports = [self._grow() if self.random.random() < 0.5 else self._port() for _ in range(self.random.randint(2, 3))]
        return self.build.mux(self._decision(len(ports), Kind.CHOOSE), ports)

    def _sum(self) -> Port:
        ports = [self.build.layer(self._port(), 4) for _ in range(self.random.randint(1, 3))]
        subsets = [s for count in range(self.random.randint(0, 1), 3) for s in keep(count, len(ports))]
        return self.build.select(self._decision(len(subsets), Kind.SELECT), subsets, ports)

    def _require(self) -> None:
        values = self.random.sample(list(self.build.values.values()), min(3, len(self.build.values)))
        total: ExactScalar = 0
        for value in values:
            total = add(total, value)
        self.build.require(apply(self.random.choice(["<=", ">=", "!="]), total, self.random.randint(2, 12)))
