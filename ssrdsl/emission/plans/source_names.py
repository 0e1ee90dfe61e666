"""The names of tensors in the source."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.instances.templates import Wire
from ssrdsl.space.graph import Port


def source_names(draft: Draft, classes: Collection[str]) -> dict[Wire, str]:
    """The names of the tensors of a class; `classes` are the scopes with their own class."""
    wires: dict[Port, Wire] = {}
    for number, slot in enumerate(draft.template.slots):
        piece = slot.pieces[0]
        if piece is not None:
            wires |= {port: (number, result) for result, port in enumerate(piece.makes)}
    found: dict[Wire, str] = {}
    for name, value in draft.network.names_in(draft.instances[0].scope, classes):
        for text, port in _named_ports(name, value):
            if port in wires:
                found.setdefault(wires[port], text)
    return found


def _named_ports(name: str, value: Any) -> list[tuple[str, Port]]:
    """A name and its tensor, or, for a list, a name for each of its tensors."""
    if isinstance(value, Port):
        return [(name, value)]
    if isinstance(value, (list, tuple)):
        return [(f"{name.removesuffix('s')}{i}", part) for i, part in enumerate(value) if isinstance(part, Port)]
    return []
