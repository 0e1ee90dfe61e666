"""The parser's tables: what `grammar.lark` comes to, as plain data.

Lark computes them (LALR(1), its own analysis); they are shipped beside the grammar as `grammar.json`, so that reading a
file neither imports Lark nor computes anything. Where the two files do not belong together, the tables are computed
anew, in memory. `python -m ssrdsl.language` writes the shipped ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

START = "file"
END = "$END"


@dataclass(frozen=True, slots=True)
class Tables:
    """An LALR(1) automaton over the terminals and rules of the grammar.

    A row of `actions` tells for every terminal what a state does: n >= 0 shifts it and goes to state n, n < 0 reduces
    rule -n - 1. A row of `gotos` tells where a state goes behind what a rule made. A terminal with a fixed spelling is
    called by it (`->`, `choose`), the others by their names (`NUMBER`).
    """

    grammar: str
    terminals: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    rules: tuple[tuple[str, int], ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    passing: tuple[str | None, ...] = field(init=False)
    """For every rule that only passes on its single part its name, else None."""

    def __post_init__(self) -> None:
        passing = (origin if length == 1 and origin.startswith("_") else None for origin, length in self.rules)
        object.__setattr__(self, "passing", tuple(passing))

    @property
    def accepting(self) -> int:
        """The state in which the end of the file completes the parse."""
        return self.gotos[0][START]


@cache
def load_tables() -> Tables:
    """The tables of the grammar, from the shipped file or, should that be another grammar's, computed."""
    folder = Path(__file__).parent
    grammar = (folder / "grammar.lark").read_text(encoding="utf-8")
    shipped = folder / "grammar.json"
    if shipped.is_file():
        tables = _from_json(shipped.read_text(encoding="utf-8"))
        if tables.grammar == _digest(grammar):
            return tables
    return compute_tables(grammar)


def compute_tables(grammar: str) -> Tables:
    """The tables of a grammar in Lark's notation; its states are numbered breadth first, the same in every run."""
    lark = build_lark(grammar)
    names = {terminal.name: _terminal_name(terminal) for terminal in lark.terminals}
    rules: dict[Rule, int] = {rule: number for number, rule in enumerate(lark.rules)}
    actions, gotos = _states(lark, names, rules)
    return Tables(
        _digest(grammar),
        tuple((names[terminal.name], terminal.pattern.to_regexp()) for terminal in lark.terminals),
        tuple(sorted(names[name] for name in lark.lexer_conf.ignore)),
        tuple((rule.origin.name, len(rule.expansion)) for rule in rules),
        actions,
        gotos,
    )


def build_lark(grammar: str) -> Lark:
    """The grammar as Lark understands it: LALR(1), with its contextual lexer."""
    from lark import Lark

    return Lark(grammar, parser="lalr", lexer="contextual", start=START, keep_all_tokens=True, maybe_placeholders=False)


def to_json(tables: Tables) -> str:
    """The tables as text, a state to a line."""
    data = {entry.name: getattr(tables, entry.name) for entry in fields(tables) if entry.init}
    states = ("actions", "gotos")
    entries = (f'"{key}": {(_lines if key in states else _compact)(value)}' for key, value in data.items())
    return "{" + ",\n".join(entries) + "}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _lines(rows: Iterable[object]) -> str:
    return "[\n" + ",\n".join(map(_compact, rows)) + "\n]"


def _from_json(text: str) -> Tables:
    data = json.loads(text)
    return Tables(
        data["grammar"],
        tuple((name, pattern) for name, pattern in data["terminals"]),
        tuple(data["ignored"]),
        tuple((origin, length) for origin, length in data["rules"]),
        tuple(data["actions"]),
        tuple(data["gotos"]),
    )


def _digest(grammar: str) -> str:
    return sha256(grammar.replace("\r\n", "\n").encode()).hexdigest()


def _terminal_name(terminal: TerminalDef) -> str:
    return terminal.pattern.value if terminal.pattern.type == "str" else terminal.name


Rows = tuple[dict[str, int], ...]


def _states(lark: Lark, names: dict[str, str], rules: dict[Rule, int]) -> tuple[Rows, Rows]:
    """The rows of Lark's table, with the states numbered as a breadth-first walk in the order of symbols meets them."""
    from lark.parsers.lalr_analysis import Shift

    table: Any = lark.parser.parser._parse_table
    order = {table.start_states[START]: 0}
    actions, gotos = [], []
    for state in _growing(order):
        acts: dict[str, int] = {}
        goes: dict[str, int] = {}
        for symbol, (action, target) in sorted(table.states[state].items()):
            number = order.setdefault(target, len(order)) if action is Shift else -rules[target] - 1
            if symbol in names or symbol == END:
                acts[names.get(symbol, symbol)] = number
            else:
                goes[symbol] = number
        actions.append(acts)
        gotos.append(goes)
    return tuple(actions), tuple(gotos)


def _growing(order: dict[Any, int]) -> Iterator[Any]:
    """Walks over the keys of a dictionary to which the caller adds meanwhile."""
    done = 0
    while done < len(order):
        batch = list(order)[done:]
        done += len(batch)
        yield from batch
