"""Whether the directory of a training can be begun in or gone on with."""

from __future__ import annotations

from pathlib import Path

from ssrdsl.errors import UserError
from ssrdsl.manifest import MANIFEST_NAME

__all__ = ["check_run_dir"]


def check_run_dir(run_dir: Path, *, resume: bool) -> None:
    """Raises `UserError` where there is no run to resume, or a new one would overwrite another."""
    known = (run_dir / MANIFEST_NAME).exists()
    if resume and not known:
        raise UserError(f"{run_dir} holds no run to resume", help="leave --resume away to start one")
    if not resume and known:
        raise UserError(f"{run_dir} already holds a run", help="continue it with --resume, or name another --out")
