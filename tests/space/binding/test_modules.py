"""What names stand for in files that use each other, found without evaluating them."""

import pytest

from ssrdsl.language.parse import parse
from ssrdsl.language.source import Source
from ssrdsl.space.binding import Module, Modules
from ssrdsl.space.check import check


def bound(text: str, **files: str) -> tuple[Module, list[str]]:
    """A text beside files that are named without their ending, and the codes of what is wrong with them."""

    def read(path: str) -> Source:
        return Source(path, files[path.removesuffix(".ssr")])

    modules = Modules(read)
    module = modules.bind(parse(Source("main.ssr", text)), "main.ssr")
    return module, [error.diagnostics[0].code for error in modules.errors]


def test_a_file_used_twice_declares_its_names_once():
    module, codes = bound('use "a.ssr"\nuse "b.ssr"\n', a="f = conv(4)\n", b='use "a.ssr"\ng = f\n')
    assert codes == []
    assert module.seen["f"] is module.uses[1].module.seen["f"]


def test_a_file_used_with_a_rebinding_declares_its_names_anew():
    module, codes = bound('use "a.ssr"\nuse "b.ssr"\n', a="block f = relu\n", b='use "a.ssr" with relu = swish\n')
    assert codes == []
    assert module.seen["f"] is not module.uses[1].module.seen["f"]


def test_a_name_that_differs_in_two_files_is_ambiguous():
    files = {"a": "f = conv(4)\n", "b": "f = conv(8)\n", "c": 'use "a.ssr"\n', "d": 'use "b.ssr"\n'}
    module, codes = bound('use "c.ssr"\nuse "d.ssr"\n', **files)
    assert codes == []
    assert module.seen["f"].is_ambiguous
    assert not module.uses[0].module.seen["f"].is_ambiguous


@pytest.mark.parametrize(("other", "codes"), [("f = relu\n", []), ("f = swish\n", ["E0304"]), ("f = 3\n", ["E0304"])])
def test_two_files_may_bind_a_name_to_the_same_constant(other: str, codes: list[str]):
    assert bound('use "a.ssr"\nuse "b.ssr"\n', a="f = relu\n", b=other)[1] == codes


def test_binding_goes_on_after_mistakes():
    files = {
        "broken": "block f {\n",
        "circle": 'use "main.ssr"\ng = relu\n',
        "space": "h = relu\nsearch { epochs = 3 }\n",
    }
    uses = "".join(f'use "{name}.ssr"\n' for name in files)
    module, codes = bound(f"{uses}k = relu\nk = swish\nblock b = b\n", **files)
    assert codes[1:] == ["E0702", "E0704", "E0303", "E0304"]
    assert {"g", "h", "k", "b"} <= module.seen.keys()
    assert "f" not in module.seen


def test_a_block_may_bind_its_own_name():
    assert bound("block f(g) of x {\n  f = g\n  x -> f\n}\n")[1] == []
    assert bound("block f(g) of x {\n  y = x -> f(g)\n  f = g\n  y -> f\n}\n")[1] == ["E0303"]


def test_checking_a_file_of_definitions_reports_its_unknown_names():
    (found,) = check(Source("a.ssr", "block f(c) = conv(c, padding=auto) -> rellu\n"))
    assert (found.code, found.label.span.column, found.help) == ("E0301", 39, "did you mean `relu`?")
