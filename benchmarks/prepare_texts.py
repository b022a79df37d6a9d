"""How fast texts are prepared, and in how much memory.

    python benchmarks/prepare_texts.py [FILE] [--gigabyte] [--json]

Without a file: one long work of a megabyte, 100,000 poems of four lines as records, and 20,000 as files, made of random
words. ``--gigabyte`` adds a text file of 1 GB, as one work and as a work for each line; it needs 3 GB of disk.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

WORDS = 20_000


def megabytes() -> float:
    """The most memory this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def prepared(source: Path, cache: Path, separate: str) -> dict:
    """Prepare twice, then read every work once."""
    from bottega.datasets.texts import TextSettings, prepare_texts

    before, processor = megabytes(), time.process_time()
    started = time.perf_counter()
    data = prepare_texts(source, TextSettings(separate), cache=cache)
    first, processor = time.perf_counter(), time.process_time() - processor
    data = prepare_texts(source, TextSettings(separate), cache=cache)
    second = time.perf_counter()
    peak = megabytes()
    for _text in data.texts(range(len(data))):
        pass
    return {
        "works": data.report.used,
        "first_s": first - started,
        "processor_s": processor,
        "second_s": second - first,
        "read_s": time.perf_counter() - second,
        "peak_mb": peak,
        "above_imports_mb": peak - before,
    }


def lines() -> Iterator[str]:
    """Verses of eight random words, without end."""
    draw = np.random.default_rng(0)
    words = np.array(["".join(map(chr, draw.integers(97, 123, draw.integers(2, 9)))) for _word in range(WORDS)], object)
    while True:
        for verse in words[draw.integers(0, WORDS, (10_000, 8))]:
            yield " ".join(verse)


def text_of(size: int, path: Path) -> Path:
    """A text of that many characters."""
    verses = lines()
    with open(path, "w") as file:
        while size > 0:
            size -= file.write(next(verses) + "\n")
    return path


def records(count: int, path: Path) -> Path:
    """Poems of four lines, a record each."""
    verses = lines()
    with open(path, "w") as file:
        for _poem in range(count):
            file.write(json.dumps({"poem": "\n".join(next(verses) for _line in range(4))}) + "\n")
    return path


def files(count: int, folder: Path) -> Path:
    """Poems of four lines, a file each."""
    verses = lines()
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.txt").write_text("\n".join(next(verses) for _line in range(4)))
    return folder


def alone(*arguments) -> dict:
    """Run in a process of its own, so that its peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(prepared, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="texts of your own")
    parser.add_argument("--gigabyte", action="store_true", help="a text of 1 GB, too")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if options.file:
            asked = {options.file.name: (options.file, "auto")}
        else:
            asked = {
                "1 MB, one work": (text_of(1_000_000, folder / "one.txt"), "file"),
                "100,000 records": (records(100_000, folder / "poems.jsonl"), "auto"),
                "20,000 files": (files(20_000, folder / "poems"), "auto"),
            }
        if options.gigabyte:
            big = text_of(1_000_000_000, folder / "big.txt")
            asked |= {"1 GB, one work": (big, "file"), "1 GB, each line": (big, "line")}
        results = {name: alone(source, folder / "cache", how) for name, (source, how) in asked.items()}
    if options.json:
        print(json.dumps(results, indent=2))
        return
    columns = list(next(iter(results.values())))
    print(f"{'':18}" + "".join(f"{column:>18}" for column in columns))
    for name, result in results.items():
        print(f"{name:18}" + "".join(f"{result[column]:18,.2f}" for column in columns))


if __name__ == "__main__":
    main()
