import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ssrdsl.editor.lsp.counting import counted
from ssrdsl.editor.lsp.positions import Lines
from ssrdsl.editor.lsp.worker import Worker
from ssrdsl.language.format import format_source
from ssrdsl.language.source import Source
from tests.editor.lsp_client import Client
from tests.editor.marked import ROOT, SMALL, put


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client() as started:
        yield started
    assert started.status == 0
    assert started.shown == []


@pytest.fixture
def small(client: Client, tmp_path: Path) -> Iterator[str]:
    """The URI of the small space, opened."""
    uri = client.open(tmp_path / "small.ssr", SMALL)
    yield uri
    client.close(uri)


def place(words: str, text: str = SMALL, nth: int = 0) -> tuple[int, int]:
    """Line and column, from 0, at which some words are."""
    found = Lines(text).position(put(text, words, nth))
    return found.line, found.character


def at(span: types.Range) -> tuple[int, int, int, int]:
    return span.start.line, span.start.character, span.end.line, span.end.character


def test_what_the_server_says_it_can_do(client: Client) -> None:
    able = client.capabilities
    sync = able.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert sync.change is types.TextDocumentSyncKind.Incremental
    assert able.position_encoding == types.PositionEncodingKind.Utf16
    assert able.hover_provider
    assert able.definition_provider
    assert able.references_provider
    assert able.rename_provider
    assert able.document_formatting_provider
    assert able.document_symbol_provider
    assert able.completion_provider is not None


def test_diagnostics_appear_and_vanish_with_edits(client: Client, small: str) -> None:
    assert client.diagnostics(small) == []
    line, column = place("maxpool(2)")
    client.edit(small, (line, column + 3), (line, column + 4), "")
    (wrong,) = client.diagnostics(small)
    assert (wrong.code, at(wrong.range)) == ("E0301", (line, column, line, column + 6))
    assert "`maxool` is not defined" in wrong.message
    assert "did you mean `maxpool`" in wrong.message
    client.edit(small, (line, column + 3), (line, column + 3), "p")
    assert client.diagnostics(small) == []


def test_a_syntax_error_leaves_everything_else_at_work(client: Client, small: str) -> None:
    assert client.diagnostics(small) == []
    line, column = place("image -> maxpool")
    client.edit(small, (line, column), (line, column), "conv(")
    assert {found.code for found in client.diagnostics(small)} == {"E0103"}
    assert "tensor 3 x 16 x 16" in (client.hover(small, *place("half ->")) or "")
    assert [entry.name for entry in client.symbols(small)] == ["narrow", "small", "search"]
    (found,) = client.definition(small, *place("half ->"))
    assert at(found.range) == (line, 2, line, 6)
    with pytest.raises(JsonRpcException, match="has syntax errors"):
        client.rename(small, *place("half ->"), "quarter")


def test_related_places_are_reported(client: Client, tmp_path: Path) -> None:
    body = "{ input x: 3, 8, 8\n output x }\n"
    uri = client.open(tmp_path / "twice.ssr", f"space a {body}space b {body}")
    (wrong,) = client.diagnostics(uri)
    assert wrong.code == "E0704"
    assert wrong.related_information
    assert wrong.related_information[0].location.range.start.line == 0
    client.close(uri)


def test_hover_shows_shapes_decisions_and_sizes(client: Client, small: str) -> None:
    client.diagnostics(small)
    assert "{8, 16} x 16 x 16" in (client.hover(small, *place("conv(mid")) or "")
    assert "channel decision of 2 options" in (client.hover(small, *place("mid =")) or "")
    assert client.hover(small, *place("\n\nspace")) is None
    for _ in range(20):  # the count may not be ready the first time
        text = client.hover(small, *place("small(")) or ""
        if "not counted yet" not in text:
            break
    assert "architectures: 18" in text


def test_completion_replaces_the_begun_word(client: Client, small: str) -> None:
    line, column = place("-> bn")
    client.edit(small, (line, column + 3), (line, column + 5), "nar")
    items = client.complete(small, line, column + 6)
    assert items[0].label == "narrow"
    assert isinstance(items[0].text_edit, types.TextEdit)
    assert at(items[0].text_edit.range) == (line, column + 3, line, column + 6)
    assert items[0].detail == "block narrow(c, drop=0.1) of x"
    client.edit(small, (line, column + 3), (line, column + 6), "conv(4, ")
    assert client.complete(small, line, column + 11)[0].label == "kernel="


def test_definitions_lead_into_the_prelude(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "f.ssr", "use std\nblock f(c) = conv_bn(c)\n")
    (found,) = client.definition(uri, 1, 15)
    assert found.uri.endswith("/std/std.ssr")
    line = (ROOT / "ssrdsl" / "std" / "std.ssr").read_text().split("\n")[found.range.start.line]
    assert line.startswith("block conv_bn(")
    client.close(uri)


def test_names_change_in_all_files(client: Client, tmp_path: Path) -> None:
    blocks, user = tmp_path / "blocks.ssr", tmp_path / "user.ssr"
    blocks.write_text("block twice(c) = conv(c) -> conv(c)\n")
    user.write_text('use "blocks.ssr"\nspace s {\n  input x: 3, 8, 8\n  output x -> twice(c=4)\n}\n')
    uri = client.open(user)
    assert client.diagnostics(uri) == []
    changes = client.rename(uri, 3, 15, "double")
    assert {file: [at(edit.range) for edit in edits] for file, edits in changes.items()} == {
        uri: [(3, 14, 3, 19)],
        blocks.as_uri(): [(0, 6, 0, 11)],
    }
    found = client.references(uri, 3, 20)
    assert {(reference.uri, reference.range.start.line) for reference in found} == {(uri, 3), (blocks.as_uri(), 0)}
    assert len(found) == 4
    with pytest.raises(JsonRpcException, match="reserved word"):
        client.rename(uri, 3, 15, "choose")
    client.close(uri)


def test_an_unsaved_text_counts_for_those_that_use_it(client: Client, tmp_path: Path) -> None:
    blocks, user = tmp_path / "blocks.ssr", tmp_path / "user.ssr"
    blocks.write_text("block twice(c) = conv(c)\n")
    user.write_text('use "blocks.ssr"\nspace s {\n  input x: 3, 8, 8\n  output x -> twice(4)\n}\n')
    uri, other = client.open(user), client.open(blocks)
    assert client.diagnostics(uri) == []
    seen = len(client.published[uri])
    client.edit(other, (0, 6), (0, 11), "double")
    with client.arrived:
        assert client.arrived.wait_for(
            lambda: len(client.published[uri]) > seen and client.published[uri][-1].diagnostics, 60
        )
    assert client.published[uri][-1].diagnostics[0].code == "E0301"
    client.close(other)
    client.close(uri)


def test_formatting_brings_the_style(client: Client, small: str) -> None:
    client.edit(small, place("half ="), place("half ="), "     ")
    edits = client.format(small)
    assert len(edits) == 1
    assert edits[0].new_text == "  half = image -> maxpool(2)\n"
    assert format_source(SMALL) == SMALL


def test_symbols_have_the_shape_of_the_file(client: Client, small: str) -> None:
    block, space, search = client.symbols(small)
    assert [part.name for part in space.children] == ["image", "half", "body", "deep"]
    assert (block.kind, space.kind) == (types.SymbolKind.Class, types.SymbolKind.Module)
    assert at(block.selection_range) == (*place("narrow("), place("narrow(")[0], place("narrow(")[1] + 6)
    assert [part.name for part in search.children] == ["ssr.depth"]


def test_columns_are_those_of_utf_16(client: Client, tmp_path: Path) -> None:
    text = 'space s {\r\n  input x: 3, 8, 8\r\n  y = x -> resize((8, 8), mode="😋é") -> rellu\r\n  output y\r\n}\r\n'
    uri = client.open(tmp_path / "wide.ssr", text)
    column = text.split("\r\n")[2].index("rellu") + 1
    found = {wrong.code: at(wrong.range) for wrong in client.diagnostics(uri)}
    assert found["E0407"][:2] == (2, text.split("\r\n")[2].index('"😋'))
    client.edit(uri, (2, found["E0407"][1]), (2, found["E0407"][3]), '"nearest"')
    (wrong,) = client.diagnostics(uri)
    shift = len('"nearest"') - len('"😋é"') - 1
    assert at(wrong.range) == (2, column + shift, 2, column + shift + 5)
    client.edit(uri, (2, column + shift), (2, column + shift + 5), "relu")
    assert client.diagnostics(uri) == []
    client.close(uri)


def test_rubbish_does_no_harm(client: Client, small: str) -> None:
    client.diagnostics(small)
    for text in ["", "\0", "block ((((", "}" * 300, "(" * 300, "x = " * 500, SMALL[: len(SMALL) // 2]]:
        client.replace(small, text)
        client.hover(small, 0, 0)
        client.complete(small, 0, len(text))
        client.symbols(small)
        client.definition(small, 99, 99)
        client.format(small)
        client.diagnostics(small)
    client.replace(small, SMALL)
    assert client.diagnostics(small) == []


def test_a_document_that_was_closed_has_no_diagnostics_left(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "closed.ssr", "block")
    assert client.diagnostics(uri)
    client.close(uri)
    assert client.hover(uri, 0, 0) is None
    assert list(client.published[uri][-1].diagnostics) == []


def test_an_editor_may_count_in_another_encoding(tmp_path: Path) -> None:
    with Client([types.PositionEncodingKind.Utf8]) as client:
        assert client.capabilities.position_encoding == types.PositionEncodingKind.Utf8
        uri = client.open(tmp_path / "f.ssr", 'x = "é😋" + z\n')
        (wrong,) = client.diagnostics(uri)
        assert at(wrong.range) == (0, 15, 0, 16)
    assert client.status == 0


def test_architectures_are_counted_in_a_process_that_ends() -> None:
    texts = {"/a/part.ssr": "f = conv({8, 16}, 3)\n"}
    text = 'use "part.ssr"\nspace s { input x: 3, 8, 8\n output x -> f }\n'
    assert asyncio.run(counted(Source("/a/b.ssr", text), texts)) == 2
    assert "cannot import" in str(asyncio.run(counted(Source("/a/b.ssr", text), {})))
    assert asyncio.run(counted(Source("/a/b.ssr", text), texts, limit=0.0)) == "it takes more than 0 seconds"
    assert multiprocessing.active_children() == []


def test_of_tasks_that_wait_under_one_key_the_last_one_is_done() -> None:
    started, go, over = threading.Event(), threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        started.set()
        go.wait(60)

    def fails() -> None:
        done.append("fails")
        raise ValueError

    def last() -> None:
        done.append("last")
        over.set()

    worker = Worker()
    worker.submit("a", first)
    assert started.wait(60)
    worker.submit("b", fails)
    worker.submit("a", lambda: done.append("never"))
    worker.submit("a", last)
    go.set()
    assert over.wait(60)
    assert done == ["fails", "last"]


def test_files_that_can_be_imported_follow_use(client: Client, tmp_path: Path) -> None:
    (tmp_path / "blocks.ssr").write_text("block pair(c) = conv(c) -> conv(c)\n")
    (tmp_path / "other.ssr").write_text("# A space.\nspace other { input x: 3, 8, 8\n output x }\n")
    uri = client.open(tmp_path / "main.ssr", 'use ""\n')
    assert [item.label for item in client.complete(uri, 0, 5)] == ["blocks.ssr"]
    client.close(uri)
