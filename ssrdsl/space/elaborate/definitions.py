"""The values of the definitions of files; imported files are evaluated first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssrdsl.language import syntax
from ssrdsl.space.binding import Declaration, Module
from ssrdsl.space.binding.modules import Used
from ssrdsl.space.binding.primitives import installed_operators
from ssrdsl.space.elaborate.builtins import BUILTINS
from ssrdsl.space.elaborate.context import ElaborationContext
from ssrdsl.space.elaborate.statements import bound, defined
from ssrdsl.space.elaborate.values import Environment, NoValue, OperatorValue, Value, described, kind_of_value
from ssrdsl.space.faults import fail


def primitives() -> Mapping[str, Value]:
    """The values visible in all files. Raises `UserError` if an operator of an installed package cannot be loaded."""
    return {name: OperatorValue(operator) for name, operator in installed_operators().items()} | BUILTINS


@dataclass(slots=True)
class Definitions:
    """The values of declarations; `context` is that of the space."""

    context: ElaborationContext
    primitives: Mapping[str, Value] = field(default_factory=primitives)
    _values: dict[Declaration, Value] = field(default_factory=dict)
    _names: dict[Module, dict[str, Value]] = field(default_factory=dict)

    def of(self, module: Module) -> dict[str, Value]:
        """The values of all names visible at the level of a file."""
        if module in self._names:
            return self._names[module]
        names = self._names[module] = dict(self.primitives)
        context = self.context.seeing(Environment(names, "", module.library))
        for used in module.uses:
            self._use(used, names, context)
        for item in module.file.items:
            if isinstance(item, syntax.Block):
                self._define(module, item.name, defined(context, item))
        for item in module.file.items:
            if isinstance(item, syntax.Binding):
                for name, value in bound(context, item).items():
                    self._define(module, name, value)
        return names

    def _define(self, module: Module, name: str, value: Value) -> None:
        self._names[module][name] = self._values[module.own[name]] = value

    def _use(self, used: Used, names: dict[str, Value], context: ElaborationContext) -> None:
        """Add the names imported by a `use` to those of a file."""
        decided = set(context.builder.decisions)
        inner = self.of(used.module)
        if not used.use.library:
            context.builder.offered.update(context.builder.decisions.keys() - decided)
        for rebinding in used.use.rebindings:
            seen = Environment({**names, **inner}, "", context.environment.library)
            value = _rebound(rebinding, used.use, inner[rebinding.name], context.seeing(seen))
            inner[rebinding.name] = self._values[used.brings[rebinding.name]] = value
        for name, declaration in used.brings.items():
            names[name] = NoValue.AMBIGUOUS if declaration.is_ambiguous else self._values[declaration]


def _rebound(rebinding: syntax.Rebinding, use: syntax.Use, before: Value, context: ElaborationContext) -> Value:
    """The value of a rebound name, which must have the same kind as before."""
    value = context.labelled(rebinding.name).evaluate(rebinding.value)
    if kind_of_value(before) != kind_of_value(value):
        fail("E0404", f"`{rebinding.name}` is rebound to a value of another type", rebinding.value.span,
             help=f"it is {described(before)} in `{use.target}`")  # fmt: skip
    return value
