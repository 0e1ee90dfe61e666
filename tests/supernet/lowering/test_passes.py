"""Every pass: the same function, gradients and statistics as without it, and its postcondition."""

import functools
from dataclasses import replace

import pytest
import torch

from ssrdsl.space.graph import Port
from ssrdsl.space.restrict import restrict
from ssrdsl.supernet import Supernet
from ssrdsl.supernet.lowering import PASSES, keep_survivors, lower, translate
from ssrdsl.supernet.plan import Mix, PlanFault, Run, verify
from tests.supernet.nets import fresh, images
from tests.supernet.spaces import TEXTS, space

COMMON, FLATTEN, HOIST, FOLD, DISSOLVE = PASSES


@functools.lru_cache(maxsize=4)
def outcome(name, training, passes):
    net = fresh(space(name), 1, passes=passes).train(training)
    y = net(images(net.graph))
    weights = torch.rand(y.shape, generator=torch.Generator().manual_seed(0), dtype=y.dtype)
    (y * weights).mean().backward()
    tensors = {"y": y.detach(), **{f"buffer {key}": value.clone() for key, value in net.named_buffers()}}
    for key, value in net.named_parameters():
        tensors[f"gradient {key}"] = torch.zeros_like(value) if value.grad is None else value.grad
    return tensors


@pytest.mark.parametrize("off", [*PASSES, None], ids=lambda each: each.__name__ if each else "all")
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", TEXTS)
def test_switched_off_nothing_changes(name, training, off):
    passes = () if off is None else tuple(each for each in PASSES if each is not off)
    full, part = outcome(name, training, PASSES), outcome(name, training, passes)
    for key, value in full.items():
        scale = max(1.0, value.abs().max().item())
        assert (value - part[key]).abs().max().item() <= 1e-12 * scale, key


@pytest.mark.parametrize("name", TEXTS)
def test_plans_are_valid_after_every_pass(name):
    plan = translate(keep_survivors(space(name)))
    verify(plan)
    for each in PASSES:
        plan = each(plan)
        verify(plan)


def operators(plan, name):
    return [step for step in plan if isinstance(step, Run) and step.node.operator.name == name]


def test_candidates_share_their_pooling():
    plan = lower(space("joint"), ())
    shared = COMMON(plan)
    per_layer = 2  # dilations, of which every one pools once
    assert len(operators(plan, "maxpool")) == 3 + 5 * per_layer
    assert len(operators(shared, "maxpool")) == 3 + 5


def test_dropouts_are_never_shared():
    plan = lower(space("cells"), ())
    (drop,) = operators(plan, "dropout")
    twin = replace(drop, results=(Port("twin"),))
    more = plan.with_steps((*plan.steps, twin), {Port("twin"): 4})
    assert len(operators(COMMON(more), "dropout")) == 2


def test_sums_are_flat_and_the_identity_of_residuals_occurs_once():
    plan = FLATTEN(COMMON(lower(space("joint"), ())))
    (mix,) = (step for step in plan if isinstance(step, Mix) and step.result == Port("quarter.joint[0].mux"))
    sources = [term.source for term in mix.terms]
    assert len(sources) == len(set(sources)) == 5
    assert sum(bool(term.drops) for term in mix.terms) == 4


def test_one_interpolation_serves_all_candidates_of_a_resolution():
    plan = FLATTEN(COMMON(lower(space("joint"), ())))
    hoisted = HOIST(plan)
    assert len(operators(plan, "resize")) - len(operators(hoisted, "resize")) == 5
    inner = [step for step in hoisted if isinstance(step, Mix) and step.result.node.endswith("mux#0.sum")]
    assert [len(step.terms) for step in inner] == [2] * 5


def test_hoisting_comes_to_an_end():
    plan = HOIST(FLATTEN(lower(space("joint"), ())))
    assert HOIST(plan) is plan


def test_zeros_leave_the_sums():
    plan = FLATTEN(lower(space("cells"), ()))
    zeros = {step.results[0] for step in operators(plan, "zero")}
    assert not any(term.source in zeros for step in plan if isinstance(step, Mix) for term in step.terms)


def test_no_feature_map_after_a_batch_norm_is_scaled():
    plan = lower(space("joint"))
    norms = {step.results[0] for step in operators(plan, "bn")}
    scaled = [
        term
        for step in plan
        if isinstance(step, Mix)
        for term in step.terms
        if term.source in norms and not term.scale.is_unit
    ]
    assert not scaled
    assert any(not step.scale.is_unit for step in operators(plan, "bn"))


def test_what_nothing_needs_is_left_out_and_sums_of_one_tensor_dissolve():
    plan = lower(space("elastic"), (COMMON, FLATTEN, HOIST, FOLD))
    lean = DISSOLVE(plan)
    assert len(lean.steps) < len(plan.steps)
    for step in lean:
        if isinstance(step, Mix) and len(step.terms) == 1:
            assert not step.terms[0].is_bare or lean.channels[step.terms[0].source] != step.channels


def test_keeping_survivors_changes_no_function_and_leaves_only_open_mixtures():
    graph = restrict(space("joint"), {"quarter.repeat.depth": (0,), "eighth.joint[0].(d,s)": (2,)})
    kept = keep_survivors(graph)
    assert {node.decision for node in kept if hasattr(node, "decision")} <= {d.name for d in kept.open_decisions}
    full = space("joint")
    assert len(keep_survivors(full)) == len(full)
    x = images(full)
    torch.testing.assert_close(fresh(graph).eval()(x), fresh(kept).eval()(x), rtol=0, atol=1e-6)


def test_a_plan_that_reads_what_is_not_made_is_a_fault():
    plan = lower(space("paths"))
    with pytest.raises(PlanFault, match="before it is made"):
        verify(plan.with_steps(plan.steps[1:]))
    with pytest.raises(PlanFault, match="made twice"):
        verify(plan.with_steps((*plan.steps, plan.steps[0])))


def test_every_pass_is_optional_for_a_supernet():
    assert len(Supernet(space("paths"), passes=()).plan.steps) > len(Supernet(space("paths")).plan.steps)
