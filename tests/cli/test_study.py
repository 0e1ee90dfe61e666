"""`ssrdsl study` from the command line, and the commands that it runs."""

import io
import json
import re
import shlex
import shutil
import signal
import time
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from ssrdsl.cli import main
from ssrdsl.cli.study_job import kept_file, prepare
from ssrdsl.errors import UserError
from ssrdsl.runs.lock import LOCK_NAME, locked
from ssrdsl.study.runner import Runner
from tests.cli.processes import started, wait_for_lines
from tests.search.spaces import TINY


def study(*arguments: object) -> int:
    return main(["study", *map(str, arguments)])


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.ssr"
    path.write_text(TINY)
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert study(*arguments) == 2
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    return " ".join(shown.split())


QUICK = (
    "--data", "streets:16", "--size", "16x32", "--batch", "4", "--search-epochs", "2", "--train-epochs", "1,2",
    "--jobs", "2", "--strategies", "ssr,random",
)  # fmt: skip


def test_a_dry_run_prints_commands_and_writes_nothing(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert study(space, "--out", out, *QUICK, "--dry-run", "--seeds", "2", "--train", "lr=0.002") == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert not out.exists()
    assert printed.err.startswith(f"{len(lines) - 2} commands: 2 search, ")
    assert lines[:2] == [f"mkdir -p {out / 'networks'}", "export OMP_NUM_THREADS=1"]
    commands = [shlex.split(line, comments=True) for line in lines[2:]]
    assert {words[0] for words in commands} == {"ssrdsl"}
    assert {words[1] for words in commands} == {"search", "sample", "emit", "train", "rank", "budget", "pick"}
    assert all("0.002" in words for words in commands if words[1] == "train")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of which all commands were run as they are printed, one after another in this process."""
    folder = tmp_path_factory.mktemp("study")
    space, out = folder / "tiny.ssr", folder / "out"
    space.write_text(TINY)
    options = (*QUICK, "--seeds", "1", "--random", "2", "--matched", "1", "--candidates", "2")
    with redirect_stdout(io.StringIO()) as printed:
        assert study(space, "--out", out, *options, "--dry-run") == 0
    (out / "networks").mkdir(parents=True)
    for line in printed.getvalue().splitlines()[2:]:
        words = shlex.split(line, comments=True)[1:]
        words = [Path(word[6:-1]).read_text().strip() if word.startswith("$(cat ") else word for word in words]
        assert main(words) == 0, line
    assert study(space, "--out", out, *options) == 0
    return out


def test_the_printed_commands_are_the_study(finished: Path) -> None:
    """They produce all results of the study, which then runs none of its steps."""
    out = finished
    assert not (out / "steps.jsonl").exists()
    figures = json.loads((out / "study.json").read_text())
    assert (out / "study.html").read_text().startswith("<!doctype html>")
    assert figures["budgets"] == [1, 2]
    arms = [("ssr", 1), ("random", 2), ("matched", 1), ("equal cost", 1)]
    assert [(row["epochs"], row["arm"], row["count"]) for row in figures["arms"]] == [
        (budget, *arm) for budget in (1, 2) for arm in arms
    ]
    assert figures["failures"] == []
    assert {row["predictor"] for row in figures["rank_correlations"]} <= {"supernet of ssr", "MACs", "parameters"}
    assert figures["equal_cost"][0]["candidates"] == 2
    assert figures["searches"][0]["gap"]["retrained"]["1"] >= 0
    # The budget: seconds of the search / (candidates x seconds of an epoch on its part of the data).
    search = json.loads((out / "search/ssr-0/gap.json").read_text())["seconds"]
    trained = json.loads((out / "training/ssr-0/1-epochs-seed-0/result.json").read_text())
    assert figures["equal_cost"][0]["epochs"] == max(1, round(search / (2 * 0.8 * trained["seconds"])))
    # The candidate that is kept is the best on the part of the training split that was held out.
    results = {
        path.name: json.loads((path / "result.json").read_text())
        for path in (out / "candidates").iterdir() if path.is_dir()
    }  # fmt: skip
    assert {result["evaluated_on"] for result in results.values()} == {"train:80-100"}
    best = max(sorted(results), key=lambda name: results[name]["miou"])
    kept = out / "architectures" / "equal-cost-0-2" / f"tiny-{int(best[-3:])}.json"
    assert json.loads((out / "architectures/equal-cost-0.json").read_text()) == json.loads(kept.read_text())
    ranked = json.loads((out / "rank/ssr-0-2.json").read_text())
    assert set(ranked["scores"]) == {"tiny-0.json", "tiny-1.json"}
    assert ranked["split"] == "train, held out"
    # Two epochs of 13 // 4 steps, of which a fifth is the warm-up; three of 16 images are held out.
    assert ranked["step"] == 1
    assert figures["searches"][0]["images_held_out"] == 3
    assert figures["choosing_splits"] == ["train:0-80", "train:80-100"]


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished study, which a test may continue."""
    return Path(shutil.copytree(finished, tmp_path / "out"))


def ended(out: Path) -> list[tuple[str, str]]:
    """The steps in the journal of a study, with their statuses."""
    steps = [json.loads(line) for line in (out / "steps.jsonl").read_text().splitlines()]
    return [(step["step"], step["status"]) for step in steps]


def test_a_killed_study_is_resumed_to_the_end(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed when the first of two missing steps had ended; finished steps are not repeated."""
    network, training = copied / "networks/ssr-0.py", copied / "training/ssr-0/1-epochs-seed-0"
    network.unlink()
    shutil.rmtree(training)
    (copied / "study.html").unlink()
    running = started("study", "--out", copied, "--resume")
    wait_for_lines(copied / "steps.jsonl", 1, running)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    first = ended(copied)
    assert first[0] == ("emit/ssr-0", "finished")
    # The commands of the killed study hold its lock until they have ended.
    while study("--out", copied, "--resume") != 0:
        assert "is in use by another process" in " ".join(capsys.readouterr().err.split())
        time.sleep(0.1)
    # A step that outlived the study by a moment is not in the journal.
    finished = [step for step, status in ended(copied) if status == "finished"]
    assert finished in (["emit/ssr-0"], ["emit/ssr-0", "train/ssr-0/1-epochs-seed-0"])
    assert ended(copied)[: len(first)] == first
    assert (training / "result.json").exists()
    assert json.loads((copied / "study.json").read_text())["failures"] == []
    assert (copied / "study.html").exists()
    assert "the first strategy of" in refused(capsys, "--out", copied, "--resume", "--strategies", "paths,ssr,random")
    for option in ("--random", "--matched"):
        assert "match those found so far" in refused(capsys, "--out", copied, "--resume", option, "3")


def test_figures_state_if_a_search_held_out_no_images(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "search/ssr-0/gap.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "images_held_out": 0}))
    assert study("--out", copied, "--resume") == 0
    assert "warning: search ssr-0 has selected on the images" in " ".join(capsys.readouterr().err.split())
    assert json.loads((copied / "study.json").read_text())["choosing_splits"] == ["train", "train"]
    assert "train:80-100" not in (copied / "study.html").read_text()


def test_no_figure_is_cut_in_a_narrow_console(
    copied: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert study("--out", copied, "--resume") == 0
    printed = capsys.readouterr().out
    assert "\N{HORIZONTAL ELLIPSIS}" not in printed
    assert "1 epoch " in printed
    assert "1 epochs" not in printed + (copied / "study.html").read_text()
    figures = json.loads((copied / "study.json").read_text())
    (gap,) = [line.split() for line in printed.splitlines() if line.startswith("ssr-0")][1:2]
    assert gap[1] == f"{100 * figures['searches'][0]['gap']['supernet']:.2f}"


def test_matched_networks_can_be_added_to_a_study_without_any(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = (*QUICK[:-1], "ssr", "--train-epochs", "1", "--seeds", "1", "--random", "0", "--no-rank", "--matched")
    assert study(space, "--out", out, *options, "0") == 0
    assert study("--out", out, "--resume", "--matched", "1") == 0
    figures = json.loads((out / "study.json").read_text())
    assert {row["arm"] for row in figures["arms"]} == {"ssr", "matched"}


def test_a_training_that_fails_is_reported_and_left_out(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = copied / "training" / "random-000" / "1-epochs-seed-0"
    (broken / "result.json").unlink()
    (broken / "manifest.json").write_text("{")
    assert study("--out", copied, "--resume") == 1
    text = " ".join(capsys.readouterr().err.split())
    assert "error: step train/random-000/1-epochs-seed-0:" in text
    assert "is damaged" in text
    assert f"the full log is {copied / 'logs/train/random-000/1-epochs-seed-0.log'}" in text
    figures = json.loads((copied / "study.json").read_text())
    assert [row["count"] for row in figures["arms"] if row["arm"] == "random"] == [1, 2]
    assert [each["step"] for each in figures["failures"]] == ["train/random-000/1-epochs-seed-0"]


def test_a_second_ctrl_c_prints_how_to_continue_too(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Runner, "run", interrupted)
    (copied / "study.html").unlink()
    assert study("--out", copied, "--resume") == 130
    assert f"Continue with: ssrdsl study --out {copied} --resume" in " ".join(capsys.readouterr().err.split())
    assert (copied / "study.html").exists(), "the figures of finished steps are written"


def test_ctrl_c_ends_a_resumed_study_and_prints_how_to_continue(copied: Path) -> None:
    running = started("study", "--out", copied, "--resume", "--train-epochs", "1,2,500", "--jobs", "1")
    wait_for_lines(copied / "training/ssr-0/500-epochs-seed-0/events.jsonl", 3, running)
    running.send_signal(signal.SIGINT)
    _, shown = running.communicate()
    assert running.returncode == 130, shown
    assert f"Continue with: ssrdsl study --out {copied} --resume" in " ".join(shown.split())
    assert ended(copied) == [("train/ssr-0/500-epochs-seed-0", "stopped")]


def test_mistakes_in_the_arguments_are_reported(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    cases = {
        (): "missing option --data",
        ("--data", "moon"): "unknown data set 'moon'",
        ("--data", "streets:8", "--strategies", "srr"): "unknown strategy 'srr' help: did you mean `ssr`?",
        ("--data", "streets:8", "--strategies", "random"): "no strategy to compare",
        ("--data", "streets:8", "--train-epochs", "1,x"): "--train-epochs 1,x: expected numbers of epochs",
        ("--data", "streets:8", "--train", "lrr=1"): "did you mean `lr`?",
        ("--data", "streets:8", "--train", "epochs=1"): "it is set by the study",
        ("--data", "streets:8", "--variant", "x"): "--variant x: expected NAME:KEY=VALUE",
        ("--data", "streets:8", "--variant", "paths:shrink.below=0.1"): "the name 'paths' is already used",
        ("--data", "streets:8", "--variant", "random:shrink.below=0.1"): "the name 'random' is already used",
        ("--data", "streets:8", "--match", "target"): "has no target.macs to match",
        ("--data", "streets:8", "--set", "colours=3"): "colours",
        ("--data", "streets:8", "--variant", "a:strategy=darst"): "`--search strategy=darst`: `strategy` takes one of",
        ("--data", "streets:8", "--train", "lr=abc"): "--train: Invalid value for '--lr': 'abc' is not a valid float",
        ("--data", "streets:8", "--train", "lr=1e30"): "--train: --lr 1e+30 is invalid",
        ("--data", "streets:8", "--variant", "a:strategy"): "variant a: `--search strategy`: expected KEY=VALUE",
        ("--data", "streets:8", "--search", "strategy=darts"): "select strategies with --strategies",
        ("--data", "streets:8", "--search", "selection.held_out=0"): "selection.held_out cannot be set in a study",
        ("--data", "streets:8", "--variant", "a:selection.held_out=0.5"): "use --held-out PERCENT",
        ("--data", "streets:8", "--threads", "2000"): "is not in the range",
        ("--data", "streets:8", "--search", "target.macs=9G"): "variant paths: target.macs: no architecture has about",
        ("--data", "streets:8", "--search", "target.macs=15"): "; is `15k` meant?",
        ("--data", "streets:8", "--resume"): "has no study to resume",
    }
    for arguments, message in cases.items():
        assert message in refused(capsys, space, "--out", out, *arguments), arguments
    assert not out.exists()


def test_directories_of_something_else_are_reported(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("")
    assert "is not empty: it contains thesis.tex" in refused(capsys, space, "--out", out, "--data", "streets:8")
    (out / "thesis.tex").unlink()
    options = {"data": "streets:8", "random": 20, "batch": None, "matched": 10}
    (out / "plan.json").write_text(json.dumps({"format": "ssrdsl-study-2", "sha256": "0", "options": options}))
    assert "already contains a study" in refused(capsys, space, "--out", out, "--data", "streets:8")
    assert "was started with --batch its default, not 4" in refused(
        capsys, space, "--out", out, "--resume", "--batch", 4
    )
    assert "is a study of a different text than" in refused(capsys, space, "--out", out, "--resume")
    assert "has no .ssr file" in refused(capsys, "--out", out, "--resume")
    assert "Missing argument 'FILE'" in refused(capsys, "--out", tmp_path / "new")


def test_a_study_that_another_process_runs_is_not_changed(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with locked(out):
        assert "is in use by another process" in refused(capsys, space, "--out", out, "--data", "streets:8")
        assert [path.name for path in out.iterdir()] == [LOCK_NAME]


def test_a_study_is_of_all_files_of_its_space(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, file, used = tmp_path / "out", tmp_path / "two.ssr", tmp_path / "part.ssr"
    used.write_text("block part(c) = conv(c, {1, 3})\n")
    file.write_text(
        'use "part.ssr"\nspace two(classes=8) {\n  input image: 3, 16, 32\n'
        "  output image -> part(8) -> conv(classes, 1)\n}\n"
    )
    given = {"data": "streets:8", "strategies": "ssr", "train_epochs": "1", "train_options": [], "overrides": [],
             "variants": [], "search_settings": [], "matched": 0, "random": 1, "rank": False, "seed": 0, "seeds": 1,
             "device": "cpu", "size": None, "candidates": 1, "search_epochs": 1, "batch": 2, "held_out": 20,
             "train_seeds": 1, "threads": 1, "match": None}  # fmt: skip
    with prepare(file, out, dict(given), copied=True).opened(given, resume=False):
        assert {path.name for path in (out / "space").iterdir()} == {"two.ssr", "part.ssr"}
    with prepare(file, out, dict(given), copied=True).opened(given, resume=True):
        pass
    assert kept_file(out) == out / "space" / "two.ssr"
    with prepare(kept_file(out), out, dict(given), copied=True).opened(given, resume=True):
        pass
    used.write_text("block part(c) = conv(c, {3, 5})\n")
    again = prepare(file, out, dict(given), copied=True)
    with pytest.raises(UserError, match="is a study of a different text"), again.opened(given, resume=True):
        pass
    assert "{1, 3}" in (out / "space" / "part.ssr").read_text()


def test_every_search_has_the_strategy_of_its_variant(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--strategies", "ssr,darts", "--search", "target.weight=2", "--seeds", "1", "--dry-run")
    assert study(space, "--out", tmp_path / "out", *QUICK, *options) == 0
    lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines() if line.startswith("ssrdsl search ")]
    strategies = [[word for word in line if word.startswith("strategy=")] for line in lines]
    assert strategies == [["strategy=ssr"], ["strategy=darts"]]
    assert all("target.weight=2" in line for line in lines)
    shown = refused(capsys, space, "--out", tmp_path / "out", "--data", "streets:8", "--strategies", "none")
    assert shown.count("random") == 1


def test_samples_match_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tiny.ssr"
    path.write_text(TINY)
    assert main(["sample", str(path), "-n", "3", "--macs", "15k", "--within", "20%"]) == 0
    costs = re.findall(r"^ *\d+ +([\d,]+) +[\d,]+ ", capsys.readouterr().out, flags=re.MULTILINE)
    assert len(costs) == 3
    assert all(12_000 <= int(cost.replace(",", "")) <= 18_000 for cost in costs)
    for arguments, message in {
        ("--macs", "9G"): "no architecture of `tiny`",
        ("--macs", "many"): "--macs many: expected a number",
        ("--macs", "15k", "--within", "x"): "--within x: expected a percentage",
        ("--parameters-within", "5%"): "--parameters-within needs --like",
        ("--like", str(tmp_path)): "is not a run directory",
        ("--like", str(tmp_path), "--within", "x"): "is not a run directory",
    }.items():
        assert main(["sample", str(path), *arguments]) == 2
        assert message in " ".join(capsys.readouterr().err.split()), arguments


def test_ranks_need_a_supernet_that_was_kept(space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, folder = tmp_path / "run", tmp_path / "drawn"
    common = ("--data", "streets:8", "--size", "16x32", "--batch", "4", "--epochs", "1", "--threads", "1")
    assert main(["search", str(space), "--out", str(run), *common]) == 0
    arguments = ["rank", str(run), "--architectures", str(folder), "--out", str(tmp_path / "rank.json")]
    folder.mkdir()
    capsys.readouterr()
    assert main(arguments) == 2
    assert "no .json files in" in capsys.readouterr().err
    assert main(["sample", str(space), "-n", "2", "--set", "classes=8", "-o", str(folder)]) == 0
    assert main(arguments) == 2
    assert "has no supernet.pt" in capsys.readouterr().err
    assert not (tmp_path / "rank.json").exists()


def test_random_networks_match_the_nearest_attainable_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the searches do, if the target lies between the steps of the cost."""
    path = tmp_path / "coarse.ssr"
    path.write_text(
        "space coarse(classes=8, height=16, width=32) {\n  input image: 3, height, width\n"
        "  output image -> conv({8, 64}, 3) -> relu -> conv(classes, 1)\n}\nsearch { target.macs = 150K }\n"
    )
    assert study(path, "--data", "streets:16", "--out", tmp_path / "out", "--seeds", "1", "--dry-run") == 0
    sample = next(line for line in capsys.readouterr().out.splitlines() if " sample " in line)
    nearest = int(shlex.split(sample)[shlex.split(sample).index("--macs") + 1])
    assert nearest != 150_000
    assert main(["sample", str(path), "--macs", str(nearest), "-n", "1"]) == 0
