"""The job of `ssrdsl study`: the settings and the plan from its options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import click

from ssrdsl.cli.options import check_names, read_overrides
from ssrdsl.cli.runs import SpaceTexts
from ssrdsl.cli.search_job import Spaces
from ssrdsl.errors import UserError
from ssrdsl.files import make_folder, write_atomically
from ssrdsl.language.diagnostics import suggest
from ssrdsl.manifest import text_sha256
from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.lock import locked
from ssrdsl.segmentation.data.registry import class_names
from ssrdsl.space import Program
from ssrdsl.space.prove import prove
from ssrdsl.space.setting_overrides import read_settings, with_settings
from ssrdsl.space.settings import StrategyName
from ssrdsl.study.arms import make_plan
from ssrdsl.study.figures import make_figures
from ssrdsl.study.journal import read_identity, read_journal, write_identity
from ssrdsl.study.page import study_page
from ssrdsl.study.plan import Plan
from ssrdsl.study.records import read_records
from ssrdsl.study.runner import Failure
from ssrdsl.study.settings import RANDOM, Settings
from ssrdsl.study.statistics import scipy_stats

SOURCES, FIGURES_NAME, PAGE_NAME = "space", "study.json", "study.html"
ARMS = ("random", "matched", "equal-cost")
"""Names that a variant cannot have."""
KEPT = frozenset({"out", "data", "epochs", "seed", "train-split", "val-split", "evaluate-every", "resume", "device"})
"""Options of `ssrdsl train` that the study sets."""


@dataclass(frozen=True, slots=True)
class StudyJob:
    """A study: its settings, its plan, the space at the size of its file, and its source texts."""

    settings: Settings
    plan: Plan
    program: Program
    file: Path
    sources: Mapping[str, str]

    @contextmanager
    def opened(self, options: Mapping[str, Any], *, resume: bool) -> Iterator[int]:
        """Hold the lock of the directory while the block runs, with plan and texts written; yield its descriptor.

        Raises `UserError` if another process holds the lock, or the directory belongs to another study.
        """
        out = self.settings.out
        texts = _by_place(self.file, self.sources)
        hashes = {name: text_sha256(text) for name, text in sorted(texts.items())}
        identity = {"space": self.program.name, "file": self.file.name, "sha256": hashes, "options": dict(options)}
        with locked(make_folder(out)) as lock:
            known = read_identity(out)
            if known is None:
                self._check_entries()
            elif not resume:
                raise begun_error(out)
            else:
                self._check_known(known, identity)
            write_identity(out, identity)
            for name, text in texts.items():
                RunDirectory(out / SOURCES).write(name, text)
            yield lock

    def _check_entries(self) -> None:
        """Raise `UserError` if the directory has entries that the plan does not write."""
        out = self.settings.out
        written = {SOURCES, FIGURES_NAME, PAGE_NAME, *(step.done.relative_to(out).parts[0] for step in self.plan.steps)}
        names = sorted(path.name for path in out.iterdir()) if out.exists() else []
        held = [name for name in names if name not in written and not name.startswith(".")]
        if held:
            raise UserError(
                f"{out} is not empty: it contains {held[0]}", help="use a new or an empty directory as --out"
            )

    def _check_known(self, known: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        """Raise `UserError` if the directory has a study of other texts, or of networks drawn differently."""
        out, begun, asked = self.settings.out, known["options"], own["options"]
        # Studies of earlier versions recorded the hash of the file alone.
        if known.get("sha256") not in (own["sha256"], self.program.sha256):
            raise UserError(
                f"{out} is a study of a different text than {self.file} and the files that it uses",
                help="omit FILE to resume it with its own copy of the text, or start a new study in another --out",
            )
        first, first_begun = (_first_strategy(options["strategies"]) for options in (asked, begun))
        if first != first_begun:
            raise UserError(
                f"the first strategy of {out} is {first_begun}: the networks of equal cost and those matched in "
                "parameters refer to its searches",
                help=f"write {first_begun} before the others in --strategies, or start a new study in another --out",
            )
        matching = ("matched",) if self.settings.target is not None else ("random", "matched")
        for name in matching:
            if begun[name] and asked[name] != begun[name]:
                raise UserError(
                    f"{out} was started with --{name} {begun[name]}, and these networks match those found so far",
                    help="omit the option, or start a new study in another --out",
                )

    def conclude(self, failures: Sequence[Failure]) -> dict[str, Any]:
        """Compute the figures of the finished steps and write them."""
        settings = self.settings
        records = read_records(self.plan, self.program.graph, read_journal(settings.out))
        facts = {
            "space": self.program.name,
            "data": settings.data,
            "size": settings.size,
            "target_macs": settings.target,
            "choosing_splits": list(settings.choosing_splits) if records.hold_out else ["train", "train"],
            "strategies": {name: list(changed) for name, changed in settings.variants.items()},
            "train_options": dict(settings.train_options),
        }
        figures = make_figures(records, failures, facts)
        write_atomically(settings.out / FIGURES_NAME, json.dumps(figures, indent=2) + "\n")
        write_atomically(settings.out / PAGE_NAME, study_page(figures, records))
        return figures


def prepare(file: Path, out: Path, given: dict[str, Any], *, copied: bool) -> StudyJob:
    """The study for some options; the steps read the space from its copy if it is `copied`.

    Sets --matched in the options if it is not given. Raises `UserError` and `DiagnosticError`.
    """
    check_names(given["device"], given["data"], [given["size"]])
    strategies = _strategies(given["strategies"])
    budgets = _budgets(given["train_epochs"])
    train_options = _train_options(given["train_options"])
    overrides = read_overrides(given["overrides"])
    scipy_stats()
    if given["matched"] is None:
        given["matched"] = given["random"] // 2
    texts = SpaceTexts(str(file))
    spaces = Spaces(texts, overrides, read_settings(given["search_settings"]))
    spaces.take_classes(len(class_names(given["data"])))
    program = spaces.open()
    prove(program.graph).raise_errors()
    if _sets("strategy", given["search_settings"]):
        raise UserError("--search strategy cannot be used in a study", help="select strategies with --strategies")
    variants = _variants([name for name in strategies if name != RANDOM], given)
    for name, changed in variants.items():
        if _sets("selection.held_out", changed):
            raise UserError(
                "selection.held_out cannot be set in a study",
                help="use --held-out PERCENT, which also applies to the networks of equal cost",
            )
        _check_search(program, name, changed)
    values = {
        **given,
        "space": out / SOURCES / file.name if copied else file,
        "space_name": program.name,
        "out": out,
        "variants": variants,
        "equal_cost": RANDOM in strategies,
        "budgets": budgets,
        "overrides": dict(spaces.overrides),
        "train_options": train_options,
        "target": _target(program, given["match"]),
    }
    settings = Settings(**{field.name: values[field.name] for field in fields(Settings)})
    return StudyJob(settings, make_plan(settings), program, file, texts.texts)


def kept_file(out: Path) -> Path:
    """The stored file of the space of a study. Raises `UserError` if it is missing."""
    folder = out / SOURCES
    # Studies of earlier versions did not record the name.
    names = [(read_identity(out) or {}).get("file"), *(path.name for path in sorted(folder.glob("*.ssr")))]
    for name in names:
        if name and (folder / name).is_file():
            return folder / name
    raise UserError(f"{folder} has no .ssr file", help="give the FILE of the study")


def begun_error(out: Path) -> UserError:
    """The error for starting a study in the directory of another one."""
    return UserError(f"{out} already contains a study", help="continue it with --resume, or use another --out")


def _by_place(main: Path, sources: Mapping[str, str]) -> dict[str, str]:
    """The texts of the space by their paths from the directory of its file. Raises `UserError` for one outside."""
    found = {}
    for name, text in sources.items():
        inside = os.path.relpath(name, main.parent)
        if Path(inside).parts[:1] == ("..",):
            raise UserError(
                f"{main} uses {name}, which is outside its directory, so that a study cannot keep a copy",
                help="move it into the directory of the space, or below it",
            )
        found[inside] = text
    return found


def _strategies(text: str) -> list[str]:
    """The strategies by name. Raises `UserError`."""
    known = list(dict.fromkeys((*get_args(StrategyName), RANDOM)))
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            help = " ".join([*filter(None, [suggest(name, known)]), f"known strategies: {', '.join(known)}"])
            raise UserError(f"unknown strategy '{name}'", help=help)
    return list(dict.fromkeys(names))


def _sets(name: str, texts: Sequence[str]) -> bool:
    """Whether one of the texts `name=value` sets a name."""
    return any(text.partition("=")[0].strip() == name for text in texts)


def _first_strategy(text: str) -> str | None:
    """The first strategy of `--strategies` that is searched with; None if there are only variants."""
    return next((name for name in _strategies(text) if name != RANDOM), None)


def _variants(strategies: Sequence[str], given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The strategies and the variants of --variant, with the settings of --search. Raises `UserError`."""
    common = tuple(given["search_settings"])
    found = {name: (*common, f"strategy={name}") for name in strategies}
    for text in given["variants"]:
        name, colon, settings = text.partition(":")
        if not colon or not name.replace("-", "_").isidentifier():
            raise UserError(
                f"--variant {text}: expected NAME:KEY=VALUE", help="for example --variant plain:shrink.below=0.01"
            )
        if name in ARMS or name in found:
            raise UserError(f"the name '{name}' is already used", help="give the variant another name")
        found[name] = (*common, *settings.split(","))
    return found


def _check_search(program: Program, variant: str, changed: Sequence[str]) -> None:
    """Raise `UserError` if a variant has invalid settings, a target out of reach, or cannot search the space."""
    from ssrdsl.search.goal import goal
    from ssrdsl.search.strategies.registry import default_strategy, find_strategy

    try:
        searched = with_settings(program, read_settings(changed))
        goal(searched.graph, searched.settings.target)
        find_strategy(searched.settings.strategy or default_strategy(searched.graph)).check(searched.graph)
    except UserError as error:
        raise UserError(f"variant {variant}: {error.message}", help=error.help) from error


def _budgets(text: str) -> tuple[int, ...]:
    """The lengths of the trainings, in order. Raises `UserError`."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise UserError(f"--train-epochs {text}: expected numbers of epochs", help="for example --train-epochs 40,160")
    return tuple(sorted({int(word) for word in words}))


def _train_options(texts: Sequence[str]) -> dict[str, str]:
    """Options for `ssrdsl train` by name without dashes. Raises `UserError`."""
    from ssrdsl.cli.train import train

    names = [name.lstrip("-") for parameter in train.params for name in (*parameter.opts, *parameter.secondary_opts)]
    known = [name for name in names if name not in KEPT and name != "model"]
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in known:
            help = "it is set by the study" if name in KEPT else suggest(name, known)
            raise UserError(f"--train {text}: `ssrdsl train` has no such option to set", help=help)
        found[name] = value
    _check_values(found)
    return found


def _check_values(options: Mapping[str, str]) -> None:
    """Raise `UserError` if `ssrdsl train` refuses the value of an option."""
    from ssrdsl.cli.train import train, training_options

    words = [word for name, value in options.items() for word in (f"--{name}", *value.split())]
    try:
        context = train.make_context("train", ["model.py", "--out", "run", *words])
    except click.UsageError as error:
        raise UserError(f"--train: {error.format_message()}", help="see `ssrdsl train --help`") from error
    try:
        training_options(context.params)
    except UserError as error:
        raise UserError(f"--train: {error.message}", help=error.help) from error


def _target(program: Program, match: str | None) -> int | None:
    """The MACs that the random networks match; None for those of the networks found. Raises `UserError`.

    As in a search, the nearest attainable value is used for a target between the steps of the cost.
    """
    target = program.settings.target.macs
    if match == "target" and target is None:
        raise UserError(f"`{program.name}` has no target.macs to match", help="use --match found")
    if match == "found" or target is None:
        return None
    from ssrdsl.search.goal import goal, replaced_targets

    wanted = program.settings.target
    return replaced_targets(wanted, goal(program.graph, wanted)).get("macs", round(target))
