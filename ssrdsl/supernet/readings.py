"""Readings: values of the circuit over gates for the steps of a plan, gathered in one operation per pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

import torch
from torch import Tensor

from ssrdsl.supernet.circuit import Circuit, ValueIndex

Handle: TypeAlias = int


class Readings:
    """Rows and tables of slots, requested while a plan is compiled and read in every pass.

    Tensors follow the device of the gates.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._requests: dict[tuple[tuple[ValueIndex, ...], tuple[int, ...]], Handle] = {}
        self._levels: list[tuple[Tensor, Tensor, Tensor, Tensor, int]] = []
        self._places = torch.zeros(0, dtype=torch.long)

    def request(self, slots: Sequence[ValueIndex], *shape: int) -> Handle:
        """A handle to a tensor of the values of slots, of one dimension or of the given shape."""
        return self._requests.setdefault((tuple(slots), shape or (len(slots),)), len(self._requests))

    def finish(self) -> None:
        """Compile the circuit into levels, each computed from those before; ends the requests."""
        terms = self.circuit.terms
        level: list[int] = []
        for products in terms:
            level.append(1 + max((max(level[a], level[b]) for a, b, _ in products), default=-1))
        order = sorted(range(len(terms)), key=lambda slot: (level[slot], slot))
        place = {slot: position for position, slot in enumerate(order)}
        for height, slots in groupby(order, level.__getitem__):
            if height:
                members = list(slots)
                rows = [(place[a], place[b], c, k) for k, slot in enumerate(members) for a, b, c in terms[slot]]
                left, right, coefficient, owner = zip(*rows, strict=True)
                coefficients = torch.tensor(coefficient, dtype=torch.float64)
                indices = (torch.tensor(left), torch.tensor(right), coefficients, torch.tensor(owner))
                self._levels.append((*indices, len(members)))
        read = [place[slot] for slots, _ in self._requests for slot in slots]
        self._places = torch.tensor(read, dtype=torch.long)

    def read(self, gates: Tensor, dtype: torch.dtype) -> list[Tensor]:
        """The tensors by handle, differentiable in the gates."""
        if not self._requests:
            return []
        self._places = self._places.to(gates.device)
        flat = self._evaluate(gates)[self._places].to(dtype)
        shapes = [shape for _, shape in self._requests]
        parts = torch.split(flat, [math.prod(shape) for shape in shapes])
        return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]

    def _evaluate(self, gates: Tensor) -> Tensor:
        """The values of all slots in float64, by level: [slots], given the gates, [inputs]."""
        if self._levels and self._levels[0][0].device != gates.device:
            move = gates.device
            self._levels = [(a.to(move), b.to(move), c.to(move), o.to(move), n) for a, b, c, o, n in self._levels]
        gates = gates.to(torch.float64)
        values = torch.cat([gates.new_tensor([0.0, 1.0]), gates])
        for left, right, coefficient, owner, members in self._levels:
            terms = coefficient * values[left] * values[right]
            values = torch.cat([values, terms.new_zeros(members).index_add(0, owner, terms)])
        return values
