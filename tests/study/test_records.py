"""Records of a study, read back from the files of its steps."""

import json
from pathlib import Path

from ssrdsl.language.source import Source
from ssrdsl.space import open_source
from ssrdsl.space.architecture import describe, write_architecture
from ssrdsl.study.plan import Network, Plan
from ssrdsl.study.records import read_records

TEXT = """space small {
  input image: 3, 16, 16
  output image -> conv({4, 8}, 3)
}
"""


def test_a_training_without_a_score_is_left_out(tmp_path: Path) -> None:
    program = open_source(Source("small.ssr", TEXT))
    write_architecture(tmp_path / "architecture.json", describe(program, {"conv.channels": 1}))
    trainings = {(2, 0): tmp_path / "a", (2, 1): tmp_path / "b", (4, 0): tmp_path / "c"}
    for folder, miou in zip(trainings.values(), (0.25, None, None), strict=True):
        folder.mkdir()
        (folder / "result.json").write_text(json.dumps({"miou": miou}))
    network = Network("ssr-0", "ssr", 0, tmp_path / "architecture.json", trainings)
    (record,) = read_records(Plan((), networks=(network,)), program.graph, ()).networks
    assert record.scores == {2: {0: 0.25}}
    assert record.score(2) == 0.25
    assert record.score(4) is None
