"""Data in the SegNet layout: accepted and rejected data."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ssrdsl.errors import UserError
from ssrdsl.segmentation.data.classes import CAMVID, read_classes
from ssrdsl.segmentation.data.dataset import check_classes, check_labelled
from ssrdsl.segmentation.data.registry import open_dataset, open_splits
from ssrdsl.segmentation.data.sizes import format_size, parse_size


def test_images_and_labels_are_read_as_they_are(folder: Path) -> None:
    data = open_dataset(str(folder), "train")
    assert data.name == "bands"
    assert data.size == (24, 32)
    assert data.stems == ("train00", "train01", "train02")
    assert data.classes == ("dark", "middle", "bright")
    assert data.colours[2] == (0xE0, 0xE0, 0xE0)
    stored = np.asarray(Image.open(folder / "train" / "train01.png"))
    assert np.array_equal(data.images[1].permute(1, 2, 0).numpy(), stored)
    assert np.array_equal(data.labels[1].numpy(), np.asarray(Image.open(folder / "trainannot" / "train01.png")))


def test_resizing_mixes_no_labels(folder: Path) -> None:
    data = open_dataset(str(folder), "train", (13, 17))
    assert data.size == (13, 17)
    assert set(data.labels.unique().tolist()) <= {0, 1, 2, 255}


def test_splits_can_be_joined(folder: Path) -> None:
    assert len(open_dataset(str(folder), "train+val")) == 5


def test_jpeg_images_with_png_labels_match_by_stem(folder: Path) -> None:
    for path in (folder / "train").iterdir():
        Image.open(path).save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    assert len(open_dataset(str(folder), "train")) == 3


def test_a_palette_label_keeps_its_numbers(folder: Path) -> None:
    path = folder / "trainannot" / "train00.png"
    numbers = np.asarray(Image.open(path))
    image = Image.fromarray(numbers)
    image.putpalette([value * 7 % 256 for value in range(768)])
    assert image.mode == "P"
    image.save(path)
    data = open_dataset(str(folder), "train", (12, 16))
    assert set(data.labels[0].unique().tolist()) <= {0, 1, 2, 255}
    assert torch.equal(open_dataset(str(folder), "train").labels[0], torch.from_numpy(numbers.copy()))


def test_a_list_of_pairs_names_files_of_another_machine(folder: Path) -> None:
    (folder / "train.txt").write_text(
        "/SegNet/CamVid/train/train02.png /SegNet/CamVid/trainannot/train02.png\n\n"
        "train/train00.png trainannot/train00.png\n"
    )
    assert open_dataset(str(folder), "train").stems == ("train02", "train00")


def test_a_list_with_a_missing_file_is_reported_with_its_line(folder: Path) -> None:
    (folder / "train.txt").write_text("train/train00.png trainannot/train00.png\ntrain/no.png trainannot/no.png\n")
    with pytest.raises(UserError, match=r"train\.txt:2: file not found: train/no\.png"):
        open_dataset(str(folder), "train")
    (folder / "train.txt").write_text("train/train00.png\n")
    with pytest.raises(UserError, match=r"train\.txt:1: expected an image and its labels"):
        open_dataset(str(folder), "train")


def test_images_without_labels_are_named(folder: Path) -> None:
    (folder / "trainannot" / "train01.png").unlink()
    with pytest.raises(UserError, match="3 images and 2 label images in 'train': no trainannot/ file for train01"):
        open_dataset(str(folder), "train")


def test_labels_without_images_are_named(folder: Path) -> None:
    for path in (folder / "train").iterdir():
        path.unlink()
    with pytest.raises(UserError, match=r"no train/ file for train00, train01, train02$"):
        open_dataset(str(folder), "train")


def test_two_images_of_one_stem_are_refused(folder: Path) -> None:
    Image.open(folder / "train" / "train00.png").save(folder / "train" / "train00.jpg")
    with pytest.raises(UserError, match=r"contains train00\.jpg and train00\.png"):
        open_dataset(str(folder), "train")


def test_an_image_and_labels_of_different_size_are_reported(folder: Path) -> None:
    Image.open(folder / "trainannot" / "train00.png").resize((16, 24), 0).save(folder / "trainannot" / "train00.png")
    with pytest.raises(UserError, match=r"train00\.png is 24x32, its labels .*train00\.png are 24x16"):
        open_dataset(str(folder), "train")


def test_a_label_outside_the_classes_is_reported_with_file_and_value(folder: Path) -> None:
    path = folder / "trainannot" / "train02.png"
    numbers = np.array(Image.open(path))
    numbers[5, 5] = 7
    Image.fromarray(numbers).save(path)
    with pytest.raises(UserError, match=r"train02\.png contains the label 7, outside of the 3 classes"):
        open_dataset(str(folder), "train")


def test_a_label_lost_by_resizing_is_still_found(folder: Path) -> None:
    path = folder / "trainannot" / "train02.png"
    numbers = np.array(Image.open(path))
    numbers[5, 5] = 200
    Image.fromarray(numbers).save(path)
    with pytest.raises(UserError, match="contains the label 200"):
        open_dataset(str(folder), "train", (4, 4))


def test_a_16_bit_label_does_not_wrap_around(folder: Path) -> None:
    path = folder / "trainannot" / "train00.png"
    Image.fromarray(np.full((24, 32), 256, dtype=np.uint16)).save(path)
    with pytest.raises(UserError, match="contains the label 256"):
        open_dataset(str(folder), "train")


def test_labels_in_colour_are_refused(folder: Path) -> None:
    path = folder / "trainannot" / "train00.png"
    Image.open(path).convert("RGB").save(path)
    with pytest.raises(UserError, match="is a RGB image: labels are class numbers"):
        open_dataset(str(folder), "train")


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_file_that_is_no_image_is_named(folder: Path, content: bytes) -> None:
    (folder / "train" / "train01.png").write_bytes(content)
    with pytest.raises(UserError, match=r"cannot read .*train01\.png"):
        open_dataset(str(folder), "train")


def test_a_cut_image_is_named(folder: Path) -> None:
    path = folder / "train" / "train01.png"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match=r"cannot read .*train01\.png"):
        open_dataset(str(folder), "train")


def test_missing_folders_are_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist"):
        open_dataset(str(tmp_path / "nowhere"), "train")
    with pytest.raises(UserError, match="has no directory test/ for the split 'test'") as raised:
        open_dataset(str(folder), "test")
    assert raised.value.help == "it has train, val"
    with pytest.raises(UserError, match=r"classes\.txt is not a directory"):
        open_dataset(f"camvid:{folder / 'classes.txt'}", "train")
    with pytest.raises(UserError, match="unknown split 'training'"):
        open_dataset(str(folder), "training")


def test_data_beyond_the_memory_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="but the memory has"):
        open_dataset(str(folder), "train", (2**40, 2**20))


def test_images_in_folders_below_are_matched_by_their_paths(folder: Path) -> None:
    for name in ("train", "trainannot"):
        (folder / name / "aachen" / "day").mkdir(parents=True)
        (folder / name / "train00.png").rename(folder / name / "aachen" / "day" / "a.png")
        (folder / name / "train01.png").rename(folder / name / "aachen" / "b.png")
    data = open_dataset(str(folder), "train")
    assert data.stems == ("aachen/b", "aachen/day/a", "train02")
    stored = np.asarray(Image.open(folder / "trainannot" / "aachen" / "day" / "a.png"))
    assert np.array_equal(data.labels[1].numpy(), stored)
    (folder / "trainannot" / "aachen" / "b.png").unlink()
    with pytest.raises(UserError, match="no trainannot/ file for aachen/b"):
        open_dataset(str(folder), "train")


def test_links_between_folders_end(folder: Path) -> None:
    (folder / "train" / "again").symlink_to(folder / "train")
    assert len(open_dataset(str(folder), "train")) == 3


def test_files_that_are_not_read_are_named(folder: Path) -> None:
    (folder / "train" / "a.gif").write_bytes(b"GIF89a")
    (folder / "train" / "b.gif").write_bytes(b"GIF89a")
    (folder / "train" / "notes").write_text("")
    (folder / "train" / ".hidden.gif").write_text("")
    (folder / "train" / "Thumbs.db").write_text("")
    [note] = open_dataset(str(folder), "train").notes
    assert note.message == f"{folder / 'train'} contains files that are not read: 2 .gif, 1 without suffix"
    assert open_dataset(str(folder), "val").notes == ()


@pytest.mark.parametrize("suffix", [".bmp", ".TIF", ".tiff", ".webp", ".PNG"])
def test_images_of_other_suffixes_are_read(folder: Path, suffix: str) -> None:
    before = open_dataset(str(folder), "train")
    for path in (folder / "train").iterdir():
        Image.open(path).save(path.with_suffix(suffix), lossless=True)
        path.unlink()
    for path in (folder / "trainannot").iterdir():
        kept = ".png" if suffix == ".webp" else suffix
        Image.open(path).save(folder / "kept.png")
        path.unlink()
        Image.open(folder / "kept.png").save(path.with_suffix(kept))
    after = open_dataset(str(folder), "train")
    assert torch.equal(after.images, before.images)
    assert torch.equal(after.labels, before.labels)


def test_names_are_compared_in_one_unicode_form(folder: Path) -> None:
    composed, decomposed = unicodedata.normalize("NFC", "straße-ü.png"), unicodedata.normalize("NFD", "straße-ü.png")
    assert composed != decomposed
    for name, form in (("train", composed), ("trainannot", decomposed)):
        (folder / name / "train00.png").rename(folder / name / form)
    assert "straße-ü" in open_dataset(str(folder), "train").stems


def test_a_folder_without_classes_is_refused_unless_it_is_named_as_camvid(folder: Path) -> None:
    (folder / "classes.txt").unlink()
    with pytest.raises(UserError, match=r"has no classes\.txt: the classes of its labels are not known") as raised:
        open_dataset(str(folder), "train")
    assert f"camvid:{folder}" in (raised.value.help or "")
    for path in (folder / "trainannot").iterdir():
        Image.fromarray(np.asarray(Image.open(path)) % 12).save(path)
    data = open_dataset(f"camvid:{folder}", "train")
    assert (data.classes, data.ignore) == (CAMVID.names, 11)


def test_splits_of_a_run_have_one_size(folder: Path) -> None:
    for name in ("val", "valannot"):
        for path in (folder / name).iterdir():
            Image.open(path).resize((64, 48), Image.Resampling.NEAREST).save(path)
    assert open_dataset(str(folder), "val").size == (48, 64)
    train_set, val_set = open_splits(str(folder), ["train", "val"])
    assert train_set.size == val_set.size == (24, 32)
    assert val_set.own_sizes == ((48, 64),)
    assert val_set.own_labels is not None
    assert val_set.own_labels[1].shape == (48, 64)
    assert [dataset.size for dataset in open_splits(str(folder), ["train", "val"], (12, 16))] == [(12, 16)] * 2
    assert val_set.notes == ()


def test_stretched_images_are_named(folder: Path) -> None:
    for name in ("train", "trainannot"):
        path = folder / name / "train01.png"
        Image.open(path).resize((24, 24), Image.Resampling.NEAREST).save(path)
    data = open_dataset(str(folder), "train")
    assert data.own_sizes == ((24, 24), (24, 32))
    [note] = data.notes
    assert note.message == (
        "1 of 3 images of the split 'train' is stretched to another aspect ratio: "
        f"{folder / 'train' / 'train01.png'} from 24x24 to 24x32"
    )
    assert open_dataset(str(folder), "val", (48, 64)).notes == ()


def test_classes_that_no_pixel_has_are_named(folder: Path) -> None:
    for path in (folder / "trainannot").iterdir():
        numbers = np.asarray(Image.open(path))
        Image.fromarray(np.where(numbers == 1, 255, numbers).astype(np.uint8)).save(path)
    [note] = open_dataset(str(folder), "train").notes
    assert note.message.startswith("no pixel of the split 'train' has the class 'middle'; ")
    assert note.message.endswith(" of its pixels have the ignored label 255")
    assert "`255: middle`" in note.help


def test_masks_of_0_and_255_are_two_classes_where_the_file_says_so(folder: Path) -> None:
    for path in (folder / "trainannot").iterdir():
        numbers = np.asarray(Image.open(path))
        Image.fromarray(np.where(numbers == 1, 255, 0).astype(np.uint8)).save(path)
    (folder / "classes.txt").write_text("ground\n255: box\n")
    data = open_dataset(str(folder), "train")
    assert set(data.labels.unique().tolist()) == {0, 1}
    assert data.notes == ()


def test_data_without_a_labelled_pixel_are_refused(folder: Path) -> None:
    for path in (folder / "trainannot").iterdir():
        Image.new("L", (32, 24), 255).save(path)
    data = open_dataset(str(folder), "train")
    with pytest.raises(UserError, match="no pixel of the split 'train' of bands is labelled"):
        check_labelled(data)
    check_labelled(open_dataset(str(folder), "val"))


def test_unknown_names_get_the_nearest_known_one() -> None:
    with pytest.raises(UserError, match="unknown data set 'street'") as raised:
        open_dataset("street")
    assert raised.value.help is not None
    assert "did you mean 'streets'" in raised.value.help


def test_camvid_is_found_by_its_variable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("SSRDSL_CAMVID", str(folder))
    assert open_dataset("camvid", "val").name == "camvid"
    monkeypatch.delenv("SSRDSL_CAMVID")
    with pytest.raises(UserError, match="the directory of CamVid is not known"):
        open_dataset("camvid", "val")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n", "has 0 classes"),
        ("one\n", "has only one class, 'one'"),
        ("one\none\n", "has the class 'one' twice"),
        ("one #12\ntwo\n", ":1: 'one #12' is not a class"),
        ("one\ntwo\nignore: 1\n", "ignored label 1"),
    ],
)
def test_wrong_class_files_are_reported(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "classes.txt").write_text(text)
    with pytest.raises(UserError, match=words):
        read_classes(tmp_path)


def test_class_files_give_names_colours_and_the_ignored_label(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("sky #0080ff\n\nwet road\nignore: 2\n")
    classes = read_classes(tmp_path)
    assert classes.names == ("sky", "wet road")
    assert classes.colours[0] == (0, 128, 255)
    assert classes.ignore == 2
    assert read_classes(tmp_path / "elsewhere", CAMVID) is CAMVID


def test_the_number_of_classes_must_agree(folder: Path) -> None:
    data = open_dataset(str(folder), "val")
    check_classes(data, 3)
    with pytest.raises(UserError, match="the network has 20 classes, bands has 3"):
        check_classes(data, 20)


def test_fingerprints_distinguish_data(folder: Path) -> None:
    before = open_dataset(str(folder), "train")
    assert before.fingerprint() == open_dataset(str(folder), "train").fingerprint()
    path = folder / "trainannot" / "train00.png"
    numbers = np.array(Image.open(path))
    numbers[10, 10] = 255
    Image.fromarray(numbers).save(path)
    assert before.fingerprint() != open_dataset(str(folder), "train").fingerprint()


@pytest.mark.parametrize(("text", "size"), [("180x240", (180, 240)), (" 4 X 5 ", (4, 5)), ("1×2", (1, 2))])
def test_sizes_are_height_and_width(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize("text", ["", "180", "x240", "180x", "-1x4", "1x2x3", "axb"])
def test_other_texts_are_no_sizes(text: str) -> None:
    with pytest.raises(UserError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0x4", "99999x4", "100000x100000"])
def test_sides_are_bounded(text: str) -> None:
    with pytest.raises(UserError, match=f"the size {text} is not possible") as raised:
        parse_size(text)
    assert raised.value.help == "each side has 1 to 16,384 pixels"


@pytest.mark.skipif("SSRDSL_CAMVID" not in os.environ, reason="SSRDSL_CAMVID is not set")
def test_camvid_has_its_published_counts_and_shares() -> None:
    data = open_dataset("camvid", "val", (180, 240))
    assert len(data) == 101
    assert open_dataset("camvid", "val").size == (360, 480)
    shares = data.histogram() / data.labels.numel()
    assert data.classes[int(shares.argmax())] == "road"
    assert (shares > 0.004).all()
