"""Reading and writing files: written whole or not at all, with failures told as user errors."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ssrdsl.errors import UserError

PARTIAL_PREFIX = ".ssrdsl-partial-"

LARGEST_TEXT = 1 << 28
"""Bytes beyond which nothing is read as a text: a device may never end."""

DEEPEST_JSON = 100
"""Levels of lists and objects in a JSON file; none that ssrdsl writes has ten."""

_SUFFIX_LIMIT = 16

# What went wrong and what to do, by error number. `{folder}` stands for the folder of the file.
_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("no space left on the disk", "free some space in {folder}, or name a place on another disk"),
    errno.EDQUOT: ("the disk quota is used up", "free some space in {folder}, or name a place on another disk"),
    errno.EACCES: ("permission denied", "check the rights of the file and of {folder}"),
    errno.EPERM: ("permission denied", "check the rights of the file and of {folder}"),
    errno.EROFS: ("the file system is read-only", "name a place that can be written"),
    errno.EISDIR: ("it is a directory", "name a file"),
    errno.ENOTDIR: ("a part of its path is a file, not a directory", "check the path"),
    errno.EEXIST: ("a file of this name is in the way", "remove it, or name another place"),
    errno.ENOENT: ("there is no such file or directory", "check the spelling: there is no folder {folder}"),
    errno.ENAMETOOLONG: ("its name is too long", "name a shorter path"),
    errno.ELOOP: ("its symbolic links go round in a circle", "remove one of the links"),
    errno.EFBIG: ("it would be larger than the file system allows", "name a place on another disk"),
    errno.EMFILE: ("too many files are open", "raise the limit of open files (ulimit -n)"),
    errno.ENFILE: ("too many files are open on this machine", "close other programs"),
    errno.ENOMEM: ("not enough memory", "free some memory"),
    errno.EIO: ("input/output error", "check the disk"),
}


def file_error(action: str, path: str | os.PathLike[str], error: OSError) -> UserError:
    """The user error for an `OSError`; `action` completes `cannot ... PATH`, such as `read` or `write`."""
    place = Path(path)
    if error.errno == errno.ENOENT and place.parent.is_dir():
        return UserError(f"cannot {action} {place}: there is no such file or directory", help="check the spelling")
    reason, hint = _REASONS.get(
        error.errno or 0, (error.strerror or str(error) or "input/output error", "check the disk and the path")
    )
    return UserError(f"cannot {action} {place}: {reason}", help=hint.format(folder=place.parent))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file. Raises `UserError` where it is missing, a directory or unreadable."""
    with _reading(path):
        return Path(path).read_bytes()


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raises `UserError` where `read_bytes` would: before work whose result would need the file."""
    with _reading(path), Path(path).open("rb") as file:
        file.read(1)


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Tells as a user error why a file cannot be read."""
    try:
        yield
    except OSError as error:
        raise file_error("read", path, error) from error
    except ValueError as error:  # a null byte in the name
        raise UserError(f"cannot read {os.fspath(path)!r}: {error}", help="check the path") from error


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a UTF-8 file, line ends as `\\n`. Raises `UserError` where it cannot be read or is no such text."""
    with _reading(path), Path(path).open("rb") as file:
        content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise UserError(f"cannot read {os.fspath(path)}: it is larger than any text", help="check the path")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"cannot read {os.fspath(path)}: it is not UTF-8 text (byte {error.start})", help="save it as UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """The value that a JSON file holds. Raises `UserError` where it cannot be read or is not JSON."""
    try:
        held = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise _not_json(path, f"line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise _not_json(path, "it is nested too deeply") from error
    except ValueError as error:  # Python reads integers of limited length
        raise _not_json(path, "it holds a number of too many digits") from error
    if _is_deeper(held, DEEPEST_JSON):
        raise _not_json(path, "it is nested too deeply")
    return held


def read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The object in a JSON file. Raises `UserError` where it cannot be read or holds something else."""
    held = read_json(path)
    if not isinstance(held, dict):
        raise UserError(f"cannot read {os.fspath(path)}: it is not a JSON object", help="correct or restore the file")
    return held


def _is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested in more levels than that; readers may recurse into the others."""
    level = [value]
    for _ in range(limit + 1):
        level = [each for held in level for each in _parts(held)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _not_json(path: str | os.PathLike[str], reason: str) -> UserError:
    return UserError(f"cannot read {os.fspath(path)}: it is not JSON: {reason}", help="correct or restore the file")


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Makes a folder and its parents where they do not exist yet, and returns it. Raises `UserError`."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error("make the folder", path, error) from error
    return folder


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Writes a file whole or not at all; text becomes UTF-8. Raises `UserError` and leaves nothing half-written.

    Bytes of file names that are not UTF-8 are written as escapes, `\\udcff`.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with atomic_path(path) as partial:
        partial.write_bytes(data)


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary path beside `path`, of the same suffix, which becomes `path` when the block succeeds.

    When the block fails, the temporary file is removed and what was at `path` before is untouched. Failures to write
    are raised as `UserError`. A symbolic link keeps pointing where it pointed; a device or pipe is written to directly.
    """
    try:
        target = _resolve(path)
    except OSError as error:
        raise file_error("write", path, error) from error
    special = target.exists() and not target.is_file()
    partial = target if special else target.with_name(_partial_name(target.suffix))
    try:
        yield partial
        if not special:
            _settle(partial, target)
    except BaseException as error:
        if not special:
            with suppress(OSError):
                partial.unlink()
        if (cause := _write_failure(error, partial)) is not None:
            raise file_error("write", path, cause) from error
        raise


def remove_partials(folder: str | os.PathLike[str]) -> None:
    """Removes what a killed process left half-written in a folder that no other process is writing to."""
    for left in Path(folder).glob(f"{PARTIAL_PREFIX}*"):
        with suppress(OSError):
            left.unlink()


def _resolve(path: str | os.PathLike[str]) -> Path:
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not target.parent.is_dir():
        code = errno.ENOTDIR if target.parent.exists() else errno.ENOENT
        raise OSError(code, os.strerror(code))
    return target


def _partial_name(suffix: str) -> str:
    # Short whatever the name is; writers that go by the suffix (pictures) still see it.
    return f"{PARTIAL_PREFIX}{os.urandom(6).hex()}{suffix[:_SUFFIX_LIMIT]}"


def _settle(partial: Path, target: Path) -> None:
    """Brings the bytes to the disk before the name moves, so that a power cut cannot leave an empty file."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    if target.exists():
        with suppress(PermissionError):  # some file systems have no rights to set
            partial.chmod(target.stat().st_mode & 0o7777)
    os.replace(partial, target)


def _write_failure(error: BaseException, partial: Path) -> OSError | None:
    """The `OSError` behind a failed block, or None where the block failed for a reason of its own.

    Errors about other files are the block's own. torch.save may hide the reason below errors of its archive writer.
    """
    if isinstance(error, OSError):
        ours = error.filename is None or os.fspath(error.filename) == str(partial)
        return error if ours else None
    if isinstance(error, RuntimeError) and isinstance(error.__context__, OSError):
        return error.__context__
    return None
