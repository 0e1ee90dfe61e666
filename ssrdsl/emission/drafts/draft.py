"""A class in the making: its units, its parameters, and the widths of its tensors in terms of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.emission.instances.instance import BlockInput, Instance, Untranslatable
from ssrdsl.emission.instances.network import IndexedNetwork, is_scalar
from ssrdsl.emission.instances.parameters import MISSING, Parameters
from ssrdsl.language import syntax
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, named, value_of
from ssrdsl.space.graph import Port

SPARE_INPUTS = ("x", "y", "z", "u", "v", "w")


@dataclass(slots=True, eq=False)
class Draft:
    """A class in the making: instances of a block laid over each other, with the same units and connections.

    `labels` are its inputs, `results` its results. `equal` has pairs of widths that must be equal, `compared` the names
    in those whose text differs.
    """

    network: IndexedNetwork
    labels: tuple[BlockInput, ...]
    units: list[Unit]
    results: tuple[Wire, ...]
    instances: list[Instance] = field(default_factory=list)
    parameters: Parameters = field(init=False)
    equal: list[tuple[Any, Any]] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters = Parameters(self.network)

    def add(self, instance: Instance) -> None:
        """Add an instance, whose pieces the units have."""
        index = self._numbers[instance.scope] = len(self.instances)
        inputs = {label: instance.inputs[label] for label in self.labels}
        self.instances.append(replace(instance, inputs=inputs, parameters=self.parameters, index=index))
        self.parameters.scopes.append(instance.scope)
        self.parameters.loops.append({})

    @property
    def is_network(self) -> bool:
        """Whether this is the class of the network itself."""
        return not self.instances[0].scope

    @property
    def is_chain(self) -> bool:
        """Whether every unit only reads the previous one."""
        for number, unit in enumerate(self.units):
            if unit.reads != (((number - 1, 0) if number else (-1, 0)),) or unit.results != 1:
                return False
        return self.results == ((len(self.units) - 1, 0),)

    @property
    def is_chain_of_blocks(self) -> bool:
        """Whether it only consists of several consecutive instances of blocks."""
        return self.is_chain and all(unit.node is None for unit in self.units)

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """The block or space of this class."""
        definition = self.network.scope(self.instances[0].scope).definition
        assert definition is not None
        return definition

    def index(self, scope: str) -> int:
        """The number of an instance by its scope."""
        return self._numbers[scope]

    def input_names(self) -> list[str]:
        """The names of the inputs, as declared by the block."""
        if isinstance(self.definition, syntax.Block):
            declared = [name.name for name in self.definition.inputs]
        else:
            declared = [node.name for node in self.network.graph.inputs]
        spare = iter([name for name in SPARE_INPUTS if name not in declared])
        return [
            declared[number] if kind == "declared" and number < len(declared) else next(spare, f"x{number}")
            for kind, number in self.labels
        ]

    # Parameters

    def add_parameters(self, exposed: frozenset[str]) -> None:
        """Add the parameters for widths of inputs and for parameters of the block; `exposed` are those of the space."""
        if self.is_network:
            self.parameters.names.taken.add("auxiliary")  # which enables the auxiliary heads
        self._add_channels()
        self._add_arguments(exposed)

    def _add_channels(self) -> None:
        names = self.input_names()
        for index, name in enumerate(names):
            own = "in_channels" if len(names) == 1 else f"{name}_channels"
            ports = [self.port(one.index, (-1, index)) for one in self.instances]
            values = [self.network.graph.shape(port).channels for port in ports]
            parameter = None if self.is_network else self.parameters.add(own, "channels", values, index)
            for instance, port, value in zip(self.instances, ports, values, strict=True):
                instance.widths.setdefault(port, value if parameter is None else named(value, parameter))

    def _add_arguments(self, exposed: frozenset[str]) -> None:
        for parameter in self.definition.parameters:
            if self.is_network and parameter.name not in exposed:
                continue
            bounds = [self.network.scope(i.scope).arguments.get(parameter.name) for i in self.instances]
            values = [self.network.scalar(bound) for bound in bounds]
            if all(value is not None for value in values):
                default = self._default(parameter.default, values)
                name = self.parameters.add(parameter.name, "argument", values, parameter.name, default)
                self.parameters.arguments[parameter.name] = name

    def _default(self, expression: syntax.Expression | None, values: Sequence[Any]) -> Any:
        if self.is_network:
            return values[0]
        try:
            value = MISSING if expression is None else self.instances[0].symbol(expression, "", "")
        except Untranslatable:
            return MISSING
        return value if is_scalar(value) else MISSING

    # Tensors

    def port(self, index: int, wire: Wire) -> Port:
        """The tensor of an instance at a wire, also past a missing piece."""
        number, result = wire
        if number < 0:
            return self.instances[index].inputs[self.labels[result]]
        unit = self.units[number]
        piece = unit.pieces[index]
        return self.port(index, unit.passed) if piece is None else piece.makes[result]

    def set_widths(self, wire: Wire, widths: Sequence[Any]) -> None:
        """Record the width of a result in every instance, as one form if one is valid for all."""
        values = [value_of(width) for width in widths]
        forms = [width.form for width in widths if isinstance(width, SymbolicValue)]
        agreed = next((form for form in forms if self.parameters.holds(form, values)), None)
        pieces = self.units[wire[0]].pieces
        for instance, piece, width in zip(self.instances, pieces, widths, strict=True):
            if piece is not None:
                known = width if agreed is None else SymbolicValue(value_of(width), agreed)
                instance.widths[piece.makes[wire[1]]] = known

    def widths_at(self, wire: Wire) -> list[Any]:
        """The width of a wire in every instance."""
        return [one.channels(self.port(one.index, wire)) for one in self.instances]

    def form(self, wire: Wire) -> ExactScalar | None:
        """The width of a wire if its text is the same in all instances."""
        widths = self.widths_at(wire)
        forms = [form for form in map(form_of, widths) if form is not None]
        values = [value_of(width) for width in widths]
        return next((form for form in forms if self.parameters.holds(form, values)), None)
