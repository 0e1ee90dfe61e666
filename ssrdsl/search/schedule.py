"""The schedule of a search: every rate and weight of a step, as a function of settings, number of steps and step.

A search of 300 steps must end as decided as one of 100,000. Adam moves a parameter by at most its rate in a step,
whatever the gradient, so the rate of the architecture parameters is a fixed distance divided by their steps. Noise of
the task gradient slows them down by its ratio to the gradient of the SSR loss, which does not depend on the number of
steps either: if gates lag behind a plan, the weight of the SSR loss is raised, and towards the end also the rate.

    0 ...... warm-up: weights only; without it depth would collapse first, since its gradient is the largest
    0.2 ..   architecture steps; their rate grows, so that early steps with poorly trained weights do not
             decide much; the SSR weight grows linearly to its full value half way
    0.76 ..  the rate grows faster, for the decisions that are still open

Progress below is that of the architecture steps: 0 at the end of the warm-up, 1 at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from ssrdsl.space.settings import SearchSettings

TRAVEL: Final = 9.0
"""How far an architecture parameter can move in a search, without the rise at the end (sigmoid(-2.2) is 0.1)."""
START: Final = 0.25
"""Share of the mean rate at which the architecture parameters begin; it grows linearly to 2 - START."""
RAMP_END: Final = 0.5
"""Progress at which the SSR weight is full."""
PLAN_END: Final = 0.9
"""Progress at which, by plan, the ratio of the two largest gates reaches the threshold of shrinking."""
INSISTENCE: Final = 7.0
"""Logarithm of the factor on the SSR loss of a decision that is as uniform as at the start when the plan ends."""
RISE_FROM: Final = 0.7
RISE: Final = 5.0
"""From this progress on the rate is multiplied by a factor that grows linearly to 1 + RISE."""

ASCENT: Final = 10.0
"""How far a multiplier of a cost moves in a search if its cost is always 100 % too large."""

POLY_POWER: Final = 0.9
LONG_RATE: Final = 3e-4
LONG_STEPS: Final = 100_000
"""The rate of the weights in a long search (Ye et al., 2022: Adam, 3e-4); shorter ones take larger steps."""
LARGEST_RATE: Final = 2e-3


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule of a search of `steps` steps, counted from 0."""

    steps: int
    settings: SearchSettings

    @property
    def warm_up(self) -> int:
        """Number of steps at the start without architecture updates."""
        return min(self.steps - 1, round(self.settings.architecture.warm_up * self.steps))

    def moves_architecture(self, step: int) -> bool:
        """Whether a step also moves the architecture parameters."""
        return step >= self.warm_up

    def progress(self, step: int) -> float:
        """The share of the architecture steps before a step, 0 to 1."""
        return min(1.0, max(0.0, (step - self.warm_up) / (self.steps - self.warm_up)))

    def weight_rate(self, step: int) -> float:
        """Learning rate of the weights: base * (1 - step/steps)^0.9, where the base falls with steps^(1/4)."""
        base = self.settings.weights.rate or min(LARGEST_RATE, LONG_RATE * (LONG_STEPS / self.steps) ** 0.25)
        return base * math.pow(max(0.0, 1 - step / self.steps), POLY_POWER)

    def architecture_rate(self, step: int) -> float:
        """Learning rate of the architecture parameters: 9 / (architecture steps) in the mean, rising near the end."""
        base = self.settings.architecture.rate or TRAVEL / (self.steps - self.warm_up)
        progress = self.progress(step)
        late = max(0.0, (progress - RISE_FROM) / (1 - RISE_FROM))
        return base * (START + 2 * (1 - START) * progress) * (1 + RISE * late)

    @property
    def multiplier_rate(self) -> float:
        """The change of a multiplier of a cost in an architecture step, per unit of relative violation."""
        return ASCENT / (self.steps - self.warm_up)

    def ramp(self, step: int) -> float:
        """Share of the full SSR weight."""
        return min(1.0, self.progress(step) / RAMP_END)

    def ssr_factor(self, step: int, certainty: float) -> float:
        """Factor of at least 1 on the SSR loss of a decision with some certainty, if it lags behind the plan.

        Certainty is log(g_2 / g_1) / log(t) for the two largest gates: 0 if they are equal, 1 when the second falls to
        the threshold t of shrinking. By plan it grows linearly. Factors far above e^7 would be undone by Adam, whose
        second moments remember large gradients and slow all later steps.
        """
        planned = min(1.0, self.progress(step) / PLAN_END)
        return math.exp(INSISTENCE * max(0.0, planned - certainty))
