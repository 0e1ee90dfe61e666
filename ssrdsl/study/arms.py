"""The arms of a study as parts of its plan.

    search       every variant with every seed; the networks found
    random       networks drawn per decision whose MACs match
    matched      the same, whose MACs and parameters match those of the networks found
    equal cost   for every search of the first variant, the best of some random networks trained for as long as it took

Searches and the equal-cost arm train and select on parts of the training split. Every network is then trained on the
whole split, with one recipe and one order of the data, and scored on the validation split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ssrdsl.runs.names import ARCHITECTURE_NAME, GAP_NAME, RESULT_NAME
from ssrdsl.study.journal import JOURNAL_NAME
from ssrdsl.study.plan import CommandArgument, Content, EqualCost, Network, Plan, SearchRun, StudyStep, check, joined
from ssrdsl.study.settings import EQUAL_COST, MACS_TOLERANCE, MATCHED, PARAMETERS_TOLERANCE, RANDOM, Settings

RANDOM_SEED, MATCHED_SEED, CANDIDATE_SEED = 1_000, 2_000, 3_000
"""Added to the random seed of the study, for candidates to that of their search."""
DIGITS = 3


def make_plan(settings: Settings) -> Plan:
    """The plan of a study, the shorter trainings before the longer ones."""
    searches = _searches(settings)
    found = [_found(settings, run) for run in searches.searches]
    drawn = _random_draw(settings, searches.searches)
    random = _drawn(settings, RANDOM, settings.random, drawn)
    matched = _drawn(settings, MATCHED, settings.matched, _matched_draw(settings, searches.searches))
    ranks = _ranks(settings, searches.searches, drawn) if settings.rank and settings.random > 1 else Plan(())
    equal = [
        _equal_cost(settings, run) for run in searches.searches if settings.equal_cost and _is_first(settings, run)
    ]
    networks = [*found, random, matched]
    first, rest = settings.budgets[:1], settings.budgets[1:]
    plan = joined(
        searches,
        *networks,
        _trainings(settings, networks, first),
        ranks,
        *equal,
        _trainings(settings, equal, first),
        _trainings(settings, [*networks, *equal], rest),
    )
    check(plan)
    return plan


def _is_first(settings: Settings, run: SearchRun) -> bool:
    return run.variant == settings.variants[0].name


def _searches(settings: Settings) -> Plan:
    steps, runs = [], []
    for seed in range(settings.seed, settings.seed + settings.seeds):
        for variant in settings.variants:
            name = f"{variant.name}-{seed}"
            out = settings.out / "search" / name
            options = ["--out", str(out), "--seed", str(seed)]
            options += ["--threads", str(settings.threads), *_optional("--epochs", settings.search_epochs)]
            options += ["--keep-supernet"] if settings.rank and seed == settings.seed else []
            held_out = f"selection.held_out={settings.held_out / 100:g}"
            options += [word for text in (held_out, *variant.settings) for word in ("--search", text)]
            line = ("search", str(settings.space), *_data(settings), *_sets(settings), *options)
            steps.append(StudyStep(f"search/{name}", "search", line, out / GAP_NAME, out))
            runs.append(SearchRun(name, variant.name, seed, out))
    return Plan(tuple(steps), tuple(runs))


def _found(settings: Settings, run: SearchRun) -> Plan:
    """The network that a search found, as a file."""
    model = _model(settings, run.name)
    emit = StudyStep(
        f"emit/{run.name}", "emit", ("emit", str(run.path), "--model-py", str(model)), model,
        needs=(f"search/{run.name}",),
    )  # fmt: skip
    network = Network(run.name, run.variant, run.seed, run.path / ARCHITECTURE_NAME, _runs(settings, run.name))
    return Plan((emit,), networks=(network,))


def _random_draw(settings: Settings, searches: tuple[SearchRun, ...]) -> StudyStep:
    """Draw the random arm: at the target cost of the space, if it has one, else at that of the networks found."""
    wanted = _like(searches) if settings.target is None else ("--macs", str(settings.target))
    after = () if settings.target is not None else tuple(f"search/{run.name}" for run in searches)
    return _draw(
        settings, RANDOM, settings.random, RANDOM_SEED + settings.seed, (*wanted, "--within", MACS_TOLERANCE), after
    )


def _matched_draw(settings: Settings, searches: tuple[SearchRun, ...]) -> StudyStep:
    first = tuple(run for run in searches if _is_first(settings, run))
    wanted = (*_like(first), "--within", MACS_TOLERANCE, "--parameters-within", PARAMETERS_TOLERANCE)
    after = tuple(f"search/{run.name}" for run in first)
    return _draw(settings, MATCHED, settings.matched, MATCHED_SEED + settings.seed, wanted, after)


def _like(searches: tuple[SearchRun, ...]) -> tuple[str, ...]:
    return ("--like", ",".join(str(run.path) for run in searches))


def _draw(
    settings: Settings, name: str, count: int, seed: int, wanted: tuple[str, ...], after: tuple[str, ...]
) -> StudyStep:
    # More networks are drawn into another directory, so that the files of the first ones do not change.
    folder = settings.out / "architectures" / f"{name}-{count}"
    drawing = ("--distinct", "-n", str(count), "--seed", str(seed), "-o", str(folder))
    line = ("sample", str(settings.space), *_sets(settings), *wanted, *drawing)
    done = _architecture(settings, folder, count - 1, count)
    return StudyStep(f"sample/{folder.name}", "sample", line, done, folder, after=after)


def _architecture(settings: Settings, folder: Path, number: int, count: int) -> Path:
    """The file that `ssrdsl sample` writes for one of `count` architectures."""
    return folder / f"{settings.space_name}-{number:0{len(str(count - 1))}}.json"


def _drawn(settings: Settings, arm: str, count: int, draw: StudyStep) -> Plan:
    """An arm of `count` networks that a step draws into its directory."""
    if not count:
        return Plan(())
    steps, networks = [draw], []
    for number in range(count):
        name = f"{arm}-{number:0{DIGITS}}"
        assert draw.out is not None
        architecture = _architecture(settings, draw.out, number, count)
        steps.append(_emit(settings, name, architecture, draw.name))
        networks.append(Network(name, arm, number, architecture, _runs(settings, name)))
    return Plan(tuple(steps), networks=tuple(networks))


def _emit(settings: Settings, name: str, architecture: Path, need: str) -> StudyStep:
    model = _model(settings, name)
    line = ("emit", str(settings.space), "--architecture", str(architecture), "--model-py", str(model))
    return StudyStep(f"emit/{name}", "emit", line, model, needs=(need,))


def _equal_cost(settings: Settings, run: SearchRun) -> Plan:
    """Random networks trained for as long as a search took, of which the best is kept."""
    name, count = f"equal-cost-{run.seed}", settings.candidates
    wanted = (*_like((run,)), "--within", MACS_TOLERANCE)
    draw = _draw(settings, name, count, CANDIDATE_SEED + run.seed, wanted, (f"search/{run.name}",))
    budget = _budget(settings, run, name)
    steps = [draw, budget]
    runs: dict[Path, Path] = {}
    for number in range(count):
        candidate = f"{name}-{number:0{DIGITS}}"
        assert draw.out is not None
        architecture = _architecture(settings, draw.out, number, count)
        out = settings.out / "candidates" / candidate
        emit = _emit(settings, candidate, architecture, draw.name)
        train = _train(settings, candidate, Content(budget.done), 0, out, settings.choosing_splits)
        steps += [emit, replace(train, name=f"train/{candidate}", needs=(emit.name, budget.name))]
        runs[architecture] = out
    picked = settings.out / "architectures" / f"{name}.json"
    pairs = tuple(f"{architecture}={path}" for architecture, path in runs.items())
    after = tuple(f"train/{path.name}" for path in runs.values())
    steps.append(StudyStep(f"pick/{name}", "pick", ("pick", *pairs, "--out", str(picked)), picked, after=after))
    steps.append(_emit(settings, name, picked, f"pick/{name}"))
    network = Network(name, EQUAL_COST, run.seed, picked, _runs(settings, name))
    return Plan(tuple(steps), networks=(network,), equal_cost=(EqualCost(run, runs, picked),))


def _budget(settings: Settings, run: SearchRun, name: str) -> StudyStep:
    """Compute the epochs per candidate from the times of the search and of a training of its network."""
    training = _runs(settings, run.name)[settings.budgets[0], 0]
    out = settings.out / "candidates" / f"{name}.epochs"
    line = (
        "budget", str(run.path), "--training", str(training), "--candidates", str(settings.candidates),
        "--share", f"{100 - settings.held_out}%", "--times", str(settings.out / JOURNAL_NAME), "--out", str(out),
    )  # fmt: skip
    return StudyStep(f"budget/{name}", "budget", line, out, needs=(_training_name(run.name, settings.budgets[0], 0),))


def _ranks(settings: Settings, searches: tuple[SearchRun, ...], drawn: StudyStep) -> Plan:
    """Scores of the random arm with the weights of the supernets of the first seed."""
    steps, ranks = [], {}
    for run in searches:
        if run.seed == settings.seed:
            name = f"{run.name}-{settings.random}"
            out = settings.out / "rank" / f"{name}.json"
            files = ("--architectures", str(drawn.out), "--out", str(out))
            line = ("rank", str(run.path), *files, "--device", settings.device)
            needs = (f"search/{run.name}", drawn.name)
            steps.append(StudyStep(f"rank/{name}", "rank", line, out, needs=needs))
            ranks[run.variant] = out
    return Plan(tuple(steps), ranks=ranks)


# Trainings


def _runs(settings: Settings, name: str) -> dict[tuple[int, int], Path]:
    """The run directories of a network by epochs and seed."""
    return {
        (epochs, seed): settings.out / "training" / name / f"{epochs}-epochs-seed-{seed}"
        for epochs in settings.budgets
        for seed in range(settings.train_seeds)
    }


def _training_name(network: str, epochs: int, seed: int) -> str:
    return f"train/{network}/{epochs}-epochs-seed-{seed}"


def _trainings(settings: Settings, arms: list[Plan], budgets: tuple[int, ...]) -> Plan:
    return Plan(tuple(step for epochs in budgets for arm in arms for step in _at(settings, arm, epochs)))


def _at(settings: Settings, arm: Plan, epochs: int) -> Iterator[StudyStep]:
    for network in arm.networks:
        for seed in range(settings.train_seeds):
            yield _train(settings, network.name, str(epochs), seed, network.trainings[epochs, seed], ("train", "val"))


def _train(
    settings: Settings, network: str, epochs: CommandArgument, seed: int, out: Path, splits: tuple[str, str]
) -> StudyStep:
    """One training, scored once at the end."""
    options: list[CommandArgument] = ["--out", str(out), "--epochs", epochs, "--evaluate-every", epochs]
    options += ["--seed", str(seed), "--train-split", splits[0], "--val-split", splits[1]]
    options += [word for name, value in settings.train_options.items() for word in _train_option(name, value)]
    line = ("train", str(_model(settings, network)), *_data(settings), *options)
    name = f"train/{network}/{out.name}"
    return StudyStep(name, "train", line, out / RESULT_NAME, out, needs=(f"emit/{network}",))


def _train_option(name: str, value: str) -> tuple[str, ...]:
    return (f"--{name}", *value.split()) if value else (f"--{name}",)


# Options shared by several commands


def _model(settings: Settings, network: str) -> Path:
    return settings.out / "networks" / f"{network}.py"


def _data(settings: Settings) -> tuple[str, ...]:
    words = ("--data", settings.data, "--device", settings.device)
    return (*words, *_optional("--batch", settings.batch), *_optional("--size", settings.size))


def _sets(settings: Settings) -> tuple[str, ...]:
    return tuple(word for name, value in settings.overrides.items() for word in ("--set", f"{name}={value}"))


def _optional(option: str, value: object) -> tuple[str, ...]:
    return () if value is None else (option, str(value))
