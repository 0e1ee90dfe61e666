"""The items that the network needs, and those that only its auxiliary heads need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ssrdsl.emission.drafts.units import Wire
from ssrdsl.emission.plans.items import PlanItem


@dataclass(slots=True)
class Needs:
    """The items needed for the results. `heads` has the name of the auxiliary head of every result."""

    items: Sequence[PlanItem]
    results: Sequence[Wire]
    heads: Sequence[str | None]
    main: set[int] = field(init=False)
    """The numbers of the items that the network needs without its heads."""

    def __post_init__(self) -> None:
        pairs = zip(self.results, self.heads, strict=True)
        self.main = self._needed(wire for wire, head in pairs if head is None)

    def head(self, number: int) -> str | None:
        """The auxiliary head to which an item belongs."""
        if number in self.main:
            return None
        pairs = zip(self.results, self.heads, strict=True)
        return next((head for wire, head in pairs if head is not None and number in self._needed([wire])), None)

    def _needed(self, wires: Iterable[Wire]) -> set[int]:
        by_number = {item.number: item for item in self.items}
        stack, found = [wire[0] for wire in wires], set[int]()
        while stack:
            number = stack.pop()
            if number >= 0 and number not in found:
                found.add(number)
                stack += [wire[0] for wire in by_number[number].reads]
        return found
