"""Check that a network takes images and returns class logits, by running it on zeros before the work starts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ssrdsl.errors import UserError, counted
from ssrdsl.segmentation.data.sizes import Size, format_size
from ssrdsl.segmentation.evaluation import mode
from ssrdsl.segmentation.loss import MAIN, split_output
from ssrdsl.segmentation.model_file import first_line

COLOURS = 3
GREY = 1
RETURNS = (
    "return only logits [B, classes, height, width] in evaluation mode, in training optionally "
    "`(logits, {name: auxiliary logits})`"
)
ONE_IMAGE = "train networks with one image as input: `forward(self, image)`"


def input_channels(model: nn.Module, size: Size) -> int:
    """3 for a network that takes RGB images, 1 for one that only takes grey images."""
    if _first_channels(model, size, COLOURS) == GREY and _first_channels(model, size, GREY) is None:
        return GREY
    return COLOURS


def check_model(model: nn.Module, size: Size, classes: int, channels: int = COLOURS) -> None:
    """Run one image of zeros through the network, on its device.

    Raises `UserError` if it does not have one input and one output, does not accept the channels or the size, or does
    not return logits [1, classes, h, w].
    """
    name = type(model).__name__
    _check_inputs(model, name)
    try:
        with mode(model, training=False), torch.inference_mode():
            output: object = model(_zeros(model, 1, channels, size))
    except (Exception, SystemExit) as error:
        raise _refusal(model, name, size, channels, error) from error
    _check_classes(_logits(output, name), classes)


def check_training(model: nn.Module, size: Size, classes: int, batch: int, channels: int = COLOURS) -> None:
    """Run a batch of zeros through the network in training mode, without changing its statistics.

    Raises `UserError` if it cannot be trained with such a batch, or an auxiliary head does not have `classes`
    classes.
    """
    name = type(model).__name__
    try:
        # Two images are enough; more would only take longer.
        with _untouched(model), mode(model, training=True), torch.no_grad():
            output = model(_zeros(model, min(batch, 2), channels, size))
    except (Exception, SystemExit) as error:
        if "more than 1 value per channel" in str(error):
            raise UserError(
                f"a batch norm of {name} has a single value per channel, so that there is no variance",
                help="set --batch to 2 or more",
            ) from error
        raise UserError(f"{name} cannot be trained: {first_line(error)}", help="fix its forward pass") from error
    try:
        main, others = split_output(output)
    except (TypeError, IndexError) as error:
        raise UserError(f"{name} returns {_described(output)} in training", help=RETURNS) from error
    _check_classes(main, classes)
    for key, auxiliary in others.items():
        if auxiliary.dim() != 4 or auxiliary.shape[1] != classes:
            found = f"{auxiliary.shape[1]} classes" if auxiliary.dim() == 4 else f"the shape {list(auxiliary.shape)}"
            raise UserError(
                f"the auxiliary head '{key}' of {name} has {found}, the data has {classes} classes",
                help="give every auxiliary head as many classes as the output",
            )


@contextmanager
def _untouched(model: nn.Module) -> Iterator[None]:
    """Restore the buffers of a network and the state of torch's random generators after the block."""
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    devices = [device for device in [_device(model)] if device.type == "cuda"]
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            with torch.no_grad():
                for name, buffer in model.named_buffers():
                    if name in before and buffer.shape == before[name].shape:
                        buffer.copy_(before[name])


def _check_inputs(model: nn.Module, name: str) -> None:
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(model.forward).parameters.values()
    inputs = [entry.name for entry in parameters if entry.kind in plain and entry.default is entry.empty]
    if len(inputs) > 1:
        raise UserError(f"{name} takes {len(inputs)} inputs: {', '.join(inputs)}", help=ONE_IMAGE)


def _refusal(model: nn.Module, name: str, size: Size, channels: int, error: BaseException) -> UserError:
    wanted = _first_channels(model, size, channels)
    if wanted is not None:
        return UserError(
            f"{name} takes images of {counted(wanted, 'channel')}, not {channels}",
            help="images are RGB, or grey for a network whose input has 1 channel",
        )
    return UserError(
        f"{name} cannot take images of {format_size(size)}: {first_line(error)}",
        help="use a size that it accepts, or fix the network",
    )


def _first_channels(model: nn.Module, size: Size, channels: int) -> int | None:
    """The input channels of the first convolution if they differ from the given ones, else None."""
    image = _zeros(model, 1, channels, size)
    wanted: list[int] = []

    def watch(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        if isinstance(module, nn.Conv2d) and arguments and isinstance(arguments[0], Tensor):
            given = arguments[0]
            if given.dim() == 4 and given.shape[1] == channels and module.in_channels != channels:
                wanted.append(module.in_channels)

    hooks = [module.register_forward_pre_hook(watch) for module in model.modules()]
    try:
        with mode(model, training=False), torch.inference_mode():
            model(image)
    except (Exception, SystemExit):
        return wanted[0] if wanted else None
    finally:
        for hook in hooks:
            hook.remove()
    return None


def _logits(output: object, name: str) -> Tensor:
    """The logits that a network returns in evaluation mode. Raises `UserError`."""
    if isinstance(output, Mapping) and isinstance(output.get(MAIN), Tensor):
        output = output[MAIN]
    elif isinstance(output, tuple | list) and len(output) == 2 and isinstance(output[1], Mapping):
        output = output[0]
    if isinstance(output, Tensor) and output.dim() == 4:
        return output
    raise UserError(f"{name} returns {_described(output)}, not one tensor of logits", help=RETURNS)


def _check_classes(logits: Tensor, classes: int) -> None:
    if logits.dim() != 4 or logits.shape[1] != classes:
        raise UserError(
            f"the network has {logits.shape[1]} classes, the data has {classes}",
            help=f"emit a network for this data (--set classes={classes}), change the number if it is fixed in the "
            "model file, or use other data",
        )


def _described(output: object) -> str:
    if isinstance(output, Tensor):
        return f"a tensor of the shape {list(output.shape)}"
    if isinstance(output, Mapping):
        return f"a dictionary with {', '.join(map(repr, list(output)[:4]))}"
    if isinstance(output, Sequence) and not isinstance(output, str):
        return counted(len(output), "output")
    return f"a {type(output).__name__}"


def _device(model: nn.Module) -> torch.device:
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


def _zeros(model: nn.Module, batch: int, channels: int, size: Size) -> Tensor:
    return torch.zeros(batch, channels, *size, device=_device(model))
