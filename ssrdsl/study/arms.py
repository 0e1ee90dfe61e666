"""The arms of a study as parts of its plan.

    search       every variant with every seed; the networks found
    random       networks drawn per decision whose MACs match
    matched      the same, whose MACs and parameters match those of the networks found
    equal cost   for every search of the first variant, the best of some random networks trained for as long as it took

Searches and the equal-cost arm train and select on parts of the training split. Every network is then trained on the
whole split, with one recipe and one order of the data, and scored on the validation split.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.runs.names import ARCHITECTURE_NAME, GAP_NAME, NETWORKS_NAME, RESULT_NAME
from ssrdsl.study.journal import JOURNAL_NAME
from ssrdsl.study.plan import CommandArgument, Content, EqualCost, Network, Plan, StudyStep
from ssrdsl.study.settings import (
    EQUAL_COST,
    MACS_TOLERANCE,
    MATCHED,
    PARAMETERS_TOLERANCE,
    RANDOM,
    Settings,
)

RANDOM_SEED, MATCHED_SEED, CANDIDATE_SEED = 1_000, 2_000, 3_000
"""Added to the random seed of the study, for candidates to that of their search."""
DIGITS = 3


def make_plan(settings: Settings) -> Plan:
    """The plan of a study, the shorter trainings before the longer ones. Raises `UserError`."""
    steps = _Steps(settings)
    seeds = range(settings.seed, settings.seed + settings.seeds)
    found = [steps.search(variant, seed) for seed in seeds for variant in settings.variants]
    first = [network for network in found if network.arm == next(iter(settings.variants))]
    for network in found:
        steps.emit(network.name, f"search/{network.name}", str(network.run))
    random = steps.drawn(RANDOM, settings.random, RANDOM_SEED, found if settings.target is None else ())
    matching = ("--parameters-within", PARAMETERS_TOLERANCE)
    matched = steps.drawn(MATCHED, settings.matched, MATCHED_SEED, first, *matching)
    networks = [*found, *random, *matched]
    steps.train_all(networks, settings.budgets[:1])
    ranked = [network for network in found if network.number == settings.seed and settings.rank and len(random) > 1]
    ranks = {network.arm: steps.rank(network, random) for network in ranked}
    equal = [steps.equal_cost(network) for network in first if settings.equal_cost]
    bought = [each.network for each in equal]
    steps.train_all(bought, settings.budgets[:1])
    steps.train_all([*networks, *bought], settings.budgets[1:])
    return Plan(tuple(steps.made.values()), tuple(found), (*networks, *bought), tuple(equal), ranks)


class _Steps:
    """Collects the steps of a study in `made`; each of them is named after its command."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.out = settings.out
        self.made: dict[str, StudyStep] = {}
        self.sets = [word for name, value in settings.overrides.items() for word in ("--set", f"{name}={value}")]
        self.data = ["--data", settings.data, "--device", settings.device]
        self.data += [*_optional("--batch", settings.batch), *_optional("--size", settings.size)]

    def add(
        self,
        name: str,
        line: Sequence[CommandArgument],
        done: Path,
        out: Path | None = None,
        *,
        needs: Iterable[str] = (),
        after: Iterable[str] = (),
        drawn: Path | None = None,
    ) -> str:
        """Add a step and return its name. Raises `UserError` if there is one of this name."""
        kind = str(line[0])
        step = StudyStep(f"{kind}/{name}", kind, tuple(line), done, out, tuple(needs), tuple(after), drawn)
        if step.name in self.made:
            raise UserError(f"two steps are named {step.name}", help="rename the variants of the study")
        self.made[step.name] = step
        return step.name

    def search(self, variant: str, seed: int) -> Network:
        """Search with a variant; returns the network that it finds."""
        settings, name = self.settings, f"{variant}-{seed}"
        out = self.out / "search" / name
        options = ["--out", str(out), "--seed", str(seed)]
        options += ["--threads", str(settings.threads), *_optional("--epochs", settings.search_epochs)]
        options += ["--keep-supernet"] if settings.rank and seed == settings.seed else []
        held_out = f"selection.held_out={settings.held_out / 100:g}"
        options += [word for text in (held_out, *settings.variants[variant]) for word in ("--search", text)]
        self.add(name, ["search", str(settings.space), *self.data, *self.sets, *options], out / GAP_NAME, out)
        return self.network(name, variant, seed, out / ARCHITECTURE_NAME)

    def network(self, name: str, arm: str, number: int, architecture: Path) -> Network:
        """A network with the run directories of its trainings."""
        trainings = {
            (epochs, seed): self.out / "training" / name / f"{epochs}-epochs-seed-{seed}"
            for epochs in self.settings.budgets
            for seed in range(self.settings.train_seeds)
        }
        return Network(name, arm, number, architecture, trainings)

    def model(self, name: str) -> Path:
        """The Python file of a network."""
        return self.out / NETWORKS_NAME / f"{name}.py"

    def emit(self, name: str, need: str, *source: str, drawn: Path | None = None) -> str:
        """Emit a network of a search, or of the space and an architecture file, that the step `need` writes."""
        model = self.model(name)
        return self.add(name, ["emit", *source, "--model-py", str(model)], model, needs=[need], drawn=drawn)

    def emit_architecture(self, name: str, architecture: Path, need: str) -> str:
        """Emit the network of an architecture file that the step `need` writes."""
        source = (str(self.settings.space), "--architecture", str(architecture))
        return self.emit(name, need, *source, drawn=architecture)

    def draw(self, name: str, count: int, seed: int, like: Sequence[Network], *wanted: str) -> tuple[str, list[Path]]:
        """Draw random networks at the cost of those found by searches, without any at the target cost of the space.

        Returns the name of the step, and the files of the architectures.
        """
        settings = self.settings
        # More networks are drawn into another directory, so that the files of the first ones do not change.
        folder = self.out / "architectures" / f"{name}-{count}"
        # `ssrdsl sample` numbers its files like this.
        files = [folder / f"{settings.space_name}-{each:0{len(str(count - 1))}}.json" for each in range(count)]
        cost = ("--like", ",".join(str(each.run) for each in like)) if like else ("--macs", str(settings.target))
        drawing = ("--within", MACS_TOLERANCE, *wanted, "--distinct", "-n", str(count), "--seed", str(seed))
        line = ["sample", str(settings.space), *self.sets, *cost, *drawing, "-o", str(folder)]
        after = [f"search/{each.name}" for each in like]
        # It writes the first file last, and maybe fewer than `count`.
        return self.add(folder.name, line, files[0], folder, after=after), files

    def drawn(self, arm: str, count: int, seed: int, like: Sequence[Network], *wanted: str) -> list[Network]:
        """Draw the networks of an arm and emit them."""
        if not count:
            return []
        step, files = self.draw(arm, count, seed + self.settings.seed, like, *wanted)
        networks = [self.network(f"{arm}-{at:0{DIGITS}}", arm, at, file) for at, file in enumerate(files)]
        for network in networks:
            self.emit_architecture(network.name, network.architecture, step)
        return networks

    def rank(self, network: Network, drawn: Sequence[Network]) -> Path:
        """Score the networks of an arm with the weights of the supernet of a search; returns the file of the scores."""
        folder, name = drawn[0].architecture.parent, f"{network.name}-{len(drawn)}"
        out = self.out / "rank" / f"{name}.json"
        files = ("--architectures", str(folder), "--out", str(out))
        line = ["rank", str(network.run), *files, "--device", self.settings.device]
        self.add(name, line, out, needs=[f"search/{network.name}", f"sample/{folder.name}"])
        return out

    def equal_cost(self, found: Network) -> EqualCost:
        """Train random networks for as long as a search took, and keep the best."""
        name, count = f"equal-cost-{found.number}", self.settings.candidates
        draw, files = self.draw(name, count, CANDIDATE_SEED + found.number, [found])
        budget, epochs = self.budget(name, found, draw, files[0].parent)
        outs = [self.out / "candidates" / f"{name}-{at:0{DIGITS}}" for at in range(count)]
        for out, architecture in zip(outs, files, strict=True):
            emit = self.emit_architecture(out.name, architecture, draw)
            self.train(out.name, out.name, out, Content(epochs), 0, self.settings.choosing_splits, [emit, budget])
        picked = self.out / "architectures" / f"{name}.json"
        pairs = [f"{architecture}={out}" for architecture, out in zip(files, outs, strict=True)]
        trained = [f"train/{out.name}" for out in outs]
        pick = self.add(name, ["pick", *pairs, "--out", str(picked)], picked, after=trained)
        self.emit_architecture(name, picked, pick)
        return EqualCost(found, self.network(name, EQUAL_COST, found.number, picked), tuple(outs))

    def budget(self, name: str, found: Network, draw: str, candidates: Path) -> tuple[str, Path]:
        """Compute the epochs per candidate from the times of the search and of a training of its network.

        The candidates are those in the directory that the step `draw` writes.
        Returns the name of the step, and the file with the number of epochs.
        """
        settings = self.settings
        training, out = found.trainings[settings.budgets[0], 0], self.out / "candidates" / f"{name}.epochs"
        line = [
            "budget", str(found.run), "--training", str(training), "--architectures", str(candidates),
            "--share", f"{100 - settings.held_out}%", "--times", str(self.out / JOURNAL_NAME), "--out", str(out),
        ]  # fmt: skip
        return self.add(name, line, out, needs=[f"train/{found.name}/{training.name}", draw]), out

    def train_all(self, networks: Sequence[Network], budgets: Sequence[int]) -> None:
        """Train networks on the whole training split, for every number of epochs with every seed."""
        for epochs in budgets:
            for network in networks:
                for seed in range(self.settings.train_seeds):
                    out, needs = network.trainings[epochs, seed], [f"emit/{network.name}"]
                    name = f"{network.name}/{out.name}"
                    self.train(name, network.name, out, str(epochs), seed, ("train", "val"), needs)

    def train(
        self,
        name: str,
        network: str,
        out: Path,
        epochs: CommandArgument,
        seed: int,
        splits: tuple[str, str],
        needs: Sequence[str],
    ) -> None:
        """Train a network once, and score it at the end."""
        options: list[CommandArgument] = ["--out", str(out), "--epochs", epochs, "--evaluate-every", epochs]
        options += ["--seed", str(seed), "--train-split", splits[0], "--val-split", splits[1]]
        for option, value in self.settings.train_options.items():
            options += [f"--{option}", *value.split()]
        line = ["train", str(self.model(network)), *self.data, *options]
        self.add(name, line, out / RESULT_NAME, out, needs=needs)


def _optional(option: str, value: object) -> tuple[str, ...]:
    return () if value is None else (option, str(value))
