"""How fast the library finds: ``python -m benchmarks library_search [WORKS]`` (5,000 by default).

A home with so many small works is made in a temporary folder; then everything that a gallery asks for is timed, each
question many times, and a scan of all of them anew and once more. With BOTTEGA_DATABASE, in that database.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDERS = ("flowers", "evening sea", "portraits", "海边", "tunes")
PROMPTS = ("a red boat at dawn", "the quiet harbour", "春江花月夜", "two herons over reeds", "night train")
RUNS = 15


def make(works: int) -> list[Path]:
    """The files: pictures of 16 pixels, each with a record of its own."""
    from bottega import home
    from bottega.media import kinds

    paths = []
    for i in range(works):
        record = {
            "schema": 1,
            "operation": ("generate", "vary", "style")[i % 3],
            "model": f"{i % 20:064x}",
            "collection": None,
            "parents": [],
            "parameters": {"seed": i, "controls": {"prompt": f"{PROMPTS[i % 5]} {i}", "guidance": 2.0}},
            "versions": {"bottega": "0.1.0"},
            "digital_source_type": "trainedAlgorithmicMedia",
        }
        path = home.works() / FOLDERS[i % 5] / f"{i:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        kinds.write(path, np.full((16, 16, 3), (i % 251, i // 251, 7), np.uint8), record)
        paths.append(path)
    return paths


def timed(name: str, ask: Callable[[], Any], runs: int = RUNS) -> None:
    """One line: what was asked, the median and the worst of several times, and the median of processor time, which
    does not count what others do on a busy machine (nor, with PostgreSQL, what its server does)."""
    times, busy = [], []
    for _run in range(runs):
        started, of_processor = time.perf_counter(), time.process_time()
        ask()
        times.append(1000 * (time.perf_counter() - started))
        busy.append(1000 * (time.process_time() - of_processor))
    median, processor = statistics.median(times), statistics.median(busy)
    print(f"{name:34} median {median:8.1f} ms   max {max(times):8.1f} ms   processor {processor:8.1f} ms", flush=True)


def main(works_wanted: int) -> None:
    """Everything, in order."""
    from bottega.library import scan, works

    paths = make(works_wanted)
    timed("scan anew", scan.scan, 1)
    timed("scan again, nothing changed", scan.scan, 5)
    for i, path in enumerate(paths[:100]):
        works.tag(path, [f"tag {i % 7}", "chosen"])
        works.rate(path, i % 6)
    timed("newest 60", works.find)
    timed("words “boat dawn”", lambda: works.find("boat dawn"))
    timed("words “花月”", lambda: works.find("花月"))
    timed("words that nothing has", lambda: works.find("zebra crossing"))
    timed("part of a word and a number", lambda: works.find("heron 49"))
    timed("medium, operation and stars", lambda: works.find(medium="image", operation="style", least=3))
    timed("model", lambda: works.find(model=f"{7:064x}"))
    timed("tag", lambda: works.find(tag="chosen"))
    timed("the last page", lambda: works.find(offset=works_wanted - 60))
    timed("in the middle, best first", lambda: works.find(offset=works_wanted // 2, order="best"))
    timed("by name, with words", lambda: works.find("harbour", order="name", offset=600))
    timed("all tags", works.tags)
    timed("choices", works.choices)
    timed("note a file that is known", lambda: works.note(paths[-1]))
    timed("rate", lambda: works.rate(paths[-1], 4))
    timed("lineage", lambda: works.lineage(paths[-1]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOTTEGA_HOME"] = folder
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
