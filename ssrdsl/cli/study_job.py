"""What `ssrdsl study` runs: the settings and the plan that its options make."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from ssrdsl.space import Program
    from ssrdsl.study.plan import Plan
    from ssrdsl.study.runner import Failure
    from ssrdsl.study.settings import Settings, Variant

SPACE_NAME = "space.ssr"
ARMS = ("random", "matched", "equal-cost")
"""Names that no variant can have."""
KEPT = frozenset({"out", "data", "epochs", "seed", "train-split", "val-split", "evaluate-every", "resume", "device"})
"""Options of `ssrdsl train` that the study sets."""


@dataclass(frozen=True, slots=True)
class StudyJob:
    """A study: its settings, its plan, the space at the size of its file, and the texts that this is made of."""

    settings: Settings
    plan: Plan
    program: Program
    file: Path
    sources: Mapping[str, str]

    def identity(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What a study is one of, for `plan.json`."""
        return {"space": self.program.name, "sha256": self.program.sha256, "options": dict(options)}

    def begin(self, resume: bool, options: Mapping[str, Any]) -> None:
        """Makes the directory. Raises `UserError` where that holds a study of another space."""
        from ssrdsl.search.run import RunDirectory
        from ssrdsl.study.journal import read_identity, write_identity

        out = self.settings.out
        known = read_identity(out)
        if resume and known is not None and known.get("sha256") != self.program.sha256:
            raise UserError(
                f"{out} is a study of another text than {self.file}",
                help=f"resume it with {out / SPACE_NAME}, or start a new study in another --out",
            )
        if known is None and out.exists() and (held := sorted(path.name for path in out.iterdir())):
            raise UserError(f"{out} is not empty: it holds {held[0]}", help="name a new or an empty directory as --out")
        write_identity(out, self.identity(options))
        RunDirectory(out).keep_sources(str(self.file), self.sources)

    def conclude(self, failures: Sequence[Failure]) -> dict[str, Any]:
        """Computes the figures of what is finished and writes them."""
        from ssrdsl.files import write_atomically
        from ssrdsl.study.figures import make_figures
        from ssrdsl.study.journal import read_journal
        from ssrdsl.study.records import read_records

        settings = self.settings
        records = read_records(self.plan, self.program.graph, read_journal(settings.out))
        facts = {
            "space": self.program.name,
            "data": settings.data,
            "size": settings.size,
            "target_macs": settings.target,
            "choosing_splits": list(settings.choosing_splits),
            "strategies": {variant.name: list(variant.settings) for variant in settings.variants},
            "train_options": dict(settings.train_options),
        }
        figures = make_figures(records, failures, facts)
        write_atomically(settings.out / "study.json", json.dumps(figures, indent=2) + "\n")
        return figures


def prepare(file: Path, out: Path, given: Mapping[str, Any]) -> StudyJob:
    """The study that options make. Raises `UserError` and `DiagnosticError`."""
    from ssrdsl.cli.names import check_names
    from ssrdsl.cli.overrides import read_overrides
    from ssrdsl.cli.search_job import Spaces
    from ssrdsl.segmentation.data.registry import class_names
    from ssrdsl.space.prove import prove
    from ssrdsl.study.arms import make_plan
    from ssrdsl.study.settings import RANDOM, Settings
    from ssrdsl.study.statistics import scipy_stats

    check_names(given["device"], given["data"], [given["size"]])
    strategies = _strategies(given["strategies"])
    budgets = _budgets(given["train_epochs"])
    train_options = _train_options(given["train_options"])
    overrides = read_overrides(given["overrides"])
    scipy_stats()
    spaces = Spaces(file, overrides)
    spaces.take_classes(len(class_names(given["data"])))
    program = spaces.open()
    prove(program.graph).raise_errors()
    settings = Settings(
        space=_space(file, out, program),
        space_name=program.name,
        data=given["data"],
        out=out,
        variants=_variants([name for name in strategies if name != RANDOM], program, given),
        seeds=given["seeds"],
        random=given["random"],
        matched=given["random"] // 2 if given["matched"] is None else given["matched"],
        equal_cost=RANDOM in strategies,
        candidates=given["candidates"],
        budgets=budgets,
        train_seeds=given["train_seeds"],
        search_epochs=given["search_epochs"],
        batch=given["batch"],
        size=given["size"],
        overrides=dict(spaces.overrides),
        train_options=train_options,
        target=_target(program, given["match"]),
        held_out=given["held_out"],
        rank=given["rank"],
        device=given["device"],
        threads=given["threads"],
    )
    return StudyJob(settings, make_plan(settings), program, file, spaces.sources)


def _space(file: Path, out: Path, program: Program) -> Path:
    """The copy of the space in the directory of the study, once that is there."""
    return file


def _strategies(text: str) -> list[str]:
    """The strategies by name. Raises `UserError`."""
    from ssrdsl.space.settings import StrategyName
    from ssrdsl.study.settings import RANDOM

    known = [*get_args(StrategyName), RANDOM]
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise UserError(f"unknown strategy '{name}'", help=f"{hint}known strategies: {', '.join(known)}")
    return list(dict.fromkeys(names))


def _variants(strategies: Sequence[str], program: Program, given: Mapping[str, Any]) -> tuple[Variant, ...]:
    """The strategies, and what --variant adds, with the settings of --search. Raises `UserError`."""
    from ssrdsl.study.settings import Variant

    common = tuple(given["search_settings"])
    found = [Variant(name=name, settings=(*_choice(name, program), *common)) for name in strategies]
    for text in given["variants"]:
        name, colon, settings = text.partition(":")
        if not colon or not name.replace("-", "_").isidentifier():
            raise UserError(
                f"--variant {text}: expected NAME:KEY=VALUE", help="for example --variant plain:shrink.below=0.01"
            )
        found.append(Variant(name=name, settings=(*common, *settings.split(","))))
    names = [variant.name for variant in found]
    for name in names:
        if name in ARMS or names.count(name) > 1:
            raise UserError(f"the name '{name}' is taken", help="give the variant another name")
    return tuple(found)


def _choice(strategy: str, program: Program) -> tuple[str, ...]:
    """The setting that chooses a strategy, where the file does not."""
    return () if program.settings.strategy == strategy else (f"strategy={strategy}",)


def _budgets(text: str) -> tuple[int, ...]:
    """The lengths of the trainings, in order. Raises `UserError`."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise UserError(f"--train-epochs {text}: expected numbers of epochs", help="for example --train-epochs 40,160")
    return tuple(sorted({int(word) for word in words}))


def _train_options(texts: Sequence[str]) -> dict[str, str]:
    """Options for `ssrdsl train` by name without dashes. Raises `UserError`."""
    from ssrdsl.cli.train import train

    known = [name.lstrip("-") for parameter in train.params for name in (*parameter.opts, *parameter.secondary_opts)]
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name in KEPT or name not in known or name == "model":
            near = get_close_matches(name, [each for each in known if each not in KEPT], n=1)
            reason = "it is set by the study" if name in KEPT else f"did you mean '{near[0]}'?" if near else None
            raise UserError(f"--train {text}: `ssrdsl train` has no such option to set", help=reason)
        found[name] = value
    return found


def _target(program: Program, match: str | None) -> int | None:
    """The MACs that the random networks match, None for those of the networks found. Raises `UserError`."""
    target = program.settings.target.macs
    if match == "target" and target is None:
        raise UserError(f"`{program.name}` has no target.macs to match", help="use --match found")
    return None if match == "found" or target is None else round(target)
