"""Settings of all tests: one thread each, and deterministic property tests."""

import os
import signal

import pytest
from hypothesis import settings

# Before anything imports torch: several tests run at once, and sums keep their order.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tables are as wide as in a file, whatever runs the tests.
os.environ.pop("COLUMNS", None)

# A suite started in the background by a script ignores Ctrl-C, and the processes of its tests would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ssrdsl", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ssrdsl")


@pytest.fixture(scope="session", autouse=True)
def _cached_streets(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Draw the scenes of each size once for all tests and the processes that they start."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the directory that all workers of a session have in common
    os.environ["SSRDSL_STREETS_CACHE"] = str(folder / "streets")
