"""Decisions: the open parts of a network, each with a finite set of options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ssrdsl.language.source import Span


class Dimension(StrEnum):
    """The dimension of a decision; the order is that of the hierarchy of shrinking, outermost first."""

    INPUT = "input"
    DEPTH = "depth"
    TOPOLOGY = "topology"
    OPERATOR = "operator"
    RESOLUTION = "resolution"
    DILATION = "dilation"
    KERNEL = "kernel"
    CHANNEL = "channel"


class Kind(StrEnum):
    """The construct that made a decision."""

    SET = "set"
    CHOOSE = "choose"
    REPEAT = "repeat"
    SELECT = "select"
    SPLIT = "split"
    PERMUTATION = "permutation"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a decision: its index in the source, which never changes, its label and its value."""

    index: int
    label: str
    value: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """A named decision with its remaining options.

    `made_in` is the scope in which it was made, `tied` whether several places share it.
    """

    name: str
    dimension: Dimension
    kind: Kind
    options: tuple[Option, ...]
    made_in: str
    span: Span = field(repr=False, compare=False)
    tied: bool = False

    @property
    def indices(self) -> tuple[int, ...]:
        """The original indices of the remaining options."""
        return tuple(option.index for option in self.options)

    @property
    def is_open(self) -> bool:
        """Whether more than one option is left."""
        return len(self.options) > 1

    @property
    def labels(self) -> dict[int, str]:
        """The labels of the remaining options by original index."""
        return {option.index: option.label for option in self.options}

    def restricted(self, indices: Iterable[int]) -> Decision:
        """The decision with only the options of these indices."""
        kept = set(indices)
        return replace(self, options=tuple(option for option in self.options if option.index in kept))


def only(assignment: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The survivors in every decision of an assignment: the assigned option alone."""
    return {name: (index,) for name, index in assignment.items()}
