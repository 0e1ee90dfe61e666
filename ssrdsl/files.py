"""Reading and writing files: writes are atomic, failures are raised as `UserError`."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ssrdsl.errors import UserError

PARTIAL_PREFIX = ".ssrdsl-partial-"

LARGEST_TEXT = 1 << 28
"""The largest text file in bytes: a device may never end."""

DEEPEST_JSON = 100
"""The deepest nesting of lists and objects in a JSON file; files written by ssrdsl have less than ten levels."""

_SUFFIX_LIMIT = 16

# Reason and hint by error number. `{folder}` is the directory of the file.
_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("no space left on the disk", "free some space in {folder}, or use a path on another disk"),
    errno.EDQUOT: ("the disk quota is used up", "free some space in {folder}, or use a path on another disk"),
    errno.EACCES: ("permission denied", "check the permissions of the file and of {folder}"),
    errno.EPERM: ("permission denied", "check the permissions of the file and of {folder}"),
    errno.EROFS: ("the file system is read-only", "use a path that can be written"),
    errno.EISDIR: ("it is a directory", "use the path of a file"),
    errno.ENOTDIR: ("a part of its path is a file, not a directory", "check the path"),
    errno.EEXIST: ("a file of this name already exists", "remove it, or use another path"),
    errno.ENOENT: ("there is no such file or directory", "check the spelling: there is no directory {folder}"),
    errno.ENAMETOOLONG: ("its name is too long", "use a shorter path"),
    errno.ELOOP: ("its symbolic links form a loop", "remove one of the links"),
    errno.EFBIG: ("it would be larger than the file system allows", "use a path on another disk"),
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


@contextmanager
def reporting(action: str, path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise the user error for an `OSError` in the block; see `file_error`."""
    try:
        yield
    except OSError as error:
        raise file_error(action, path, error) from error


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file. Raises `UserError` if it is missing, a directory or unreadable."""
    with _reading(path):
        return Path(path).read_bytes()


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raise `UserError` if `read_bytes` would; called before long work that needs the file."""
    with _reading(path), Path(path).open("rb") as file:
        file.read(1)


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn failures to read a file into `UserError`."""
    try:
        with reporting("read", path):
            yield
    except ValueError as error:  # a null byte in the name
        raise UserError(f"cannot read {os.fspath(path)!r}: {error}", help="check the path") from error


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a UTF-8 file, line ends as `\\n`. Raises `UserError` if it cannot be read or is not UTF-8."""
    with _reading(path), Path(path).open("rb") as file:
        text = text_of(file, os.fspath(path), "check the path")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(file: IO[bytes], name: str, help: str) -> str:
    """The rest of an open file as text. Raises `UserError` if it is not UTF-8, or too large, with this `help`."""
    content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise UserError(f"cannot read {name}: it is too large for a text file", help=help)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"cannot read {name}: it is not UTF-8 text (byte {error.start})"
        raise UserError(message, help="save it as UTF-8") from error


def read_json(path: str | os.PathLike[str]) -> Any:
    """The value in a JSON file. Raises `UserError` if it cannot be read or is not JSON."""
    try:
        held = json.loads(read_text(path))
        depth = _depth(held)
    except json.JSONDecodeError as error:
        raise _not_json(path, f"line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise _not_json(path, "it is nested too deeply") from error
    except ValueError as error:  # Python reads integers of limited length
        raise _not_json(path, "it contains a number with too many digits") from error
    if depth > DEEPEST_JSON:
        raise _not_json(path, "it is nested too deeply")
    return held


def read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The object in a JSON file. Raises `UserError` if it cannot be read or is not an object."""
    held = read_json(path)
    if not isinstance(held, dict):
        raise UserError(f"cannot read {os.fspath(path)}: it is not a JSON object", help="correct or restore the file")
    return held


def read_json_lines(path: str | os.PathLike[str]) -> list[Any]:
    """The values of a file with one JSON value per line; none without a file. Raises `UserError`.

    A line that is not JSON is skipped: a killed process may leave an incomplete one.
    """
    values = []
    for line in read_bytes(path).decode("utf-8", "replace").splitlines() if Path(path).exists() else ():
        with suppress(ValueError, RecursionError):
            values.append(json.loads(line))
    return values


def _depth(value: Any) -> int:
    """In how many levels lists and objects are nested; readers may recurse into them."""
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(_depth, value.values() if isinstance(value, dict) else value), default=0)


def _not_json(path: str | os.PathLike[str], reason: str) -> UserError:
    return UserError(f"cannot read {os.fspath(path)}: it is not JSON: {reason}", help="correct or restore the file")


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Create a directory and its parents if they do not exist, and return it. Raises `UserError`."""
    folder = Path(path)
    with reporting("create the directory", path):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file atomically, text as UTF-8. Raises `UserError` and leaves no partial file.

    Bytes of file names that are not UTF-8 are written as escapes, `\\udcff`.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with atomic_path(path) as partial:
        partial.write_bytes(data)


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, of the same suffix, which becomes `path` when the block succeeds.

    When the block fails, the temporary file is removed and what was at `path` before is untouched. Failures to write
    are raised as `UserError`. A symbolic link keeps pointing where it pointed; a device or pipe is written to directly.
    """
    with reporting("write", path):
        target = _resolve(path)
    special = _is_special(target)
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
    """Remove partial files of a killed process from a directory that no other process is writing to."""
    for left in Path(folder).glob(f"{PARTIAL_PREFIX}*"):
        with suppress(OSError):
            left.unlink()


def _resolve(path: str | os.PathLike[str]) -> Path:
    if _is_special(Path(path)):  # the real path of /dev/stdout, if that is a pipe, is not the path of a file
        return Path(path)
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not target.parent.is_dir():
        code = errno.ENOTDIR if target.parent.exists() else errno.ENOENT
        raise OSError(code, os.strerror(code))
    return target


def _is_special(path: Path) -> bool:
    """Whether a path is that of a device or pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _partial_name(suffix: str) -> str:
    # Short whatever the name is; writers that depend on the suffix (pictures) still see it.
    return f"{PARTIAL_PREFIX}{os.urandom(6).hex()}{suffix[:_SUFFIX_LIMIT]}"


def _settle(partial: Path, target: Path) -> None:
    """Flush the bytes to the disk before renaming, so that a power cut cannot leave an empty file."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    if target.exists():
        with suppress(PermissionError):  # some file systems have no permissions
            partial.chmod(target.stat().st_mode & 0o7777)
    os.replace(partial, target)


def _write_failure(error: BaseException, partial: Path) -> OSError | None:
    """The `OSError` that made a block fail, or None if the block failed for another reason.

    Errors about other files count as other reasons. torch.save may wrap the error in those of its archive writer.
    """
    if isinstance(error, OSError):
        ours = error.filename is None or os.fspath(error.filename) == str(partial)
        return error if ours else None
    if isinstance(error, RuntimeError) and isinstance(error.__context__, OSError):
        return error.__context__
    return None
