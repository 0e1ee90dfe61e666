"""The import statements of an emitted file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Imports:
    """Modules, by the names that they are imported under, and names imported from modules."""

    modules: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, module: str, name: str | None = None) -> None:
        """Add `import module`, or `from module import name`."""
        if name is None:
            self.modules.add(module)
        else:
            self.names.setdefault(module, set()).add(name)

    def lines(self) -> Iterator[str]:
        """The statements, the standard library's before those of torch."""
        yield from self._section(False)
        yield ""
        yield from self._section(True)

    def _section(self, torch: bool) -> Iterator[str]:
        for module in sorted(self.modules):
            if (module.split(".")[0].split()[0] == "torch") is torch:
                yield f"import {module}"
        for module in sorted(self.names):
            if (module.split(".")[0] == "torch") is torch:
                yield f"from {module} import {', '.join(sorted(self.names[module], key=_order))}"


def _order(name: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters do."""
    return not name[0].isupper(), name


def without_imports(source: str, imports: Imports) -> list[str]:
    """The lines of a module after its docstring and imports; the imports are added."""
    last = 0
    for index, statement in enumerate(ast.parse(source).body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                imports.add(alias.name)
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                imports.add(statement.module or "", alias.name)
        elif index > 0:
            break
        last = statement.end_lineno or last
    return source.rstrip("\n").split("\n")[last:]
