"""Templates: bodies of several instances of a block, merged so that they can share one class.

A body joins a template if it has the same pieces at the same places in the text, with equal connections. Pieces may be
missing if they can be bypassed: a pooling by 1 was removed, a shortcut is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.emission.drafts.units import Unit, Wire
from ssrdsl.emission.instances.bodies import BlockInput, Body, Ends, Piece, is_plain
from ssrdsl.space.graph import Port


@dataclass(slots=True)
class Template:
    """Units wired to each other, filled by the pieces of one or several bodies."""

    labels: tuple[BlockInput, ...]
    units: list[Unit]
    results: tuple[Wire, ...]
    members: list[Body] = field(default_factory=list)

    @property
    def is_chain(self) -> bool:
        """Whether every unit only reads the previous one."""
        for number, unit in enumerate(self.units):
            if unit.reads != (((number - 1, 0) if number else (-1, 0)),) or unit.results != 1:
                return False
        return self.results == ((len(self.units) - 1, 0),)

    @property
    def is_chain_of_blocks(self) -> bool:
        """Whether it only consists of several consecutive instances of blocks."""
        return self.is_chain and all(unit.node is None for unit in self.units)

    def ends(self, index: int) -> Ends:
        """The tensors that a member takes, at `labels`, and gives."""
        member = self.members[index]
        return Ends(tuple(member.inputs[label] for label in self.labels), member.results)

    def port(self, index: int, wire: Wire) -> Port:
        """The tensor of a member at a wire, also past a missing piece."""
        number, result = wire
        if number < 0:
            return self.members[index].inputs[self.labels[result]]
        unit = self.units[number]
        piece = unit.pieces[index]
        if piece is not None:
            return piece.makes[result]
        return self.port(index, unit.passed)


def laid_over(bodies: Sequence[Body]) -> list[Template]:
    """As few templates as possible for all bodies, in the order of their first members."""
    templates: list[Template] = []
    for body in sorted(bodies, key=lambda b: (-len(b.pieces), -len(set(b.inputs.values())))):
        if not any(_joined(template, body) for template in templates):
            templates.append(_template(body))
    return templates


def _template(body: Body) -> Template:
    wires: dict[Port, Wire] = {}
    for index, port in enumerate(body.inputs.values()):
        wires.setdefault(port, (-1, index))
    units = []
    for index, piece in enumerate(body.pieces):
        units.append(Unit(index, piece.key, tuple(wires[port] for port in piece.reads), len(piece.makes), [piece]))
        wires |= {port: (index, result) for result, port in enumerate(piece.makes)}
    results = tuple(wires[port] for port in body.results)
    return Template(tuple(body.inputs), units, results, [body])


def _joined(template: Template, body: Body) -> bool:
    """Add a body to a template if it fits."""
    pieces = {piece.key: piece for piece in body.pieces}
    keys = [unit.key for unit in template.units]
    if [key for key in keys if key in pieces] != [piece.key for piece in body.pieces]:
        return False
    fit = _Fit(template, body, [pieces.get(key) for key in keys], [unit.bypass for unit in template.units])
    if not fit.holds():
        return False
    for unit, piece, bypass in zip(template.units, fit.pieces, fit.bypass, strict=True):
        unit.pieces.append(piece)
        unit.bypass = bypass
    template.members.append(body)
    return True


@dataclass(slots=True)
class _Fit:
    """The attempt to merge a body into a template."""

    template: Template
    body: Body
    pieces: list[Piece | None]
    bypass: list[int | None]
    inputs: list[Port | None] = field(default_factory=list)

    def holds(self) -> bool:
        """Whether the wires agree; finds the bypass of missing pieces."""
        self.inputs = [self.body.inputs.get(label) for label in self.template.labels]
        if None in self.inputs or len(self.template.results) != len(self.body.results):
            return False
        for unit, piece in zip(self.template.units, self.pieces, strict=True):
            if piece is not None and not self._same(unit, piece):
                return False
        pairs = zip(self.template.results, self.body.results, strict=True)
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
        unit = self.template.units[index]
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
