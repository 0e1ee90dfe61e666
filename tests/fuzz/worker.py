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
from tests.fuzz.mutations import broken, texts

SECONDS = 5
MEMORY = 1 << 31


class Hang(BaseException):
    """A file that takes too long."""


def _ring(signum: int, frame: FrameType | None) -> None:
    raise Hang


def _examine(seed: int, text: str) -> dict[str, object] | None:
    """What went wrong with a file, None if nothing did: diagnostics are what is wanted."""
    # Time of the processor: other programs on the machine are not the file's fault.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
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
    slowest, slowest_seed, sound = 0.0, -1, 0
    for seed in range(first, stop):
        before = time.process_time()
        wrong = _examine(seed, broken(seed, bases))
        if wrong is not None:
            print(json.dumps(wrong), flush=True)
        elapsed = time.process_time() - before
        if elapsed > slowest:
            slowest, slowest_seed = elapsed, seed
        sound += wrong is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"sound": sound, "slowest": round(slowest, 2), "seed": slowest_seed, "peak_kib": peak}))


if __name__ == "__main__":
    main()
