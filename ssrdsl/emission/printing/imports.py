"""The import statements of an emitted file."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from itertools import groupby

Import = tuple[str, str]
"""A module, and a name that is imported from it; the empty name is the module itself."""


def import_lines(imports: Collection[Import]) -> Iterator[str]:
    """The statements, the standard library's before those of torch."""
    for torch in (False, True):
        own = sorted(pair for pair in imports if (re.split(r"[. ]", pair[0])[0] == "torch") is torch)
        yield from (f"import {module}" for module, name in own if not name)
        for module, pairs in groupby((pair for pair in own if pair[1]), lambda pair: pair[0]):
            yield f"from {module} import {', '.join(sorted((name for _, name in pairs), key=_order))}"
        yield from () if torch else [""]


def _order(name: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters do."""
    return not name[0].isupper(), name


def without_imports(source: str) -> tuple[list[str], set[Import]]:
    """The lines of a module after its docstring and imports, and the imports."""
    last, imports = 0, set[Import]()
    for index, statement in enumerate(ast.parse(source).body):
        if isinstance(statement, ast.Import):
            imports |= {(alias.name, "") for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            imports |= {(statement.module or "", alias.name) for alias in statement.names}
        elif index > 0:
            break
        last = statement.end_lineno or last
    return source.rstrip("\n").split("\n")[last:], imports
