"""Golden files: expected texts, stored next to a test. `SSRDSL_UPDATE_GOLDEN=1 pytest ...` rewrites them."""

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    """Compare a text to the golden file, or write it as the golden file if the variable is set."""
    if os.environ.get("SSRDSL_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no golden file {path.name}: run with SSRDSL_UPDATE_GOLDEN=1 and read what it writes"
    assert text == path.read_text(encoding="utf-8")
