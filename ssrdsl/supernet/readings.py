"""Readings: values of the circuit over gates for the steps of a plan, gathered in one operation per pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from ssrdsl.supernet.circuit import Circuit, Evaluator, ValueIndex

Handle: TypeAlias = int


class Readings:
    """Rows and tables of slots, requested while a plan is compiled and read in every pass."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._slots: list[ValueIndex] = []
        self._shapes: list[tuple[int, ...]] = []
        self._known: dict[tuple[tuple[ValueIndex, ...], tuple[int, ...]], Handle] = {}
        self._evaluator: Evaluator | None = None
        self._places = torch.zeros(0, dtype=torch.long)

    def request(self, slots: Sequence[ValueIndex], *shape: int) -> Handle:
        """A handle to a tensor of the values of slots, of one dimension or of the given shape."""
        extents = shape or (len(slots),)
        key = (tuple(slots), extents)
        handle = self._known.get(key)
        if handle is None:
            handle = self._known[key] = len(self._shapes)
            self._slots += slots
            self._shapes.append(extents)
        return handle

    def finish(self) -> None:
        """Compile the circuit; ends the requests."""
        self._evaluator = self.circuit.compile()
        self._places = self._evaluator.places(self._slots)

    def read(self, gates: Tensor, dtype: torch.dtype) -> list[Tensor]:
        """The tensors by handle, differentiable in the gates."""
        assert self._evaluator is not None
        if not self._shapes:
            return []
        self._places = self._places.to(gates.device)
        flat = self._evaluator.evaluate(gates)[self._places].to(dtype)
        parts = torch.split(flat, [math.prod(shape) for shape in self._shapes])
        return [part.view(shape) for part, shape in zip(parts, self._shapes, strict=True)]
