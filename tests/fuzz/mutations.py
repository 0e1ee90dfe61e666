"""Broken files: shipped spaces with random changes of characters, words and lines, and random words."""

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

SPACES = Path(__file__).parents[2] / "spaces"
HUGE = "auto_deeplab"
"""A space of 14,000 nodes, which takes its time without any mistake."""
WORD = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|->|\.\.|[<>=!]=|\s+|.", re.DOTALL)

# What breaks programs: extremes, words of the language, signs that nothing needs, the unusual in texts.
NASTY = [
    "0", "-1", "1", "2", "3.5", "1e30", "99999999999", "1" + "0" * 45, "1e-9", "7.8G", "10%", "true", '"bilinear"', '"',
    "{1..100000}", "{1, 2}", "{0..3}", "{}", "[]", "[1..1000000]", "[1..3]", "()", "(1, 2)", "{5..1}", "[image]",
    "conv", "conv(", "conv({1, 2}, 3)", "repeat(relu, 100000)", "repeat(conv(8, 3), {0..4})", "select(2, [x, x])",
    "split(9, 3)", "permutation([1, 2, 3])", "choose { relu | skip }", "choose", "tied", "block", "space", "input",
    "output", "use std", "for", "in", "if", "else", "require", "macs", "search", "of", "->", "->", "=", ",", "|", "..",
    "step", "{", "}", "(", ")", "[", "]", "+", "-", "*", "/", "<=", "==", ":", ".channels", ".height", "x", "image",
    "resize(image)", "concat", "add", "match(x, image)", "maxpool(2)", "maxpool_indices(2)", "unpool(2)", "upsample(2)",
    "linear(10)", "global_pool", "residual", "\t", "\r\n", "\n", "\ufeff", "é", "→", "\x00", "\u2028", "𝒙", "#",
]  # fmt: skip


def texts(slow: bool = False) -> list[str]:
    """The texts to change; large spaces only on request."""
    large = {"darts", "fair_darts", "pdarts", "snas", "realtime_paths"}
    return [
        path.read_text(encoding="utf-8")
        for path in sorted(SPACES.glob("*.ssr"))
        if path.stem != HUGE and (slow or path.stem not in large)
    ]


def broken(seed: int, bases: Sequence[str]) -> str:
    """The broken file of a seed."""
    rng = random.Random(seed)
    if rng.random() < 0.15:
        return _at_random(rng, bases)
    return changed(rng.choice(bases), rng, bases)


def changed(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    """A text with a few changes at random."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        text = rng.choice(MUTATIONS)(text, rng, bases)
    return text


def _at_random(rng: random.Random, bases: Sequence[str]) -> str:
    words = _words(rng.choice(bases)) + NASTY
    inside = "".join(rng.choice(words) + rng.choice(("", " ", " ", "\n")) for _ in range(rng.randrange(60)))
    if rng.random() < 0.5:
        return f"use std\nspace s {{\n  input image: 3, 16, 32\n  x = image\n  {inside}\n}}\n"
    return inside


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _character(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    new = rng.choice(("", rng.choice(text or " "), rng.choice(NASTY)[0], chr(rng.randrange(1, 0x300))))
    return text[:at] + new + text[at + rng.randrange(2) :]


def _word(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    words = _words(text) or [""]
    at = rng.randrange(len(words))
    words[at] = rng.choice(("", words[at] * 2, rng.choice(words), rng.choice(NASTY)))
    return "".join(words)


def _name(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    """Replace a meaningful word by another one, everywhere or once."""
    words = sorted(set(re.findall(r"[A-Za-z_]\w*", text))) or ["x"]
    return re.sub(rf"\b{rng.choice(words)}\b", rng.choice(words), text, count=rng.randrange(2))


def _number(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    found = list(re.finditer(r"\d+", text))
    if not found:
        return text
    match = rng.choice(found)
    value = int(match[0])
    new = rng.choice((0, 1, value - 1, value + 1, 2 * value, 7 * value, 1000 * value, 10**12))
    return text[: match.start()] + str(new) + text[match.end() :]


def _line(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    other = rng.choice(rng.choice(bases).split("\n"))
    changed: list[list[str]] = [[], [lines[at]] * 2, [other], [lines[at], other], [lines[rng.randrange(len(lines))]]]
    return "\n".join([*lines[:at], *rng.choice(changed), *lines[at + 1 :]])


def _exchange(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    words = _words(text) or [""]
    one, other = rng.randrange(len(words)), rng.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return "".join(words)


def _cut(text: str, rng: random.Random, bases: Sequence[str]) -> str:
    start = rng.randrange(len(text) + 1)
    return rng.choice((text[:start], text[start:], text[:start] + text[start + rng.randrange(200) :]))


MUTATIONS: list[Callable[[str, random.Random, Sequence[str]], str]] = [
    _character, _word, _word, _name, _name, _number, _number, _line, _exchange, _cut,
]  # fmt: skip
