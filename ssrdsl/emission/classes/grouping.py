"""Which blocks become classes, and which instances share one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ssrdsl.emission.classes.block_class import BlockClass
from ssrdsl.emission.drafts.assembly import Assembly
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.equalities import merge_equal, name_only_width
from ssrdsl.emission.drafts.signature import Signature
from ssrdsl.emission.drafts.unify import Unfit
from ssrdsl.emission.drafts.units import Unit
from ssrdsl.emission.instances.bodies import Body, Ends, body
from ssrdsl.emission.instances.network import Network, holds, text_of
from ssrdsl.emission.instances.templates import Template, laid_over
from ssrdsl.emission.plans.planner import blueprint
from ssrdsl.emission.plans.repeated import name_repeated
from ssrdsl.language import syntax
from ssrdsl.space.graph import OperatorNode, Scope

MANY = 3
"""More differences than this, and a chain of other blocks is no class: it is written out where it stands."""
LONG, OFTEN = 3, 8
"""So many operators in so many places make a chain of the prelude a class."""


@dataclass(slots=True)
class Grouping:
    """The classes of a network, made from the innermost blocks outwards."""

    network: Network
    classes: dict[str, BlockClass] = field(default_factory=dict)
    """The class of every scope that has one."""
    ends: dict[str, Ends] = field(default_factory=dict)
    made: list[BlockClass] = field(default_factory=list)
    wrappers: dict[str, list[str]] = field(default_factory=dict)
    """The blocks that are nothing but one instance of another block, by the scope of that, innermost first."""

    def run(self) -> None:
        """Makes the classes of all blocks."""
        within = _sole_library_blocks(self.network)
        for scopes in _ordered_groups(self.network):
            kept = [scope for scope in scopes if scope.id not in within]
            if kept:
                self._group(kept)

    def space(self, exposed: frozenset[str]) -> BlockClass:
        """The class of the network itself; `exposed` are the space's parameters that its constructor takes."""
        (template,) = self._templates([""])
        heads = [node.name if node.auxiliary else None for node in self.network.graph.outputs]
        plan = blueprint(*self._drafted(template, exposed), self.classes, heads)
        return BlockClass(plan, Signature(plan.draft, plan.names()))

    def _templates(self, scopes: Iterable[str]) -> list[Template]:
        return laid_over([body(self.network, scope, self.ends) for scope in scopes])

    def _drafted(self, template: Template, exposed: frozenset[str] | None) -> tuple[Draft, list[Unit]]:
        draft = Draft(self.network, template, exposed)
        units = Assembly(draft, {scope: made.signature for scope, made in self.classes.items()}).units()
        merge_equal(draft, units)
        if exposed is None:
            name_only_width(draft, units)
        return draft, units

    def _group(self, scopes: list[Scope]) -> None:
        templates = self._templates(scope.id for scope in scopes)
        if len(templates) > 1 and all(_is_chain_of_blocks(template) for template in templates):
            return
        for template in templates:
            if self._is_wrapper(template):
                for member in template.members:
                    self._note_wrapper(member)
            elif not self._is_written_out(template):
                self._add(template)

    def _is_written_out(self, template: Template) -> bool:
        """Whether a block gets no class: a single operator without weights, or a small block of the prelude."""
        node = template.slots[0].first.node
        if len(template.slots) == 1 and node is not None and not _has_weights(self.network, node):
            return True
        if not self.network.scope(template.members[0].scope).library:
            return False
        return _is_inlined(self.network, template) and not self._is_worth_a_class(template)

    def _is_worth_a_class(self, template: Template) -> bool:
        """Whether a chain of the prelude is written so often, and is so long, that spelling it out would tire."""
        places = set()
        for member in template.members:
            scope = self.network.scope(member.scope)
            outer = self.network.scope(scope.parent or "")
            in_chain = outer.library and isinstance(outer.definition, syntax.Block) and not outer.definition.inputs
            if scope.span is not None and not in_chain:
                places.add(text_of(scope.span))
        return len(template.slots) >= LONG and _is_chain(template) and len(places) >= OFTEN

    @staticmethod
    def _is_wrapper(template: Template) -> bool:
        """Whether its members are but one instance of another block."""
        if len(template.slots) != 1 or template.slots[0].first.node is not None:
            return False
        slot = template.slots[0]
        inputs = tuple((-1, index) for index in range(len(template.labels)))
        results = tuple((0, index) for index in range(slot.results))
        alone = all(piece is not None and len(piece.children) == 1 for piece in slot.pieces)
        return alone and slot.reads == inputs and template.results == results

    def _note_wrapper(self, member: Body) -> None:
        child = member.pieces[0].children[0]
        definition = self.network.scope(member.scope).definition
        if definition is not None:
            self.wrappers.setdefault(child, []).append(definition.name)

    def _add(self, template: Template) -> None:
        """Makes the class of a template, or several where its members do not fit into one."""
        try:
            draft, units = self._drafted(template, None)
        except Unfit:
            if not _is_chain_of_blocks(template):
                for part in self._parts(template):
                    self._add(part)
            return
        holes = sum(parameter.kind in {"hole", "flag"} for parameter in draft.parameters)
        if len(template.members) > 1 and holes > MANY:
            if _is_chain_of_blocks(template):
                return
            if holes > 2 * MANY:
                for part in self._parts(template):
                    self._add(part)
                return
        plan = blueprint(draft, units, self.classes, [None] * len(template.results))
        name_repeated(plan)
        made = BlockClass(plan, Signature(draft, plan.names(), len(self.made)))
        alike = next((other for other in self.made if made.reads_like(other)), None)
        if alike is None:
            self.made.append(made)
        else:
            made.signature.number = alike.signature.number
        self.classes.update(dict.fromkeys(made.scopes, made))
        self.ends.update((scope, template.ends(index)) for index, scope in enumerate(made.scopes))

    def _parts(self, template: Template) -> list[Template]:
        """A template taken apart: equal members stay together."""
        parts: list[list[Body]] = []
        for member in template.members:
            for part in parts:
                joined = laid_over([*part, member])
                if len(joined) == 1 and len(part) + 1 < len(template.members) and self._fits(joined[0]):
                    part.append(member)
                    break
            else:
                parts.append([member])
        return [laid_over(part)[0] for part in parts]

    def _fits(self, template: Template) -> bool:
        try:
            draft, _ = self._drafted(template, None)
        except Unfit:
            return False
        return sum(parameter.kind in {"hole", "flag"} for parameter in draft.parameters) <= MANY


def _ordered_groups(network: Network) -> list[list[Scope]]:
    """The instances of every block together, inner blocks before those that hold them."""
    blocks = network.blocks()
    heights: dict[str, int] = {}
    inside: dict[str, set[int]] = {}
    levels: dict[str, int] = {}
    for scope in blocks:
        heights[scope.id] = levels[scope.id] = 0
        inside[scope.id] = set()
    for scope in blocks:
        for outer in list(network.graph.ancestry(scope.id))[1:]:
            if outer.kind == "block":
                heights[outer.id] = max(heights[outer.id], heights[scope.id] + 1)
                inside[outer.id].add(id(scope.definition))
                if outer.definition is scope.definition:
                    levels[outer.id] = max(levels[outer.id], levels[scope.id] + 1)
    holds: dict[int, set[int]] = {}
    for scope in blocks:
        holds.setdefault(id(scope.definition), set()).update(inside[scope.id] - {id(scope.definition)})
    cyclic = {one for one in holds for other in holds[one] if one in holds[other]}
    groups: dict[tuple[int, int], list[Scope]] = {}
    for scope in blocks:
        name = id(scope.definition)
        groups.setdefault((name, heights[scope.id] if name in cyclic else levels[scope.id]), []).append(scope)
    return sorted(groups.values(), key=lambda scopes: max(heights[scope.id] for scope in scopes))


def _is_chain(template: Template) -> bool:
    """Whether every slot reads the one before it alone."""
    for number, slot in enumerate(template.slots):
        if slot.reads != (((number - 1, 0) if number else (-1, 0)),) or slot.results != 1:
            return False
    return template.results == ((len(template.slots) - 1, 0),)


def _is_chain_of_blocks(template: Template) -> bool:
    """Whether a template is nothing but several instances of blocks, one behind the other."""
    return all(slot.first.node is None for slot in template.slots) and _is_chain(template)


def _sole_library_blocks(network: Network) -> set[str]:
    """The instances of the prelude that are all there is in a block of the user, in every instance of that block."""
    blocks = network.blocks()
    held: dict[str, set[str]] = {scope.id: set() for scope in blocks}
    for node in network.operators:
        chain = [scope for scope in network.ancestors[node.id] if scope in held]
        for inner, outer in zip(["", *chain], chain, strict=False):
            held[outer].add(inner)
    sole: dict[int, list[str | None]] = {}
    for scope in blocks:
        inner = next(iter(held[scope.id])) if len(held[scope.id]) == 1 else ""
        alone = bool(inner) and network.scope(inner).library and not scope.library
        sole.setdefault(id(scope.definition), []).append(inner if alone else None)
    return {inner for found in sole.values() if None not in found for inner in found if inner is not None}


def _is_inlined(network: Network, template: Template) -> bool:
    """Whether a block of the prelude is written out where it stands: a chain, or one without weights of its own."""
    if _is_chain(template):
        return True
    definition = network.scope(template.members[0].scope).definition
    assert definition is not None
    for slot in template.slots:
        text, node = slot.key[0][1], slot.first.node
        own = text is not None and holds(text_of(definition.span), text)
        if own and (node is None or _has_weights(network, node)):
            return False
    return True


def _has_weights(network: Network, node: OperatorNode) -> bool:
    return bool(node.operator.parameters(network.graph.input_shapes(node)) != 0)
