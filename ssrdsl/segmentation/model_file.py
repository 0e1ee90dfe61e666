"""Standalone `model.py` files: emitted ones, and any written by hand in the same form."""

from __future__ import annotations

import hashlib
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from ssrdsl.errors import UserError
from ssrdsl.files import read_text
from ssrdsl.segmentation.weights import Weights, install_weights

SHAPE = "the last nn.Module of the file is the network: `def __init__(self, classes=19, auxiliary=False)`"
CLASS_ARGUMENTS = ("classes", "num_classes", "n_classes", "nclasses", "num_class", "n_class", "nclass", "class_num")
"""Possible names of the argument for the number of classes; the first that a network accepts is used."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file whose last nn.Module is a network, built from a number of classes and optionally `auxiliary`.

    If it accepts none of `CLASS_ARGUMENTS`, its number of classes is fixed in the file.
    """

    path: Path
    sha256: str
    network: Callable[..., nn.Module]
    source: str

    def accepts(self, name: str) -> bool:
        """Whether the network accepts the argument."""
        return name in inspect.signature(self.network).parameters

    @property
    def class_argument(self) -> str | None:
        """The name of its argument for the number of classes; None if the number is fixed."""
        return next((name for name in CLASS_ARGUMENTS if self.accepts(name)), None)

    def build(self, classes: int | None = None, *, auxiliary: bool = False) -> nn.Module:
        """Build the network, for its default number of classes or the given one, with auxiliary heads if `auxiliary`.

        With these the network returns `(logits, {name: auxiliary logits})` in training. If the number of classes is
        fixed, `classes` is ignored; `check_model` compares the number. Raises `UserError` if the network
        has no argument `auxiliary`, or cannot be built.
        """
        arguments: dict[str, int | bool] = {}
        if classes is not None and (argument := self.class_argument) is not None:
            arguments[argument] = classes
        if auxiliary:
            arguments["auxiliary"] = True
            if not self.accepts("auxiliary"):
                raise UserError(f"{self.path}: {self.network.__name__} has no argument `auxiliary`", help=SHAPE)
        try:
            return self.network(**arguments)
        except (Exception, SystemExit) as error:
            raise UserError(
                f"{self.path}: {self.network.__name__} cannot be built: {first_line(error)}", help=SHAPE
            ) from error

    def build_with(self, weights: Weights, classes: int) -> nn.Module:
        """Build the network without auxiliary heads, with weights that may include theirs. Raises `UserError`."""
        network = self.build(classes)
        if self.accepts("auxiliary"):
            heads = self.build(classes, auxiliary=True).state_dict().keys() - network.state_dict().keys()
            own = {name: tensor for name, tensor in weights.state_dict.items() if name not in heads}
            weights = replace(weights, state_dict=own)
        install_weights(network, weights)
        return network


def read_model(path: str | Path) -> ModelFile:
    """Execute a model file and find its network. Raises `UserError` if that fails."""
    path = Path(path)
    if path.suffix != ".py" and not path.is_dir():
        raise UserError(f"{path} is not a Python file", help="use a file written by `ssrdsl emit`")
    source = read_text(path)
    digest = hashlib.sha256(source.encode()).hexdigest()
    module = types.ModuleType(f"ssrdsl_model_{digest[:16]}")
    module.__file__ = str(path)
    # Registered, since dataclasses and pickles look their module up by name.
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno}: syntax error: {error.msg}", help="fix the file") from error
    except SystemExit as error:
        raise UserError(
            f"{path} cannot be imported: it exits the program (sys.exit)",
            help='put the code to run as a script under `if __name__ == "__main__":`',
        ) from error
    except Exception as error:
        raise UserError(
            f"{path} cannot be imported: {first_line(error)}", help="a model file may only import torch"
        ) from error
    return ModelFile(path, digest, _find_network(path, module), source)


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
        if plain and parameter.default is parameter.empty and parameter.name not in CLASS_ARGUMENTS:
            raise UserError(f"{path}: {networks[-1].__name__} needs an argument `{parameter.name}`", help=SHAPE)
    return networks[-1]


def first_line(error: BaseException) -> str:
    """The type of an error and the first line of its message."""
    line = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
