"""A class in the making: its parameters, the widths of its tensors in terms of them, and its code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ssrdsl.emission.drafts.expressions import Instance, Untranslatable
from ssrdsl.emission.drafts.parameters import MISSING, Parameters
from ssrdsl.emission.drafts.templates import Template
from ssrdsl.emission.drafts.units import Wire
from ssrdsl.emission.instances.network import IndexedNetwork, ScopePlace
from ssrdsl.language import syntax
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, named, value_of
from ssrdsl.space.graph import Bound, Port

SPARE_INPUTS = ("x", "y", "z", "u", "v", "w")


@dataclass(slots=True)
class Draft:
    """The parameters, tensors and code of a class that stands for all members of a template.

    `exposed` holds those parameters of the space that become parameters of its class; None for a block's class.
    """

    network: IndexedNetwork
    template: Template
    exposed: frozenset[str] | None = None
    parameters: Parameters = field(init=False)
    instances: list[Instance] = field(init=False)
    arguments: dict[str, str] = field(default_factory=dict)
    """The constructor's parameters for parameters of the block."""
    decided: dict[tuple[ScopePlace, str], str] = field(default_factory=dict)
    said: dict[tuple[str, int], Any] = field(default_factory=dict)
    """The first values of parameters for decisions, by the number of the instance."""
    equal: list[tuple[Any, Any]] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)
    """The names in widths that must be equal to others."""
    _numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = {body.scope: index for index, body in enumerate(self.template.members)}
        self.instances = [
            Instance(i, body.scope, self.network, self.arguments, self.decision)
            for i, body in enumerate(self.template.members)
        ]
        self.parameters = Parameters([instance.loops for instance in self.instances])
        if self.is_network:
            self.parameters.names.taken.add("auxiliary")  # which enables the auxiliary heads
        self._add_channels()
        self._add_arguments()

    @property
    def is_network(self) -> bool:
        """Whether this is the class of the network itself."""
        return self.exposed is not None

    @property
    def definition(self) -> syntax.Block | syntax.Space:
        """The block or space of this class."""
        definition = self.network.scope(self.template.members[0].scope).definition
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
            for kind, number in self.template.labels
        ]

    # Parameters

    def _add_channels(self) -> None:
        names = self.input_names()
        for index, name in enumerate(names):
            own = "in_channels" if len(names) == 1 else f"{name}_channels"
            ports = [self.template.port(one.index, (-1, index)) for one in self.instances]
            values = [self.network.graph.shape(port).channels for port in ports]
            parameter = None if self.is_network else self.parameters.add(own, "channels", values, index)
            for instance, port, value in zip(self.instances, ports, values, strict=True):
                instance.widths.setdefault(port, value if parameter is None else named(value, parameter))

    def _add_arguments(self) -> None:
        for parameter in self.definition.parameters:
            if self.exposed is not None and parameter.name not in self.exposed:
                continue
            bounds = [self.network.scope(i.scope).arguments.get(parameter.name) for i in self.instances]
            values = [self._scalar(bound) for bound in bounds]
            if all(value is not None for value in values):
                default = self._default(parameter.default, values)
                name = self.parameters.add(parameter.name, "argument", values, parameter.name, default)
                self.arguments[parameter.name] = name

    def _scalar(self, bound: Bound | None) -> Any:
        """The value of a name if it can be an argument of a constructor, else None."""
        if bound is None:
            return None
        try:
            value = self.network.value(bound.value)
        except KeyError:
            return None
        return value if is_scalar(value) else None

    def _default(self, expression: syntax.Expression | None, values: Sequence[Any]) -> Any:
        if self.is_network:
            return values[0]
        try:
            value = MISSING if expression is None else self.instances[0].symbol(expression, "", "")
        except Untranslatable:
            return MISSING
        return value if is_scalar(value) else MISSING

    def decision(self, instance: Instance, place: ScopePlace, name: str, hint: str, value: Any) -> str | None:
        """The constructor's parameter for a decision inside the block; in the network they are plain numbers.

        Also None if the same text was decided differently in another place of the instance.
        """
        if self.is_network:
            return None
        key = (place, name)
        if key not in self.decided:
            values = [self._decided(other, place, name) for other in self.instances]
            self.decided[key] = self.parameters.add(hint, "decision", values, key)
        parameter = self.decided[key]
        if self.said.setdefault((parameter, instance.index), value) != value:
            return None
        self.parameters.table[parameter].values[instance.index] = value
        return parameter

    def _decided(self, instance: Instance, place: ScopePlace, name: str) -> Any:
        """The value of a name at a place of an instance; None if nothing of this place is alive."""
        for scope in self.network.scopes_at(instance.scope, place):
            value = self._scalar(scope.names.get(name) or scope.arguments.get(name))
            if value is not None:
                return value
        return None

    # Tensors

    def set_widths(self, wire: Wire, widths: Sequence[Any]) -> None:
        """Record the width of a result in every instance, as one form if one is valid for all."""
        values = [value_of(width) for width in widths]
        forms = [width.form for width in widths if isinstance(width, SymbolicValue)]
        agreed = next((form for form in forms if self.parameters.holds(form, values)), None)
        pieces = self.template.units[wire[0]].pieces
        for instance, piece, width in zip(self.instances, pieces, widths, strict=True):
            if piece is not None:
                known = width if agreed is None else SymbolicValue(value_of(width), agreed)
                instance.widths[piece.makes[wire[1]]] = known

    def widths_at(self, wire: Wire) -> list[Any]:
        """The width of a wire in every instance."""
        return [one.channels(self.template.port(one.index, wire)) for one in self.instances]

    def form(self, wire: Wire) -> ExactScalar | None:
        """The width of a wire if its text is the same in all instances."""
        widths = self.widths_at(wire)
        forms = [form for form in map(form_of, widths) if form is not None]
        values = [value_of(width) for width in widths]
        return next((form for form in forms if self.parameters.holds(form, values)), None)


def is_scalar(value: Any) -> bool:
    """Whether a value can be an argument: a number, string, boolean, or a list of those."""
    if isinstance(value, Port):
        return False
    if isinstance(value, (tuple, list)):
        return all(map(is_scalar, value))
    return isinstance(value, (int, Fraction, str, bool))
