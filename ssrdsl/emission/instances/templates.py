"""Templates: bodies of several instances of a block, merged so that they can share one class.

A body joins a template if it has the same pieces at the same places in the text, with equal connections. Pieces may be
missing if they can be bypassed: a pooling by 1 was removed, a shortcut is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssrdsl.emission.instances.bodies import BlockInput, Body, Ends, Piece, is_plain
from ssrdsl.emission.instances.network import ScopePlace
from ssrdsl.space.graph import Port

Wire = tuple[int, int]
"""A tensor in a template: slot and result, or -1 and the number of an input."""


@dataclass(slots=True)
class TemplateSlot:
    """A place in a template with the piece of every member, None if it has none.

    `bypass` is the index, among the inputs of the slot, of the tensor that is passed on if the piece is missing.
    """

    key: ScopePlace
    reads: tuple[Wire, ...]
    results: int
    pieces: list[Piece | None]
    bypass: int | None = None

    @property
    def first(self) -> Piece:
        """The piece of the first member that has one."""
        return next(piece for piece in self.pieces if piece is not None)

    @property
    def is_optional(self) -> bool:
        """Whether some member lacks it."""
        return None in self.pieces


@dataclass(slots=True)
class Template:
    """Slots wired to each other, filled by the pieces of one or several bodies."""

    labels: tuple[BlockInput, ...]
    slots: list[TemplateSlot]
    results: tuple[Wire, ...]
    members: list[Body] = field(default_factory=list)

    @property
    def is_chain(self) -> bool:
        """Whether every slot only reads the previous one."""
        for number, slot in enumerate(self.slots):
            if slot.reads != (((number - 1, 0) if number else (-1, 0)),) or slot.results != 1:
                return False
        return self.results == ((len(self.slots) - 1, 0),)

    @property
    def is_chain_of_blocks(self) -> bool:
        """Whether it only consists of several consecutive instances of blocks."""
        return self.is_chain and all(slot.first.node is None for slot in self.slots)

    def ends(self, index: int) -> Ends:
        """The tensors that a member takes, at `labels`, and gives."""
        member = self.members[index]
        return Ends(tuple(member.inputs[label] for label in self.labels), member.results)

    def port(self, index: int, wire: Wire) -> Port:
        """The tensor of a member at a wire, also past a missing piece."""
        slot_number, result = wire
        if slot_number < 0:
            return self.members[index].inputs[self.labels[result]]
        slot = self.slots[slot_number]
        piece = slot.pieces[index]
        if piece is not None:
            return piece.makes[result]
        assert slot.bypass is not None
        return self.port(index, slot.reads[slot.bypass])


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
    slots = []
    for index, piece in enumerate(body.pieces):
        slots.append(TemplateSlot(piece.key, tuple(wires[port] for port in piece.reads), len(piece.makes), [piece]))
        wires |= {port: (index, result) for result, port in enumerate(piece.makes)}
    results = tuple(wires[port] for port in body.results)
    return Template(tuple(body.inputs), slots, results, [body])


def _joined(template: Template, body: Body) -> bool:
    """Add a body to a template if it fits."""
    pieces = {piece.key: piece for piece in body.pieces}
    keys = [slot.key for slot in template.slots]
    if [key for key in keys if key in pieces] != [piece.key for piece in body.pieces]:
        return False
    fit = _Fit(template, body, [pieces.get(key) for key in keys], [slot.bypass for slot in template.slots])
    if not fit.holds():
        return False
    for slot, piece, bypass in zip(template.slots, fit.pieces, fit.bypass, strict=True):
        slot.pieces.append(piece)
        slot.bypass = bypass
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
        for slot, piece in zip(self.template.slots, self.pieces, strict=True):
            if piece is not None and not self._same(slot, piece):
                return False
        pairs = zip(self.template.results, self.body.results, strict=True)
        if not all(self._matches(wire, port) for wire, port in pairs):
            return False
        return all(piece is not None or way is not None for piece, way in zip(self.pieces, self.bypass, strict=True))

    def _same(self, slot: TemplateSlot, piece: Piece) -> bool:
        other = slot.first
        if (piece.node is None) != (other.node is None) or len(piece.reads) != len(slot.reads):
            return False
        if piece.node is not None and other.node is not None and not _alike(piece, other):
            return False
        if len(piece.makes) != slot.results:
            return False
        return all(self._matches(wire, port) for wire, port in zip(slot.reads, piece.reads, strict=True))

    def _matches(self, wire: Wire, port: Port) -> bool:
        index, result = wire
        if index < 0:
            return self.inputs[result] == port
        piece = self.pieces[index]
        if piece is not None:
            return piece.makes[result] == port
        slot = self.template.slots[index]
        if slot.results != 1:
            return False
        known = self.bypass[index]
        for way in range(len(slot.reads)) if known is None else (known,):
            if self._matches(slot.reads[way], port):
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
