"""How long Bottega takes to say anything: ``import bottega`` and ``bottega --help``, medians of whole processes."""

import statistics
import subprocess
import sys
import time

RUNS = 9
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import bottega": [sys.executable, "-c", "import bottega"],
    "bottega --help": [sys.executable, "-m", "bottega", "--help"],
}


def seconds(command: list[str]) -> float:
    """Median wall time."""
    times = []
    for _run in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    for name, command in COMMANDS.items():
        print(f"{name:16} {seconds(command):6.3f} s")
