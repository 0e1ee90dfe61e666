"""Bind the arguments of calls to the parameters of operators and blocks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from ssrdsl.language import syntax
from ssrdsl.language.diagnostics import Label, suggest
from ssrdsl.language.source import Span
from ssrdsl.operators import AttributeFault, Operator, Shape
from ssrdsl.space.binding.unknown import AUTOMATIC
from ssrdsl.space.decisions import Dimension
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.sorts import is_numeric, is_truth
from ssrdsl.space.elaborate.values import BlockValue, Environment, Value, kind_of_value
from ssrdsl.space.expressions import Decided
from ssrdsl.space.faults import fail
from ssrdsl.space.graph import Bound, Port


@dataclass(slots=True)
class BoundArguments:
    """Arguments of an operator: attributes, tensors (with their arguments) and the tensor whose shape it reads."""

    operator: type[Operator]
    where: Span
    attributes: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    tensors: list[tuple[syntax.Expression, Value]] = field(default_factory=list)
    like: Port | None = None

    def made(self) -> Operator:
        """The operator with its attributes."""
        try:
            return self.operator(**self.attributes)
        except AttributeFault as fault:
            fail("E0407", str(fault), self.places.get(fault.attribute, self.where),
                 help=f"`ssrdsl operators {self.operator.name}` lists its parameters")  # fmt: skip


def bind_operator(context: ElaborationContext, operator: type[Operator], call: syntax.Call) -> BoundArguments:
    """Evaluate the arguments of a call of an operator."""
    given = BoundArguments(operator, call.span)
    tensors, others = divided(operator, call)
    given.tensors = [(tensor.value, context.unnamed.evaluate(tensor.value)) for tensor in tensors]
    fields, _, needed = _signature(operator)  # type: ignore[arg-type]
    for name, argument in attributes_among(operator, others):
        if _is_automatic(argument.value, fields[name], context.environment):
            continue
        value = context.labelled(f"{operator.name}.{name}").evaluate(argument.value)
        if isinstance(value, Port) and name == operator.takes_like:
            given.like = value
            value = context.builder.shape(value)
        given.places[name] = argument.value.span
        given.attributes[name] = _checked(context, operator, fields[name], value, argument.value)
    missing = [name for name in needed if name not in given.attributes]
    if missing:
        fail("E0403", f"`{operator.name}` needs `{missing[0]}`", call.span, help=f"write `{usage(operator)}`")
    return given


def divided(operator: type[Operator], call: syntax.Call) -> tuple[Sequence[syntax.Argument], Sequence[syntax.Argument]]:
    """Divide the arguments of a call into tensors and others."""
    if not operator.is_function:
        return (), call.arguments
    positional = [argument for argument in call.arguments if argument.name is None]
    count = len(positional) if operator.inputs is None else operator.inputs
    return positional[:count], positional[count:] + [item for item in call.arguments if item.name is not None]


def attributes_among(operator: type[Operator], others: Sequence[syntax.Argument]) -> list[tuple[str, syntax.Argument]]:
    """The arguments of a call other than tensors, with the names of their attributes; raises errors as `matched`."""
    fields, by_position, _ = _signature(operator)  # type: ignore[arg-type]
    return matched(operator.name, by_position, fields, others)


def _is_automatic(argument: syntax.Expression, parameter: Field[Any], environment: Environment) -> bool:
    """Whether an argument is `auto`. Raises an error if its parameter has no automatic value."""
    if not isinstance(argument, syntax.Name) or argument.name != AUTOMATIC or environment.get(AUTOMATIC) is not None:
        return False
    if parameter.default is not None or parameter.metadata.get("alternative"):
        fail("E0407", f"`{parameter.name}` has no automatic value", argument.span,
             help="only parameters listed with `=auto` accept `auto`")  # fmt: skip
    return True


@cache
def _signature(operator: type[Operator]) -> tuple[dict[str, Field[Any]], list[str], list[str]]:
    """The attributes of an operator by name, the positional ones, and those without a default."""
    fields = {item.name: item for item in operator.signature()}
    positional = [name for name, item in fields.items() if item.metadata.get("positional")]
    return fields, positional, [name for name, item in fields.items() if item.default is MISSING]


def usage(operator: type[Operator]) -> str:
    """A call of an operator, for help texts."""
    parts = [f.name if f.default is MISSING else f"{f.name}=..." for f in operator.signature()]
    return f"{operator.name}({', '.join(parts)})"


def matched(
    callee: str,
    positional: Sequence[str],
    known: Collection[str],
    arguments: Sequence[syntax.Argument],
) -> list[tuple[str, syntax.Argument]]:
    """Pairs of parameter name and argument. Raises an error for unknown, repeated or surplus arguments."""
    found: dict[str, syntax.Argument] = {}
    waiting = list(positional)
    for argument in arguments:
        if argument.name is None:
            if not waiting:
                _surplus(callee, positional, known, argument)
            name = waiting.pop(0)
        else:
            name = argument.name
            if name not in known:
                listed = f"`{callee}` takes " + (", ".join(known) if known else "no arguments")
                fail(
                    "E0402", f"`{callee}` has no parameter `{name}`", argument.span, help=suggest(name, known) or listed
                )
        if name in found:
            fail("E0401", f"`{name}` is given twice", argument.span, secondary=(Label(found[name].span, "first here"),),
                 help="positional arguments are assigned to the first parameters; omit one of the two")  # fmt: skip
        found[name] = argument
    return list(found.items())


def _surplus(callee: str, positional: Sequence[str], known: Collection[str], argument: syntax.Argument) -> None:
    keywords = [name for name in known if name not in positional]
    count = {0: "no arguments", 1: "at most one argument"}.get(len(positional), f"at most {len(positional)} arguments")
    rest = "the others" if positional else "them"
    help = f"pass {rest} by name: {', '.join(f'{name}=...' for name in keywords)}" if keywords else None
    fail("E0401", f"`{callee}` takes {count} by position", argument.span, help=help)


_PLAIN = frozenset([int, bool, str, Fraction])


def _checked(
    context: ElaborationContext,
    operator: type[Operator],
    parameter: Field[Any],
    value: Value,
    argument: syntax.Expression,
) -> Any:
    """Check the value of an attribute: its kind, and that it can be relaxed if it is decided."""
    parts = value if isinstance(value, tuple) and not isinstance(value, (Port, Shape)) else (value,)
    for part in parts:
        if type(part) in _PLAIN:
            continue
        kind = kind_of_value(part)
        if isinstance(part, list) or kind in {"tensor", "layer"}:
            what = {"layer": "a layer", "tensor": "a tensor"}.get(str(kind), "a list")
            fail("E0404", f"`{parameter.name}` of `{operator.name}` must be a scalar, not {what}", argument.span,
                 label=f"this is {what}", help=f"`{usage(operator)}` takes numbers and strings")  # fmt: skip
        if isinstance(part, Decided):
            _relax(context, operator, parameter, part, argument)
    return value


def _relax(
    context: ElaborationContext,
    operator: type[Operator],
    parameter: Field[Any],
    value: Decided,
    argument: syntax.Expression,
) -> None:
    dimension = parameter.metadata.get("dimension")
    if dimension is None:
        fail(
            "E0502", f"`{parameter.name}` of `{operator.name}` cannot be a set", argument.span,
            label="its options could not share weights",
            help="write `choose v in {...} { ... }`, which gives every option its own weights",
        )  # fmt: skip
    if is_truth(value) or not is_numeric(value):
        fail("E0404", f"`{parameter.name}` of `{operator.name}` must be numbers", argument.span,
             help="write a set of numbers: `{16, 32}`")  # fmt: skip
    context.builder.tag(value, Dimension(dimension))


def bind_block(
    context: ElaborationContext,
    block: BlockValue,
    call: syntax.Call | None,
    where: syntax.Expression,
) -> Mapping[str, Bound]:
    """Evaluate the arguments of a call of a block, and the defaults of other parameters."""
    definition = block.definition
    names = [parameter.name for parameter in definition.parameters]
    bound: dict[str, Bound] = {}
    if call is not None:
        for name, argument in matched(definition.name, names, names, call.arguments):
            value = context.labelled(f"{definition.name}.{name}").evaluate(argument.value)
            bound[name] = Bound(value, argument.value, context.frame)
    for index, parameter in enumerate(definition.parameters):
        if parameter.name not in bound:
            if parameter.default is None:
                needed = ", ".join(p.name for p in definition.parameters)
                fail("E0403", f"`{definition.name}` needs `{parameter.name}`", where.span,
                     secondary=(Label(definition.name_span, "defined here"),),
                     help=f"write `{definition.name}({needed})`")  # fmt: skip
            defaults = block.environment.bind({name: bound[name].value for name in names[:index]})
            value = context.seeing(defaults).labelled(f"{definition.name}.{parameter.name}").evaluate(parameter.default)
            bound[parameter.name] = Bound(value, parameter.default, defaults.frame)
    return bound
