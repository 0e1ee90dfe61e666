"""The settings of a study: arms, data and lengths of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ssrdsl.errors import UserError

RANDOM = "random"
"""The strategy that trains random networks briefly at the cost of a search: the equal-cost arm."""
MATCHED, EQUAL_COST = "matched", "equal cost"
"""The arms other than the variants and `RANDOM`."""
MACS_TOLERANCE = "2%"
PARAMETERS_TOLERANCE = "5%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a study.

    `variants` are the settings of the search block by name of the variant. Each is searched with the random seeds
    `seed` to `seed + seeds - 1`. `random` networks match the MACs, `matched` ones the MACs and the parameters; their
    draws depend on `seed`, too. With `equal_cost` each search of the first variant is compared with the best of
    `candidates` random networks that were trained for as long as that search took. `target` is the number of MACs to
    match, None for the mean of the networks found. `held_out` is the percentage of the training split that searches
    select on.
    """

    space: Path
    space_name: str
    data: str
    out: Path
    variants: Mapping[str, tuple[str, ...]]
    seed: int = 0
    seeds: int
    random: int
    matched: int
    equal_cost: bool = True
    candidates: int
    budgets: tuple[int, ...]
    train_seeds: int = 1
    search_epochs: int | None = None
    batch: int | None = None
    size: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    train_options: Mapping[str, str] = field(default_factory=dict)
    target: int | None = None
    held_out: int = 20
    rank: bool = True
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        if not self.variants:
            raise UserError(
                "no strategy to compare with: `random` uses the cost of another strategy",
                help="add one, such as --strategies ssr,random",
            )

    @property
    def choosing_splits(self) -> tuple[str, str]:
        """The parts of the training split that searches train on and select on."""
        kept = 100 - self.held_out
        return f"train:0-{kept}", f"train:{kept}-100"
