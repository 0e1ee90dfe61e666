"""The extension for Visual Studio Code: its files are valid and contain the tokens of the grammar."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import ssrdsl
from ssrdsl.editor.tokens import words
from ssrdsl.language.grammar import keywords, terminals
from ssrdsl.language.source import Source
from tests.editor.marked import ROOT, SPACES

FOLDER = ROOT / "editors" / "vscode"


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


GRAMMAR = load("syntaxes/ssr.tmLanguage.json")


def rules(value: Any) -> Iterator[dict[str, Any]]:
    """All rules of a TextMate grammar."""
    if isinstance(value, dict):
        if value.keys() & {"match", "begin", "include"}:
            yield value
        for part in value.values():
            yield from rules(part)
    elif isinstance(value, list):
        for part in value:
            yield from rules(part)


class Tokenizer:
    """Reads a TextMate grammar as an editor does: line by line, the first rule that matches, nested regions."""

    def __init__(self, grammar: dict[str, Any]) -> None:
        self.grammar = grammar

    def expanded(self, patterns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for rule in patterns:
            if "include" in rule:
                included = self.grammar["repository"][rule["include"].removeprefix("#")]
                yield from self.expanded([included] if included.keys() & {"match", "begin"} else included["patterns"])
            elif rule.keys() & {"match", "begin"}:
                yield rule
            else:
                yield from self.expanded(rule["patterns"])

    def scopes(self, text: str) -> dict[int, str]:
        """The scope of every character that has one."""
        found: dict[int, str] = {}
        stack: list[dict[str, Any]] = []
        start = 0
        for line in text.splitlines(keepends=True):
            at = 0
            while at < len(line):
                at = self.step(line, at, start, stack, found)
            start += len(line)
        assert stack == []
        return found

    def step(self, line: str, at: int, start: int, stack: list[dict[str, Any]], found: dict[int, str]) -> int:
        region = stack[-1] if stack else self.grammar
        candidates = list(self.expanded(region["patterns"]))
        best: tuple[int, int, dict[str, Any], re.Match[str]] | None = None
        if stack and (end := re.compile(region["end"]).search(line, at)):
            best = (end.start(), -1, region, end)
        for rank, rule in enumerate(candidates):
            match = re.compile(rule.get("match") or rule["begin"]).search(line, at)
            if match is not None and (best is None or (match.start(), rank) < best[:2]):
                best = (match.start(), rank, rule, match)
        if best is None:
            return len(line)
        _, rank, rule, match = best
        if rank == -1:
            stack.pop()
            captures = rule.get("endCaptures", {})
        else:
            captures = rule.get("captures", rule.get("beginCaptures", {}))
            if "begin" in rule:
                stack.append(rule)
        marked = {0: rule["name"]} if "name" in rule and rank != -1 else {}
        marked |= {int(group): capture["name"] for group, capture in captures.items()}
        for group, scope in marked.items():
            for index in range(*match.span(group)):
                found[start + index] = scope
        assert match.end() > at, rule
        return match.end()


def test_the_manifest_names_files_that_are_there() -> None:
    manifest = load("package.json")
    assert manifest["version"] == ssrdsl.__version__
    assert manifest["license"] == "Apache-2.0"
    assert (FOLDER / manifest["main"]).is_file()
    (language,) = manifest["contributes"]["languages"]
    (grammar,) = manifest["contributes"]["grammars"]
    assert language["extensions"] == [".ssr"]
    assert (FOLDER / language["configuration"]).is_file()
    assert (FOLDER / grammar["path"]).is_file()
    assert (language["id"], grammar["scopeName"]) == (grammar["language"], GRAMMAR["scopeName"])
    assert "vscode-languageclient" in manifest["dependencies"]


def test_the_script_uses_what_the_manifest_declares() -> None:
    script = (FOLDER / "extension.js").read_text(encoding="utf-8")
    manifest = load("package.json")
    assert 'args: ["lsp"]' in script
    assert 'language: "ssr"' in script
    for command in manifest["contributes"]["commands"]:
        assert f'"{command["command"]}"' in script
    for setting in manifest["contributes"]["configuration"]["properties"]:
        assert f'"{setting}"' in script
    assert set(re.findall(r'require\("([^"/]+)', script)) == {"vscode", *manifest["dependencies"]}


def test_the_configuration_of_the_language_fits_its_grammar() -> None:
    configuration = load("language-configuration.json")
    assert configuration["comments"] == {"lineComment": "#"}
    assert sorted(map(tuple, configuration["brackets"])) == [("(", ")"), ("[", "]"), ("{", "}")]
    word = re.compile(configuration["wordPattern"])
    assert word.findall("conv(mid_2, 7.8G)") == ["conv", "mid_2", "7.8G"]
    more = re.compile(configuration["indentationRules"]["increaseIndentPattern"])
    less = re.compile(configuration["indentationRules"]["decreaseIndentPattern"])
    assert more.match("block f(c) of x {")
    assert not more.match("  x -> conv(c) # {")
    assert less.match("  } -> relu")


def test_all_patterns_compile_and_all_includes_lead_somewhere() -> None:
    found = list(rules(GRAMMAR))
    for rule in found:
        for key in ("match", "begin", "end"):
            if key in rule:
                re.compile(rule[key])
        if "include" in rule:
            assert rule["include"].removeprefix("#") in GRAMMAR["repository"]
    assert len(found) > 15


def test_the_words_are_those_of_the_grammar() -> None:
    listed = [
        word
        for rule in GRAMMAR["repository"]["word"]["patterns"]
        for word in rule["match"].removeprefix("\\b(?:").removesuffix(")\\b").split("|")
    ]
    assert sorted(listed) == sorted(keywords())


def test_numbers_and_strings_are_those_of_the_grammar() -> None:
    repository = GRAMMAR["repository"]
    assert repository["number"]["match"].removeprefix("(?<![A-Za-z_0-9])") == terminals()["NUMBER"].pattern.value
    assert re.compile(repository["string"]["match"]).fullmatch('"a b"')
    assert not re.compile(repository["string"]["match"]).match('"a\nb"')


def expected(kind: str) -> tuple[str, ...]:
    """The allowed scopes of a token of the language."""
    if kind == "NAME":
        return ("variable", "entity")
    if kind == "NUMBER":
        return ("constant.numeric",)
    if kind == "STRING":
        return ("string",)
    if kind in ("true", "false"):
        return ("constant.language",)
    if kind in keywords():
        return ("keyword", "storage", "variable.other.property")
    return ("punctuation",) if kind in tuple("()[]{},:.") else ("keyword.operator",)


@pytest.mark.parametrize("path", [*SPACES, ROOT / "ssrdsl" / "std" / "std.ssr"], ids=lambda path: path.stem)
def test_the_shipped_spaces_are_coloured_by_their_words(path) -> None:
    text = path.read_text()
    scopes = Tokenizer(GRAMMAR).scopes(text)
    for token in words(Source(path.name, text)):
        kinds = {scopes.get(index) for index in range(token.start, token.end)}
        assert len(kinds) == 1, token
        assert str(kinds.pop()).startswith(expected(token.kind)), token
    for comment in re.finditer(r"^\s*(#.*)$", text, re.MULTILINE):
        assert scopes[comment.start(1)].startswith("comment")
        assert scopes[comment.end(1) - 1].startswith("comment")


def test_arguments_by_name_differ_from_bindings() -> None:
    text = "x = f(y=2, (z == 3))\n"
    scopes = Tokenizer(GRAMMAR).scopes(text)
    assert scopes[text.index("y")] == "variable.parameter.ssr"
    assert scopes[text.index("x")] == scopes[text.index("z")] == "variable.other.ssr"
    assert scopes[text.index("f")].startswith("entity.name.function")
