"""Search settings that are plainly right, told without loading pydantic, which takes longer than checking a space.

What is right is read from `settings.json`, the schema of `SearchSettings` as pydantic writes it (`python -m
ssrdsl.space.plain_settings` writes it anew). Whatever is not plainly right is left to `ssrdsl.space.settings`, which
alone says what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssrdsl.space.settings import Given

SCHEMA = Path(__file__).with_name("settings.json")


def plainly_valid(given: Sequence[Given]) -> bool:
    """Whether all settings are known, set once, and within their bounds."""
    paths = [path for path, _, _ in given]
    return len(set(paths)) == len(paths) and all(_fits(_rule(path), value) for path, value, _ in given)


def schema() -> str:
    """The schema of the settings as JSON text."""
    from ssrdsl.space.settings import SearchSettings

    return json.dumps(_bare(SearchSettings.model_json_schema()), indent=1, sort_keys=True) + "\n"


def _bare(part: Any) -> Any:
    """A schema without its texts and defaults."""
    if isinstance(part, list):
        return [_bare(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _bare(value) for key, value in part.items() if key not in {"title", "description", "default"}}


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def _rule(path: tuple[str, ...]) -> dict[str, Any]:
    """The schema of one setting; empty where there is none of this path."""
    rule = _schema()
    for name in path:
        rule = rule.get("properties", {}).get(name, {})
        if "$ref" in rule:
            rule = _schema()["$defs"][rule["$ref"].rpartition("/")[2]]
    choices: list[dict[str, Any]] = rule.get("anyOf", [])
    return next((choice for choice in choices if choice.get("type") != "null"), rule)


def _fits(rule: dict[str, Any], value: Any) -> bool:
    if rule.get("type") == "string":
        return value in rule.get("enum", [rule.get("const")])
    if rule.get("type") not in {"number", "integer"} or isinstance(value, (bool, str)):
        return False
    return (
        (rule["type"] == "number" or isinstance(value, int))
        and value > rule.get("exclusiveMinimum", float("-inf"))
        and value >= rule.get("minimum", float("-inf"))
        and value < rule.get("exclusiveMaximum", float("inf"))
        and value <= rule.get("maximum", float("inf"))
    )


if __name__ == "__main__":
    from ssrdsl.files import write_atomically

    write_atomically(SCHEMA, schema())
