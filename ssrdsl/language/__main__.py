"""`python -m ssrdsl.language`: computes the tables of the grammar and writes them beside it."""

from pathlib import Path

from ssrdsl.files import write_atomically
from ssrdsl.language.tables import compute_tables, to_json

folder = Path(__file__).parent
grammar = (folder / "grammar.lark").read_text(encoding="utf-8")
write_atomically(folder / "grammar.json", to_json(compute_tables(grammar)))
