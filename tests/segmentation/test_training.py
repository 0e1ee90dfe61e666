"""Training: it learns, stops on errors, and continues after a stop."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.runs.directory import RunDirectory
from ssrdsl.runs.events import EventLog, read_events
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.data.registry import open_dataset
from ssrdsl.segmentation.devices import check_device
from ssrdsl.segmentation.evaluation import evaluate
from ssrdsl.segmentation.model_file import read_model
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.training.directory import TrainingDirectory
from ssrdsl.segmentation.training.loop import Progress, Training
from ssrdsl.segmentation.training.options import TrainingOptions, learning_rate, make_optimizer
from ssrdsl.segmentation.training.runs import TrainedRun, train_model
from ssrdsl.segmentation.weights import install_weights, load_weights, save_weights
from tests.segmentation.conftest import MODEL

CPU = torch.device("cpu")
OPTIONS = TrainingOptions(epochs=4, batch=4, lr=0.02)


class Stopped(Exception):
    pass


def run(
    model_path: Path, data: tuple[Dataset, Dataset], out: Path, options: TrainingOptions = OPTIONS, **more
) -> TrainedRun:
    return train_model(read_model(model_path), *data, options, out, device=CPU, **more)


@pytest.fixture(scope="module")
def data(train_set: Dataset, val_set: Dataset) -> tuple[Dataset, Dataset]:
    return train_set, val_set


class Finished(NamedTuple):
    """A training that ran to its end, and its directory."""

    trained: TrainedRun
    out: Path


@pytest.fixture(scope="module")
def finished(data: tuple[Dataset, Dataset], tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Four epochs."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "model.py").write_text(MODEL)
    return Finished(run(folder / "model.py", data, folder / "run"), folder / "run")


@pytest.fixture(scope="module")
def short(data: tuple[Dataset, Dataset], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of one epoch, to copy."""
    folder = tmp_path_factory.mktemp("short")
    (folder / "model.py").write_text(MODEL)
    run(folder / "model.py", data, folder / "run", replace(OPTIONS, epochs=1))
    return folder / "run"


@pytest.fixture
def copied(short: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test may change."""
    return Path(shutil.copytree(short, tmp_path / "run"))


def equal(left: nn.Module, right: nn.Module) -> bool:
    pairs = zip(left.state_dict().values(), right.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def test_a_run_learns_and_leaves_everything_behind(
    model_path: Path, data: tuple[Dataset, Dataset], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    trained = run(model_path, data, out, replace(OPTIONS, epochs=15), settings={"data": "bands"})
    assert (trained.result.matrix.mean_iou() or 0) > 0.7
    record = json.loads((out / "result.json").read_text())
    assert record["miou"] == trained.result.matrix.mean_iou()
    assert record["parameters"] == sum(parameter.numel() for parameter in trained.model.parameters())
    assert json.loads((out / "manifest.json").read_text())["settings"] == {"data": "bands"}
    with Image.open(out / "predictions.png") as picture:
        assert picture.size[0] > 3 * 280
    events = read_events(out)
    losses = [event["loss"] for event in events if "loss" in event]
    assert len(losses) == 15
    assert losses[-1] < 0.6 * losses[0]
    assert events[-1]["miou"] == record["miou"]
    assert not list(out.glob(".ssrdsl*"))


def test_reloaded_weights_score_exactly_the_same(
    model_path: Path, data: tuple[Dataset, Dataset], finished: Finished
) -> None:
    weights = load_weights(finished.out / "weights.pt")
    model = read_model(model_path).build(len(weights.classes or ()))
    # Auxiliary heads served the training; the file fits the network without them.
    install_weights(model, weights)
    again = evaluate(model, data[1], weights.expected_input(), batch=1)
    assert torch.equal(again.counts, finished.trained.result.matrix.counts)
    assert weights.provenance["model_sha256"] == read_model(model_path).sha256


def test_a_stopped_run_goes_on_to_the_same_bits(
    model_path: Path, data: tuple[Dataset, Dataset], finished: Finished, tmp_path: Path
) -> None:
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        if progress.step == 8:
            raise Stopped

    with pytest.raises(Stopped):
        run(model_path, data, tmp_path / "stopped", observe=stop)
    torch.manual_seed(1234)
    resumed = run(model_path, data, tmp_path / "stopped", resume=True, observe=seen.append)
    assert seen[-1].miou == resumed.result.matrix.mean_iou()
    assert equal(finished.trained.model, resumed.model)
    assert torch.equal(finished.trained.result.matrix.counts, resumed.result.matrix.counts)
    assert read_events(finished.out) == read_events(tmp_path / "stopped")


def test_a_finished_run_can_be_resumed_and_stays_the_same(
    model_path: Path, data: tuple[Dataset, Dataset], finished: Finished, tmp_path: Path
) -> None:
    again = run(model_path, data, Path(shutil.copytree(finished.out, tmp_path / "run")), resume=True)
    assert equal(finished.trained.model, again.model)
    assert torch.equal(finished.trained.result.matrix.counts, again.result.matrix.counts)


def test_the_seed_decides_the_run(model_path: Path, data: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    options = replace(OPTIONS, epochs=1)
    first = run(model_path, data, tmp_path / "a", options)
    torch.rand(17)
    assert equal(first.model, run(model_path, data, tmp_path / "b", options).model)
    assert not equal(first.model, run(model_path, data, tmp_path / "c", replace(options, seed=1)).model)


def test_resuming_something_else_is_refused(
    model_path: Path, data: tuple[Dataset, Dataset], copied: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="run with different options"):
        run(model_path, data, copied, replace(OPTIONS, epochs=1, flip=False), resume=True)
    with pytest.raises(UserError, match="run with different data"):
        run(model_path, (data[1], data[1]), copied, replace(OPTIONS, epochs=1), resume=True)
    with pytest.raises(UserError, match="run with different validation set"):
        run(model_path, (data[0], data[0]), copied, replace(OPTIONS, epochs=1), resume=True)
    model_path.write_text(model_path.read_text() + "# changed\n")
    with pytest.raises(UserError, match="run with different model"):
        run(model_path, data, copied, replace(OPTIONS, epochs=1), resume=True)
    with pytest.raises(UserError, match="already contains a run"):
        run(model_path, data, copied)
    with pytest.raises(UserError, match="has no run to resume"):
        run(model_path, data, tmp_path / "none", resume=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"checkpoint", "is not a PyTorch file"), (b"PK\x03\x04", "is truncated")],
)
def test_a_damaged_checkpoint_is_reported(
    model_path: Path, data: tuple[Dataset, Dataset], copied: Path, content: bytes, reason: str
) -> None:
    (copied / "checkpoint.pt").write_bytes(content)
    with pytest.raises(UserError, match=rf"checkpoint\.pt {reason}") as raised:
        run(model_path, data, copied, replace(OPTIONS, epochs=1), resume=True)
    assert raised.value.help == "restore it, or start a new run in another directory"


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
    ids=["gpu", "cpu"],
)
def test_memory_that_runs_out_is_not_a_damaged_checkpoint(
    model_path: Path,
    data: tuple[Dataset, Dataset],
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: RuntimeError,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(nn.Module, "load_state_dict", fail)
    with pytest.raises(type(error)) as raised:
        run(model_path, data, copied, replace(OPTIONS, epochs=1), resume=True)
    assert raised.value is error


def test_another_file_in_the_place_of_the_checkpoint_is_reported(
    model_path: Path, data: tuple[Dataset, Dataset], copied: Path
) -> None:
    torch.save({"epoch": 1}, copied / "checkpoint.pt")
    with pytest.raises(UserError, match="is not the checkpoint of a training"):
        run(model_path, data, copied, replace(OPTIONS, epochs=1), resume=True)


class Exploding(nn.Module):
    """Returns NaN from its third step on."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.steps = 0

    def forward(self, image: Tensor) -> Tensor:
        self.steps += 1
        output: Tensor = self.conv(image)
        return output / 0 if self.steps == 3 else output


def test_a_loss_that_is_no_number_stops_with_its_step(data: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the loss became nan at step 3 of 12") as raised:
        Training(Exploding(), *data, OPTIONS, TrainingDirectory(tmp_path), Preprocessing.of(data[0]), CPU, {}).run()
    assert "--lr" in (raised.value.help or "")


def test_training_starts_from_given_weights_and_their_input(
    model_path: Path, data: tuple[Dataset, Dataset], finished: Finished, tmp_path: Path
) -> None:
    weights = load_weights(finished.out / "weights.pt")
    shifted = replace(weights, preprocessing=replace(weights.expected_input(), mean=(0.2, 0.3, 0.4)))
    second = run(model_path, data, tmp_path / "b", replace(OPTIONS, epochs=1, lr=1e-12), weights=shifted)
    assert second.preprocessing.mean == (0.2, 0.3, 0.4)
    for name, parameter in second.model.named_parameters():
        assert torch.allclose(parameter, finished.trained.model.state_dict()[name], atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_lowers_the_loss(
    model_path: Path, data: tuple[Dataset, Dataset], tmp_path: Path, optimizer: str
) -> None:
    options = TrainingOptions(epochs=4, batch=4, optimizer=optimizer, loss="plain", evaluate_every=4)  # type: ignore[arg-type]
    run(model_path, data, tmp_path / "run", options)
    losses = [event["loss"] for event in read_events(tmp_path / "run") if "loss" in event]
    assert losses[-1] < losses[0]
    assert sum("miou" in event for event in read_events(tmp_path / "run")) == 1


def test_a_network_learns_the_streets(model_path: Path, tmp_path: Path) -> None:
    data = open_dataset("streets:32", "train", (32, 64))
    options = TrainingOptions(epochs=8, batch=8, lr=0.02, scale=(1.0, 1.5), loss="plain")
    trained = run(model_path, (data, data), tmp_path / "run", options)
    assert (trained.result.matrix.pixel_accuracy() or 0) > 0.6
    assert (trained.result.matrix.mean_iou() or 0) > 0.25


def test_the_rate_rises_then_falls_to_zero() -> None:
    options = TrainingOptions(lr=1.0, warmup=0.1)
    rates = [learning_rate(options, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9]
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[50] == pytest.approx(0.5**0.9)
    assert 0 < rates[99] < 0.02


def test_optimizers_take_rate_and_decay(model_path: Path) -> None:
    for name, rate in (("adam", 1e-3), ("adamw", 1e-3), ("sgd", 0.05)):
        group = make_optimizer(read_model(model_path).build(), TrainingOptions(optimizer=name)).param_groups[0]  # type: ignore[arg-type]
        assert group["lr"] == rate
        assert group["weight_decay"] == 1e-4


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 0}, {"batch": 0}, {"lr": -1.0}, {"lr": math.inf}, {"scale": (2.0, 1.0)}, {"warmup": 1.0}],
)  # fmt: skip
def test_senseless_options_are_reported(wrong: dict) -> None:
    with pytest.raises(UserError, match=f"--{next(iter(wrong))} .* is invalid"):
        TrainingOptions(**wrong)


def test_evaluation_comes_ten_times_and_at_the_end() -> None:
    options = TrainingOptions(epochs=64)
    assert [epoch + 1 for epoch in range(64) if options.evaluated(epoch)] == [*range(6, 61, 6), 64]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_an_absent_gpu_is_reported() -> None:
    assert check_device("cpu") == CPU
    with pytest.raises(UserError, match="--device cuda: "):
        check_device("cuda")
    with pytest.raises(UserError, match="unknown device 'gpu'"):
        check_device("gpu")
    with pytest.raises(UserError, match="unknown device 'mps'"):
        check_device("mps")
    with pytest.raises(UserError, match="--amp needs a GPU"):
        check_device("cpu", amp=True)


def test_auto_is_a_gpu_where_there_is_one() -> None:
    assert check_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("state_dict", {"conv.weight": 3}),
        ("state_dict", 3),
        ("preprocessing", {"size": [0, 0]}),
        ("preprocessing", {"mean": [float("nan")] * 3}),
        ("preprocessing", {"deviation": [0.0, 1.0, 1.0]}),
    ],
)
def test_weights_of_another_shape_are_reported(tmp_path: Path, key: str, value: object) -> None:
    input_ = Preprocessing((0.5, 0.5, 0.5), (0.2, 0.2, 0.2), (8, 8))
    save_weights(tmp_path / "w.pt", {"conv.weight": torch.zeros(1)}, input_, ["a"], {})
    assert load_weights(tmp_path / "w.pt").expected_input() == input_
    content = torch.load(tmp_path / "w.pt")
    content[key] = {**content[key], **value} if isinstance(value, dict) and key == "preprocessing" else value
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"w\.pt is damaged"):
        load_weights(tmp_path / "w.pt")


def test_the_log_drops_what_a_resumed_run_does_again(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with EventLog(run, tensorboard=False) as log:
        for step in range(1, 6):
            log.write(step, loss=step / 10, iou={"sky": 0.5})
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')
    with EventLog(run, resume_step=3, tensorboard=False) as log:
        log.write(4, loss=1.0)
    assert [(event["step"], event["loss"]) for event in read_events(tmp_path)] == [
        (1, 0.1),
        (2, 0.2),
        (3, 0.3),
        (4, 1.0),
    ]
    with EventLog(run, tensorboard=False):
        pass
    assert read_events(tmp_path) == []
