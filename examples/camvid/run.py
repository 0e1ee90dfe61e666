"""Search spaces/realtime.ssr on CamVid; train the result beside ERFNet and a random network of equal cost.

    SSRDSL_CAMVID=path/to/CamVid python examples/camvid/run.py --out runs/camvid
    SSRDSL_CAMVID=path/to/CamVid python examples/camvid/run.py --out runs/camvid-gpu --device cuda --size 384x512 \\
        --search-epochs 60 --search-batch 8 --train-epochs 300 --train-batch 12

The extents must be multiples of 16: the stages of the space halve three times and its layers once more.
"""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
REALTIME = ROOT / "spaces/realtime.ssr"
ERFNET = ROOT / "spaces/erfnet.ssr"


def main() -> None:
    """Run all commands in order; what is already finished is not done again."""
    options = parsed()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    height, width = options.size.split("x")
    sized = f"--set classes=11 --set height={height} --set width={width}"
    searched = f"--data camvid --size {options.size} --seed {options.seed} --device {options.device}"

    if not (out / "search/gap.json").exists():
        resume = "--resume" if (out / "search").exists() else ""
        run(
            f"ssrdsl search {REALTIME} {searched} --epochs {options.search_epochs} --batch {options.search_batch}"
            f" --out {out}/search {resume}"
        )
    run(f"ssrdsl emit {out}/search --model-py {out}/model.py --weights {out}/inherited.pt")
    run(f"ssrdsl emit {ERFNET} {sized} --model-py {out}/erfnet.py")
    run(f"ssrdsl sample {REALTIME} {sized} --like {out}/search --within 1% -n 1 --seed {options.seed} -o {out}/drawn")
    run(f"ssrdsl emit {REALTIME} {sized} --architecture {out}/drawn/realtime-0.json --model-py {out}/drawn.py")

    for name in ("model", "erfnet", "drawn"):
        if not (out / f"trained-{name}/result.json").exists():
            resume = "--resume" if (out / f"trained-{name}").exists() else ""
            run(
                f"ssrdsl train {out}/{name}.py {searched} --epochs {options.train_epochs} --batch {options.train_batch}"
                f" --evaluate-every {max(1, options.train_epochs // 2)} --out {out}/trained-{name} {resume}"
            )
    networks = {"searched": "trained-model", "ERFNet": "trained-erfnet", "random, equal MACs": "trained-drawn"}
    named = " ".join(f"--network '{name}={out / folder}'" for name, folder in networks.items())
    run(f"ssrdsl report {out}/search {named} -o {out}/report.html")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/camvid"))
    parser.add_argument("--size", default="192x256")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--search-epochs", type=int, default=6)
    parser.add_argument("--search-batch", type=int, default=4)
    parser.add_argument("--train-epochs", type=int, default=10)
    parser.add_argument("--train-batch", type=int, default=8)
    return parser.parse_args()


def run(line: str) -> None:
    """Run a command of this environment; stop where it fails."""
    print(f"\n$ {line}", flush=True)
    program, *arguments = shlex.split(line)
    status = subprocess.run([str(Path(sys.executable).parent / program), *arguments], check=False).returncode
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
