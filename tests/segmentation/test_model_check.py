"""Networks with other inputs and outputs than segmentation needs: which are accepted, and the errors of the others."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.dataset import Dataset
from ssrdsl.segmentation.model_check import check_model, check_training, input_channels
from ssrdsl.segmentation.model_file import read_model
from ssrdsl.segmentation.training.options import TrainingOptions
from ssrdsl.segmentation.training.runs import train_model

SIZE = (8, 12)


class Two(nn.Module):
    """Takes two images."""

    def forward(self, image: Tensor, depth: Tensor) -> Tensor:
        return image + depth


class Several(nn.Module):
    """Returns its logits, changed by a given function."""

    def __init__(self, make, training_only: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)
        self.make, self.training_only = make, training_only

    def forward(self, image: Tensor) -> object:
        logits = self.conv(image)
        return self.make(logits) if self.training or not self.training_only else logits


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Two(), "Two takes 2 inputs: image, depth"),
        (nn.Conv2d(1, 2, 1), "Conv2d takes images of 1 channel, not 3"),
        (nn.Sequential(nn.ReLU(), nn.Conv2d(4, 2, 1)), "Sequential takes images of 4 channels, not 3"),
        (Several(lambda x: (x, x)), "Several returns 2 outputs, not one tensor of logits"),
        (Several(lambda x: [x, x, x]), "Several returns 3 outputs, not one tensor of logits"),
        (Several(lambda x: {"a": x}), "Several returns a dictionary with 'a', not one tensor of logits"),
        (Several(lambda x: x.mean((2, 3))), "Several returns a tensor of the shape [1, 2], not one tensor of logits"),
        (Several(lambda x: None), "Several returns a NoneType, not one tensor of logits"),
        (nn.Conv2d(3, 5, 1), "the network has 5 classes, the data has 2"),
        (nn.Conv2d(3, 2, 9), "Conv2d cannot take images of 8x12: RuntimeError"),
    ],
)
def test_other_networks_are_reported_by_what_is_wrong_with_them(model: nn.Module, message: str) -> None:
    with pytest.raises(UserError) as raised:
        check_model(model, SIZE, 2)
    assert message in raised.value.message


def test_networks_of_torchvision_and_with_further_outputs_in_training_are_taken() -> None:
    for model in (
        Several(lambda x: {"out": x, "aux": x}),
        Several(lambda x: (x, {"early": x})),
        Several(lambda x: (x, x, x), training_only=True),
    ):
        check_model(model, SIZE, 2)
        check_training(model, SIZE, 2, batch=4)


def test_a_check_of_training_leaves_the_network_as_it_was() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Conv2d(4, 2, 1)).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    check_training(model, SIZE, 2, batch=4)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not model[1].training


def test_a_batch_norm_of_one_position_asks_for_a_larger_batch() -> None:
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    with pytest.raises(UserError, match="a batch norm of Sequential has a single value per channel") as raised:
        check_training(model, SIZE, 2, batch=1)
    assert raised.value.help == "set --batch to 2 or more"
    check_training(model, SIZE, 2, batch=2)


def test_auxiliary_heads_of_other_classes_are_named() -> None:
    model = Several(lambda x: (x, {"early": torch.cat([x, x, x[:, :1]], 1)}), training_only=True)
    check_model(model, SIZE, 2)
    with pytest.raises(UserError, match="the auxiliary head 'early' of Several has 5 classes, the data has 2 classes"):
        check_training(model, SIZE, 2, batch=2)


def test_grey_networks_are_found_by_their_first_convolution() -> None:
    assert input_channels(nn.Conv2d(1, 2, 1), SIZE) == 1
    assert input_channels(nn.Conv2d(3, 2, 1), SIZE) == 3
    assert input_channels(nn.Conv2d(4, 2, 1), SIZE) == 3
    assert input_channels(nn.Conv2d(3, 2, 99), SIZE) == 3


@pytest.mark.parametrize("argument", ["classes=9", "num_classes=9", "n_classes=9", "nclass", "num_classes"])
def test_the_number_of_classes_may_be_called_otherwise(tmp_path: Path, argument: str) -> None:
    path, name = tmp_path / "model.py", argument.partition("=")[0]
    path.write_text(
        f"from torch import nn\nclass Net(nn.Conv2d):\n    def __init__(self, {argument}):\n"
        f"        super().__init__(3, {name}, 1)\n"
    )
    assert read_model(path).class_argument == name
    check_model(read_model(path).build(4), SIZE, 4)


def test_a_fixed_number_of_classes_is_taken_where_it_is_that_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from torch import nn\nclass Net(nn.Conv2d):\n    def __init__(self):\n        super().__init__(3, 4, 1)\n"
    )
    check_model(read_model(path).build(4), SIZE, 4)
    with pytest.raises(UserError, match="the network has 4 classes, the data has 3") as raised:
        check_model(read_model(path).build(3), SIZE, 3)
    assert "fixed in the model file" in (raised.value.help or "")


@pytest.mark.parametrize("where", ["the file", "__init__", "forward"])
def test_a_model_file_that_ends_the_program_is_reported(tmp_path: Path, where: str) -> None:
    path, ends = tmp_path / "model.py", "import sys; sys.exit(0)"
    path.write_text(
        f"from torch import nn\n{ends if where == 'the file' else ''}\nclass Net(nn.Module):\n"
        f"    def __init__(self):\n        super().__init__()\n        {ends if where == '__init__' else 'pass'}\n"
        f"    def forward(self, image):\n        {ends if where == 'forward' else 'pass'}\n        return image\n"
    )
    with pytest.raises(UserError, match=r"exits the program|SystemExit"):
        check_model(read_model(path).build(3), SIZE, 3)


def test_a_grey_network_is_trained_on_grey_images(
    model_path: Path, train_set: Dataset, val_set: Dataset, tmp_path: Path
) -> None:
    model_path.write_text(model_path.read_text().replace("Layer(3, 8", "Layer(1, 8"))
    options = TrainingOptions(epochs=3, batch=4, lr=0.02, scale=(1.0, 1.0))
    trained = train_model(
        read_model(model_path), train_set, val_set, options, tmp_path / "run", device=torch.device("cpu")
    )
    assert trained.preprocessing.channels == 1
    # Classes differ by brightness alone, so that nothing is lost.
    assert (trained.result.matrix.mean_iou() or 0) > 0.3
