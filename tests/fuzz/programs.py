"""Random programs that follow the grammar with matching types, so that most of them reach the proofs."""

import random

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16)
BLOCKS = "blocks.ssr"
"""The name under which the definitions are stored that programs use."""


def program(seed: int) -> tuple[str, str]:
    """The space of a seed, and the definitions that it may use from `blocks.ssr`."""
    rng = random.Random(seed)
    shared = _Writer(rng, "shared")
    definitions = "\n".join(shared.block(0) for _ in range(rng.randrange(3))) + "\n"
    writer = _Writer(rng, "v", list(shared.blocks))
    lines = ['use "blocks.ssr"'] if shared.blocks else []
    lines.append(rng.choice(("use std", "use std", "use std with bn = bn(eps=1e-3)", "use std with relu = hswish")))
    lines += [writer.block(0) for _ in range(rng.randrange(4))]
    return "\n".join([*lines, writer.space(), *writer.search()]) + "\n", definitions


class _Writer:
    """Writes expressions of a given type from the names bound so far."""

    def __init__(self, rng: random.Random, prefix: str, blocks: list[str] | None = None) -> None:
        self.rng = rng
        self.prefix = prefix
        self.names = 0
        self.blocks = blocks or []
        self.numbers: list[str] = []
        self.decided: list[str] = []
        self.tensors: list[str] = []

    def name(self) -> str:
        self.names += 1
        return f"{self.prefix}{self.names}"

    def any(self, *texts: str) -> str:
        return self.rng.choice(texts)

    # Numbers

    def number(self, depth: int = 2) -> str:
        """A number that does not depend on decisions."""
        plain = str(self.rng.choice(WIDTHS))
        if depth == 0:
            return self.any(plain, *self.numbers)
        one, other = self.number(depth - 1), self.number(depth - 1)
        return self.any(
            plain, plain, *self.numbers, f"({one} + {other})", f"{one} * {other}", f"min({one}, {other})",
            f"max({one}, {other}, 2)", f"round_to({one}, {other})", f"ceil({one} / {other})", f"len([1..{one}])",
            f"sum([{one}, {other}])", f"({one} if {self.truth(depth - 1)} else {other})", f"[{one}, {other}][1]",
        )  # fmt: skip

    def truth(self, depth: int = 1) -> str:
        one, other = self.number(depth), self.number(depth)
        return self.any("true", "false", f"{one} < {other}", f"{one} == {other}", f"{one} != {other} and true",
                        f"false or {one} <= {other}")  # fmt: skip

    def set(self) -> str:
        start, step, count = self.rng.choice(WIDTHS), self.rng.choice((1, 2, 4)), self.rng.randrange(1, 4)
        return self.any(
            "{4, 8}", f"{{{start}, {start + step}}}", f"{{{start}..{start + step * count} step {step}}}",
            f"{{{self.number(1)}, {start + 40}}}", "[{2, 4}, 6][0]",
        )  # fmt: skip

    def width(self) -> str:
        """A number of channels, mostly decided."""
        held = self.rng.choice(self.decided) if self.decided else "8"
        scaled = f"round_to({held} * {self.any('3/4', '2', '1/2')}, {self.any('2', '4')})"
        reckoned = self.any(
            f"{held} + {self.number(1)}", f"({held} - 1) * 2 + 2", f"[4, 8, 12][min({held}, 2)]", scaled
        )
        shape = [f"{tensor}.channels" for tensor in self.tensors[-2:]]
        return self.any(self.number(1), self.set(), self.set(), held, held, reckoned, *shape)

    # Layers and tensors

    def layer(self, depth: int = 2) -> str:
        """A layer that keeps height and width."""
        width = self.width()
        kernel, dilation = self.any("{1, 3}", "{3, 5}", "(3, 1)"), self.any("2", "{1, 2}")
        simple = (
            f"conv({width}, 3)", f"conv({width})", "relu", "bn", f"conv({width}, {kernel})", "prelu", "identity",
            "zero", f"depthwise(3, dilation={dilation})", f"conv_bn_relu({width}, 3)", "squeeze_excite(4)",
            "dropout(0.1)", f"conv({width}, 3, bias={self.any('true', 'false')})", "maxpool(3, stride=1)",
        )  # fmt: skip
        if depth == 0:
            return self.any(*simple, *map(self.applied, self.blocks))
        one, other = self.layer(depth - 1), self.layer(depth - 1)
        s, d = self.name(), self.name()
        scaled = f"m = {{4, 8}}\nmaxpool({s}) -> conv(m * {d}) -> upsample({s})"
        return self.any(
            *simple[:3],
            *map(self.applied, self.blocks),
            f"{one} -> {other}",
            f"({one} -> {other} -> {one})",
            f"residual({one})",
            f"choose {{ {one} | {other} | {self.any('skip', 'zero', one)} }}",
            f"choose {s} in {{1, 2}} {{ conv({width}, 3, dilation={s}) }}",
            f"choose {s} in {{1, 2}}, {d} in [1, 2] {{\n{scaled}\n}}",
            f"choose {s} in [{one}, {other}] {{ {s} -> relu }}",
            f"repeat({one}, {self.any('2', '{0..2}', '{1..3}', self.number(0))})",
            f"chain([{one}, {other}])",
            f"chain([conv({s}) for {s} in [4, 8] * 2])",
            f"({one} if {self.truth()} else {other})",
            f"[{one}, {other}][{self.any('0', '{0, 1}')}]",
            f"concat({one}, {other})",
            f"mul({self.any('relu', 'sigmoid')}, bn)",
        )

    def applied(self, block: str) -> str:
        name, _, parameter = block.partition(" ")
        return f"{name}({parameter and self.width()})" if parameter else name

    def tensor(self, depth: int = 2) -> str:
        """A tensor as high and wide as the image."""
        held = self.any(*self.tensors[-3:])
        if depth == 0:
            return held
        one, other = self.tensor(depth - 1), self.tensor(depth - 1)
        e = self.name()
        some = ", ".join(dict.fromkeys([one, other, held]))
        alike = f"[{e} -> conv(8, 3) for {e} in [{some}]]"
        return self.any(
            held, f"{one} -> {self.layer()}", f"{one} -> {self.layer(1)}", f"add(match({one}, {held}), {held})",
            f"concat({one}, {other})", f"concat([{one}] + [{other}])", f"(({one} -> maxpool(2)) -> resize({other}))",
            f"select({self.any('1', '2', '{1, 2}', '{0..1}')}, [{some}, {held} -> bn])", f"add({alike})",
            f"select(1, {alike}[0..0] + [{held} -> conv(8)])", f"match({one}, {other})",
            f"add([{e} -> conv(8) for {e} in [{some}] if {self.truth()}] + [{held} -> conv(8)])",
        )  # fmt: skip

    # Statements

    def statement(self) -> str:
        name, other = self.name(), self.name()
        kind = self.rng.randrange(12)
        if kind < 4:
            line = f"{name} = {self.tensor()}"
            self.tensors.append(name)
        elif kind < 6:
            line = f"{self.any('', '', 'tied ')}{name} = {self.set()}"
            self.decided.append(name)
        elif kind == 6:
            line = f"{name} = {self.number()}"
            self.numbers.append(name)
        elif kind == 7:
            line = self.any(
                f"{name}, {other} = split({self.rng.randrange(4, 9)}, 2)", f"{name}, {other} = permutation([4, 8])"
            )
            self.decided += [name, other]
        elif kind == 8:
            values = self.any("[1..2]", "[4, 8]", "permutation([4, 8])", "[{2, 4}, 6]")
            turn = f"{name} = {name} -> {self.layer()} -> conv({other}, 3)"
            line = f"{name} = {self.any(*self.tensors)}\nfor {other} in {values} {{\n{turn}\n}}"
            self.tensors.append(name)
        elif kind == 9:
            line = f"tied {name} = {self.layer(1)}"
            self.blocks.append(name)
        elif kind == 10:
            line = f"{name}, {other} = {self.tensor(1)} -> conv(6) -> maxpool_indices(2)\n"
            line += f"{name} = ({name}, {other}) -> unpool(2)"
            self.tensors.append(name)
        else:
            return self.block(1)
        return line

    def block(self, depth: int) -> str:
        """A definition of a layer; its parameter is a width."""
        name, c = self.name(), self.any("", "c")
        inner = _Writer(self.rng, f"{name}_", list(self.blocks))
        inner.decided = [c] if c else []
        tied = self.any("", "", "tied ")
        head = f"{tied}block {name}" + (f"({c}{self.any('', '=8')})" if c else "")
        if self.rng.random() < 0.4:
            text = f"{head} = {inner.layer()}" + (f" -> conv({c})" if c else "")
        else:
            inner.tensors = ["x"]
            lines = [inner.statement() for _ in range(self.rng.randrange(3 - depth))]
            text = "\n".join([f"{head} of x {{", *lines, inner.last(), "}"])
        self.blocks.append(f"{name} {c}".strip())
        return text

    def last(self) -> str:
        """A tensor that uses all decisions."""
        used = "".join(f" -> conv({self.any(name, f'max({name}, 2)')}, 3)" for name in self.decided)
        return f"concat({', '.join([self.tensor(), *self.tensors])}){used} -> relu"

    def space(self) -> str:
        extent = self.any("16", "16", "{16, 32}", "size")
        lines = ["space s(size=16) {", f"input image: {self.any('3', '4')}, {extent}, 16"]
        self.tensors = ["image"]
        lines += [self.statement() for _ in range(self.rng.randrange(1, 6))]
        lines += [self.requirement() for _ in range(self.rng.randrange(3) // 2)]
        if self.rng.random() < 0.2:
            lines.append(f"auxiliary aux: {self.tensor(1)} -> conv(2)")
        if self.rng.random() < 0.2:
            lines.append(f"output second: {self.tensor(1)}")
        return "\n".join([*lines, f"output {self.last()}", "}"])

    def requirement(self) -> str:
        scalars = [*self.decided, "2"]
        one, other = self.rng.choice(scalars), self.rng.choice(scalars)
        return "require " + self.any(
            f"macs <= {self.any('1G', '100k', '1')}", "1 <= parameters < 1M", f"{one} <= {other}",
            f"{one} + {other} >= 6", f"{one} == 4 or {other} != 8", f"{one} * {other} < 40",
        )  # fmt: skip

    def search(self) -> list[str]:
        settings = (
            "epochs = 2",
            "target.macs = 1M",
            "ssr.depth = 0.3",
            "shrink.below = 10%",
            'strategy = "ssr"',
            "nope = 3",
        )
        return [f"search {{\n{self.any(*settings)}\n}}"] if self.rng.random() < 0.3 else []
