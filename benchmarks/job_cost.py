"""What it costs that a verb is a job: ``python -m benchmarks job_cost [TIMES]`` (7 by default).

A quick edit, each time in a new process and with the same home: the verb alone, and as the job that the command line
makes of it. In turns, so that what else the machine does meets both; the processor's time does not count that at all.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ALONE = "from bottega import verbs; verbs.edit('upscale', {picture!r}, to={to!r})"
AS_JOB = (
    "from bottega.library import jobs; "
    "jobs.run_here('edit', {{'operation': 'upscale', 'works': [{picture!r}], 'to': {to!r}}})"
)


def took(code: str) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, that a new process takes for some code."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOTTEGA_HOME"] = folder
        picture = str(Path(folder) / "picture.png")
        Image.fromarray(np.zeros((24, 24, 3), np.uint8)).save(picture)
        kinds = {"the verb alone": ALONE, "as a job": AS_JOB}
        words = {"picture": picture, "to": str(Path(folder) / "works" / "large.png")}
        took(AS_JOB.format(**words))  # makes the database, and warms what is read from the disk
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _time in range(times):
            for name, code in kinds.items():
                seen[name].append(took(code.format(**words)))
    medians = {name: [statistics.median(column) for column in zip(*found, strict=True)] for name, found in seen.items()}
    for name, (clock, processor) in medians.items():
        print(f"{name:16} {clock:5.2f} s by the clock, {processor:5.2f} s of the processor")
    more = [job - alone for alone, job in zip(*medians.values(), strict=True)]
    print(f"{'more':16} {more[0]:5.2f} s by the clock, {more[1]:5.2f} s of the processor")


if __name__ == "__main__":
    main()
