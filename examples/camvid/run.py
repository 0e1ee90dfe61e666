"""Search a smaller version of spaces/realtime.ssr on CamVid; train the result and a random network of equal MACs.

    SSRDSL_CAMVID=path/to/CamVid python examples/camvid/run.py --out runs/camvid

Height and width must be multiples of 16: the stages of the space halve three times and its layers once more.
"""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

SPACE = Path(__file__).with_name("realtime_small.ssr")


def main() -> None:
    """Runs all commands in order; finished ones are not repeated."""
    options = parsed()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    height, width = options.size.split("x")
    sized = f"--set classes=11 --set height={height} --set width={width}"
    data = f"--data camvid --size {options.size} --batch 8 --seed {options.seed} --device {options.device}"

    if not (out / "search/gap.json").exists():
        resume = "--resume" if (out / "search").exists() else ""
        run(
            f"ssrdsl search {SPACE} --set classes=11 {data} --epochs {options.search_epochs}"
            f" --search selection.held_out=0.2 --out {out}/search {resume}"
        )
    run(f"ssrdsl emit {out}/search --model-py {out}/searched.py --weights {out}/inherited.pt")
    run(f"ssrdsl sample {SPACE} --set classes=11 --like {out}/search --within 2% -n 1 -o {out}/drawn")
    run(f"ssrdsl emit {SPACE} {sized} --architecture {out}/drawn/{SPACE.stem}-0.json --model-py {out}/random.py")

    for name in ("searched", "random"):
        if not (out / f"trained-{name}/result.json").exists():
            resume = "--resume" if (out / f"trained-{name}").exists() else ""
            run(
                f"ssrdsl train {out}/{name}.py {data} --epochs {options.train_epochs}"
                f" --evaluate-every {options.train_epochs} --out {out}/trained-{name} {resume}"
            )
    networks = {"searched": "trained-searched", "random, equal MACs": "trained-random"}
    named = " ".join(f"--network '{name}={out / folder}'" for name, folder in networks.items())
    run(f"ssrdsl report {out}/search {named} -o {out}/report.html")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/camvid"))
    parser.add_argument("--size", default="176x240")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--search-epochs", type=int, default=128)
    parser.add_argument("--train-epochs", type=int, default=40)
    return parser.parse_args()


def run(line: str) -> None:
    """Runs a command of this environment; stops where it fails."""
    print(f"\n$ {line}", flush=True)
    program, *arguments = shlex.split(line)
    status = subprocess.run([str(Path(sys.executable).parent / program), *arguments], check=False).returncode
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
