"""`ssrdsl train`: train the network of a model file on a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssrdsl.cli.names import check_names
from ssrdsl.cli.runs import read_run, resumed_options
from ssrdsl.cli.shell import INTERRUPTED
from ssrdsl.errors import UserError

if TYPE_CHECKING:
    from ssrdsl.segmentation.training.options import TrainingOptions
    from ssrdsl.segmentation.training.runs import TrainedRun

# What a resumed run may change: where it runs, and where its model lies, which is told apart by its text.
FREE = frozenset({"device", "model"})


@click.command(short_help="Train an emitted network.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", metavar="NAME", help="Data: streets, camvid:PATH, or a folder in the SegNet layout.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Directory of the run.")
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="Start from these weights.")
@click.option("--resume", is_flag=True, help="Continue the run in --out; its options need not be repeated.")
@click.option("--epochs", default=60, show_default=True, metavar="N", help="Passes over the training data.")
@click.option("--batch", default=8, show_default=True, metavar="N", help="Images per step.")
@click.option("--size", metavar="HxW", help="Resize the data to this height and width. [default: the data's own]")
@click.option("--crop", metavar="HxW", help="Train on crops of this size. [default: whole images]")
@click.option(
    "--scale", nargs=2, type=float, default=(0.75, 2.0), show_default=True, metavar="LOW HIGH",
    help="Range of random scales.",
)  # fmt: skip
@click.option("--flip/--no-flip", default=True, show_default=True, help="Mirror half of the images.")
@click.option(
    "--jitter", default=0.2, show_default=True, metavar="SHARE",
    help="Change brightness and contrast by up to this share.",
)  # fmt: skip
@click.option(
    "--optimizer", type=click.Choice(["adam", "adamw", "sgd"]), default="adam", show_default=True,
    help="How the weights are updated.",
)  # fmt: skip
@click.option("--lr", type=float, metavar="RATE", help="Highest learning rate. [default: 0.001, sgd 0.05]")
@click.option("--weight-decay", default=1e-4, show_default=True, metavar="RATE", help="How much the weights decay.")
@click.option(
    "--warmup", default=0.03, show_default=True, metavar="SHARE", help="Share of the steps in which the rate rises."
)
@click.option(
    "--clip", default=5.0, show_default=True, metavar="NORM", help="Bound of the gradient's norm; 0 for none."
)
@click.option(
    "--loss", type=click.Choice(["weighted", "plain"]), default="weighted", show_default=True,
    help="Cross entropy with weights for rare classes, or without.",
)  # fmt: skip
@click.option("--train-split", default="train", show_default=True, metavar="SPLIT", help="Or train+val, train:0-80.")
@click.option("--val-split", default="val", show_default=True, metavar="SPLIT", help="Scored during training.")
@click.option(
    "--evaluate-every", type=click.IntRange(1), metavar="EPOCHS", help="How often to score. [default: ten times in all]"
)
@click.option("--device", default="cpu", show_default=True, metavar="NAME", help="cpu, cuda or cuda:N.")
@click.option("--amp", is_flag=True, help="bfloat16 arithmetic on the GPU.")
@click.option("--seed", default=0, show_default=True, metavar="SEED", help="Seed of everything random.")
@click.pass_context
def train(ctx: click.Context, /, model: Path, out: Path, resume: bool, **_: object) -> None:
    """Train the network of MODEL, a file such as `ssrdsl emit` writes, and score it.

    MODEL is Python code that is run with your rights: name only files that you trust.

    --out gets weights.pt (after the last epoch), result.json, predictions.png, events.jsonl (and TensorBoard's files
    where it is installed), manifest.json and a checkpoint after each epoch. A run that was stopped goes on with
    --resume, on a CPU to the same bits.

    \b
    ssrdsl train model.py --data streets --out runs/streets
    ssrdsl train model.py --data camvid:PATH --size 192x256 --epochs 200 --out runs/camvid
    """
    settings = _settings(ctx, out, resume)
    if not settings["data"]:
        raise UserError("which data to train on is not said", help="add --data streets, --data camvid:PATH or a folder")
    check_names(
        settings["device"], settings["data"], [settings["size"], settings["crop"]], [model, settings["weights"]]
    )
    from ssrdsl.segmentation.training.directory import check_run_dir

    check_run_dir(out, resume=resume)
    run = _run(model, out, resume, settings)
    _show(run, out)


def _settings(ctx: click.Context, out: Path, resume: bool) -> dict[str, Any]:
    """The options as plain values; of a resumed run, those it was begun with."""
    given = {name: _plain(value) for name, value in ctx.params.items() if name not in ("out", "resume")}
    if not resume:
        return given
    return resumed_options(ctx, out, given, read_run(out, "train").settings, FREE)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def _options(settings: dict[str, Any]) -> TrainingOptions:
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.training.options import TrainingOptions

    names = (
        "epochs", "batch", "optimizer", "lr", "weight_decay", "warmup", "clip", "loss", "flip", "jitter", "seed", "amp",
        "evaluate_every",
    )  # fmt: skip
    low, high = settings["scale"]
    crop = parse_size(settings["crop"]) if settings["crop"] else None
    return TrainingOptions(**{name: settings[name] for name in names}, scale=(low, high), crop=crop)


def _run(model: Path, out: Path, resume: bool, settings: dict[str, Any]) -> TrainedRun:
    from ssrdsl.cli.console import stderr_console
    from ssrdsl.cli.data import open_data
    from ssrdsl.cli.progress import training_bar
    from ssrdsl.segmentation.data.sizes import parse_size
    from ssrdsl.segmentation.devices import check_device
    from ssrdsl.segmentation.model_file import read_model
    from ssrdsl.segmentation.training.runs import train_model
    from ssrdsl.segmentation.weights import load_weights

    options = _options(settings)
    device = check_device(settings["device"], amp=options.amp)
    file = read_model(model)
    weights = load_weights(settings["weights"]) if settings["weights"] else None
    size = parse_size(settings["size"]) if settings["size"] else None
    console = stderr_console()
    data, scored = open_data(settings["data"], (settings["train_split"], settings["val_split"]), size)
    try:
        with training_bar(console) as observe:
            return train_model(
                file, data, scored, options, out,
                device=device, weights=weights, settings=settings, resume=resume, observe=observe,
            )  # fmt: skip
    except KeyboardInterrupt:
        console.print(f"stopped; go on with: ssrdsl train {model} --out {out} --resume", soft_wrap=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _show(run: TrainedRun, out: Path) -> None:
    from ssrdsl.cli.console import stdout_console
    from ssrdsl.cli.scores import score_table

    console = stdout_console()
    console.print(score_table(run.result.matrix, run.classes, run.preprocessing.size))
    console.print(f"{run.result.seconds:.0f} s; weights, scores and pictures are in {out}", soft_wrap=True)
