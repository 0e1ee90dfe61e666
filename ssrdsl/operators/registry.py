"""The operators by name: built-in ones, and those of other installed packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from glob import iglob
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssrdsl.errors import UserError
from ssrdsl.operators import (
    activation,
    channels,
    convolution,
    linear,
    merging,
    normalization,
    pooling,
    resizing,
    trivial,
)
from ssrdsl.operators.definition import Operator

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "ssrdsl.operators"
"""The entry point group for operators of other packages."""

_MODULES = (convolution, linear, normalization, activation, pooling, resizing, merging, channels, trivial)
_OWN = [
    defined
    for module in _MODULES
    for defined in vars(module).values()
    if isinstance(defined, type) and issubclass(defined, Operator) and "name" in vars(defined)
]

OPERATORS: Mapping[str, type[Operator]] = MappingProxyType(
    {**{operator.name: operator for operator in _OWN}, "skip": trivial.Identity, "silu": activation.Swish}
)
"""The built-in operators by name, those of a module in the order of their definitions.

`skip` is another name for `identity`, `silu` for `swish`.
"""

_registered: dict[str, type[Operator]] = {}
_loaded: dict[str, type[Operator]] | None = None


def operators() -> Mapping[str, type[Operator]]:
    """All operators by name, including those of installed packages and registered ones.

    Packages are loaded once, at the first call. Raises UserError if one cannot be loaded or a name is already used.
    """
    global _loaded
    if _loaded is None:
        _loaded = dict(_of_packages())
    return {**OPERATORS, **_loaded, **_registered}


def register(operator: type[Operator]) -> type[Operator]:
    """Register an operator in this process; can be used as a decorator. Raises UserError if its name is in use."""
    _check(operator, operator.__name__, {**OPERATORS, **(_loaded or {}), **_registered})
    _registered[operator.name] = operator
    return operator


def unregister(operator: type[Operator]) -> None:
    """Remove a registered operator."""
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
    """Whether some package may offer operators: its metadata contain the group, or cannot be searched."""
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
    except Exception as error:  # importing another package can raise any exception
        raise UserError(
            f"cannot load the operator {_origin(entry)}: {error}", "fix or uninstall this package"
        ) from error
    from inspect import isabstract

    if not (isinstance(loaded, type) and issubclass(loaded, Operator)) or isabstract(loaded):
        raise UserError(f"{_origin(entry)} is not an operator", "derive it from `ssrdsl.operators.Operator`")
    return loaded


def _check(operator: type[Operator], origin: str, known: Mapping[str, type[Operator]]) -> None:
    name = getattr(operator, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise UserError(
            f"the operator {origin} has no valid name",
            'add `name: ClassVar[str] = "..."` with lower-case letters, digits and underscores',
        )
    if name in known and known[name] is not operator:
        taken = known[name]
        raise UserError(
            f"the operator {origin} has the name `{name}` of {taken.__module__}.{taken.__qualname__}",
            "rename one of them, or uninstall its package",
        )


def _check_whole(operator: type[Operator], origin: str) -> None:
    if "__dataclass_fields__" not in vars(operator):
        raise UserError(f"the operator {origin} is not a dataclass", "decorate it with `@dataclass(frozen=True)`")
    if operator.construct is Operator.construct:
        raise UserError(f"the operator {origin} has no method `construct`", "implement `construct`")
