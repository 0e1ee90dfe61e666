"""From the steps of a plan to kernels: create modules, and request scales and tables from the circuit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import torch
from torch import nn

from ssrdsl.operators.construction import Construction
from ssrdsl.operators.convolution import Weighted
from ssrdsl.operators.definition import Operator, Shape
from ssrdsl.space.decided import decided_numbers, mapped_operator, mapped_shape
from ssrdsl.space.expressions import Decided, ExactScalar, add
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.supernet.circuit import ONE, ZERO, ValueIndex
from ssrdsl.supernet.distribution import Distributions
from ssrdsl.supernet.draws import seed_for
from ssrdsl.supernet.elastic import convolve, crops
from ssrdsl.supernet.execution import (
    Kernel,
    MixTerm,
    apply,
    apply_at_drawn,
    drop_out,
    join,
    mix,
    normalize,
    read,
    softmax_of_live,
)
from ssrdsl.supernet.plan import Drop, ExecutionPlan, Join, Mix, PlanFault, PlanStep, Read, Run
from ssrdsl.supernet.readings import Handle, Readings
from ssrdsl.supernet.resolve import make_application, make_module
from ssrdsl.supernet.scale import channel_slots
from ssrdsl.supernet.traits import RANDOM


@dataclass(slots=True)
class Compiler:
    """Compiles steps; `modules` collects modules with state by node id, initialised only from the seed and this id.

    `drawn` are the decisions for which one option is drawn per batch.
    """

    plan: ExecutionPlan
    distributions: Distributions
    extremes: Extremes
    readings: Readings
    seed: int
    drawn: frozenset[str]
    modules: dict[str, nn.Module] = field(default_factory=dict)

    def compile(self, step: PlanStep) -> Kernel:
        """The kernel of a step."""
        if isinstance(step, Read):
            return partial(read, step.shape, step.resized)
        if isinstance(step, Mix):
            return self._mix(step)
        if isinstance(step, Join):
            return self._join(step)
        return self._run(step)

    def hold(self, step: Run) -> None:
        """Create the module of a step that the plan does not contain."""
        operator, inputs = self._at_widest(step)
        self._module(step, operator.construct(inputs))

    def _greatest(self, scalar: ExactScalar) -> Any:
        return self.extremes(scalar)[1]

    def _widest(self, channels: ExactScalar) -> int:
        return int(self._greatest(channels))

    def _mix(self, step: Mix) -> Kernel:
        channels = self._widest(step.channels)
        terms = []
        for place, term in enumerate(step.terms):
            width = min(channels, self._widest(self.plan.channels[term.source]))
            slots = channel_slots(term.scale, width, self.distributions)
            if slots:
                terms.append(MixTerm(place, len(slots), self._request(slots), term.drops))
        return partial(mix, _place(step), channels, terms)

    def _request(self, slots: Sequence[ValueIndex]) -> Handle | None:
        return None if all(slot == ONE for slot in slots) else self.readings.request(slots)

    def _join(self, step: Join) -> Kernel:
        offsets: list[ExactScalar] = [0]
        for width in step.widths:
            offsets.append(add(offsets[-1], width))
        leading = next((k for k, offset in enumerate(offsets[:-1]) if isinstance(offset, Decided)), len(step.widths))
        channels = self._widest(step.channels)
        if leading == len(step.widths):
            return partial(join, _place(step), channels, leading, None)
        columns: list[dict[int, ValueIndex]] = []
        for offset, width in zip(offsets[leading:-1], step.widths[leading:], strict=True):
            places = self.distributions.of(offset)
            columns += [{place + c: slot for place, slot in places.items()} for c in range(self._widest(width))]
        return partial(join, _place(step), channels, leading, self._table(channels, columns))

    def _table(self, rows: int, columns: list[dict[int, ValueIndex]]) -> Handle:
        slots = [column.get(row, ZERO) for row in range(rows) for column in columns]
        return self.readings.request(slots, rows, len(columns))

    def _run(self, step: Run) -> Kernel:
        name = step.node.operator.name
        if name in RANDOM:
            probability = cast(Any, step.node.operator).p
            return partial(drop_out, Drop(step.node.id, float(probability)), name == "dropout2d")
        operator, inputs = self._at_widest(step)
        construction = operator.construct(inputs)
        module, application = self._module(step, construction), make_application(construction)
        if name == "softmax" and not step.scale.is_unit:
            slots = channel_slots(step.scale, int(inputs[0].channels), self.distributions)
            return partial(softmax_of_live, module, application, self.readings.request(slots))
        if not step.scale.is_unit:
            return self._normalize(step, module)
        if isinstance(step.node.operator, Weighted):
            kernel, _, padding, dilation = step.node.operator.windows
            window = (*kernel, *dilation, *padding)
            if decided_numbers(window):
                convolution = cast(nn.Conv2d | nn.ConvTranspose2d, module)
                return partial(convolve, convolution, crops(step.node.id, window, self.distributions, self.readings))
        following = mapped_operator(step.node.operator, self._unless_drawn)
        if decided_numbers(following) and not step.has_weights:
            return partial(apply_at_drawn, following, inputs)
        return partial(apply, module, application)

    def _at_widest(self, step: Run) -> tuple[Operator, tuple[Shape, ...]]:
        inputs = tuple(mapped_shape(shape, self._greatest) for shape in step.inputs)
        return mapped_operator(step.node.operator, self._greatest), inputs

    def _unless_drawn(self, number: Decided) -> ExactScalar:
        """The number itself if it depends on options drawn per batch, else its largest value."""
        return number if number.support <= self.drawn else cast(ExactScalar, self._greatest(number))

    def _module(self, step: Run, construction: Construction) -> nn.Module | None:
        """The module at its widest; it only depends on the seed and the node."""
        if construction.module is None or not step.has_weights:
            return make_module(construction)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed_for(self.seed, step.node.id))
            module = make_module(construction)
        if module is not None and module.state_dict():
            self.modules[step.node.id] = module
            for weight in module.parameters():
                if weight.dim() == 4:
                    # Convolutions, which take most of the time, are up to twice as fast on CPU.
                    weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        return module

    def _normalize(self, step: Run, module: nn.Module | None) -> Kernel:
        if not isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            raise PlanFault(f"{step.node.id} does not accept a scale")
        slots = channel_slots(step.scale, module.num_features, self.distributions)
        slots += [ZERO] * (module.num_features - len(slots))
        return partial(normalize, module, self.readings.request(slots))


def _place(step: Mix | Join) -> str:
    """The node of a step, for messages."""
    return step.result.node.partition("#")[0]
