"""`ssrdsl train`: train the network of a model file on a data set."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.console import show_message, warn
from ssrdsl.cli.options import (
    PATH,
    amp_option,
    check_names,
    data_option,
    device_option,
    require_data,
    run_option,
    seed_option,
    set_threads,
    threads_option,
)
from ssrdsl.cli.runs import check_recorded_data, continued_options, given_options, read_run, resume_command
from ssrdsl.cli.shell import INTERRUPTED
from ssrdsl.runs.names import MODEL_NAME, RESULT_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssrdsl.runs.directory import RunDirectory
    from ssrdsl.segmentation.data.sizes import Size
    from ssrdsl.segmentation.training.loop import Progress
    from ssrdsl.segmentation.training.options import TrainingOptions
    from ssrdsl.segmentation.training.runs import TrainedRun

# Options that a resumed run may change: device, number of epochs, and the places of data and model, whose content
# is compared.
FREE = frozenset({"device", "model", "data", "epochs"})


@click.command()
@click.argument("model", type=PATH, required=False)
@data_option
@run_option
@click.option("--weights", type=PATH, metavar="FILE", help="Start from these weights.")
@click.option("--resume", is_flag=True, help="Continue the run in --out, with the options it was started with.")
@click.option(
    "--epochs", default=60, show_default=True, metavar="N",
    help="Passes over the training data; can be raised with --resume.",
)  # fmt: skip
@click.option("--batch", default=8, show_default=True, metavar="N", help="Batch size.")
@click.option("--size", metavar="HxW", help="Resize the data to this height and width. [default: the size of the data]")
@click.option("--crop", metavar="HxW", help="Train on crops of this size. [default: whole images]")
@click.option(
    "--scale", nargs=2, type=float, default=(0.75, 2.0), show_default=True, metavar="LOW HIGH",
    help="Range of random scaling.",
)  # fmt: skip
@click.option(
    "--flip/--no-flip", default=True, show_default=True, help="Flip images horizontally with probability 0.5."
)
@click.option(
    "--jitter", default=0.2, show_default=True, metavar="SHARE",
    help="Change brightness and contrast randomly by up to this share.",
)  # fmt: skip
@click.option(
    "--optimizer", type=click.Choice(["adam", "adamw", "sgd"]), default="adam", show_default=True,
    help="Optimizer of the weights.",
)  # fmt: skip
@click.option("--lr", type=float, metavar="RATE", help="Peak learning rate. [default: 0.001; 0.05 for sgd]")
@click.option("--weight-decay", default=1e-4, show_default=True, metavar="RATE", help="Weight decay.")
@click.option(
    "--warmup", default=0.03, show_default=True, metavar="SHARE",
    help="Share of the steps in which the learning rate rises.",
)  # fmt: skip
@click.option(
    "--clip", default=5.0, show_default=True, metavar="NORM", help="Clip gradients to this norm; 0 disables clipping."
)
@click.option(
    "--loss", type=click.Choice(["weighted", "plain"]), default="weighted", show_default=True,
    help="Cross entropy, with or without weights for rare classes.",
)  # fmt: skip
@click.option(
    "--train-split", default="train", show_default=True, metavar="SPLIT",
    help="Split to train on, such as train, train+val or train:0-80.",
)  # fmt: skip
@click.option("--val-split", default="val", show_default=True, metavar="SPLIT", help="Split to score during training.")
@click.option(
    "--evaluate-every", type=click.IntRange(1), metavar="EPOCHS",
    help="Score every N epochs. [default: ten times in total]",
)  # fmt: skip
@device_option
@threads_option
@amp_option
@seed_option
@click.pass_context
def train(ctx: click.Context, /, model: Path | None, out: Path, resume: bool, **_: object) -> None:
    """Train the network of MODEL, a file written by `ssrdsl emit`, and score it.

    Files written to --out: weights.pt (after the last epoch), best.pt (with the best score on the validation split),
    result.json, predictions.png, events.jsonl (and TensorBoard files if it is installed), model.py, manifest.json and a
    checkpoint after each epoch. `ssrdsl train --out DIR --resume` continues a stopped run; on a CPU the result is
    identical to an uninterrupted run. MODEL and other options are not needed. If the data have moved, give their new
    place with --data. A larger --epochs continues a finished run.

    MODEL is executed as Python code: use only files that you trust.

    \b
    ssrdsl train model.py --data streets --out runs/streets
    ssrdsl train model.py --data camvid:PATH --size 192x256 --epochs 200 --out runs/camvid
    """
    from ssrdsl.segmentation.data.registry import lasting_name
    from ssrdsl.segmentation.training.directory import TrainingDirectory

    run = TrainingDirectory(out)
    run.check(resume)
    begun = dict(read_run(out, "train").settings) if resume else None
    settings = _settings(ctx, run, begun)
    if begun is not None and run.is_finished and settings["epochs"] == begun.get("epochs"):
        show_message("note", f"the training in {out} has finished; its scores are in {out / RESULT_NAME}")
        return
    if model is None:
        if begun is None:
            raise click.UsageError("Missing argument 'MODEL'.", ctx)
        model = out / MODEL_NAME
    require_data(settings["data"])
    if begun is not None:
        check_recorded_data(out, settings["data"])
    weights = None if run.has_progress else settings["weights"]
    check_names(settings["device"], settings["data"], [settings["size"], settings["crop"]], [model, weights])
    settings["data"] = lasting_name(settings["data"])
    if begun is not None and begun.get("epochs") != settings["epochs"]:
        _note_extension(begun.get("epochs"), settings["epochs"])
    trained = _train(model, out, resume, settings, weights)
    _show(trained, out)


def _settings(ctx: click.Context, run: RunDirectory, begun: dict[str, Any] | None) -> dict[str, Any]:
    """The options as plain values; of a resumed run, those it was started with."""
    given = given_options(ctx, "out", "resume")
    given["weights"] = given["weights"] and str(Path(given["weights"]).absolute())
    if begun is None:
        return given
    settings = continued_options(ctx, run, given, begun, FREE)
    settings["model"] = begun.get("model") or settings["model"]
    return settings


def _note_extension(before: object, epochs: int) -> None:
    """Print what a larger number of epochs changes in the schedule."""
    show_message(
        "note",
        f"--epochs {before} -> {epochs}: from here on the learning rate follows the schedule of {epochs} epochs, which "
        f"is higher at this point and falls to 0 at the end of epoch {epochs}",
        f"the result differs from a training started with --epochs {epochs}",
    )


def training_options(settings: Mapping[str, Any]) -> TrainingOptions:
    """The options of a training from those of the command line. Raises `UserError` for an invalid one."""
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.training.options import TrainingOptions

    crop = parse_size(settings["crop"]) if settings["crop"] else None
    values = {**settings, "scale": tuple(settings["scale"]), "crop": crop}
    return TrainingOptions(**{field.name: values[field.name] for field in fields(TrainingOptions)})


def _train(model: Path, out: Path, resume: bool, settings: dict[str, Any], start: str | None) -> TrainedRun:
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.cli.data import open_data
    from ssrdsl.cli.progress import training_bar
    from ssrdsl.runs.interrupts import held_back
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.devices import check_device
    from ssrdsl.segmentation.model_file import read_model
    from ssrdsl.segmentation.training.runs import train_model
    from ssrdsl.segmentation.weights import load_weights

    options = training_options(settings)
    device = check_device(settings["device"], amp=options.amp)
    settings = {**settings, "device": str(device), "threads": set_threads(settings["threads"])}
    file = read_model(model)
    weights = load_weights(start) if start else None
    size = parse_size(settings["size"]) if settings["size"] else None
    console = stderr_console()
    data, scored = open_data(settings["data"], [settings["train_split"], settings["val_split"]], size)
    if weights is not None and weights.preprocessing is not None:
        _note_other_size(weights.preprocessing.size, data.size)
    try:
        with held_back() as stop, training_bar(console) as show:

            def observe(progress: Progress) -> None:
                show(progress)
                if stop():
                    raise KeyboardInterrupt

            return train_model(
                file, data, scored, options, out,
                device=device, weights=weights, settings=settings, resume=resume, observe=observe, warn=warn,
            )  # fmt: skip
    except KeyboardInterrupt:
        console.print(_stopped(out), soft_wrap=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _note_other_size(before: Size, size: Size) -> None:
    """Print a note if the weights to start from are those of a run at another size."""
    from ssrdsl.segmentation.data.sizes import format_size

    if before != size:
        show_message(
            "note",
            f"the weights are those of a run at {format_size(before)}, the data have {format_size(size)}",
            f"add --size {format_size(before)} to train at that size",
        )


def _stopped(out: Path) -> str:
    from ssrdsl.segmentation.training.directory import TrainingDirectory

    if not TrainingDirectory(out).has_progress:
        return "stopped before the first checkpoint; nothing was saved"
    return f"stopped; continue with: {resume_command('train', out)}"


def _show(run: TrainedRun, out: Path) -> None:
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.scores import score_table

    console = stdout_console()
    console.print(score_table(run.result.matrix, run.classes, run.preprocessing.size))
    console.print(f"{run.result.seconds:.0f} s; weights, scores and pictures are in {out}", soft_wrap=True)
