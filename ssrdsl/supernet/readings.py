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
        self._requests: dict[tuple[tuple[ValueIndex, ...], tuple[int, ...]], Handle] = {}
        self._evaluator: Evaluator | None = None
        self._places = torch.zeros(0, dtype=torch.long)

    def request(self, slots: Sequence[ValueIndex], *shape: int) -> Handle:
        """A handle to a tensor of the values of slots, of one dimension or of the given shape."""
        return self._requests.setdefault((tuple(slots), shape or (len(slots),)), len(self._requests))

    def finish(self) -> None:
        """Compile the circuit; ends the requests."""
        self._evaluator = self.circuit.compile()
        self._places = self._evaluator.places(slot for slots, _ in self._requests for slot in slots)

    def read(self, gates: Tensor, dtype: torch.dtype) -> list[Tensor]:
        """The tensors by handle, differentiable in the gates."""
        assert self._evaluator is not None
        if not self._requests:
            return []
        self._places = self._places.to(gates.device)
        flat = self._evaluator.evaluate(gates)[self._places].to(dtype)
        shapes = [shape for _, shape in self._requests]
        parts = torch.split(flat, [math.prod(shape) for shape in shapes])
        return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]
