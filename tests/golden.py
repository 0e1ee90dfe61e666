"""Golden files: what a test expects, kept beside it as text. `SSRDSL_UPDATE_GOLDEN=1 pytest ...` writes them again."""

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    """Compare a text to the golden file, or make it the golden file where the update switch is set."""
    if os.environ.get("SSRDSL_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no golden file {path.name}: run with SSRDSL_UPDATE_GOLDEN=1 and read what it writes"
    assert text == path.read_text(encoding="utf-8")
