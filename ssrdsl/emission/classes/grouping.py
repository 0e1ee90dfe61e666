"""Which blocks become classes, and which instances share one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.bodies import instance_at
from ssrdsl.emission.blocks.conditions import make_optional
from ssrdsl.emission.blocks.objects import write_object
from ssrdsl.emission.blocks.operators import write_operator
from ssrdsl.emission.blocks.overlay import laid_over
from ssrdsl.emission.blocks.signature import add_parameters, sign
from ssrdsl.emission.blocks.unify import Unfit
from ssrdsl.emission.blocks.widths import merge_equal, name_only_width, name_repeated
from ssrdsl.emission.classes.exposed import candidates, fix_tied
from ssrdsl.emission.classes.selection import is_wrapper, is_written_out, ordered_groups
from ssrdsl.emission.instances.instance import Instance, inputs_of
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.emission.plans.folding import folded
from ssrdsl.emission.plans.planner import plan
from ssrdsl.space.conditions.budget import Budget
from ssrdsl.space.graph import Scope

MAX_WORK = 220_000
"""Limit on the tensors read by pieces of instances that are merged or written, plus `WORK_OF_A_PIECE` for each piece:
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
    made: dict[str, Instance] = field(default_factory=dict)
    """The instances in a class, by scope."""
    keys: dict[Hashable, str] = field(default_factory=dict)
    """The keys of classes by their text."""
    by_key: dict[str, BlockClass] = field(default_factory=dict)
    """The classes of blocks that are emitted, one for each text."""
    work: Budget = field(default_factory=lambda: Budget(MAX_WORK))

    def run(self) -> None:
        """Make the classes of all blocks."""
        for scopes in ordered_groups(self.network):
            self._group(scopes)

    def space(self) -> BlockClass:
        """The class of the network itself."""
        (block,) = self._blocks([""])
        exposed = candidates(self.network)
        self._write(block, exposed)
        items = folded(block)
        fix_tied(block, items, self.by_key, exposed)
        plan(block, items)
        sign(block)
        return block

    def _blocks(self, scopes: Iterable[str]) -> list[BlockClass]:
        return self._laid_over([instance_at(self.network, scope, self.made) for scope in scopes])

    def _laid_over(self, instances: list[Instance]) -> list[BlockClass]:
        self._spend(instances)
        return laid_over(instances)

    def _spend(self, instances: Iterable[Instance]) -> None:
        work = sum(WORK_OF_A_PIECE + len(inputs_of(piece)) for each in instances for piece in each.pieces.values())
        count = len(self.network.operators)
        self.work.spend(work, f"emitting a network of {count:,} operators takes too long")

    def _write(self, block: BlockClass, exposed: frozenset[str] = frozenset()) -> None:
        """Write the code of a class. Raises `Unfit` if its instances differ in more than numbers."""
        self._spend(block.instances)
        add_parameters(block, exposed)
        for unit in block.units:
            if unit.node is None:
                write_object(block, unit)
            else:
                write_operator(block, unit)
        make_optional(block)
        merge_equal(block)
        if not block.is_network:
            name_only_width(block)

    def _group(self, scopes: list[Scope]) -> None:
        blocks = self._blocks(scope.id for scope in scopes)
        if len(blocks) > 1 and all(block.is_chain_of_blocks for block in blocks):
            return
        for block in blocks:
            if is_wrapper(block):
                for (inner,) in block.units[0].runs:
                    inner.wrapper = inner.wrapper or block.definition.name
            elif not is_written_out(block):
                self._add(block)

    def _add(self, block: BlockClass) -> None:
        """Make a class, or several where its instances do not fit into one."""
        is_chain = block.is_chain_of_blocks
        if self._fits(block, MANY if is_chain else 2 * MANY):
            self._finish(block)
        elif not is_chain:
            for part in self._parts(block):
                if len(part.instances) == 1:
                    self._write(part)
                self._finish(part)

    def _fits(self, block: BlockClass, most: int) -> bool:
        """Write a class; whether its instances differ in at most that many numbers, or it has only one."""
        try:
            self._write(block)
        except Unfit:
            return False
        return len(block.instances) == 1 or block.parameters.differences <= most

    def _parts(self, block: BlockClass) -> list[BlockClass]:
        """A class taken apart: equal instances stay together, in a class that is written."""
        parts: list[BlockClass] = []
        for each in block.instances:
            for index, part in enumerate(parts):
                joined = self._laid_over([*part.instances, each])
                fits = len(joined) == 1 and len(part.instances) + 1 < len(block.instances)
                if fits and self._fits(joined[0], MANY):
                    parts[index] = joined[0]
                    break
            else:
                parts += self._laid_over([each])
        return parts

    def _finish(self, block: BlockClass) -> None:
        """Finish a class; another one of the same text is emitted in its place."""
        plan(block, folded(block))
        name_repeated(block)
        sign(block)
        block.key = self.keys.setdefault(block.text(), f"@{len(self.keys)}@")
        self.by_key.setdefault(block.key, block)
        self.made.update((instance.scope, instance) for instance in block.instances)
