"""Which blocks become classes, and which instances share one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ssrdsl.emission.classes.exposed import candidates, fix_tied
from ssrdsl.emission.classes.order import ordered_groups
from ssrdsl.emission.classes.written_out import is_wrapper, is_written_out
from ssrdsl.emission.drafts.block_class import BlockClass
from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.equalities import merge_equal, name_only_width
from ssrdsl.emission.drafts.objects import write_object
from ssrdsl.emission.drafts.operators import write_operator
from ssrdsl.emission.drafts.optional import make_optional
from ssrdsl.emission.drafts.overlay import laid_over
from ssrdsl.emission.drafts.unify import Unfit
from ssrdsl.emission.instances.bodies import instance_at
from ssrdsl.emission.instances.instance import Instance
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.emission.plans.folding import folded
from ssrdsl.emission.plans.planner import planned
from ssrdsl.emission.plans.repeated import name_repeated
from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.graph import Scope

MAX_WORK = 220_000
"""Limit on the tensors read by pieces of instances that are merged or drafted, plus `WORK_OF_A_PIECE` for each piece:
some seconds. Large networks need 10,000."""
WORK_OF_A_PIECE = 10
MANY = 3
"""A chain of other blocks with more differences than this is not a class: it is inlined."""


@dataclass(slots=True)
class Grouping:
    """The classes of a network, created from the innermost blocks outwards.

    Raises `TooWide` if this takes more than `MAX_WORK`.
    """

    network: IndexedNetwork
    classes: dict[str, BlockClass] = field(default_factory=dict)
    """The class of every scope that has one."""
    objects: dict[str, Instance] = field(default_factory=dict)
    """The instances of these classes, by scope."""
    by_key: dict[str, BlockClass] = field(default_factory=dict)
    """The classes of blocks by their keys, without those of equal text."""
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK))
    wrappers: dict[str, list[str]] = field(default_factory=dict)
    """The blocks that only consist of one instance of another block, by the scope of that instance, innermost first."""

    def run(self) -> None:
        """Make the classes of all blocks."""
        for scopes in ordered_groups(self.network):
            self._group(scopes)

    def space(self) -> BlockClass:
        """The class of the network itself."""
        (draft,) = self._drafts([""])
        exposed = candidates(self.network)
        self._write(draft, exposed)
        items = folded(draft)
        fix_tied(draft, items, self.by_key, exposed)
        heads = [node.name if node.auxiliary else None for node in self.network.graph.outputs]
        made = planned(draft, items, self.classes, heads)
        made.sign()
        return made

    def _drafts(self, scopes: Iterable[str]) -> list[Draft]:
        return self._laid_over([instance_at(self.network, scope, self.objects) for scope in scopes])

    def _laid_over(self, instances: list[Instance]) -> list[Draft]:
        self._spend(instances)
        return laid_over(self.network, instances)

    def _spend(self, instances: Iterable[Instance]) -> None:
        work = sum(WORK_OF_A_PIECE + len(piece.reads) for each in instances for piece in each.pieces)
        count = len(self.network.operators)
        self.work.spend(work, f"emitting a network of {count:,} operators takes too long")

    def _write(self, draft: Draft, exposed: frozenset[str] = frozenset()) -> None:
        """Write the code of a draft. Raises `Unfit` if its instances differ in more than numbers."""
        self._spend(draft.instances)
        draft.add_parameters(exposed)
        for unit in draft.units:
            if unit.node is None:
                write_object(draft, unit, self.classes)
            else:
                write_operator(draft, unit)
        make_optional(draft)
        merge_equal(draft)
        if not draft.is_network:
            name_only_width(draft)

    def _group(self, scopes: list[Scope]) -> None:
        drafts = self._drafts(scope.id for scope in scopes)
        if len(drafts) > 1 and all(draft.is_chain_of_blocks for draft in drafts):
            return
        for draft in drafts:
            if is_wrapper(draft):
                self._note_wrapper(draft)
            elif not is_written_out(draft):
                self._add(draft)

    def _note_wrapper(self, draft: Draft) -> None:
        for each in draft.instances:
            self.wrappers.setdefault(each.pieces[0].children[0], []).append(draft.definition.name)

    def _add(self, draft: Draft) -> None:
        """Make the class of a draft, or several where its instances do not fit into one."""
        is_chain = draft.is_chain_of_blocks
        if self._fits(draft, MANY if is_chain else 2 * MANY):
            self._finish(draft)
        elif not is_chain:
            for part in self._parts(draft):
                if len(part.instances) == 1:
                    self._write(part)
                self._finish(part)

    def _fits(self, draft: Draft, most: int) -> bool:
        """Write a draft; whether its instances differ in no more than so many numbers, or it has but one."""
        try:
            self._write(draft)
        except Unfit:
            return False
        return len(draft.instances) == 1 or draft.parameters.differences <= most

    def _parts(self, draft: Draft) -> list[Draft]:
        """A draft taken apart: equal instances stay together, in a draft that is written."""
        parts: list[Draft] = []
        for each in draft.instances:
            for index, part in enumerate(parts):
                joined = self._laid_over([*part.instances, each])
                fits = len(joined) == 1 and len(part.instances) + 1 < len(draft.instances)
                if fits and self._fits(joined[0], MANY):
                    parts[index] = joined[0]
                    break
            else:
                parts += self._laid_over([each])
        return parts

    def _finish(self, draft: Draft) -> None:
        """Makes the class of a draft, which another class stands for if that has the same text."""
        made = planned(draft, folded(draft), self.classes, [None] * len(draft.results))
        name_repeated(made)
        made.sign(len(self.by_key))
        alike = next((other for other in self.by_key.values() if made.reads_like(other)), None)
        if alike is None:
            self.by_key[made.key] = made
        else:
            made.number = alike.number
        self.classes.update(dict.fromkeys(made.scopes, made))
        self.objects.update((instance.scope, instance) for instance in draft.instances)
