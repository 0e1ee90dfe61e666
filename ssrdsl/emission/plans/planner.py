"""Plans the members of a class and the statements of its `forward`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ssrdsl.emission.code.names import Names, variable
from ssrdsl.emission.code.trees import Called, Code, Each, Leaf, Raw, Tupled
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.unify import unify_scalars
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.templates import Wire
from ssrdsl.emission.plans.blueprint import Attribute, Blueprint
from ssrdsl.emission.plans.chains import Chain, attribute_code, chained, condensed, make_modules, paths_are_nested
from ssrdsl.emission.plans.folding import Fold, Item, folded
from ssrdsl.emission.plans.forward import Forward
from ssrdsl.emission.plans.kept import Kept
from ssrdsl.emission.plans.naming import Naming
from ssrdsl.emission.symbols.forms import Atom, Form, Loop
from ssrdsl.emission.symbols.symbol import Symbol, replaced
from ssrdsl.space.graph import Port


def blueprint(draft: Draft, units: list[Unit], classes: Collection[str], heads: Sequence[str | None]) -> Blueprint:
    """Plans the class of a draft. `heads` has, for every result, the name of the auxiliary head that it is of."""
    return _Planner(draft, units, classes, heads).plan()


class _Planner:
    def __init__(self, draft: Draft, units: list[Unit], classes: Collection[str], heads: Sequence[str | None]) -> None:
        self.draft = draft
        self.heads = heads
        self.results = draft.template.results
        self.made = Blueprint(draft, units, [variable(name) for name in draft.input_names()])
        self.items = folded(draft, units, self.results)
        self._settle_loops()
        self.main = self._needed(wire for wire, head in zip(self.results, heads, strict=True) if head is None)
        self.wanted = self._source_names(classes)
        self.chains = chained(self.items, self.results, self._broken)

    def plan(self) -> Blueprint:
        """The finished blueprint."""
        if not self._plan_sequential():
            names = Naming(self.draft, self.chains, self.made.inputs, self.wanted, self._head_of).names()
            self.attributes = {number: f"self.{name}" for number, name in names.items()}
            for chain in self.chains:
                self._plan_attribute(chain, names.get(chain.number, ""))
            self._plan_forward()
        return self.made

    # Preparation

    def _settle_loops(self) -> None:
        """Gives variables of loops that were not folded the values that they have."""
        for item in self.items:
            renamed = item.renamed if isinstance(item, Fold) else {}
            for unit in item.inner if isinstance(item, Fold) else [item]:
                self._settle(unit, renamed)

    def _settle(self, unit: Unit, renamed: Mapping[Loop, str]) -> None:
        def meaning(atom: Atom) -> Form | None:
            return Form.atom(renamed[atom]) if isinstance(atom, Loop) and atom in renamed else None

        def change(symbol: Symbol) -> Any:
            if not _has_loops(symbol.form):
                return symbol
            found = replaced(symbol, meaning)
            if isinstance(found, Symbol) and not _has_loops(found.form):
                return found
            parameters = self.draft.parameters
            return unify_scalars(map(symbol.form.evaluate, parameters.environments()), unit.kind, parameters)

        unit.change(change)

    def _needed(self, wires: Iterable[Wire]) -> set[int]:
        """The numbers of the items that some results need."""
        by_number = {item.number: item for item in self.items}
        stack, found = [wire[0] for wire in wires], set[int]()
        while stack:
            number = stack.pop()
            if number >= 0 and number not in found:
                found.add(number)
                stack += [wire[0] for wire in by_number[number].reads]
        return found

    def _head_of(self, number: int) -> str | None:
        """The auxiliary head to which an item belongs."""
        if number in self.main:
            return None
        pairs = zip(self.results, self.heads, strict=True)
        return next((head for wire, head in pairs if head is not None and number in self._needed([wire])), None)

    def _source_names(self, classes: Collection[str]) -> dict[Wire, str]:
        """The names that the source gives to tensors of the class."""
        wires: dict[Port, Wire] = {}
        for number, slot in enumerate(self.draft.template.slots):
            piece = slot.pieces[0]
            if piece is not None:
                wires |= {port: (number, result) for result, port in enumerate(piece.makes)}
        found: dict[Wire, str] = {}
        for name, value in self.draft.network.names_in(self.draft.instances[0].scope, classes):
            for text, port in _named_ports(name, value):
                if port in wires:
                    found.setdefault(wires[port], text)
        return found

    def _broken(self, one: Unit, other: Unit) -> bool:
        """Whether a chain ends between two units: at a name of the source, and between network and auxiliary head."""
        return (one.number in self.main) != (other.number in self.main) or (one.number, 0) in self.wanted

    # Members

    def _plan_sequential(self) -> bool:
        """A class that is one chain of modules from its only input to its only result is a `nn.Sequential`."""
        if len(self.chains) != 1 or self.draft.exposed is not None:
            return False
        chain = self.chains[0]
        if not isinstance(chain, Chain):
            return False
        units = chain.units
        if units[0].reads != ((-1, 0),) or len(self.made.inputs) != 1 or self.results != ((units[-1].number, 0),):
            return False
        if not any(unit.is_stateful for unit in units):
            return False
        chain.inside, chain.before, chain.after = units, [], []
        make_modules(chain, whole_class=True)
        self.made.sequential = tuple(condensed(chain.modules))
        self.made.paths = {number: list(paths) for number, paths in chain.paths.items()}
        return True

    def _plan_attribute(self, chain: Chain | Item, name: str) -> None:
        auxiliary = chain.number not in self.main
        if isinstance(chain, Chain) and chain.has_attribute:
            nested = paths_are_nested(chain)
            self.made.attributes.append(Attribute(name, attribute_code(chain.modules), auxiliary))
            for number, paths in chain.paths.items():
                self.made.paths[number] = [(name, *(path if nested else path[1:])) for path in paths]
        elif isinstance(chain, Unit) and chain.modules:
            self.made.attributes.append(Attribute(name, attribute_code(chain.modules), auxiliary))
            many = len(chain.modules) > 1
            self.made.paths[chain.number] = [(name, i) if many else (name,) for i in range(len(chain.modules))]
        elif isinstance(chain, Fold):
            self._plan_fold(chain, name, auxiliary)

    def _plan_fold(self, fold: Fold, name: str, auxiliary: bool) -> None:
        """The modules of branches as lists of modules."""
        fold.chains = chained(fold.inner, [(fold.result, 0)], lambda one, other: False)
        holders = [c for c in fold.chains if isinstance(c, (Chain, Unit)) and c.modules]
        for index, holder in enumerate(holders):
            own = name if len(holders) == 1 else f"{name}{index + 1}"
            self.attributes[holder.number] = f"self.{own}"
            values: Code = fold.values
            if isinstance(values, Leaf) and isinstance(values.scalar, int):
                values = Called("range", (values,))
            each = Each(attribute_code(holder.modules), fold.names, values)
            self.made.attributes.append(Attribute(own, Called("nn.ModuleList", (each,)), auxiliary))
            self._fold_paths(fold, holder, own)

    def _fold_paths(self, fold: Fold, holder: Chain | Unit, name: str) -> None:
        if isinstance(holder, Chain):
            nested = paths_are_nested(holder)
            inside = {number: [p if nested else p[1:] for p in paths] for number, paths in holder.paths.items()}
        else:
            inside = {holder.number: [()]}
        first = fold.turns[0]
        for turn, branch in enumerate(fold.turns):
            for number, paths in inside.items():
                self.made.paths[branch[first.index(number)]] = [(name, turn, *path) for path in paths]

    # Forward

    def _plan_forward(self) -> None:
        uses: dict[Wire, int] = {}
        for wire in [w for item in self.items for w in item.reads] + list(self.results):
            uses[wire] = uses.get(wire, 0) + 1
        loops = [name for item in self.items if isinstance(item, Fold) for name in item.renamed.values()]
        kept = Kept([name.removeprefix("self.") for name in self.attributes.values()], loops, self.made.stored)
        forward = Forward(uses, self.wanted, self.attributes, kept, Names(self.made.inputs))
        forward.known = {(-1, index): Raw(name) for index, name in enumerate(self.made.inputs)}
        if all(head is None for head in self.heads):
            forward.returned = frozenset(self.results)
        for chain in self.chains:
            if chain.number in self.main:
                forward.compute(chain)
        pairs = list(zip(self.results, self.heads, strict=True))
        main = [forward.known[wire] for wire, head in pairs if head is None]
        self.made.result = main[0] if len(main) == 1 else Tupled(tuple(main))
        self.made.statements = forward.statements
        if len(main) < len(pairs):
            if not isinstance(self.made.result, Raw):
                self.made.result = forward.assign("output", self.made.result)
            self._plan_heads(forward)

    def _plan_heads(self, forward: Forward) -> None:
        self.made.statements, forward.statements = forward.statements, []
        forward.room -= 4
        for chain in self.chains:
            if chain.number not in self.main:
                forward.compute(chain)
        pairs = zip(self.results, self.heads, strict=True)
        self.made.heads = tuple((head, forward.known[wire]) for wire, head in pairs if head is not None)
        self.made.auxiliary_statements = forward.statements
        self.made.stored["auxiliary"] = Raw("auxiliary")


def _has_loops(form: Form) -> bool:
    return any(isinstance(atom, Loop) for atom in form.atoms())


def _named_ports(name: str, value: Any) -> list[tuple[str, Port]]:
    """A name and its tensor, or, for a list, a name for each of its tensors."""
    if isinstance(value, Port):
        return [(name, value)]
    if isinstance(value, (list, tuple)):
        return [(f"{name.removesuffix('s')}{i}", part) for i, part in enumerate(value) if isinstance(part, Port)]
    return []
