"""Files are written atomically, and failures are reported in one line."""

import errno
import os
import stat
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from ssrdsl.errors import UserError
from ssrdsl.files import (
    PARTIAL_PREFIX,
    atomic_path,
    make_folder,
    read_json,
    read_object,
    read_text,
    remove_partials,
    write_atomically,
)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full after the first bytes of a file."""
    write_bytes = Path.write_bytes

    def fill(path: Path, data: bytes) -> int:
        write_bytes(path, data[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", fill)


@pytest.mark.parametrize("content", ["größe\n", b"\x00\xff"])
def test_write_then_read(tmp_path: Path, content: str | bytes) -> None:
    target = tmp_path / "a.txt"
    write_atomically(target, content)
    assert target.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert names(tmp_path) == {"a.txt"}


def test_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write_atomically(tmp_path / "atomic", "")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    target = tmp_path / "run.sh"
    target.write_text("old")
    target.chmod(0o750)
    write_atomically(target, "new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o750


def test_symbolic_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "a")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_text() == "new"


@pytest.mark.usefixtures("full_disk")
def test_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.pt"
    with target.open("w") as file:
        file.write("old")
    with pytest.raises(UserError) as caught:
        write_atomically(target, b"new and longer")
    assert caught.value.message == f"cannot write {target}: no space left on the disk"
    assert caught.value.help is not None
    assert str(tmp_path) in caught.value.help
    assert target.read_text() == "old"
    assert names(tmp_path) == {"a.pt"}


@pytest.mark.usefixtures("full_disk")
def test_full_disk_leaves_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no space left"):
        write_atomically(tmp_path / "a.pt", b"data")
    assert names(tmp_path) == set()


def test_failing_replace_leaves_no_partial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(source))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(UserError, match="permission denied"):
        write_atomically(tmp_path / "a", "data")
    assert names(tmp_path) == set()


needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


@needs_full_device
def test_device_is_written_to_and_stays_a_device() -> None:
    with pytest.raises(UserError, match="cannot write /dev/full: no space left"):
        write_atomically("/dev/full", "data")
    write_atomically("/dev/null", "data")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no /dev/fd on this system")
def test_a_pipe_is_written_to_by_the_name_of_its_descriptor() -> None:
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as output:
        with open(writing, "w"):
            write_atomically(f"/dev/fd/{writing}", "text")
        assert output.read() == "text"


@needs_full_device
def test_archive_of_tensors_on_a_full_disk() -> None:
    torch = pytest.importorskip("torch")
    from ssrdsl.runs.tensors import save_tensors

    with pytest.raises(UserError, match="no space left"):
        save_tensors("/dev/full", {"weights": torch.zeros(100_000)})


def test_suffix_is_kept_for_writers_that_go_by_it(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "picture.png") as partial:
        assert partial.suffix == ".png"
        assert partial.parent == tmp_path
        partial.write_bytes(b"x")
    assert names(tmp_path) == {"picture.png"}


def test_longest_name_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("x" * 255), "data")
    with pytest.raises(UserError, match="name is too long"):
        write_atomically(tmp_path / ("x" * 256), "data")
    assert names(tmp_path) == {"x" * 255}


def write_half(target: Path, error: BaseException) -> None:
    with atomic_path(target) as partial:
        partial.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ZeroDivisionError(), RuntimeError("no tensor"), KeyboardInterrupt()])
def test_other_errors_pass_and_clean_up(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write_half(tmp_path / "a", error)
    assert names(tmp_path) == set()


def test_error_about_another_file_is_not_blamed_on_this_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a"):
        (tmp_path / "missing").read_text()


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / f"{PARTIAL_PREFIX}0123.pt").write_text("half")
    (tmp_path / "kept").write_text("whole")
    remove_partials(tmp_path)
    assert names(tmp_path) == {"kept"}


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="it is a directory"):
        write_atomically(tmp_path, "data")
    with pytest.raises(UserError, match="no such file or directory"):
        write_atomically(tmp_path / "none" / "a", "data")
    with pytest.raises(UserError, match="is a file, not a directory"):
        write_atomically(tmp_path / "file" / "a", "data")


def test_text_is_read_with_any_line_ends_and_mark(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("\ufeffä\r\nb\rc\n".encode())
    assert read_text(tmp_path / "a") == "ä\nb\nc\n"


def test_texts_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("größe".encode("latin-1"))
    with pytest.raises(UserError, match=r"not UTF-8 text \(byte 2\)"):
        read_text(tmp_path / "latin")
    with pytest.raises(UserError, match="it is a directory"):
        read_text(tmp_path)
    with pytest.raises(UserError, match="there is no such file"):
        read_text(tmp_path / "none")
    with pytest.raises(UserError, match="null"):
        read_text("a\0b")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # By the call, not by the rights: a test run as root may read everything.
    def refuse(path: Path, mode: str) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match="permission denied"):
        read_text(tmp_path / "a")


def test_folder_is_made_once(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b") == make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="a file of this name already exists"):
        make_folder(tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1', "line 1: Expecting"),
        ('{"a": ' + "1" * 5000 + "}", "it contains a number with too many digits"),
        ("[" * 500 + "]" * 500, "it is nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "it is nested too deeply"),
    ],
    ids=["cut", "digits", "nested", "very nested"],
)
def test_what_is_not_json_is_reported(tmp_path: Path, text: str, reason: str) -> None:
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)  # commands lift the limit
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UserError, match=f"a.json: it is not JSON: {reason}"):
        read_json(path)


def test_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": [1, {"b": null}]}')
    assert read_json(path) == {"a": [1, {"b": None}]}


def test_an_object_is_read_and_other_json_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    assert read_object(path) == {"a": 1}
    path.write_text("[1]")
    with pytest.raises(UserError, match="it is not a JSON object"):
        read_object(path)


def test_names_that_are_not_utf8_become_escapes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "r\udcff")
    assert (tmp_path / "a.txt").read_text() == "r\\udcff"
