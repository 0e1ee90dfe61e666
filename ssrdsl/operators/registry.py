"""The operators by their names in the language: those that come along, and those of other installed packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from glob import iglob
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssrdsl.errors import UserError
from ssrdsl.operators.activation import (
    Elu,
    Gelu,
    Hsigmoid,
    Hswish,
    LeakyRelu,
    Prelu,
    Relu,
    Relu6,
    Sigmoid,
    Softmax,
    Swish,
    Tanh,
)
from ssrdsl.operators.adaptive import AdaptiveAvgpool, AdaptiveMaxpool
from ssrdsl.operators.channels import ChannelShuffle, Crop, Match, Pad, Shift
from ssrdsl.operators.convolution import Conv, Depthwise
from ssrdsl.operators.definition import Operator
from ssrdsl.operators.linear import Linear
from ssrdsl.operators.merging import Add, Concat, Mul
from ssrdsl.operators.normalization import Bn, Dropout, Dropout2d, GroupNorm, InstanceNorm, LayerNorm
from ssrdsl.operators.pooling import Avgpool, Maxpool, MaxpoolIndices, Unpool
from ssrdsl.operators.resizing import PixelShuffle, Resize
from ssrdsl.operators.transposed import Deconv
from ssrdsl.operators.trivial import Identity, Zero

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "ssrdsl.operators"
"""The group of entry points under which a package offers operators."""

_OWN: tuple[type[Operator], ...] = (
    Conv, Deconv, Depthwise, Linear,
    Bn, GroupNorm, LayerNorm, InstanceNorm, Dropout, Dropout2d,
    Relu, Relu6, LeakyRelu, Prelu, Elu, Gelu, Swish, Hswish, Sigmoid, Hsigmoid, Tanh, Softmax,
    Maxpool, MaxpoolIndices, Unpool, Avgpool, AdaptiveAvgpool, AdaptiveMaxpool,
    Resize, PixelShuffle,
    Concat, Add, Mul,
    Match, ChannelShuffle, Pad, Crop, Shift,
    Identity, Zero,
)  # fmt: skip

OPERATORS: Mapping[str, type[Operator]] = MappingProxyType(
    {**{operator.name: operator for operator in _OWN}, "skip": Identity, "silu": Swish}
)
"""The operators that come along, by name; `skip` is another name for `identity`, `silu` for `swish`."""

_registered: dict[str, type[Operator]] = {}
_loaded: dict[str, type[Operator]] | None = None


def operators() -> Mapping[str, type[Operator]]:
    """All operators by name, those of installed packages and registered ones included.

    Packages are asked once, at the first call. Raises UserError where one cannot be loaded or a name is taken.
    """
    global _loaded
    if _loaded is None:
        _loaded = dict(_of_packages())
    return {**OPERATORS, **_loaded, **_registered}


def register(operator: type[Operator]) -> type[Operator]:
    """Makes an operator known in this process; may be used as a decorator. Raises UserError where its name is taken."""
    _check(operator, operator.__name__, {**OPERATORS, **(_loaded or {}), **_registered})
    _registered[operator.name] = operator
    return operator


def unregister(operator: type[Operator]) -> None:
    """Forgets an operator that was registered."""
    _registered.pop(operator.name, None)


def _of_packages() -> Iterator[tuple[str, type[Operator]]]:
    if not _is_offered():
        return
    # Imported here, since it takes longer to load than most files to check.
    from importlib.metadata import entry_points

    known = dict(OPERATORS)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        operator = _load(entry)
        _check(operator, _origin(entry), known)
        _check_whole(operator, _origin(entry))
        known[operator.name] = operator
        yield operator.name, operator


def _is_offered() -> bool:
    """Whether some package may offer operators: whether its metadata names the group, or lies where one cannot look."""
    try:
        return any(_names_group(Path(place or ".")) for place in dict.fromkeys(sys.path))
    except OSError:
        return True


def _names_group(place: Path) -> bool:
    if not place.is_dir():
        return place.is_file()  # an archive
    listed = (path for kind in ("dist", "egg") for path in iglob(f"*.{kind}-info/entry_points.txt", root_dir=place))
    return any(GROUP.encode() in (place / path).read_bytes() for path in listed)


def _origin(entry: EntryPoint) -> str:
    package = f" of the package {entry.dist.name}" if entry.dist is not None else ""
    return f"{entry.value}{package}"


def _load(entry: EntryPoint) -> type[Operator]:
    try:
        loaded = entry.load()
    except Exception as error:  # whatever a foreign package raises while it is imported
        raise UserError(
            f"cannot load the operator {_origin(entry)}: {error}", "repair or uninstall that package"
        ) from error
    from inspect import isabstract

    if not (isinstance(loaded, type) and issubclass(loaded, Operator)) or isabstract(loaded):
        raise UserError(f"{_origin(entry)} is no operator", "derive it from `ssrdsl.operators.Operator`")
    return loaded


def _check(operator: type[Operator], origin: str, known: Mapping[str, type[Operator]]) -> None:
    name = getattr(operator, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise UserError(
            f"the operator {origin} has no name that a file can write",
            'give it `name: ClassVar[str] = "..."`, lower-case letters, digits and underscores',
        )
    if name in known and known[name] is not operator:
        taken = known[name]
        raise UserError(
            f"the operator {origin} is called `{name}`, as {taken.__module__}.{taken.__qualname__} is",
            "rename one of them, or uninstall its package",
        )


def _check_whole(operator: type[Operator], origin: str) -> None:
    if "__dataclass_fields__" not in vars(operator):
        raise UserError(f"the operator {origin} is no dataclass", "put `@dataclass(frozen=True)` above it")
    if operator.construct is Operator.construct:
        raise UserError(f"the operator {origin} does not say how it is made", "give it `construct`")
