"""Model files and weights files."""

from pathlib import Path

import pytest
import torch
from torch import nn

from ssrdsl.errors import UserError
from ssrdsl.segmentation.model_check import check_model
from ssrdsl.segmentation.model_file import read_model
from ssrdsl.segmentation.preprocessing import Preprocessing
from ssrdsl.segmentation.weights import install_weights, load_weights, save_weights

NET = "from torch import nn\nclass Net(nn.Module):\n"
PREPROCESSING = Preprocessing((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), (24, 32))


def test_the_last_module_of_a_file_is_its_network(model_path: Path) -> None:
    file = read_model(model_path)
    assert type(file.build()).__name__ == "Small"
    assert file.accepts("auxiliary")
    logits = file.build(7).eval()(torch.zeros(1, 3, 16, 16))
    assert logits.shape == (1, 7, 16, 16)
    main, others = read_model(model_path).build(5, auxiliary=True)(torch.zeros(2, 3, 16, 16))
    assert main.shape[1] == others["early"].shape[1] == 5


def test_a_file_with_dataclasses_and_imports_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom torch import nn\n"
        "from torch.nn import Conv2d\n@dataclass\nclass Widths:\n    first: int = 4\n"
        "class Net(Conv2d):\n    def __init__(self, classes=2):\n        super().__init__(3, classes, 1)\n"
    )
    assert type(read_model(path).build(4)).__name__ == "Net"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def broken(:\n    pass\n", r"model\.py:1: syntax error"),
        ("import no_such_package\n", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"),
        ("x = 1\n", "defines no nn.Module"),
        ("from torch.nn import Conv2d\n", "defines no nn.Module"),
        (f"{NET}    def __init__(self, wide):\n        pass\n", "needs an argument `wide`"),
        ("1 / 0\n", "cannot be imported: ZeroDivisionError"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_model_file_is_reported(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "model.py"
    path.write_text(text)
    with pytest.raises(UserError, match=words):
        read_model(path).build()


def test_files_that_are_no_model_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_model(tmp_path / "none.py").build()
    with pytest.raises(UserError, match="is a directory"):
        read_model(tmp_path).build()
    (tmp_path / "weights.pt").write_bytes(b"\x80\x02")
    with pytest.raises(UserError, match="is not a Python file"):
        read_model(tmp_path / "weights.pt").build()
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8"):
        read_model(tmp_path / "binary.py").build()


def test_arguments_that_a_network_lacks_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("from torch import nn\nclass Net(nn.Module):\n    pass\n")
    with pytest.raises(UserError, match="has no argument `auxiliary`"):
        read_model(path).build(auxiliary=True)


def test_a_network_is_tried_on_the_size_and_classes(model_path: Path) -> None:
    check_model(read_model(model_path).build(5), (17, 33), 5)
    with pytest.raises(UserError, match="the network has 5 classes, the data has 6"):
        check_model(read_model(model_path).build(5), (16, 16), 6)
    with pytest.raises(UserError, match="Sequential cannot take images of 4x4: RuntimeError"):
        check_model(nn.Sequential(nn.Conv2d(3, 4, 7)), (4, 4), 4)
    with pytest.raises(UserError, match="Flatten returns a tensor of the shape"):
        check_model(nn.Flatten(), (4, 4), 3)


def test_weights_come_back_with_all_that_was_stored(tmp_path: Path, model_path: Path) -> None:
    model, path = read_model(model_path).build(), tmp_path / "weights.pt"
    save_weights(path, model.state_dict(), PREPROCESSING, ("a", "b", "c"), {"space": "x", "epochs": 3})
    weights = load_weights(path)
    assert weights.expected_input() == PREPROCESSING
    assert weights.classes == ("a", "b", "c")
    assert weights.provenance == {"space": "x", "epochs": 3}
    other = read_model(model_path).build()
    install_weights(other, weights)
    for name, tensor in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor)


def test_a_plain_state_dict_is_taken_but_has_no_input(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "plain.pt"
    torch.save(read_model(model_path).build().state_dict(), path)
    weights = load_weights(path)
    install_weights(read_model(model_path).build(), weights)
    with pytest.raises(UserError, match="has no preprocessing"):
        weights.expected_input()


def test_the_first_entry_that_does_not_fit_is_named(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, read_model(model_path).build(5).state_dict(), PREPROCESSING, "abcde", {})
    with pytest.raises(UserError, match=r"'head\.weight' is \[5, 16, 1, 1\] in the file, \[3, 16, 1, 1\]"):
        install_weights(read_model(model_path).build(3), load_weights(path))
    with pytest.raises(UserError, match=r"'auxiliary\.weight' of the network is missing in the file"):
        install_weights(read_model(model_path).build(5, auxiliary=True), load_weights(path))
    save_weights(path, read_model(model_path).build(5, auxiliary=True).state_dict(), PREPROCESSING, "abcde", {})
    with pytest.raises(UserError, match=r"'auxiliary\.weight' is not in the network"):
        install_weights(read_model(model_path).build(5), load_weights(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"weights", "is not a PyTorch file"),
        (b"PK\x03\x04" + b"\0" * 64, "is truncated"),
        (b"\x80\x04N.", "is damaged"),
    ],
)
def test_damaged_weights_are_reported(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"weights\.pt {words}"):
        load_weights(path)


def test_half_a_weights_file_is_reported(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, read_model(model_path).build().state_dict(), PREPROCESSING, "abc", {})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match=r"is truncated: it ends after [0-9,]+ bytes$"):
        load_weights(path)


def test_other_files_of_torch_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    cases: tuple[tuple[object, str], ...] = (
        ({"epoch": 3}, "contains no weights"),
        ({}, "contains no weights"),
        ([1], "contains a list"),
    )
    for content, words in cases:
        torch.save(content, path)
        with pytest.raises(UserError, match=words):
            load_weights(path)
    torch.save({"format": "ssrdsl-weights-1", "state_dict": {}}, path)
    with pytest.raises(UserError, match="is damaged"):
        load_weights(path)
    with pytest.raises(UserError, match="no such file"):
        load_weights(tmp_path / "none.pt")


def test_weights_that_are_not_numbers_are_reported(tmp_path: Path, model_path: Path) -> None:
    path, model = tmp_path / "weights.pt", read_model(model_path).build()
    model.state_dict()["head.bias"][1] = float("nan")
    save_weights(path, model.state_dict(), PREPROCESSING, "abc", {})
    with pytest.raises(UserError, match=r"'head\.bias' contains NaN"):
        install_weights(read_model(model_path).build(), load_weights(path))


@pytest.mark.parametrize(
    ("entry", "value"),
    [("preprocessing", {**PREPROCESSING.to_dict(), "size": [0, 0]}), ("state_dict", {"head.bias": 3}),
     ("state_dict", 3), ("classes", 3), ("provenance", 3)],
)  # fmt: skip
def test_entries_of_other_kinds_are_reported(tmp_path: Path, model_path: Path, entry: str, value: object) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, read_model(model_path).build().state_dict(), PREPROCESSING, "abc", {})
    torch.save({**torch.load(path, weights_only=True), entry: value}, path)
    with pytest.raises(UserError, match=r"weights\.pt is damaged"):
        load_weights(path)


def test_nothing_in_a_weights_file_is_executed(tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return open, (str(tmp_path / "touched"), "w")  # type: ignore[return-value]

    path = tmp_path / "evil.pt"
    torch.save({"format": Touch()}, path)
    with pytest.raises(UserError, match="contains objects that execute code"):
        load_weights(path)
    assert not (tmp_path / "touched").exists()


def test_weights_with_auxiliary_heads_fit_the_network_without_them(tmp_path: Path, model_path: Path) -> None:
    path, file = tmp_path / "weights.pt", read_model(model_path)
    full = file.build(3, auxiliary=True)
    save_weights(path, full.state_dict(), PREPROCESSING, "abc", {})
    plain = file.build_with(load_weights(path), 3)
    assert plain.state_dict().keys() < full.state_dict().keys()
    assert all(torch.equal(tensor, full.state_dict()[name]) for name, tensor in plain.state_dict().items())
    image = torch.rand(1, 3, 16, 16)
    assert torch.equal(plain.eval()(image), full.eval()(image))
    with pytest.raises(UserError, match="does not fit the network"):
        file.build_with(load_weights(path), 4)
