"""The plan of a study: its steps, their order, and their dependencies."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from ssrdsl.errors import UserError
from ssrdsl.study.arms import make_plan
from ssrdsl.study.plan import Content, Plan, StudyStep
from ssrdsl.study.settings import Settings

SETTINGS = Settings(
    space=Path("net.ssr"), space_name="net", data="streets:16", out=Path("out"), variants={"ssr": ()},
    seeds=2, random=3, matched=2, candidates=2, budgets=(1, 2), target=40_000_000,
)  # fmt: skip


def kinds(plan: Plan) -> dict[str, int]:
    counted: dict[str, int] = {}
    for step in plan.steps:
        counted[step.kind] = counted.get(step.kind, 0) + 1
    return counted


def step_of(plan: Plan, name: str) -> StudyStep:
    return next(step for step in plan.steps if step.name == name)


def test_every_network_is_trained_at_every_length() -> None:
    plan = make_plan(SETTINGS)
    # 2 found, 3 random, 2 matched, 2 of equal cost; each of these is picked among 2 candidates.
    assert kinds(plan) == {
        "search": 2, "sample": 4, "emit": 2 + 3 + 2 + 2 + 4, "train": 2 * 9 + 4, "budget": 2, "pick": 2, "rank": 1,
    }  # fmt: skip
    assert [network.arm for network in plan.networks] == [*["ssr"] * 2, *["random"] * 3, *["matched"] * 2,
                                                          *["equal cost"] * 2]  # fmt: skip
    trained = {step.out for step in plan.steps if step.kind == "train"}
    assert all(path in trained for network in plan.networks for path in network.trainings.values())


def test_steps_come_after_those_that_they_wait_for() -> None:
    seen: set[str] = set()
    for step in make_plan(SETTINGS).steps:
        assert seen.issuperset((*step.needs, *step.after)), step.name
        seen.add(step.name)


def test_all_trainings_of_a_length_share_the_recipe() -> None:
    plan = make_plan(
        replace(SETTINGS, train_options={"lr": "0.002", "scale": "1 2", "no-flip": ""}, batch=4, size="8x16")
    )
    recipes = set()
    for network in plan.networks:
        step = next(step for step in plan.steps if step.out == network.trainings[2, 0])
        words = step.command()
        words[words.index("--out") + 1] = words[1] = ""
        recipes.add(tuple(words))
    assert len(recipes) == 1
    (recipe,) = recipes
    text = " ".join(recipe)
    assert "--train-split train --val-split val --lr 0.002 --scale 1 2 --no-flip" in text
    assert "--batch 4 --size 8x16" in text
    assert "--epochs 2 --evaluate-every 2 --seed 0" in text


def test_searches_and_candidates_choose_on_a_part_of_the_training_split() -> None:
    for step in make_plan(replace(SETTINGS, held_out=25)).steps:
        words = [str(word) for word in step.arguments]
        if step.kind == "search":
            assert words[words.index("--search") + 1] == "selection.held_out=0.25"
        elif step.out is not None and step.out.parent.name == "candidates":
            assert words[words.index("--train-split") + 1] == "train:0-75"
            assert words[words.index("--val-split") + 1] == "train:75-100"


def test_the_random_arm_waits_for_searches_only_where_it_matches_what_they_found() -> None:
    step = step_of(make_plan(SETTINGS), "sample/random-3")
    assert step.after == ()
    assert "--macs 40000000 --within 2%" in " ".join(step.command())
    step = step_of(make_plan(replace(SETTINGS, target=None)), "sample/random-3")
    assert step.after == ("search/ssr-0", "search/ssr-1")
    assert f"--like {Path('out/search/ssr-0')},{Path('out/search/ssr-1')} --within 2%" in " ".join(step.command())


def test_more_seeds_networks_and_lengths_keep_the_steps_that_there_were() -> None:
    few = make_plan(SETTINGS)
    more = make_plan(replace(SETTINGS, seeds=3, random=20, budgets=(1, 2, 4), train_seeds=2))
    kept = {step.done for step in more.steps}
    for step in few.steps:
        if step.name not in ("sample/random-3", "rank/ssr-0-3"):
            assert step.done in kept, step.name


def test_another_seed_gives_other_searches_and_other_networks() -> None:
    plan = make_plan(replace(SETTINGS, seed=7))
    assert [run.name for run in plan.searches] == ["ssr-7", "ssr-8"]
    seeds = {}
    for step in plan.steps:
        if step.kind in ("search", "sample"):
            words = step.command()
            seeds[step.name] = words[words.index("--seed") + 1]
    assert seeds == {
        "search/ssr-7": "7", "search/ssr-8": "8", "sample/random-3": "1007", "sample/matched-2": "2007",
        "sample/equal-cost-7-2": "3007", "sample/equal-cost-8-2": "3008",
    }  # fmt: skip
    assert plan.ranks.keys() == {"ssr"}
    assert step_of(plan, "rank/ssr-7-3").needs == ("search/ssr-7", "sample/random-3")


def test_epochs_of_candidates_come_from_a_file(tmp_path: Path) -> None:
    plan = make_plan(replace(SETTINGS, out=tmp_path / "a b"))
    step = step_of(plan, "train/equal-cost-1-000")
    file = tmp_path / "a b" / "candidates" / "equal-cost-1.epochs"
    assert Content(file) in step.arguments
    assert f'--epochs "$(cat {shlex.quote(str(file))})"' in step.text()
    assert "budget/equal-cost-1" in step.needs
    with pytest.raises(UserError, match="cannot read"):
        step.command()
    file.parent.mkdir(parents=True)
    file.write_text("7\n")
    words = step.command()
    assert words[words.index("--epochs") + 1] == "7"


def test_variants_are_searched_with_their_settings() -> None:
    variants = {"ssr": (), "plain": ("ssr.depth=0", "shrink.below=0.01")}
    plan = make_plan(replace(SETTINGS, variants=variants))
    assert step_of(plan, "search/ssr-0").command()[-2:] == ["--search", "selection.held_out=0.2"]
    words = step_of(plan, "search/plain-1").command()
    assert words[-4:] == ["--search", "ssr.depth=0", "--search", "shrink.below=0.01"]
    # The equal-cost arm belongs to the first variant.
    assert [arm.search.name for arm in plan.equal_cost] == ["ssr-0", "ssr-1"]


def test_a_study_without_searches_has_no_price() -> None:
    with pytest.raises(UserError, match="no strategy to compare"):
        replace(SETTINGS, variants={})
