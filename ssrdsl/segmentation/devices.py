"""The device of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssrdsl.errors import UserError

if TYPE_CHECKING:
    import torch


FAMILIES = ("cpu", "cuda")
AUTO = "auto"
"""The GPU if PyTorch finds one, else the CPU."""


def check_device_name(name: str) -> None:
    """Raise `UserError` for an invalid device name, without loading torch."""
    if name == AUTO:
        return
    family, colon, number = name.partition(":")
    if family not in FAMILIES or (colon and not number.isdecimal()):
        raise UserError(f"unknown device '{name}'", help="use auto, cpu, cuda or cuda:N")


def check_device(name: str, *, amp: bool = False) -> torch.device:
    """`auto`, `cpu`, `cuda` or `cuda:N` as a device. Raises `UserError` if it is absent, or cannot do `amp`."""
    check_device_name(name)
    import torch

    if name == AUTO:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:  # a number that is too large
        raise UserError(f"unknown device '{name}'", help="use auto, cpu, cuda or cuda:N") from error
    if device.type == "cuda":
        _check_cuda(name, device)
    if amp and (device.type == "cpu" or not torch.cuda.is_bf16_supported(including_emulation=False)):
        raise UserError(f"--amp needs a GPU with bfloat16 arithmetic; {name} has none", help="omit --amp")
    return device


def _check_cuda(name: str, device: torch.device) -> None:
    import torch

    if not torch.cuda.is_available():
        reason = "this PyTorch is built without CUDA" if torch.version.cuda is None else "no GPU found"
        raise UserError(f"--device {name}: {reason}", help="use --device cpu, or install PyTorch for CUDA")
    if (device.index or 0) >= torch.cuda.device_count():
        raise UserError(
            f"--device {name}: there are {torch.cuda.device_count()} GPUs", help="devices are numbered from cuda:0"
        )
