"""Emission does not import torch, and its bytes only depend on the graph."""

import os
import subprocess
import sys

from tests.emission.networks import ROOT

EMIT = """
import sys
from pathlib import Path
from random import Random
from ssrdsl.emission import Heading, emit, model
from ssrdsl.space import open_space
from ssrdsl.space.restrict import restrict
from ssrdsl.space.sample import Sampler

for name in ("realtime", "sdarts_s1", "bignas"):
    space = open_space(Path(sys.argv[1]) / f"{name}.ssr").graph
    graph = restrict(space, {key: (index,) for key, index in Sampler(space).draw(Random(5)).items()})
    sys.stdout.write(emit(model(graph), Heading("x.ssr", "0" * 64)))
assert "torch" not in sys.modules, "emission imported torch"
"""


def test_other_hashes_give_the_same_bytes_and_torch_is_not_imported():
    texts = set()
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", EMIT, str(ROOT / "spaces")],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1
    assert texts.pop().count("import torch\n") == 3
