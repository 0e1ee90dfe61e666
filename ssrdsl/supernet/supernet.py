"""The relaxed network of a space: all architectures at once, weighted by gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from ssrdsl.space.decisions import Decision, Dimension, only
from ssrdsl.space.graph import Graph, OperatorNode, Port
from ssrdsl.space.ranges.extremes import Extremes
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet.circuit import Circuit
from ssrdsl.supernet.compilation import Compiler
from ssrdsl.supernet.distribution import Distributions
from ssrdsl.supernet.draws import Draws
from ssrdsl.supernet.execution import ForwardContext, Kernel
from ssrdsl.supernet.gates import SSR, Gates, Relaxation
from ssrdsl.supernet.lowering import PASSES, Pass, keep_survivors, lower, translate
from ssrdsl.supernet.names import escape
from ssrdsl.supernet.parts import sliced
from ssrdsl.supernet.plan import ExecutionPlan, Read, Run, verify
from ssrdsl.supernet.readings import Readings

Images = Tensor | tuple[Tensor, ...]

KEPT_PATHS = 8
"""The number of compiled paths that a supernet caches."""


class Supernet(nn.Module):
    """A space graph as a module.

    Every candidate has its own weights at its widest; gates mix candidates and mask channels. With one survivor
    everywhere it is exactly the plain network. Inputs come in the order of `graph.inputs`, each [batch, channels,
    height, width]. For decided extents one option is drawn per batch; `drawn` holds those of the last pass, by
    decision. The result has no gradient with respect to their gates. Weights only depend on `seed` and the ids of
    nodes, random numbers in training on `seed`, the number of training passes and these ids; torch's global generator
    is not used. Raises UserError for a space that cannot be relaxed (see the message).
    """

    def __init__(
        self, graph: Graph, *, relaxation: Relaxation | None = None, seed: int = 0, passes: Iterable[Pass] = PASSES
    ) -> None:
        super().__init__()
        self.graph = keep_survivors(graph)
        self.relaxation: Relaxation = SSR() if relaxation is None else relaxation
        self.seed = seed
        self.passes = tuple(passes)
        self.training_passes = 0
        self.drawn: dict[str, int] = {}
        self.plan = lower(self.graph, self.passes)
        verify(self.plan)
        self.gates = Gates(self.graph.decisions.values(), self.relaxation)
        self._paths: dict[tuple[tuple[str, int], ...], SinglePath] = {}
        self._held: SinglePath | None = None
        self._inputs = [d for d in self.graph.open_decisions if d.dimension is Dimension.INPUT]
        self.operators = nn.ModuleDict()
        self._compile()

    def _compile(self) -> None:
        circuit = Circuit(self.graph.domains, normalised=self.relaxation.normalised)
        self._readings = Readings(circuit)
        drawn = frozenset(decision.name for decision in self._inputs)
        compiler = Compiler(self.plan, Distributions(circuit), Extremes(self.graph), self._readings, self.seed, drawn)
        self._kernels: list[Kernel] = [compiler.compile(step) for step in self.plan]
        self._readings.finish()
        self._expiring = _last_reads(self.plan)
        for step in self._idle():
            compiler.hold(step)
        self.operators.update({escape(node): module for node, module in compiler.modules.items()})

    def _idle(self) -> list[Run]:
        """The operators with weights that no result needs, as before a `zero`; they are kept."""
        planned = {step.node.id for step in self.plan if isinstance(step, Run)}
        left = {node.id for node in self.graph if isinstance(node, OperatorNode) and node.id not in planned}
        steps = translate(self.graph) if left else ()
        return [step for step in steps if isinstance(step, Run) and step.node.id in left and step.has_weights]

    def weights(self) -> Iterator[nn.Parameter]:
        """The weights of the operators, without the architecture parameters."""
        return self.operators.parameters()

    @contextmanager
    def learning(self, what: Literal["weights", "gates"]) -> Iterator[None]:
        """While the block runs, only weights, or only architecture parameters, require gradients."""
        held = [(parameter, parameter.requires_grad) for parameter in self.parameters()]
        for parameter, _ in held:
            parameter.requires_grad_(what == "weights")
        self.gates.alpha.requires_grad_(what == "gates")
        try:
            yield
        finally:
            for parameter, required in held:
                parameter.requires_grad_(required)

    @contextmanager
    def holding(self, assignment: Mapping[str, int]) -> Iterator[None]:
        """While the block runs, the supernet only computes one architecture, with its own weights.

        `assignment` holds the original option index of every active decision; others are ignored. All tensors have
        their real width. The result is that of `rebuild` with these options, in training and evaluation mode; only the
        weights of the path get gradients, and batch norms in training mode only update its statistics. Gates are not
        used. Raises ValueError if an active decision has no option.
        """
        before, self._held = self._held, self._path(assignment)
        try:
            yield
        finally:
            self._held = before

    def _path(self, assignment: Mapping[str, int]) -> SinglePath:
        key = tuple(sorted(assignment.items()))
        path = self._paths.pop(key, None) or SinglePath(self, assignment)
        self._paths[key] = path
        while len(self._paths) > KEPT_PATHS:
            del self._paths[next(iter(self._paths))]
        return path

    def forward(self, *inputs: Tensor, auxiliary: bool = False) -> Images | tuple[Images, dict[str, Tensor]]:
        """The output, or the tuple of outputs; with `auxiliary` also those of the auxiliary heads, by name.

        If input extents are decided, one option is drawn for the batch in training, and the likeliest is used
        otherwise; outputs then have the resulting extents.
        """
        if self._held is not None:
            held: Images | tuple[Images, dict[str, Tensor]] = self._held(self, inputs, auxiliary)
            return held
        made = self._execute(inputs)
        main = tuple(made[port] for _, port, is_auxiliary in self.plan.outputs if not is_auxiliary)
        result: Images = main[0] if len(main) == 1 else main
        if not auxiliary:
            return result
        return result, {name: made[port] for name, port, is_auxiliary in self.plan.outputs if is_auxiliary}

    def _execute(self, inputs: tuple[Tensor, ...]) -> dict[Port, Tensor]:
        names = [node.name for node in self.graph.inputs]
        given = dict(zip(names, inputs, strict=True))
        context = self._context(inputs[0])
        made: dict[Port, Tensor] = {}
        for step, kernel, expiring in zip(self.plan.steps, self._kernels, self._expiring, strict=True):
            operands = [_last(given[step.name])] if isinstance(step, Read) else [made[port] for port in step.sources]
            result = kernel(operands, context)
            if isinstance(result, tuple):
                made.update(zip(step.results, result, strict=True))
            else:
                made[step.results[0]] = result
            for port in expiring:
                del made[port]
        return made

    def _context(self, image: Tensor) -> ForwardContext:
        draws = Draws(self.seed, self.training_passes, image.device)
        if self.training:
            self.training_passes += 1
        gates = self.gates()
        for decision in self._inputs:
            gates, self.drawn[decision.name] = self._draw(decision, gates, draws)
        dtype = next((weight.dtype for weight in self.weights()), image.dtype)
        return ForwardContext(self._readings.read(gates, dtype), self.training, draws, self.drawn)

    def _draw(self, decision: Decision, gates: Tensor, draws: Draws) -> tuple[Tensor, int]:
        """Draw one option, and set its gate to one for this pass."""
        part = self.gates.slices[decision.name]
        own = gates[part].detach()
        if self.training:
            bound = draws.uniform(decision.name, 1).to(own) * own.sum()
            place = min(int((own.cumsum(0) <= bound).sum()), len(own) - 1)
        else:
            place = int(own.argmax())
        hot = torch.zeros_like(own)
        hot[place] = 1
        return torch.cat([gates[: part.start], hot, gates[part.stop :]]), decision.indices[place]

    def get_extra_state(self) -> dict[str, int]:
        """The number of training passes, on which random numbers depend."""
        return {"training_passes": self.training_passes}

    def set_extra_state(self, state: Mapping[str, Any]) -> None:
        """Restore the number of training passes."""
        self.training_passes = int(state["training_passes"])


class SinglePath:
    """One architecture, evaluated with the supernet's own weights and without its other candidates.

    It is the network of the restricted graph, compiled without weights. When it runs, its tensors are views of those
    parts of the supernet's that `rebuild` would copy. So gradients reach the shared weights, and batch norms in
    training mode update the shared statistics. `assignment` holds the original option index of every active decision.
    Raises ValueError if a decision that the architecture needs has no option.
    """

    def __init__(self, net: Supernet, assignment: Mapping[str, int]) -> None:
        graph = restrict(net.graph, only(assignment))
        if graph.open_decisions:
            raise ValueError(f"the path does not decide `{graph.open_decisions[0].name}`")
        with torch.device("meta"):
            self.network = type(net)(graph, relaxation=net.relaxation, seed=net.seed, passes=net.passes)
        self._shapes = {name: tensor.shape for name, tensor in self.network.operators.state_dict().items()}

    def __call__(self, net: Supernet, inputs: tuple[Tensor, ...], auxiliary: bool) -> Any:
        """The result of the architecture, in the mode of the supernet and of each of its modules."""
        tensors: dict[str, Tensor] = {}
        for name, module in self.network.operators.items():
            shared = net.operators[name]
            _follow(module, shared)
            for key, tensor in shared.state_dict(prefix=f"{name}.", keep_vars=True).items():
                tensors[f"operators.{key}"] = sliced(tensor, self._shapes[key])
        self.network.training = net.training
        self.network.training_passes = net.training_passes
        result = functional_call(self.network, tensors, inputs, {"auxiliary": auxiliary})
        net.training_passes = self.network.training_passes
        return result


def _last(x: Tensor) -> Tensor:
    """The tensor in channels-last memory format."""
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


def _last_reads(plan: ExecutionPlan) -> list[list[Port]]:
    """For every step, the tensors that nothing reads after it."""
    kept = {port for _, port, _ in plan.outputs}
    expiring: list[list[Port]] = []
    for step in reversed(plan.steps):
        last = [port for port in dict.fromkeys((*step.sources, *step.results)) if port not in kept]
        kept.update(last)
        expiring.append(last)
    return expiring[::-1]


def _follow(module: nn.Module, shared: nn.Module) -> None:
    """Copy the settings of the supernet's modules: the mode, and the momentum of a batch norm."""
    for mine, theirs in zip(module.modules(), shared.modules(), strict=True):
        mine.training = theirs.training
        if isinstance(mine, _BatchNorm) and isinstance(theirs, _BatchNorm):
            mine.momentum = theirs.momentum
