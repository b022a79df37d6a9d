"""How fast a collection is prepared, and in how much memory, beside a straightforward Pillow loop.

    BOTTEGA_TEST_DATA=… python benchmarks/prepare.py [--json]

10,000 CIFAR-10 pictures (32 px JPEG, warm file cache); 100,000 are made of them, each laid over ten others,
in one zip.
"""

import argparse
import io
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

SIZE = (32, 32)


def megabytes() -> float:
    """The most memory this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def prepared(source: Path, cache: Path) -> dict:
    """Prepare twice, then read every row once."""
    from bottega.datasets.prepared import prepare

    before = megabytes()
    started = time.perf_counter()
    data = prepare(source, size=SIZE, cache=cache)
    first = time.perf_counter()
    data = prepare(source, size=SIZE, cache=cache)
    second = time.perf_counter()
    for begin in range(0, len(data), 64):
        data.rows(np.arange(begin, min(begin + 64, len(data))))
    done = time.perf_counter()
    return {
        "pictures": len(data),
        "first_s": first - started,
        "second_s": second - first,
        "per_s": len(data) / (first - started),
        "rows_per_s": len(data) / (done - second),
        "peak_mb": megabytes(),
        "above_imports_mb": megabytes() - before,
        "near_duplicates": len(data.report.duplicates),
    }


def plain_loop(source: Path) -> dict:
    """What a script does: open, convert, resize, stack."""
    from PIL import Image

    before = megabytes()
    started = time.perf_counter()
    rows = [
        np.asarray(Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS))
        for path in sorted(source.rglob("*.jpg"))
    ]
    pictures = np.stack(rows)
    seconds = time.perf_counter() - started
    return {
        "pictures": len(pictures),
        "first_s": seconds,
        "per_s": len(pictures) / seconds,
        "peak_mb": megabytes(),
        "above_imports_mb": megabytes() - before,
    }


def ten_times(source: Path, path: Path) -> Path:
    """One zip of ten times the pictures: each laid over ten others."""
    from PIL import Image

    pictures = [(file, Image.open(file).convert("RGB")) for file in sorted(source.rglob("*.jpg"))]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, (file, picture) in enumerate(pictures):
            for copy in range(10):
                content = io.BytesIO()
                _file, other = pictures[(number + 997 * (copy + 1)) % len(pictures)]
                Image.blend(picture, other, 0.5).save(content, "JPEG")
                archive.writestr(f"{file.parent.name}/{file.stem}-{copy}.jpg", content.getvalue())
    return path


def alone(task, *arguments) -> dict:
    """Run in a process of its own, so that its peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if "BOTTEGA_TEST_DATA" not in os.environ:
        sys.exit("Set BOTTEGA_TEST_DATA to the folder with images/cifar10.")
    source = Path(os.environ["BOTTEGA_TEST_DATA"]) / "images" / "cifar10"
    with tempfile.TemporaryDirectory() as folder:
        for path in source.rglob("*.jpg"):
            path.read_bytes()  # warm the file cache for both sides
        results = {
            "Pillow loop, 10,000": alone(plain_loop, source),
            "prepare, 10,000": alone(prepared, source, Path(folder)),
            "prepare, 100,000": alone(prepared, ten_times(source, Path(folder) / "many.zip"), Path(folder)),
        }
    if options.json:
        print(json.dumps(results, indent=2))
        return
    columns = ("first_s", "second_s", "per_s", "rows_per_s", "peak_mb", "above_imports_mb")
    print(f"{'':22}" + "".join(f"{column:>18}" for column in columns))
    for name, result in results.items():
        print(
            f"{name:22}"
            + "".join(f"{result[column]:18,.2f}" if column in result else f"{'–':>18}" for column in columns)
        )


if __name__ == "__main__":
    main()
