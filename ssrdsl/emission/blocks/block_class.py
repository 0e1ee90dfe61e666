"""The class of a block: its instances laid over each other, then its members and the statements of its `forward`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ssrdsl.emission.blocks.units import Unit, Wire
from ssrdsl.emission.code.names import PythonNames, attribute
from ssrdsl.emission.instances.instance import BlockInput, Instance, results_of
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.emission.instances.parameters import ConstructorParameter, Parameters
from ssrdsl.language import syntax
from ssrdsl.operators.construction import FIRST, Code
from ssrdsl.space.expressions import ExactScalar
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, value_of
from ssrdsl.space.graph import Port

SPARE_INPUTS = ("x", "y", "z", "u", "v", "w")
ModulePath = tuple[str | int, ...]


@dataclass(slots=True, eq=False)
class BlockClass:
    """The class of instances of a block, or of the network: they have the same units and connections.

    `labels` are its inputs, `results` its results. `compared` has the names in widths that must be equal, but have
    different texts.

    The rest is planned when its units have their code: `inputs` are the names of the inputs. `attributes` are the
    modules by name, `auxiliary_attributes` those that only exist for auxiliary heads. `sequential` has the modules of a
    class that is a `nn.Sequential`. `stored` are numbers and conditions that `forward` needs. `paths` maps the number
    of a unit to the paths of its modules. `signature` has the parameters of the constructor, in order, `result_forms`
    the widths of the results in terms of these, None where their text differs between instances.
    """

    network: IndexedNetwork
    labels: tuple[BlockInput, ...]
    units: list[Unit]
    results: tuple[Wire, ...]
    instances: list[Instance] = field(default_factory=list)
    parameters: Parameters = field(init=False)
    compared: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)
    attributes: dict[str, Code] = field(default_factory=dict)
    auxiliary_attributes: dict[str, Code] = field(default_factory=dict)
    locals: dict[str, Code] = field(default_factory=dict)
    stored: dict[str, Code] = field(default_factory=dict)
    statements: list[tuple[str, Code]] = field(default_factory=list)
    result: Code = FIRST
    auxiliary_statements: list[tuple[str, Code]] = field(default_factory=list)
    heads: tuple[tuple[str, Code], ...] = ()
    sequential: tuple[Code, ...] | None = None
    paths: dict[int, list[ModulePath]] = field(default_factory=dict)
    signature: list[ConstructorParameter] = field(default_factory=list)
    result_forms: list[ExactScalar | None] = field(default_factory=list)
    name: str = ""
    """The name of the class, given when those of all classes are known."""
    key: str = ""
    """A placeholder for the name until then, the same for classes of the same text."""

    def __post_init__(self) -> None:
        self.parameters = Parameters(self.instances)

    def add(self, instance: Instance) -> None:
        """Add an instance, whose pieces the units have."""
        added = replace(instance, inputs={label: instance.inputs[label] for label in self.labels})
        added.block, added.index = self, len(self.instances)
        self.instances.append(added)

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

    @property
    def outputs(self) -> list[tuple[Wire, str | None]]:
        """The results, each with the name of the auxiliary head that it is, if any."""
        nodes = self.network.graph.outputs if self.is_network else [None] * len(self.results)
        heads = [node.name if node is not None and node.auxiliary else None for node in nodes]
        return list(zip(self.results, heads, strict=True))

    def declared_inputs(self) -> list[str]:
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

    # Tensors

    def port(self, index: int, wire: Wire) -> Port:
        """The tensor of an instance at a wire, also past a missing piece."""
        number, result = wire
        while number >= 0:
            piece = self.units[number].pieces[index]
            if piece is not None:
                return results_of(piece)[result]
            number, result = self.units[number].passed
        return self.instances[index].inputs[self.labels[result]]

    def set_widths(self, wire: Wire, widths: Sequence[Any]) -> None:
        """Record the width of a result in every instance, as one form if one is valid for all."""
        agreed = self._agreed([width.form for width in widths if isinstance(width, SymbolicValue)], widths)
        pieces = self.units[wire[0]].pieces
        for instance, piece, width in zip(self.instances, pieces, widths, strict=True):
            if piece is not None:
                known = width if agreed is None else SymbolicValue(value_of(width), agreed)
                instance.widths[results_of(piece)[wire[1]]] = known

    def widths_at(self, wire: Wire) -> list[Any]:
        """The width of a wire in every instance."""
        return [one.channels(self.port(one.index, wire)) for one in self.instances]

    def form(self, wire: Wire) -> ExactScalar | None:
        """The width of a wire if its text is the same in all instances."""
        widths = self.widths_at(wire)
        return self._agreed([form for form in map(form_of, widths) if form is not None], widths)

    def _agreed(self, forms: Sequence[ExactScalar], widths: Sequence[Any]) -> ExactScalar | None:
        """The first form that has the values of these widths in all instances."""
        values = [value_of(width) for width in widths]
        return next((form for form in forms if self.parameters.holds(form, values)), None)

    # Code

    def constructor(self) -> list[Code]:
        """All code of the constructor."""
        kept = (self.locals, self.stored, self.attributes, self.auxiliary_attributes)
        return [*(code for assigned in kept for code in assigned.values()), *(self.sequential or ())]

    def code(self) -> list[Code]:
        """All code of the class."""
        statements = (code for _, code in (*self.statements, *self.auxiliary_statements, *self.heads))
        return [*self.constructor(), *statements, self.result]

    def keep(self, code: Code, wanted: str) -> str:
        """The attribute that keeps a number or condition of the constructor for `forward`."""
        name = next((name for name, known in self.stored.items() if known == code), None)
        if name is None:
            taken = PythonNames({*self.stored, *self.attributes, *self.auxiliary_attributes})
            name = taken.unique(attribute(wanted))
            self.stored[name] = code
        return f"self.{name}"

    def text(self) -> Hashable:
        """A key that is equal for classes of the same text, which can share one."""
        assigned = tuple(tuple(held.items()) for held in (self.locals, self.stored, self.attributes))
        parameters = tuple((parameter.name, parameter.default) for parameter in self.signature)
        statements = tuple(self.statements)
        return id(self.definition), parameters, tuple(self.inputs), assigned, self.sequential, statements, self.result


def class_of(instance: Instance) -> BlockClass:
    """The class that an instance was added to."""
    assert isinstance(instance.block, BlockClass)
    return instance.block
