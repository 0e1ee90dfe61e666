"""Checks the broken files of a range of seeds, within limits of time and memory, and prints what went wrong.

python -m tests.fuzz.worker FIRST STOP [slow]
"""

import json
import resource
import signal
import sys
import time
import traceback
from types import FrameType

from ssrdsl.language.render import as_json, render
from ssrdsl.language.source import Source
from ssrdsl.space.check import check
from tests.fuzz.mutations import SPACES, broken, texts

SECONDS = 5
"""Allowed for a file on a machine that is not busy; `USUAL` is what the file below takes there."""
USUAL, KNOWN = 0.15, "realtime.ssr"
MEMORY = 1 << 31


class Hang(BaseException):
    """A file that takes too long."""


def _ring(signum: int, frame: FrameType | None) -> None:
    raise Hang


def _allowance() -> float:
    """The seconds of the processor for a file: more where the machine is slow, or shared with other programs."""
    path = SPACES / KNOWN
    taken = []
    for _ in range(3):
        before = time.process_time()
        check(Source(KNOWN, path.read_text(encoding="utf-8")))
        taken.append(time.process_time() - before)
    return SECONDS * max(1.0, min(taken) / USUAL)


def _examine(seed: int, text: str, allowance: float) -> dict[str, object] | None:
    """What went wrong with a file, None if nothing did: diagnostics are what is wanted."""
    # Time of the processor: other programs on the machine are not the file's fault.
    signal.setitimer(signal.ITIMER_PROF, allowance)
    try:
        found = check(Source(f"seed-{seed}.ssr", text))
        for diagnostic in found:
            render(diagnostic)
            json.dumps(as_json(diagnostic))
    except Hang:
        return {"seed": seed, "fault": "hang", "trace": traceback.format_exc(limit=-12)}
    except Exception as error:
        return {"seed": seed, "fault": type(error).__name__, "trace": traceback.format_exc(limit=-6)}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def main() -> None:
    """Prints one JSON object for every file that went wrong, and last one about the whole."""
    first, stop = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _ring)
    bases = texts("slow" in sys.argv)
    allowance = _allowance()
    slowest, slowest_seed, sound = 0.0, -1, 0
    for seed in range(first, stop):
        before = time.process_time()
        wrong = _examine(seed, broken(seed, bases), allowance)
        if wrong is not None:
            print(json.dumps(wrong), flush=True)
        elapsed = time.process_time() - before
        if elapsed > slowest:
            slowest, slowest_seed = elapsed, seed
        sound += wrong is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {"sound": sound, "slowest": round(slowest, 2), "seed": slowest_seed, "peak_kib": peak, "allowed": allowance}
        )
    )


if __name__ == "__main__":
    main()
