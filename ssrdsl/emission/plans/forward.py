"""The body of `forward`: statements that compute the results, with names from the source."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.units import FLATTENED, PLAIN, Unit, Wire
from ssrdsl.emission.code.names import PythonNames, variable
from ssrdsl.emission.code.trees import Each, Raw, Starred, Ternary, bound, flat, rebuilt, symbols, with_symbols
from ssrdsl.emission.instances.instance import Side
from ssrdsl.emission.instances.parameters import has_sides
from ssrdsl.emission.plans.items import Chain, Fold
from ssrdsl.operators.construction import Called, Code, Infix, Leaf, Listed, Operand, Self_
from ssrdsl.space.expressions.algebra import Decided, Variable, name
from ssrdsl.space.expressions.formulas import ATOM
from ssrdsl.space.expressions.formulas import names as names_in
from ssrdsl.space.expressions.symbols import Formed, SymbolicValue, changed, named, replaced

LINE = 112
"""The width available for a statement after its indentation."""
DEPTH = 8
"""The largest number of nested function calls."""
SINGULAR = {"branches": "branch", "levels": "level"}


@dataclass(slots=True)
class Forward:
    """The builder of the statements.

    `uses` counts the readers of every tensor, `wanted` has names from the source, `attributes` the names of modules by
    the number of the item; `variables` are those of a loop around it. Code longer than `width` is split. Tensors in
    `returned` are not named if nothing else reads them.
    """

    block: BlockClass
    uses: Mapping[Wire, int]
    wanted: Mapping[Wire, str]
    attributes: Mapping[int, str]
    names: PythonNames
    variables: Set[str] = frozenset()
    returned: Set[Wire] = frozenset()
    width: int = LINE
    known: dict[Wire, Code] = field(default_factory=dict)
    statements: list[tuple[str, Code]] = field(default_factory=list)

    def compute(self, item: Chain | Fold) -> None:
        """Add the computation of an item with known operands."""
        fallback = self.attributes.get(item.number, "y").removeprefix("self.")
        if isinstance(item, Fold):
            self.known[item.number, 0] = self._comprehension(item)
        elif item.is_linked:
            code = self._fitting(item, lambda operands: self._chain(item, operands[0]))
            self._give((item.number, 0), code, fallback)
        else:
            self._compute_unit(item, item.units[0], fallback)

    def _compute_unit(self, item: Chain, unit: Unit, fallback: str) -> None:
        itself = self.attributes.get(unit.number)
        otherwise = Raw("") if unit.condition is None else self.simple(unit.passed)
        code = self._fitting(item, lambda operands: self._unit(unit, operands, itself))
        code = self._in_steps(code, fallback) if isinstance(code, Infix) else code
        if unit.condition is not None:
            code = Ternary(code, Raw(self._flag(unit)), otherwise)
        if unit.results > 1:
            self._give_several([(unit.number, index) for index in range(unit.results)], code, fallback)
        else:
            self._give((unit.number, 0), code, fallback)

    def assign(self, wanted: str, code: Code) -> Raw:
        """Assign a value to a new variable."""
        name = self.names.unique(variable(wanted))
        self.statements.append((name, code))
        return Raw(name)

    def simple(self, wire: Wire) -> Raw:
        """A tensor by name, given one if it has none."""
        code = self.known[wire]
        if not isinstance(code, Raw):
            code = self.known[wire] = self.assign(self.wanted.get(wire) or _value_name(code), code)
        return code

    def _give(self, wire: Wire, code: Code, fallback: str) -> None:
        """Record the code of a tensor; it gets a variable if it has a name in the source or several readers."""
        named = wire in self.wanted and wire not in self.returned
        if isinstance(code, Raw) or (not named and self.uses.get(wire, 0) == 1):
            self.known[wire] = code
        else:
            self.known[wire] = self.assign(self.wanted.get(wire, fallback), code)

    def _give_several(self, wires: Sequence[Wire], code: Code, fallback: str) -> None:
        names = [self.names.unique(variable(self.wanted.get(wire, fallback))) for wire in wires]
        self.statements.append((", ".join(names), code))
        self.known.update((wire, Raw(name)) for wire, name in zip(wires, names, strict=True))

    def _fitting(self, item: Chain, make: Callable[[list[Code]], Code]) -> Code:
        """The code over the operands; the longest ones are named until it fits on a line."""
        target = self.wanted.get((item.number, 0)) or self.attributes.get(item.number, "").removeprefix("self.")
        width = self.width - max(len("return "), len(f"{target} = "))
        operands = [self.known[wire] for wire in item.reads]
        code = make(operands)
        while len(flat(code)) > width:
            lengths = [0 if isinstance(o, (Raw, Each)) else len(flat(o)) for o in operands]
            if not any(lengths):
                break
            chosen = next(i for i, length in enumerate(lengths) if length > max(lengths) / 2)
            operands[chosen] = self.simple(item.reads[chosen])
            code = make(operands)
        return code

    def _in_steps(self, code: Infix, fallback: str) -> Code:
        """A sum or product with as many operands as fit on a line; the preceding ones are assigned to a variable."""
        parts = list(code.operands)
        width = self.width - max(len("return "), len(f"{fallback}99 = "))
        while len(flat(Infix(code.sign, tuple(parts)))) > width:
            count, length = 1, len(flat(parts[0]))
            while count < len(parts) and (length := length + len(flat(parts[count])) + 3) <= width:
                count += 1
            if count in (1, len(parts)):
                break
            parts[:count] = [self.assign(fallback, Infix(code.sign, tuple(parts[:count])))]
        return Infix(code.sign, tuple(parts))

    # Expressions

    def _chain(self, chain: Chain, start: Code) -> Code:
        code = self._nested(chain.before, start)
        if chain.modules:
            alone = len(chain.inside) == 1 and chain.inside[0].apply == FLATTENED
            code = self._filled(FLATTENED if alone else PLAIN, [code], self.attributes[chain.number])
        return self._nested(chain.after, code)

    def _nested(self, units: Sequence[Unit], code: Code) -> Code:
        """Nested function calls; long nests are split with variables."""
        for count, unit in enumerate(units):
            if count and count % DEPTH == 0:
                code = self.assign(_value_name(code), code)
            code = self._filled(unit.function or unit.apply, [code], None)
        return code

    def _unit(self, unit: Unit, operands: list[Code], itself: str | None) -> Code:
        if unit.folds:
            return _merged(unit, operands)
        return self._filled(unit.apply, operands, itself)

    def _filled(self, pattern: Code, operands: Sequence[Code], itself: str | None) -> Code:
        """A pattern with operands and the module in their places, and numbers in terms of `forward`."""

        def change(code: Code) -> Code | None:
            match code:
                case Operand(index=index):
                    return operands[index]
                case Leaf():
                    return Leaf(changed(code.scalar, lambda symbol: _sized(self._number(symbol), operands)))
                case Self_():
                    return Raw(itself or "")
            return None

        filled: Code = rebuilt(pattern, change)
        return filled

    def _comprehension(self, fold: Fold) -> Each:
        """The branches of a fold as a comprehension over their modules, their numbers, or both."""
        holders = [chain for chain in fold.chains if chain.modules]
        lists = {holder.number: self.attributes[holder.number] for holder in holders}
        given = PythonNames({*self.names.taken, *fold.variables})
        elements = {number: given.unique(_element(name)) for number, name in lists.items()}
        uses = {wire: 1 for unit in fold.units for wire in unit.reads} | {(fold.result, 0): 1}
        variables = {*fold.variables}
        inner = Forward(self.block, uses, {}, elements, self.names, variables, width=sys.maxsize)  # makes no statements
        inner.known = {wire: self.simple(wire) for wire in fold.reads}
        for chain in fold.chains:
            inner.compute(chain)
        element = inner.known[fold.result, 0]
        sources: list[tuple[str, Code]] = [(elements[number], Raw(name)) for number, name in lists.items()]
        if not sources or any(variables & names_in(one.form) for one in symbols(element)):
            sources.append((fold.names, with_symbols(fold.values, self._number)))
        if len(sources) == 1:
            return Each(element, *sources[0])
        strict = (("strict", True),)
        names = ", ".join(name for name, _ in sources)
        return Each(element, names, Called("zip", tuple(source for _, source in sources), strict))

    # Numbers and conditions of the constructor

    def _number(self, symbol: Formed) -> Any:
        """A number in terms of `forward`."""
        used = names_in(symbol.form)
        if used <= self.variables:
            return symbol
        if used & self.variables or has_sides(symbol):  # the constructor keeps what is beside these
            return replaced(symbol, self._beside_variables)
        text = str(symbol)
        return named(symbol.value, self.block.keep(Leaf(symbol), text if text.isidentifier() else "channels"))

    def _beside_variables(self, given: Variable) -> Decided:
        if not isinstance(given.key, str) or given.key in self.variables:
            return given
        return name(self.block.keep(Leaf(SymbolicValue(None, given)), given.key))

    def _flag(self, unit: Unit) -> str:
        """The attribute with the condition of a unit."""
        assert unit.condition is not None
        text = flat(unit.condition)
        by_kind = "residual" if unit.kind == "add" else f"has_{unit.kind}"
        return self.block.keep(unit.condition, text if text.isidentifier() else by_kind)


def _sized(symbol: Formed, operands: Sequence[Code]) -> Any:
    """A number with the height and width of a tensor in terms of `forward`."""

    def meaning(given: Variable) -> Decided:
        return name(f"{bound(operands[-1], ATOM)}.{given.key}") if isinstance(given.key, Side) else given

    return replaced(symbol, meaning) if has_sides(symbol) else symbol


def _value_name(code: Code) -> str:
    """A name for a value: the name of its module."""
    found = re.search(r"self\.(\w+)\(", flat(code))
    return found[1] if found else "y"


def _element(name: str) -> str:
    plain = name.removeprefix("self.")
    return SINGULAR.get(plain.rstrip("0123456789"), "branch")


def _merged(unit: Unit, operands: list[Code]) -> Code:
    """A concatenation or sum with lists among its operands."""
    if unit.kind == "concat":
        if len(operands) == 1 and isinstance(operands[0], Each):
            return Called("torch.cat", (_bracketed(operands[0], "[]"),), (("dim", 1),))
        parts = tuple(Starred(_bracketed(o, "()")) if isinstance(o, Each) else o for o in operands)
        return Called("torch.cat", (Listed(parts),), (("dim", 1),))
    terms = [Called("sum", (operand,)) if isinstance(operand, Each) else operand for operand in operands]
    return Infix("+", tuple(terms)) if len(terms) > 1 else terms[0]


def _bracketed(each: Each, brackets: str) -> Each:
    return Each(each.element, each.names, each.values, brackets)
