import sys

import pytest

from ssrdsl.cli import main


def test_without_pygls_the_extra_is_named(monkeypatch, capsys) -> None:
    for name in [name for name in sys.modules if name.startswith(("ssrdsl.editor.", "pygls"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp"]) == 2
    printed = capsys.readouterr().err
    assert "error: the language server needs the package pygls" in printed
    assert "pip install 'ssrdsl[lsp]'" in printed


@pytest.mark.parametrize("arguments", [["lsp", "--help"], ["lsp", "-h"]])
def test_help_says_who_starts_the_server(arguments, capsys) -> None:
    assert main(arguments) == 0
    assert "Editors start it themselves" in capsys.readouterr().out
