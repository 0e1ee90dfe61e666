"""Lay several instances of a block over each other, so that they can share one class.

An instance joins a class if it has the same pieces at the same places in the text, with equal connections. Pieces may
be missing if they can be bypassed: a pooling by 1 was removed, a shortcut is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.emission.blocks.block_class import BlockClass
from ssrdsl.emission.blocks.bodies import is_plain
from ssrdsl.emission.blocks.units import Unit, Wire
from ssrdsl.emission.instances.instance import Instance, Piece, inputs_of, results_of
from ssrdsl.space.graph import OperatorNode, Port


def laid_over(instances: Sequence[Instance]) -> list[BlockClass]:
    """As few classes as possible for all instances, in the order of their first instances."""
    blocks: list[BlockClass] = []
    for one in sorted(instances, key=lambda one: (-len(one.pieces), -len(set(one.inputs.values())))):
        if not any(_joined(block, one) for block in blocks):
            blocks.append(_class_of(one))
    return blocks


def _class_of(instance: Instance) -> BlockClass:
    wires: dict[Port, Wire] = {}
    for index, port in enumerate(instance.inputs.values()):
        wires.setdefault(port, (-1, index))
    units = []
    for index, (key, piece) in enumerate(instance.pieces.items()):
        made = results_of(piece)
        units.append(Unit(index, key, tuple(wires[port] for port in inputs_of(piece)), len(made), [piece]))
        wires |= {port: (index, result) for result, port in enumerate(made)}
    results = tuple(wires[port] for port in instance.results)
    block = BlockClass(instance.network, tuple(instance.inputs), units, results)
    block.add(instance)
    return block


def _joined(block: BlockClass, instance: Instance) -> bool:
    """Add an instance to a class if it fits."""
    keys = [unit.key for unit in block.units]
    if [key for key in keys if key in instance.pieces] != [*instance.pieces]:
        return False
    fit = _Fit(block, instance, [instance.pieces.get(key) for key in keys], [unit.bypass for unit in block.units])
    if not fit.holds():
        return False
    for unit, piece, bypass in zip(block.units, fit.pieces, fit.bypass, strict=True):
        unit.pieces.append(piece)
        unit.bypass = bypass
    block.add(instance)
    return True


@dataclass(slots=True)
class _Fit:
    """The attempt to merge an instance into a class."""

    block: BlockClass
    instance: Instance
    pieces: list[Piece | None]
    bypass: list[int | None]
    inputs: list[Port | None] = field(default_factory=list)

    def holds(self) -> bool:
        """Whether the wires agree; finds the bypass of missing pieces."""
        self.inputs = [self.instance.inputs.get(label) for label in self.block.labels]
        if None in self.inputs or len(self.block.results) != len(self.instance.results):
            return False
        for unit, piece in zip(self.block.units, self.pieces, strict=True):
            if piece is not None and not self._same(unit, piece):
                return False
        pairs = zip(self.block.results, self.instance.results, strict=True)
        if not all(self._matches(wire, port) for wire, port in pairs):
            return False
        return all(piece is not None or way is not None for piece, way in zip(self.pieces, self.bypass, strict=True))

    def _same(self, unit: Unit, piece: Piece) -> bool:
        inputs = inputs_of(piece)
        if not _alike(piece, unit.first) or len(inputs) != len(unit.reads) or len(results_of(piece)) != unit.results:
            return False
        return all(self._matches(wire, port) for wire, port in zip(unit.reads, inputs, strict=True))

    def _matches(self, wire: Wire, port: Port) -> bool:
        index, result = wire
        while index >= 0 and self.pieces[index] is None:
            ways = self._ways(index)
            if len(ways) != 1:
                return any(self._passes(index, way, port) for way in ways)
            (self.bypass[index],) = ways
            index, result = self.block.units[index].reads[ways[0]]  # no recursion: a chain may be long
        if index < 0:
            return self.inputs[result] == port
        piece = self.pieces[index]
        return piece is not None and results_of(piece)[result] == port

    def _ways(self, index: int) -> Sequence[int]:
        """The operands that a missing piece may pass on."""
        known, unit = self.bypass[index], self.block.units[index]
        if unit.results != 1:
            return ()
        return range(len(unit.reads)) if known is None else (known,)

    def _passes(self, index: int, way: int, port: Port) -> bool:
        if not self._matches(self.block.units[index].reads[way], port):
            return False
        self.bypass[index] = way
        return True


def _alike(one: Piece, other: Piece) -> bool:
    """Whether both are instances, or operators of the same kind or without arguments as most activations."""
    if not isinstance(one, OperatorNode) or not isinstance(other, OperatorNode):
        return type(one) is type(other)
    return type(one.operator) is type(other.operator) or (is_plain(one) and is_plain(other))
