"""`ssrdsl predict`: predict the classes of images without labels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssrdsl.cli.options import PATH, device_option, weights_option
from ssrdsl.errors import UserError, counted

if TYPE_CHECKING:
    from ssrdsl.segmentation.prediction import Predictor

CLASS_MAP = "_classes.png"
OVERLAY = "_overlay.png"


@click.command()
@click.argument("model", type=PATH)
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@weights_option
@click.option("-o", "--out", required=True, type=PATH, metavar="DIR", help="Output directory.")
@click.option(
    "--opacity", type=click.FloatRange(0, 1), default=0.5, show_default=True, metavar="SHARE",
    help="Opacity of the class colours in the overlays.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite existing files in DIR.")
@device_option
def predict(
    model: Path, paths: tuple[Path, ...], weights: Path, out: Path, opacity: float, force: bool, device: str
) -> None:
    """Predict the classes of images with the network of MODEL and its weights.

    PATH is an image, or a directory that is searched for images, subdirectories included. For each image NAME this
    writes NAME_classes.png, a palette image with the class number of every pixel, and NAME_overlay.png, the class
    colours over the image, both in the size of the image. Classes are numbered from 0, in the order of the training
    data.

    MODEL is executed as Python code: use only files that you trust.

    \b
    ssrdsl predict model.py --weights runs/streets/weights.pt photos/ -o predictions
    """
    from ssrdsl.cli.runs import check_file
    from ssrdsl.segmentation.data.folders import find_sources
    from ssrdsl.segmentation.devices import check_device_name

    check_device_name(device)
    for file in (model, weights):
        check_file(file)
    sources = find_sources(paths, out)
    targets = [(out / f"{name}{CLASS_MAP}", out / f"{name}{OVERLAY}") for name in sources]
    _check_targets(targets, sources.values(), force=force)
    predictor, classes = _predictor(model, weights, device, opacity)

    from ssrdsl.cli.console import stderr_console, stdout_console

    with stderr_console().status("Predicting") as status:
        for number, (image, (class_map, overlay)) in enumerate(zip(sources.values(), targets, strict=True), start=1):
            status.update(f"Predicting {number} of {len(sources)}")
            predictor.save(image, class_map, overlay)
    count = counted(len(sources), "image")
    stdout_console().print(
        f"{count}: class maps (*{CLASS_MAP}) and overlays (*{OVERLAY}) are in {out}; "
        f"classes: {', '.join(f'{number} {name}' for number, name in enumerate(classes))}",
        soft_wrap=True,
    )


def _check_targets(targets: list[tuple[Path, Path]], sources: Iterable[Path], *, force: bool) -> None:
    """Raise `UserError` if a result would overwrite one of the images, or any file without `--force`."""
    images = {source.resolve() for source in sources}
    for target in (target for pair in targets for target in pair):
        if target.resolve() in images:
            raise UserError(f"{target} is an input image", help="use another --out")
        if not force and target.exists():
            raise UserError(f"{target} already exists", help="use another --out, or overwrite it with --force")


def _predictor(model: Path, weights: Path, device_name: str, opacity: float) -> tuple[Predictor, tuple[str, ...]]:
    from ssrdsl.segmentation.devices import check_device
    from ssrdsl.segmentation.model_check import check_model
    from ssrdsl.segmentation.model_file import read_model
    from ssrdsl.segmentation.prediction import Predictor, colours_of
    from ssrdsl.segmentation.weights import load_weights

    device = check_device(device_name)
    file, stored = read_model(model), load_weights(weights)
    preprocessing = stored.expected_input()
    classes = stored.classes or ()
    network = file.build_with(stored, len(classes))
    check_model(network, preprocessing.size, len(classes), preprocessing.channels)
    return Predictor(network.to(device), preprocessing, colours_of(classes), device, opacity), classes
