"""The units of a class: the code of its operators and inner instances, one for all members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ssrdsl.emission.code.trees import (
    ITSELF,
    Called,
    Code,
    Each,
    Leaf,
    Member,
    Method,
    Operand,
    Slice,
    Spread,
    Subscript,
    Ternary,
    symbols,
)  # fmt: skip
from ssrdsl.emission.drafts.attributes import symbolic_operators
from ssrdsl.emission.drafts.conditions import condition, written_conditions
from ssrdsl.emission.drafts.construction import from_data
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.expressions import Instance
from ssrdsl.emission.drafts.signature import Signature
from ssrdsl.emission.drafts.unify import Unfit, unify_codes, unify_scalars
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.bodies import is_plain
from ssrdsl.emission.instances.near_zeros import ZEROS
from ssrdsl.emission.instances.templates import Slot
from ssrdsl.emission.symbols.forms import Form
from ssrdsl.emission.symbols.symbol import Symbol, form_of, named, value_of
from ssrdsl.language import syntax
from ssrdsl.operators.construction import Construction, same
from ssrdsl.operators.definition import Operator, Shape, Vector
from ssrdsl.space.graph import OperatorNode


@dataclass(slots=True)
class Assembly:
    """Makes units from the slots of a draft, in order. `signatures` are those of inner instances, by scope."""

    draft: Draft
    signatures: Mapping[str, Signature]

    def units(self) -> list[Unit]:
        """All units. Raises `Unfit` where the members differ in more than numbers."""
        made = [
            self._operator(number, slot) if slot.first.node is not None else self._children(number, slot)
            for number, slot in enumerate(self.draft.template.slots)
        ]
        self._make_optional(made)
        return made

    # Operators

    def _operator(self, number: int, slot: Slot) -> Unit:
        operators = symbolic_operators(self.draft, slot)
        node = slot.first.node
        assert node is not None
        unit = Unit(number, slot, node.operator.name, slot.reads, slot.results)
        self._construct(unit, operators)
        self._widen(number, slot, operators)
        if node.operator.name in {"add", "mul"}:
            self._note_equal(slot)
        return unit

    def _construct(self, unit: Unit, operators: Sequence[Operator | None]) -> None:
        modules: list[Code | None] = []
        applies: list[Code | None] = []
        functions: list[Code | None] = []
        unit.in_place = True
        for instance, piece, operator in zip(self.draft.instances, unit.slot.pieces, operators, strict=True):
            if operator is None or piece is None or piece.node is None:
                for codes in (modules, applies, functions):
                    codes.append(None)
                continue
            inputs = instance.input_shapes(piece.node)
            made, count = operator.construct(inputs), len(inputs)
            modules.append(None if made.module is None else from_data(made.module, count))
            applies.append(_application(operator, inputs, made))
            functions.append(None if made.function is None else from_data(made.function, count))
            unit.in_place = unit.in_place and made.in_place
            unit.is_stateful = unit.is_stateful or bool(value_of(operator.parameters(inputs)) != 0)
        node = unit.slot.first.node
        assert node is not None
        hint = _hint(self.draft, node)
        if any(modules):
            unit.modules = (self._one(modules, hint),)
        unit.apply = self._one(applies, hint)
        same_function = len({code.function for code in modules if isinstance(code, Called)}) <= 1
        if any(functions) and same_function:
            unit.function = self._one(functions, hint)
            if not unit.is_stateful and (len(unit.reads) > 1 or unit.results > 1):
                unit.modules, unit.apply = (), unit.function

    def _one(self, codes: Sequence[Code | None], hint: str) -> Code:
        return unify_codes(codes, hint, self.draft.parameters)

    def _widen(self, number: int, slot: Slot, operators: Sequence[Operator | None]) -> None:
        """Notes the widths of the results."""
        graph = self.draft.network.graph
        for result in range(slot.results):
            widths = self.draft.widths_at((number, result))
            for index, (operator, piece) in enumerate(zip(operators, slot.pieces, strict=True)):
                if operator is not None and piece is not None and piece.node is not None:
                    inputs = self.draft.instances[index].input_shapes(piece.node)
                    symbol = operator.shapes(inputs)[result].channels
                    exact = graph.shape(piece.makes[result]).channels
                    widths[index] = symbol if value_of(symbol) == exact else exact
            self.draft.set_widths((number, result), widths)

    def _note_equal(self, slot: Slot) -> None:
        """Remembers that tensors which are added have equal widths."""
        for instance, piece in zip(self.draft.instances, slot.pieces, strict=True):
            if piece is not None:
                first, *others = map(instance.channels, piece.reads)
                for other in others:
                    if value_of(first) == value_of(other):
                        self.draft.equal.append((first, other))
                        self.draft.compared |= _compared_names(first, other)

    # Inner instances

    def _children(self, number: int, slot: Slot) -> Unit:
        rows: list[tuple[Called, ...] | None] = []
        for instance, piece in zip(self.draft.instances, slot.pieces, strict=True):
            rows.append(None if piece is None else tuple(self._call(child, instance) for child in piece.children))
        unit = Unit(number, slot, "child", slot.reads, slot.results, is_child=True, is_stateful=True)
        name = self.signatures[slot.first.children[0]].name
        unit.label = "conv" if name.startswith("conv_") else name
        lengths = {len(row) for row in rows if row is not None}
        unit.repeats = len(lengths) > 1 or (slot.is_optional and _in_loop(slot))
        if unit.repeats:
            unit.modules = (self._repeated(rows),)
        else:
            columns = ([None if row is None else row[i] for row in rows] for i in range(lengths.pop()))
            unit.modules = tuple(self._module(column) for column in columns)
        unit.apply = Called(ITSELF, tuple(map(Operand, range(len(slot.reads)))))
        for result in range(slot.results):
            self.draft.set_widths((number, result), self.draft.widths_at((number, result)))
        return unit

    def _call(self, child: str, holder: Instance) -> Called:
        signature = self.signatures[child]
        call = signature.call(child, holder)
        signature.give_widths(child, holder)
        return call

    def _module(self, column: Sequence[Called | None]) -> Code:
        """One call for all members, or one of two classes."""
        kinds = list(dict.fromkeys(call.function for call in column if call is not None))
        codes = [
            self._one([call if call is not None and call.function == kind else None for call in column], kind)
            for kind in kinds
        ]
        if len(codes) == 1:
            return codes[0]
        if len(codes) > 2:
            raise Unfit
        truth = [call is not None and call.function == kinds[0] for call in column]
        test = condition(self.draft.parameters, truth)
        if test is None:
            raise Unfit
        return Ternary(codes[0], test, codes[1])

    def _repeated(self, rows: Sequence[tuple[Called, ...] | None]) -> Code:
        """Runs of different lengths, each of equal calls."""
        if any(row is not None and len(set(row)) > 1 for row in rows):
            raise Unfit
        if len({row[0].function for row in rows if row is not None}) > 1:
            raise Unfit
        call = self._one([None if row is None else row[0] for row in rows], "child")
        count = self._count([0 if row is None else len(row) for row in rows])
        return Spread(Each(call, "_", Called("range", (Leaf(count),)), "()"))

    def _count(self, known: list[int]) -> Any:
        """How often, as a sum of a parameter and a small number if that is right everywhere."""
        for parameter in self.draft.parameters:
            for more in (0, -1, 1, -2, 2):
                form = Form.atom(parameter.name) + Form.constant(more)
                if parameter.kind != "channels" and self.draft.parameters.holds(form, known):
                    return Symbol(known[0], form)
        return unify_scalars(known, "repeats", self.draft.parameters)

    # Conditions

    def _make_optional(self, units: Sequence[Unit]) -> None:
        """Gives the units that some members lack their conditions, the same to those that the same members lack."""
        groups: dict[tuple[bool, ...], list[Unit]] = {}
        for unit in units:
            if unit.slot.is_optional and not unit.repeats and not self._matches_always(unit):
                groups.setdefault(tuple(piece is not None for piece in unit.slot.pieces), []).append(unit)
        for truth, group in groups.items():
            test = self._condition(group, truth)
            for unit in group:
                assert unit.slot.bypass is not None
                unit.condition, unit.bypass = test, unit.slot.bypass

    def _condition(self, group: Sequence[Unit], truth: Sequence[bool]) -> Code:
        """When units exist; a parameter of their name says it where nothing else does."""
        parameters = self.draft.parameters
        forms = dict.fromkeys(symbol.form for unit in group for symbol in symbols(unit.modules))
        own = [form for form in forms if form.is_atom]
        written = [test for unit in group for test in written_conditions(self.draft, unit.slot)]
        test = condition(parameters, truth, own, self._pairs(group), written)
        if test is not None:
            return test
        flag = next((unit.label or unit.kind for unit in group if unit.is_stateful), group[0].kind)
        return Leaf(named(True, parameters.add(flag, "flag", list(truth), default=False)))

    def _matches_always(self, unit: Unit) -> bool:
        """Whether a `match` can stand where it is not needed, too: the channels that it asks for are there."""
        if unit.kind != "match" or not isinstance(unit.apply, Called):
            return False
        channels = unit.apply.arguments[1]
        assert isinstance(channels, Leaf)
        readers = [slot for slot in self.draft.template.slots if (unit.number, 0) in slot.reads]
        widths: list[Any] = []
        for index in range(len(self.draft.instances)):
            port = self.draft.template.port(index, (unit.number, 0))
            is_read = any(slot.pieces[index] is not None for slot in readers)
            widths.append(self.draft.network.graph.shape(port).channels if is_read else None)
        if isinstance(channels.scalar, Symbol):
            return self.draft.parameters.holds(channels.scalar.form, widths)
        return all(width in (None, channels.scalar) for width in widths)

    def _pairs(self, group: Sequence[Unit]) -> list[tuple[Form, Form]]:
        """The widths that meet where units are missing: of what they take and of what they give."""
        index = next(i for i, piece in enumerate(group[0].slot.pieces) if piece is not None)
        pieces = [unit.slot.pieces[index] or unit.slot.first for unit in group]
        ports = [
            *(port for piece in pieces for port in piece.reads),
            *(port for piece in pieces for port in piece.makes),
        ]
        forms = map(form_of, map(self.draft.instances[index].channels, ports))
        return list(combinations(dict.fromkeys(form for form in forms if form is not None), 2))


def _compared_names(one: Any, other: Any) -> set[str]:
    """The names in two widths, if these are not the same anyway."""
    forms = [form for form in (form_of(one), form_of(other)) if form is not None]
    if len({form.text for form in forms}) == 1:
        return set()
    return {atom for form in forms for atom in form.atoms() if isinstance(atom, str)}


def _zeros(shape: Shape, like: Shape) -> Code:
    """Zeros at the size that a tensor has when the network runs, where the two have the same."""
    batch = Method(Operand(0), "size", (Leaf(0),))
    if isinstance(shape, Vector) and not isinstance(like, Vector):
        return Method(Operand(0), "new_zeros", (batch, Leaf(shape.channels)))
    if (type(shape), *shape[1:]) != (type(like), *like[1:]):
        return Method(Operand(0), "new_zeros", (batch, *map(Leaf, shape)))
    if same(shape.channels, like.channels):
        return Called("torch.zeros_like", (Operand(0),))
    extents = Spread(Subscript(Member(Operand(0), "shape"), (Slice(Leaf(2)),)))
    return Method(Operand(0), "new_zeros", (batch, Leaf(shape.channels), extents))


def _hint(draft: Draft, node: OperatorNode) -> str:
    """What an operator is called where it was handed over or chosen; `act` for an activation without a name."""
    if isinstance(node.call, syntax.Name) and node.call.name != node.operator.name:
        return node.call.name
    scope = draft.network.scope(node.scope)
    chosen = scope.label.partition("=")[0].partition("[")[0] if scope.kind == "option" else ""
    if chosen and chosen != "choose":
        return chosen
    return "act" if is_plain(node) else node.operator.name


def _in_loop(slot: Slot) -> bool:
    """Whether the instances of a slot are all turns of a loop, of which some members make none."""
    return any(step[0] == "turn" and step[2] == "*" for step in slot.key if isinstance(step, tuple))


def _application(operator: Operator, inputs: tuple[Shape, ...], made: Construction) -> Code:
    """How an operator is applied; `match` and `resize` to a tensor by functions of their own in the file."""
    if operator.name == "match" and not isinstance(inputs[0], Vector):
        return Called("match", (Operand(0), Leaf(operator.shapes(inputs)[0].channels)))
    if operator.name == ZEROS:
        return _zeros(operator.shapes(inputs)[0], inputs[0])
    code = from_data(made.apply, len(inputs))
    if operator.name == "resize" and made.module is None and isinstance(code, Called):
        return Called("resize", (Operand(0),), (("like", Operand(1)), *code.keywords[1:]))
    return code
