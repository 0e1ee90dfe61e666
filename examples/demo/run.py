"""From a space to a trained, timed network in a few minutes: the commands that a user would type, one after the other.

python examples/demo/run.py            writes runs/demo, ends with runs/demo/report.html
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(os.path.relpath(Path(__file__).parent))
OUT = Path("runs/demo")

COMMANDS = f"""
ssrdsl compile {HERE}/streets.ssr -o {OUT}/space
ssrdsl search {HERE}/streets.ssr --data streets:128 --epochs 10 --batch 4 --out {OUT}/search
ssrdsl emit {OUT}/search --model-py {OUT}/model.py --weights {OUT}/model.pt
ssrdsl evaluate {OUT}/model.py --weights {OUT}/model.pt --data streets --split val
ssrdsl train {OUT}/model.py --data streets:128 --epochs 12 --batch 8 --out {OUT}/train
python {OUT}/model.py
ssrdsl report {OUT}/search --network searched={OUT}/train -o {OUT}/report.html
"""


def main() -> None:
    """Run the commands; stop at the first that fails."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    programs = Path(sys.executable).parent
    began = time.monotonic()
    for line in COMMANDS.strip().splitlines():
        print(f"\n\033[1m$ {line}\033[0m" if sys.stdout.isatty() else f"\n$ {line}", flush=True)
        program, *arguments = shlex.split(line)
        status = subprocess.run([str(programs / program), *arguments], check=False).returncode
        if status:
            sys.exit(status)
    print(f"\n{time.monotonic() - began:.0f} s. Open {OUT / 'report.html'} in a browser.")


if __name__ == "__main__":
    main()
