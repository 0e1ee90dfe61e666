"""Examine the files of a range of seeds, within limits of time and memory, and print failures.

python -m tests.fuzz.worker FIRST STOP [slow]        broken files: shipped spaces, changed at random
python -m tests.fuzz.worker FIRST STOP compile       the same, through `ssrdsl compile` as well
python -m tests.fuzz.worker FIRST STOP programs      programs at random, in all that can be done with them
"""

import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from shutil import copy
from types import FrameType

from ssrdsl.language.source import Source
from ssrdsl.space.check import check
from tests.fuzz.mutations import SPACES, broken, changed, texts
from tests.fuzz.programs import BLOCKS, program
from tests.fuzz.stages import diagnosed, rejects_alike, stages

SECONDS = 5
"""Allowed for a file on a machine that is not busy; `USUAL` is what the file below takes there."""
USUAL, KNOWN = 0.15, "realtime.ssr"
MEMORY = int(os.environ.get("SSRDSL_FUZZ_MEMORY", 1 << 31))


class Hang(BaseException):
    """A file that takes too long."""


def _ring(signum: int, frame: FrameType | None) -> None:
    raise Hang


def _allowance() -> float:
    """The CPU seconds for a file: more if the machine is slow, or shared with other programs."""
    path = SPACES / KNOWN
    taken = []
    for _ in range(3):
        before = time.process_time()
        check(Source(KNOWN, path.read_text(encoding="utf-8")))
        taken.append(time.process_time() - before)
    return SECONDS * max(1.0, min(taken) / USUAL)


Stages = Iterator[tuple[str, Callable[[], object]]]


CODES: set[str] = set()
"""Of the first diagnostics of broken files."""


def _broken(seed: int, bases: list[str], folder: Path) -> Stages:
    """A broken file lies among the spaces, so that it finds what it uses."""
    source = Source(str(SPACES / f"seed-{seed}.ssr"), broken(seed, bases))
    yield "check", lambda: CODES.update(found.code for found in diagnosed(source)[:1])


def _compiled(seed: int, bases: list[str], folder: Path) -> Stages:
    """A broken file is checked and compiled, beside what it may use."""
    if not any(folder.iterdir()):
        for used in SPACES.glob("*_blocks.ssr"):
            copy(used, folder)
    path = folder / "broken.ssr"
    path.write_bytes(broken(seed, bases).encode(errors="replace"))
    yield "check and compile", partial(rejects_alike, Source(str(path), path.read_text(encoding="utf-8")))


def _program(seed: int, bases: list[str], folder: Path) -> Stages:
    """Two programs of three as they are written, one changed like the broken files."""
    rng = random.Random(seed)
    text, definitions = program(seed)
    if rng.random() < 1 / 3:
        text, definitions = changed(text, rng, [text]), rng.choice((definitions, changed(definitions, rng, [text])))
    for old in folder.iterdir():
        old.unlink()
    path = folder / "program.ssr"
    (folder / BLOCKS).write_bytes(definitions.encode(errors="replace"))
    path.write_bytes(text.encode(errors="replace"))
    yield from stages(path, rng)


def _examine(stages: Stages, allowance: float) -> dict[str, object] | None:
    """The failure of a file, None if there is none; diagnostics are expected."""
    for name, stage in stages:
        # Time of the processor: other programs on the machine are not the file's fault.
        signal.setitimer(signal.ITIMER_PROF, allowance)
        try:
            stage()
        except Hang:
            return {"stage": name, "fault": "hang", "trace": traceback.format_exc(limit=-12)}
        except Exception as error:
            return {"stage": name, "fault": type(error).__name__, "trace": traceback.format_exc(limit=-6)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def main() -> None:
    """Print one JSON object for every failure, and finally a summary."""
    first, stop, *words = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _ring)
    bases = texts("slow" in words)
    made = _program if "programs" in words else _compiled if "compile" in words else _broken
    allowance = _allowance()
    slowest, slowest_seed, sound = 0.0, -1, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(first), int(stop)):
            before = time.process_time()
            wrong = _examine(made(seed, bases, Path(folder)), allowance)
            if wrong is not None:
                print(json.dumps({"seed": seed, **wrong}), flush=True)
            elapsed = time.process_time() - before
            if elapsed > slowest:
                slowest, slowest_seed = elapsed, seed
            sound += wrong is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "sound": sound,
                "slowest": round(slowest, 2),
                "seed": slowest_seed,
                "peak_kib": peak,
                "allowed": allowance,
                "codes": sorted(CODES),
            }
        )
    )


if __name__ == "__main__":
    main()
