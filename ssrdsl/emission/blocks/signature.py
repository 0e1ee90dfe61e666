"""The constructor of a class: its parameters, and the calls that create its objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass, class_of
from ssrdsl.emission.blocks.unify import Reference
from ssrdsl.emission.code.trees import calls, symbols
from ssrdsl.emission.instances.instance import Instance, Untranslatable
from ssrdsl.emission.instances.network import is_scalar
from ssrdsl.emission.instances.parameters import MISSING, ConstructorParameter
from ssrdsl.language import syntax
from ssrdsl.operators.construction import Called
from ssrdsl.space.expressions.algebra import Variable, as_linear
from ssrdsl.space.expressions.formulas import atoms, names
from ssrdsl.space.expressions.symbols import SymbolicValue, form_of, named, replaced


def add_parameters(block: BlockClass, exposed: frozenset[str]) -> None:
    """Add the parameters for widths of inputs and for parameters of the block; `exposed` are those of the space."""
    if block.is_network:
        block.parameters.names.taken.add("auxiliary")  # which enables the auxiliary heads
    _add_channels(block)
    _add_arguments(block, exposed)


def _add_channels(block: BlockClass) -> None:
    names = block.declared_inputs()
    for index, name in enumerate(names):
        own = "in_channels" if len(names) == 1 else f"{name}_channels"
        ports = [block.port(one.index, (-1, index)) for one in block.instances]
        values = [block.network.graph.shape(port).channels for port in ports]
        parameter = None if block.is_network else block.parameters.add(own, "channels", values, index)
        for instance, port, value in zip(block.instances, ports, values, strict=True):
            instance.widths.setdefault(port, value if parameter is None else named(value, parameter))


def _add_arguments(block: BlockClass, exposed: frozenset[str]) -> None:
    for parameter in block.definition.parameters:
        if block.is_network and parameter.name not in exposed:
            continue
        bounds = [block.network.scope(i.scope).arguments.get(parameter.name) for i in block.instances]
        values = [block.network.scalar(bound) for bound in bounds]
        if all(value is not None for value in values):
            default = _default(block, parameter.default, values)
            block.parameters.add(parameter.name, "argument", values, parameter.name, default)


def _default(block: BlockClass, expression: syntax.Expression | None, values: Sequence[Any]) -> Any:
    if block.is_network:
        return values[0]
    try:
        value = MISSING if expression is None else block.instances[0].symbol(expression, "")
    except Untranslatable:
        return MISSING
    return value if is_scalar(value) else MISSING


def sign(block: BlockClass) -> None:
    """Set the constructor's parameters, which are the names used in the finished code."""
    block.signature = _signature(block)
    block.result_forms = [block.form(wire) for wire in block.results]


def _signature(block: BlockClass) -> list[ConstructorParameter]:
    """The used parameters: widths of inputs, other widths, required parameters, parameters with defaults."""
    used, widths = set(_used(block)), set(_widths(block))
    parameters = [parameter for parameter in block.parameters if parameter.name in used]
    for parameter in parameters:
        parameter.is_width = parameter.name in widths
        if parameter.kind == "hole":
            parameter.default = _default_class(block, parameter)
        if None in parameter.values and parameter.default is MISSING:
            known = [value for value in parameter.values if value is not None]
            parameter.default = Counter(known).most_common(1)[0][0]
    return sorted(parameters, key=lambda parameter: (_rank(parameter), _order(block, parameter)))


def _rank(parameter: ConstructorParameter) -> int:
    if parameter.default is not MISSING:
        return 4
    if parameter.is_width:
        return 0 if parameter.kind == "channels" else 1
    return 2 if parameter.kind == "decision" else 3


def _default_class(block: BlockClass, parameter: ConstructorParameter) -> Any:
    """The class of a layer for the block's default: `act=prelu`."""
    declared = next((p for p in block.definition.parameters if p.name == parameter.name), None)
    if declared is None or declared.default is None:
        return MISSING
    for instance, value in zip(block.instances, parameter.values, strict=True):
        bound = block.network.scope(instance.scope).arguments.get(parameter.name)
        if bound is not None and bound.expression is declared.default and isinstance(value, Reference):
            return value
    return MISSING


def _order(block: BlockClass, parameter: ConstructorParameter) -> tuple[int, int]:
    """The place of a decision among the names of its scope; other parameters keep their order."""
    if parameter.kind != "decision":
        return 0, 0
    place, name = parameter.source
    for instance in block.instances:
        for scope in block.network.scopes_at(instance.scope, place):
            if name in scope.names:
                return len(place), list(scope.names).index(name)
    return len(place), len(block.parameters.table)


def _used(block: BlockClass) -> Iterator[str]:
    """The names in the constructor that may be parameters."""
    code = block.constructor()
    yield from (call.target for call in calls(code))
    for symbol in symbols(code):
        yield from names(symbol.form)


def _widths(block: BlockClass) -> Iterator[Any]:
    """The names that are widths of tensors, or terms of them."""
    for instance in block.instances:
        for width in instance.widths.values():
            if isinstance(width, SymbolicValue):
                yield from (atom.key for atom, _ in as_linear(width.form)[1] if isinstance(atom, Variable))


def call(instance: Instance, holder: Instance) -> Called:
    """The call that creates an instance, with every argument by name, in terms of the containing class.

    Records the widths of the results there.
    """
    block, arguments = class_of(instance), tuple(_arguments(instance, holder))
    forms = {name: form_of(scalar) for name, scalar in arguments}
    known = {name for name, form in forms.items() if form is not None}
    for form, port in zip(block.result_forms, instance.results, strict=True):
        width = holder.network.graph.shape(port).channels
        if form is not None and all(isinstance(a, Variable) and a.key in known for a in atoms(form)):
            width = replaced(SymbolicValue(width, form), lambda name: forms[name.key])
        holder.widths[port] = width
    return Called(block.key, (), arguments)


def _arguments(instance: Instance, holder: Instance) -> Iterator[tuple[str, Any]]:
    block = class_of(instance)
    for parameter in block.signature:
        value = parameter.values[instance.index]
        if parameter.kind == "channels":
            yield parameter.name, holder.channels(block.port(instance.index, (-1, parameter.source)))
        elif parameter.kind == "argument":
            bound = holder.network.scope(instance.scope).arguments[parameter.source]
            yield parameter.name, holder.given(bound.expression, bound.scope, parameter.name, value)
        else:
            yield parameter.name, parameter.default if value is None else value
