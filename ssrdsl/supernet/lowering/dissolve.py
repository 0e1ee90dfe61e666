"""Remove sums of one tensor, and steps without readers."""

from __future__ import annotations

from ssrdsl.space.graph import Port
from ssrdsl.supernet.plan import ExecutionPlan, Mix, PlanStep


def dissolve(plan: ExecutionPlan) -> ExecutionPlan:
    """Replace a sum of one tensor by this tensor, and remove steps that no result needs.

    Precondition: a valid plan. Postcondition: the same function; no sum has a single unscaled term of the same width;
    every step but the inputs is needed for a result.
    """
    names: dict[Port, Port] = {}
    steps: list[PlanStep] = []
    for step in plan:
        if isinstance(step, Mix) and len(step.terms) == 1 and step.terms[0].is_bare:
            source = names.get(step.terms[0].source, step.terms[0].source)
            if plan.channels[source] == step.channels:
                names[step.result] = source
                continue
        steps.append(step)
    plan = plan.with_steps(steps).renamed(names)
    needed = {port for _, port, _ in plan.outputs}
    kept: list[PlanStep] = []
    for step in reversed(plan.steps):
        if not step.sources or any(port in needed for port in step.results):
            needed.update(step.sources)
            kept.append(step)
    return plan.with_steps(reversed(kept))
