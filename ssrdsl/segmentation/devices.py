"""The device that a command was asked to run on."""

from __future__ import annotations

import torch

from ssrdsl.errors import UserError

__all__ = ["check_device"]


def check_device(name: str, *, amp: bool = False) -> torch.device:
    """`cpu`, `cuda` or `cuda:N` as a device. Raises `UserError` where it is absent, or lacks bfloat16 for `amp`."""
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UserError(f"unknown device '{name}'", help="name cpu or cuda") from error
    if device.type not in ("cpu", "cuda"):
        raise UserError(f"the device '{name}' is not supported", help="name cpu or cuda")
    if device.type == "cuda":
        _check_cuda(name, device)
    if amp and (device.type == "cpu" or not torch.cuda.is_bf16_supported(including_emulation=False)):
        raise UserError(f"--amp needs a GPU with bfloat16 arithmetic, {name} has none", help="leave --amp away")
    return device


def _check_cuda(name: str, device: torch.device) -> None:
    if not torch.cuda.is_available():
        reason = "this PyTorch is built without CUDA" if torch.version.cuda is None else "no GPU is visible"
        raise UserError(f"--device {name}: {reason}", help="use --device cpu, or install PyTorch for CUDA")
    if (device.index or 0) >= torch.cuda.device_count():
        raise UserError(
            f"--device {name}: there are {torch.cuda.device_count()} GPUs", help="counting begins at cuda:0"
        )
