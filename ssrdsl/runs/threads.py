"""The number of CPU threads: recorded with a run, since sums in another order give other bits."""

from __future__ import annotations

LARGEST = 1024
"""More than any machine has cores; far beyond, the threads themselves cannot be started."""


def set_threads(number: int | None) -> int:
    """Has torch compute with that many threads, by default as many as it would take itself, and returns the number."""
    import torch

    threads = min(number or torch.get_num_threads(), LARGEST)
    torch.set_num_threads(threads)
    return threads
