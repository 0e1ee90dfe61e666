"""The loop of a search: alternating steps, shrinking after each epoch, checkpoints in between."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ssrdsl.errors import UserError
from ssrdsl.search.costs import reference_costs
from ssrdsl.search.likely import GateValues
from ssrdsl.search.objective import Terms, objective
from ssrdsl.search.progress import EpochReport, SearchObserver, StepReport, remaining
from ssrdsl.search.schedule import Schedule
from ssrdsl.search.shrink import Dropped, Reach, Survivors, decided_together, dropped, permitted
from ssrdsl.search.state import State, Tally, narrow
from ssrdsl.search.strategy import Context, Step, Strategy
from ssrdsl.search.task import Stream, Task
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import Expected

CLIP = 5.0
"""Gradients of weights and architecture parameters are clipped to this norm."""


class Stopped(Exception):
    """Raised when the search was asked to stop, after its state was saved."""


@dataclass(frozen=True, slots=True)
class Options:
    """The length of a search and the interval of its checkpoints.

    With `finish` the weights are trained until the last epoch even after the last decision.
    """

    epochs: int
    finish: bool = False
    checkpoint_seconds: float = 60.0


@dataclass(slots=True)
class Loop:
    """A running search; `save` stores the state."""

    state: State
    context: Context
    strategy: Strategy
    options: Options
    save: Callable[[State], None]
    observers: Sequence[SearchObserver]
    stop: Callable[[], bool] = lambda: False
    _costs: Callable[[], Expected] = field(init=False)
    _saved: float = field(init=False)
    _streams: dict[tuple[Stream, int], Iterator[tuple[Tensor, Tensor]]] = field(init=False, default_factory=dict)
    """The batches of the current epoch, by the kind of step and its turn."""

    def __post_init__(self) -> None:
        self._costs = reference_costs(self.context.reference, self.state.net)
        self._saved = time.monotonic()

    @property
    def task(self) -> Task:
        """The task of the search."""
        return self.context.task

    @property
    def schedule(self) -> Schedule:
        """The schedule of the steps."""
        return self.context.schedule

    def run(self) -> State:
        """Search until every decision has one survivor or all epochs are done.

        Raises `UserError` if a loss is not finite or the disk is full, and `Stopped` after `stop` returned true.
        """
        for epoch in range(self.state.step // self.task.steps_per_epoch, self.options.epochs):
            if self.strategy.is_finished(self.state) and not self.options.finish:
                break
            self._epoch(epoch)
        return self.state

    def _epoch(self, epoch: int) -> None:
        end = (epoch + 1) * self.task.steps_per_epoch
        turns = self.strategy.weight_steps(self.state)
        self._streams.clear()
        while self.state.step < end:
            self._step(epoch, turns)
            if self.state.step == end:
                self._close(epoch)
            self._save_or_stop(due=self.state.step == end)

    def _step(self, epoch: int, turns: int) -> None:
        """`turns` steps of the weights, and after the warm-up one of the architecture."""
        state, step = self.state, self.state.step
        began = time.monotonic()
        terms: Terms | None = None
        task_loss: float | None = None
        with _as_user_errors():
            losses = [self._move_weights(turn, turns) for turn in range(turns)]
            loss = sum(losses) / len(losses)
            gates_move = self.strategy.has_gates and self.schedule.moves_architecture(step)
            if state.architecture is not None and gates_move:
                task_loss, terms = self._move_architecture(state.architecture, turns, loss)
        seconds = time.monotonic() - began
        state.step += 1
        state.seconds += seconds
        state.tally.count(loss, task_loss, seconds)
        architecture_terms = (terms.regularization, terms.cost, terms.macs) if terms is not None else (None, None, None)
        report = StepReport(state.step, self.schedule.steps, epoch, loss, task_loss, *architecture_terms)
        for observer in self.observers:
            observer.step(report)

    def _move_weights(self, turn: int, turns: int) -> float:
        with self.state.net.learning("weights"):
            loss = self.strategy.weight_loss(self._given("weights", turn, turns))
            rate = self.strategy.weight_rate(self.schedule, self.state)
            if not _take(self.state.weights, loss, rate):
                raise self._diverged("weights", loss, rate)
        return float(loss.detach())

    def _move_architecture(self, optimizer: Optimizer, turns: int, baseline: float) -> tuple[float, Terms]:
        with self.state.net.learning("gates"):
            loss = self.strategy.loss(self._given("architecture", 0, turns))
            terms = objective(self.strategy, self.schedule, self.state, self._costs(), loss, baseline)
            rate = self.schedule.architecture_rate(self.state.step)
            if not _take(optimizer, terms.total, rate):
                raise self._diverged("architecture", terms.total, rate)
        return float(loss.detach()), terms

    def _given(self, stream: Stream, turn: int, turns: int) -> Step:
        """The input of the strategy for a step, with the next batch of its stream.

        If a step takes several batches, each turn has its own stream: a shuffled epoch of the data that no other epoch
        of the search uses.
        """
        state = self.state
        if (stream, turn) not in self._streams:
            epoch, place = divmod(state.step, self.task.steps_per_epoch)
            self._streams[stream, turn] = self.task.batches(epoch * turns + turn, stream, place)
        batch = next(self._streams[stream, turn])
        return Step(state.net, self.task, batch, self.schedule, stream, state.step, state.memory, turn)

    def _diverged(self, section: str, loss: Tensor, rate: float) -> UserError:
        return UserError(
            f"the search diverged at step {self.state.step + 1} of {self.schedule.steps}: the loss of the "
            f"{section} step is {float(loss.detach()):g}, or its gradient is not finite",
            help=f"set a lower `{section}.rate` in the search block (it was {rate:.2g}) and start a new run",
        )

    def _close(self, epoch: int) -> None:
        """End an epoch: shrink, fix the gauge, report, and let the strategy change the state."""
        state, before = self.state, self.state.net
        gates = state.net.gates.values()
        macs = float(self._costs().macs.detach())
        gone = self._shrink()
        state.net.gates.gauge_fix()
        tally, state.tally = state.tally, Tally()
        architecture_loss = tally.architecture_loss / tally.architecture_steps if tally.architecture_steps else None
        report = EpochReport(
            epoch=epoch,
            step=state.step,
            loss=tally.loss / tally.steps,
            architecture_loss=architecture_loss,
            step_seconds=tally.seconds / tally.steps,
            macs=macs,
            left=remaining(state.net),
            gates=gates,
            dropped=gone,
        )
        for observer in self.observers:
            observer.epoch(report)
        began = time.monotonic()
        self.strategy.end_epoch(state, self.context)
        state.seconds += time.monotonic() - began
        if state.net is not before:
            self._costs = reference_costs(self.context.reference, state.net)

    def _shrink(self) -> Dropped:
        """Drop what the strategy drops, and rebuild the supernet without it."""
        state = self.state
        gates = state.net.gates.values()
        survivors = self._survivors(gates)
        gone = dropped(gates, survivors)
        if gone.options:
            narrow(state, survivors, self.schedule.settings)
        return gone

    def _survivors(self, gates: GateValues) -> Survivors:
        """The survivors chosen by the strategy, as far as the required costs stay attainable.

        If it decides everything that is left and the costs do not allow this, decisions are taken jointly.
        """
        state = self.state
        wanted = self.strategy.survivors(state, self.context)
        windows = state.multipliers.windows
        if not gates or not windows:
            return permitted(state.net.graph, wanted)
        left = restrict(self.context.reference, state.survivors)
        survivors = permitted(state.net.graph, wanted, Reach(left, windows, gates))
        if survivors != wanted and all(len(wanted[name]) == 1 for name in gates):
            together = decided_together(left, gates, windows)
            return survivors if together is None else {**wanted, **together}
        return survivors

    def _save_or_stop(self, due: bool) -> None:
        """After a step: save if it is `due`, the interval has passed, or a stop is requested, which ends the search."""
        asked = self.stop()
        if asked or due or time.monotonic() - self._saved >= self.options.checkpoint_seconds:
            self.save(self.state)
            self._saved = time.monotonic()
        if asked:
            raise Stopped


@contextmanager
def _as_user_errors() -> Iterator[None]:
    """Turn failures of torch that users can fix into `UserError`."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise UserError("out of GPU memory", help="reduce --batch or --size") from error
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise UserError(
            "a batch norm of the space has a single value per channel, so that there is no variance",
            help="set --batch to 2 or more, and use training data with two or more images in each part",
        ) from error


def _take(optimizer: Optimizer, loss: Tensor, rate: float) -> bool:
    """Do one step of an optimizer; returns False, without a change, if loss or gradient is not finite."""
    parameters: list[Any] = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    optimizer.zero_grad(set_to_none=True)
    if not math.isfinite(float(loss.detach())):
        return False
    loss.backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(parameters, CLIP)
    if not torch.isfinite(norm):
        return False
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return True
