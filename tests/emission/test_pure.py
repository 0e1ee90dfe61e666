"""Emission does not import torch, and its bytes only depend on the graph."""

import os
import subprocess
import sys
from random import Random

from ssrdsl.emission import Heading, emit, model
from ssrdsl.space.decisions import only
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler
from tests.spaces.shipped import FOLDER, graph_of

EMIT = """
import sys
from tests.emission.test_pure import emitted_files

sys.stdout.write(emitted_files())
assert "torch" not in sys.modules, "emission imported torch"
"""


def emitted_files() -> str:
    """The files of a network of each of three spaces."""
    spaces = [graph_of(name) for name in ("realtime", "sdarts_s1", "bignas")]
    networks = [restrict(space, only(Sampler(space).draw(Random(5)))) for space in spaces]
    return "".join(emit(model(network), Heading("x.ssr", "0" * 64)) for network in networks)


def test_other_hashes_give_the_same_bytes_and_torch_is_not_imported():
    """The hashes of this process are random."""
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", EMIT], cwd=FOLDER.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == emitted_files()
    assert done.stdout.count("import torch\n") == 3
