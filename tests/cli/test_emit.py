"""`ssrdsl emit`: a file for a network of a space or of a run, with its weights."""

import runpy
import shutil
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import torch
from pydantic import JsonValue

from ssrdsl.cli import main
from ssrdsl.emission.classes import grouping
from ssrdsl.manifest import manifest
from ssrdsl.segmentation.model_file import read_model
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.weights import load_weights, save_weights
from ssrdsl.space import open_space
from ssrdsl.space.architecture import apply, describe, write_architecture
from ssrdsl.supernet import Supernet, node_state

TEXT = """# A small space.
# architectures: 8
use std

block layer(c) = choose k in {1, 3} { conv({c / 2, c}, k) -> bn -> relu }

space small(classes=4, height=8, width=8) {
  input image: 3, height, width
  output image -> layer(8) -> layer(4) -> conv(classes, 1)
}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.ssr"
    path.write_text(TEXT)
    return path


@pytest.fixture
def run(file: Path, tmp_path: Path) -> Path:
    """The files of a finished search that `emit` reads."""
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "space.ssr").write_text(TEXT)
    program = open_space(file, {"classes": "2"})
    assignment = {name: decision.indices[-1] for name, decision in program.graph.decisions.items()}
    architecture = describe(program, {n: i for n, i in assignment.items() if "=1." not in n})
    write_architecture(folder / "architecture.json", architecture)
    settings: dict[str, JsonValue] = {"set": {"classes": "2"}, "file": str(file)}
    manifest("search", seed=5, space="small", space_text=TEXT, settings=settings).write(folder)
    net = Supernet(apply(program.graph, architecture), seed=1)
    state = {f"{node}.{name}": tensor for node, held in node_state(net).items() for name, tensor in held.items()}
    preprocessing = Preprocessing((0.5, 0.5, 0.5), (0.2, 0.2, 0.2), (8, 8))
    save_weights(folder / "weights.pt", state, preprocessing, ("a", "b"), {"sha256": program.sha256})
    torch.save((torch.ones(1, 3, 8, 8), net.eval()(torch.ones(1, 3, 8, 8)).detach()), folder / "known.pt")
    return folder


def emit(*arguments: object) -> int:
    return main(["emit", *map(str, arguments)])


def error(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The error output of a rejected call, which must have no other effect."""
    assert emit(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error")
    assert "help: " in shown.err
    return shown.err


def test_a_sample_is_the_same_for_the_same_seed(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    texts = []
    for seed in (1, 1, 2, 3):
        assert emit(file, "--sample", seed, "--model-py", tmp_path / "model.py") == 0
        texts.append((tmp_path / "model.py").read_text())
    assert texts[0] == texts[1]
    assert len(set(texts)) > 1
    assert "sampled over decisions with seed 1" in texts[0]
    assert "small.ssr (sha256 " in texts[0]
    assert "parameters" in capsys.readouterr().out


def test_the_sampler_is_named(file: Path, tmp_path: Path):
    path = tmp_path / "model.py"
    assert emit(file, "--sample", 1, "--by", "architectures", "--model-py", path) == 0
    assert "sampled over architectures with seed 1" in path.read_text()


@pytest.mark.parametrize(
    ("size", "macs"), [((8, 8), "7,936 MACs"), ((300, 400), "14.88 MMACs"), ((6000, 8000), "5.95 GMACs")]
)
def test_costs_are_printed_with_the_input_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], size: tuple[int, int], macs: str
) -> None:
    height, width = size
    path = tmp_path / "one.ssr"
    path.write_text(
        f"space one {{\n  input image: 3, {height}, {width}\n  output image -> conv(4, 3, bias=true) -> conv(4)\n}}\n"
    )
    assert main(["emit", str(path), "--model-py", str(tmp_path / "model.py")]) == 0
    assert f"{macs} at 3 x {height} x {width}" in capsys.readouterr().out


def test_a_sampler_without_a_sample_is_refused(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    printed = error(capsys, file, "--by", "architectures", "--model-py", tmp_path / "model.py")
    assert "--by needs --sample" in printed
    assert not (tmp_path / "model.py").exists()


def test_set_parameters_are_written_in_the_header_and_used(file: Path, tmp_path: Path):
    path = tmp_path / "model.py"
    assert emit(file, "--sample", 1, "--set", "classes=7", "--set", "height=16", "--model-py", path) == 0
    assert "Set: classes=7, height=16." in path.read_text()
    assert "3 x 16 x 8" in path.read_text()
    assert read_model(path).build()(torch.zeros(2, 3, 16, 8)).shape[1] == 7


def test_an_architecture_is_taken_from_its_file(file: Path, run: Path, tmp_path: Path):
    given = tmp_path / "model.py"
    assert emit(file, "--architecture", run / "architecture.json", "--model-py", given) == 0
    assert "The architecture of architecture.json." in given.read_text()
    assert emit(run, "--model-py", tmp_path / "other.py") == 0
    assert given.read_text().count("Layer(") == (tmp_path / "other.py").read_text().count("Layer(")


def test_an_architecture_brings_its_parameters(file: Path, run: Path, tmp_path: Path, capsys):
    path, held = tmp_path / "model.py", run / "architecture.json"
    for given, classes in ([], 2), (["--set", "classes=3"], 3):
        assert emit(file, "--architecture", held, *given, "--model-py", path) == 0
        assert f"Set: classes={classes}." in path.read_text()
        assert read_model(path).build()(torch.zeros(1, 3, 8, 8)).shape[1] == classes
    assert capsys.readouterr().err == ""
    file.write_text(TEXT.replace("# A small space", "# A changed space"))
    assert emit(file, "--architecture", held, "--model-py", path) == 0
    assert "has changed since" in capsys.readouterr().err


def test_a_run_gives_the_network_with_its_weights(run: Path, tmp_path: Path):
    model, weights = tmp_path / "model.py", tmp_path / "model.pt"
    assert emit(run, "--model-py", model, "--weights", weights) == 0
    assert "Found by ssrdsl search in found, seed 5." in model.read_text()
    held = load_weights(weights)
    assert held.classes == ("a", "b")
    assert held.preprocessing == Preprocessing((0.5, 0.5, 0.5), (0.2, 0.2, 0.2), (8, 8))
    assert held.provenance["emitted"] == "model.py"
    network = read_model(model).build(classes=2).eval()
    network.load_state_dict(held.state_dict)
    image, output = torch.load(run / "known.pt", weights_only=True)
    torch.testing.assert_close(network(image).detach(), output, rtol=1e-5, atol=1e-5)


def test_the_file_times_itself(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "model.py"
    assert emit(file, "--sample", 1, "--model-py", path) == 0
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", [str(path), "--device", "cpu", "--size", "16x24", "--batch", "2"])
    monkeypatch.setattr(time, "perf_counter", partial(next, count(0, 0.25)))  # seconds; every run takes 250 ms
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out == "2 x 16x24 float32 on cpu: median 250.000 ms, 5 runs\n"


def test_it_is_asked_which_network(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    message = error(capsys, file, "--model-py", tmp_path / "model.py")
    assert "decisions" in message
    assert "--sample" in message
    assert not (tmp_path / "model.py").exists()


def test_options_that_contradict_each_other(file: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, held = tmp_path / "model.py", run / "architecture.json"
    assert "--sample and --architecture cannot be used together" in error(
        capsys, file, "--sample", 1, "--architecture", held, "--model-py", path
    )
    assert "--weights" in error(capsys, file, "--sample", 1, "--weights", tmp_path / "w.pt", "--model-py", path)
    assert "--sample" in error(capsys, run, "--sample", 1, "--model-py", path)
    assert "--architecture" in error(capsys, run, "--architecture", held, "--model-py", path)
    assert not path.exists()


def test_a_run_that_is_none_or_is_damaged(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "model.py"
    (tmp_path / "empty").mkdir()
    assert "not a run directory" in error(capsys, tmp_path / "empty", "--model-py", path)
    assert "missing.ssr" in error(capsys, tmp_path / "missing.ssr", "--model-py", path)
    unfinished = Path(shutil.copytree(run, tmp_path / "unfinished"))
    (unfinished / "architecture.json").unlink()
    assert "has not finished" in error(capsys, unfinished, "--model-py", path)
    changed = Path(shutil.copytree(run, tmp_path / "changed"))
    (changed / "space.ssr").write_text(TEXT + "# more\n")
    assert "not the file that was searched" in error(capsys, changed, "--model-py", path)
    manifest("train").write(changed)
    assert "a run of `ssrdsl train`" in error(capsys, changed, "--model-py", path)
    (run / "weights.pt").unlink()
    assert "has no weights.pt" in error(capsys, run, "--model-py", path, "--weights", tmp_path / "w.pt")
    assert not path.exists()
    assert not (tmp_path / "w.pt").exists()


def test_weights_that_are_incomplete(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    held = load_weights(run / "weights.pt")
    state = {name: tensor for name, tensor in held.state_dict.items() if not name.startswith("conv")}
    save_weights(run / "weights.pt", state, held.expected_input(), ("a", "b"), {})
    message = error(capsys, run, "--model-py", tmp_path / "model.py", "--weights", tmp_path / "w.pt")
    assert "lacks the weights of `conv`" in message


def test_an_unsound_space_has_the_errors_of_compile(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "bad.ssr"
    path.write_text(
        "space bad {\n  input image: 3, 8, 8\n  output choose s in {1, 2} { image -> conv(4, 3, stride=s) }\n}\n"
    )
    assert emit(path, "--sample", 1, "--model-py", tmp_path / "model.py") == 2
    assert "error[E02" in capsys.readouterr().err


def test_a_file_that_cannot_be_written(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert str(tmp_path) in error(capsys, file, "--sample", 1, "--model-py", tmp_path)
    assert "nowhere" in error(capsys, file, "--sample", 1, "--model-py", tmp_path / "nowhere" / "model.py")


def test_a_report_wants_the_run_of_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(tmp_path)]) == 2
    assert "is not a run directory" in capsys.readouterr().err
    manifest("train").write(tmp_path)
    assert main(["report", str(tmp_path)]) == 2
    assert "is a run of `ssrdsl train`" in capsys.readouterr().err
    manifest("search").write(tmp_path)
    assert main(["report", str(tmp_path)]) == 2
    assert "has not finished" in capsys.readouterr().err


def test_a_file_that_was_edited_is_not_overwritten(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "model.py"
    for seed in (1, 2):
        assert emit(file, "--sample", seed, "--model-py", path) == 0
    written = path.read_text()
    assert "sampled over decisions with seed 2" in written
    path.write_bytes(written.replace("\n", "\r\n").encode())  # as an editor of another system saves it
    assert emit(file, "--sample", 1, "--model-py", path) == 0
    capsys.readouterr()
    for text in (written.replace("nn.ReLU", "nn.GELU"), written + "# more\n", "print(1)\n", "\0\xff", written[:-1]):
        path.write_bytes(text.encode("latin-1"))
        assert "not written by `ssrdsl emit`" in error(capsys, file, "--sample", 1, "--model-py", path)
        assert path.read_bytes() == text.encode("latin-1")
    assert emit(file, "--sample", 2, "--model-py", path, "--force") == 0
    assert path.read_text() == written
    path.write_text("")
    assert emit(file, "--sample", 2, "--model-py", path) == 0


def test_weights_that_were_not_emitted_are_not_overwritten(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, weights = tmp_path / "model.py", tmp_path / "model.pt"
    weights.write_text("")
    for _ in range(2):
        assert emit(run, "--model-py", model, "--weights", weights) == 0
    written = weights.read_bytes()
    model.unlink()
    for content in ((run / "weights.pt").read_bytes(), b"notes", written[:-9]):
        weights.write_bytes(content)
        capsys.readouterr()
        assert "was not written by `ssrdsl emit`" in error(capsys, run, "--model-py", model, "--weights", weights)
        assert weights.read_bytes() == content
        assert not model.exists()
    assert emit(run, "--model-py", model, "--weights", weights, "--force") == 0
    assert load_weights(weights).provenance["emitted"] == "model.py"


HEADS = """use std
space small(classes=4, height=8, width=8) {
  input image: 3, height, width
  half = image -> conv_bn_relu(8, 3, stride=2)
  deep = half -> conv_bn_relu(4, 3)
  output concat(half, deep -> zero) -> conv(classes, 1) -> resize(image)
  auxiliary half: deep -> conv(classes, 1)
}
"""


def test_the_docstring_shows_how_to_load_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also for a network with auxiliary heads, whose weights are only used in training."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "space.ssr").write_text(HEADS)
    program = open_space(run / "space.ssr")
    write_architecture(run / "architecture.json", describe(program, {}))
    manifest("search", seed=0, space="small", space_text=HEADS).write(run)
    net = Supernet(apply(program.graph, describe(program, {})), seed=1)
    state = {f"{node}.{name}": tensor for node, held in node_state(net).items() for name, tensor in held.items()}
    preprocessing = Preprocessing((0.5, 0.25, 0.125), (0.2, 0.2, 0.2), (16, 24))
    save_weights(run / "weights.pt", state, preprocessing, ("a", "b", "c", "d"), {})
    assert emit(run, "--model-py", tmp_path / "model.py", "--weights", tmp_path / "w.pt") == 0
    text = (tmp_path / "model.py").read_text()
    head = text[: text.index('"""\n\nimport')]
    assert "mean 0.5, 0.25, 0.125; standard deviation 0.2, 0.2, 0.2; trained at 16 x 24" in " ".join(head.split())
    assert "RGB in 0..1" in head
    shown = [line[4:] for line in head.split("\n") if line.startswith("    ")]
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path("model.py")
    exec("\n".join(shown), names)
    assert names["network"](torch.zeros(1, 3, 16, 24)).shape == (1, 4, 16, 24)
    assert (
        read_model(tmp_path / "model.py").build(auxiliary=True).state_dict().keys()
        > load_weights(tmp_path / "w.pt").state_dict.keys()
    )


def test_channels_that_zero_fills_are_reported_with_their_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, taken = tmp_path / "s.ssr", tmp_path / "zero.json"
    file.write_text(
        "space s() {\n  input image: 3, 8, 8\n  x = image -> conv(4)\n"
        "  output concat(x, x -> choose { zero | relu }) -> conv(2)\n}\n"
    )
    taken.write_text('{"space": "s", "decisions": {"choose": "zero"}}')
    assert main(["emit", str(file), "--architecture", str(taken), "--model-py", str(tmp_path / "model.py")]) == 0
    printed = " ".join(capsys.readouterr().err.split())
    assert "note: `zero` fills 4 of the 8 channels of `concat` at" in printed
    assert f"the next layers spend {4 * 2 * 8 * 8} MACs on them" in printed


def test_a_network_that_takes_too_long_to_write_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MAX_WORK", 2_000)  # as the real limit, only sooner
    file = tmp_path / "s.ssr"
    file.write_text("space s() {\n  input image: 3, 8, 8\n  output image -> repeat(conv(4) -> bn -> relu, 100)\n}\n")
    assert main(["emit", str(file), "--model-py", str(tmp_path / "model.py")]) == 2
    printed = " ".join(capsys.readouterr().err.split())
    assert "emitting a network of 300 operators takes too long" in printed
    assert not (tmp_path / "model.py").exists()
