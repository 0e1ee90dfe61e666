"""Lay the bodies of several instances of a block over each other, so that they can share one class.

A body joins a draft if it has the same pieces at the same places in the text, with equal connections. Pieces may be
missing if they can be bypassed: a pooling by 1 was removed, a shortcut is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.emission.instances.bodies import Body, Piece, is_plain
from ssrdsl.emission.instances.network import IndexedNetwork
from ssrdsl.space.graph import Port


def laid_over(network: IndexedNetwork, bodies: Sequence[Body]) -> list[Draft]:
    """As few drafts as possible for all bodies, in the order of their first instances."""
    drafts: list[Draft] = []
    for body in sorted(bodies, key=lambda b: (-len(b.pieces), -len(set(b.inputs.values())))):
        if not any(_joined(draft, body) for draft in drafts):
            drafts.append(_draft(network, body))
    return drafts


def _draft(network: IndexedNetwork, body: Body) -> Draft:
    wires: dict[Port, Wire] = {}
    for index, port in enumerate(body.inputs.values()):
        wires.setdefault(port, (-1, index))
    units = []
    for index, piece in enumerate(body.pieces):
        units.append(Unit(index, piece.key, tuple(wires[port] for port in piece.reads), len(piece.makes), [piece]))
        wires |= {port: (index, result) for result, port in enumerate(piece.makes)}
    results = tuple(wires[port] for port in body.results)
    draft = Draft(network, tuple(body.inputs), units, results)
    draft.add(body)
    return draft


def _joined(draft: Draft, body: Body) -> bool:
    """Add a body to a draft if it fits."""
    pieces = {piece.key: piece for piece in body.pieces}
    keys = [unit.key for unit in draft.units]
    if [key for key in keys if key in pieces] != [piece.key for piece in body.pieces]:
        return False
    fit = _Fit(draft, body, [pieces.get(key) for key in keys], [unit.bypass for unit in draft.units])
    if not fit.holds():
        return False
    for unit, piece, bypass in zip(draft.units, fit.pieces, fit.bypass, strict=True):
        unit.pieces.append(piece)
        unit.bypass = bypass
    draft.add(body)
    return True


@dataclass(slots=True)
class _Fit:
    """The attempt to merge a body into a draft."""

    draft: Draft
    body: Body
    pieces: list[Piece | None]
    bypass: list[int | None]
    inputs: list[Port | None] = field(default_factory=list)

    def holds(self) -> bool:
        """Whether the wires agree; finds the bypass of missing pieces."""
        self.inputs = [self.body.inputs.get(label) for label in self.draft.labels]
        if None in self.inputs or len(self.draft.results) != len(self.body.results):
            return False
        for unit, piece in zip(self.draft.units, self.pieces, strict=True):
            if piece is not None and not self._same(unit, piece):
                return False
        pairs = zip(self.draft.results, self.body.results, strict=True)
        if not all(self._matches(wire, port) for wire, port in pairs):
            return False
        return all(piece is not None or way is not None for piece, way in zip(self.pieces, self.bypass, strict=True))

    def _same(self, unit: Unit, piece: Piece) -> bool:
        other = unit.first
        if (piece.node is None) != (other.node is None) or len(piece.reads) != len(unit.reads):
            return False
        if piece.node is not None and other.node is not None and not _alike(piece, other):
            return False
        if len(piece.makes) != unit.results:
            return False
        return all(self._matches(wire, port) for wire, port in zip(unit.reads, piece.reads, strict=True))

    def _matches(self, wire: Wire, port: Port) -> bool:
        index, result = wire
        if index < 0:
            return self.inputs[result] == port
        piece = self.pieces[index]
        if piece is not None:
            return piece.makes[result] == port
        unit = self.draft.units[index]
        if unit.results != 1:
            return False
        known = self.bypass[index]
        for way in range(len(unit.reads)) if known is None else (known,):
            if self._matches(unit.reads[way], port):
                self.bypass[index] = way
                return True
        return False


def _alike(one: Piece, other: Piece) -> bool:
    """Whether two operators can share a place: of the same kind, or without arguments as most activations."""
    assert one.node is not None
    assert other.node is not None
    if type(one.node.operator) is type(other.node.operator):
        return True
    return is_plain(one.node) and is_plain(other.node)
