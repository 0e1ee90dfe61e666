"""Standalone `model.py` files: emitted ones, and any written by hand in their shape."""

from __future__ import annotations

import hashlib
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.files import read_text
from ssrdsl.segmentation.data.sizes import Size, format_size
from ssrdsl.segmentation.evaluation import mode
from ssrdsl.segmentation.loss import main_output
from ssrdsl.segmentation.weights import Weights, install_weights

__all__ = ["ModelFile", "check_model", "load_model", "read_model"]

SHAPE = "the last nn.Module of the file is the network: `def __init__(self, classes=19, auxiliary=False)`"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file whose last nn.Module is a network that can be built from `classes` and perhaps `auxiliary` alone."""

    path: Path
    sha256: str
    network: Callable[..., nn.Module]
    source: str

    def accepts(self, name: str) -> bool:
        """Whether the network takes the argument."""
        return name in inspect.signature(self.network).parameters

    def build(self, classes: int | None = None, *, auxiliary: bool = False) -> nn.Module:
        """The network, for its own number of classes or the given one; `auxiliary` asks for its auxiliary heads.

        With those the network returns, in training, `(logits, {name: auxiliary logits})`. Raises `UserError` where the
        network does not take such an argument or cannot be built.
        """
        arguments = ({} if classes is None else {"classes": classes}) | ({"auxiliary": True} if auxiliary else {})
        for name in arguments:
            if not self.accepts(name):
                raise UserError(f"{self.path}: {self.network.__name__} takes no argument `{name}`", help=SHAPE)
        try:
            return self.network(**arguments)
        except Exception as error:
            raise UserError(
                f"{self.path}: {self.network.__name__} cannot be built: {_told(error)}", help=SHAPE
            ) from error

    def build_with(self, weights: Weights, classes: int) -> nn.Module:
        """The network without auxiliary heads, with weights that may be of those as well. Raises `UserError`."""
        network = self.build(classes)
        if self.accepts("auxiliary"):
            heads = self.build(classes, auxiliary=True).state_dict().keys() - network.state_dict().keys()
            own = {name: tensor for name, tensor in weights.state_dict.items() if name not in heads}
            weights = replace(weights, state_dict=own)
        install_weights(network, weights)
        return network


def read_model(path: str | Path) -> ModelFile:
    """Run a model file and find its network. Raises `UserError` where that fails; the file's own code is executed."""
    path = Path(path)
    if path.suffix != ".py" and not path.is_dir():
        raise UserError(f"{path} is not a Python file", help="name a model.py, such as `ssrdsl emit` writes")
    source = read_text(path)
    digest = hashlib.sha256(source.encode()).hexdigest()
    module = types.ModuleType(f"ssrdsl_model_{digest[:16]}")
    module.__file__ = str(path)
    # Registered, since dataclasses and pickles look their module up by name.
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno}: syntax error: {error.msg}", help="mend the file") from error
    except Exception as error:
        raise UserError(
            f"{path} cannot be imported: {_told(error)}", help="a model file imports torch alone"
        ) from error
    return ModelFile(path, digest, _find_network(path, module), source)


def load_model(path: str | Path, classes: int | None = None, auxiliary: bool = False) -> nn.Module:
    """The network of a model file; see `read_model` and `ModelFile.build`."""
    return read_model(path).build(classes, auxiliary=auxiliary)


def check_model(model: nn.Module, size: Size, classes: int) -> None:
    """Run one black image through the network, on its device.

    Raises `UserError` where it cannot take the size, or returns other than logits [1, classes, h, w].
    """
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    name = type(model).__name__
    try:
        with mode(model, training=False), torch.inference_mode():
            logits: object = main_output(model(torch.zeros(1, 3, *size, device=device)))
    except Exception as error:
        raise UserError(
            f"{name} cannot take images of {format_size(size)}: {_told(error)}",
            help="choose a size that it takes, or mend the network",
        ) from error
    if not isinstance(logits, Tensor) or logits.dim() != 4:
        raise UserError(f"{name} returns no logits [B, classes, h, w]", help=SHAPE)
    if logits.shape[1] != classes:
        raise UserError(
            f"the network has {logits.shape[1]} classes, the data has {classes}",
            help=f"make a network for this data (--set classes={classes}), or name its own data",
        )


def _find_network(path: Path, module: types.ModuleType) -> Callable[..., nn.Module]:
    networks = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == module.__name__
    ]
    if not networks:
        raise UserError(f"{path} defines no nn.Module", help=SHAPE)
    parameters = inspect.signature(networks[-1]).parameters.values()
    for parameter in parameters:
        plain = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY, parameter.POSITIONAL_ONLY)
        if plain and parameter.default is parameter.empty:
            raise UserError(f"{path}: {networks[-1].__name__} needs an argument `{parameter.name}`", help=SHAPE)
    return networks[-1]


def _told(error: Exception) -> str:
    """The first line of an error, with its kind where it says nothing by itself."""
    line = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
