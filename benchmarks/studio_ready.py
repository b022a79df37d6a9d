"""How long a person waits for the studio: seconds from ``bottega studio`` to the page, medians of whole starts.

    python -m benchmarks studio_ready [--runs 5] [--language zh]

``address`` is when the studio says where it is, ``answer`` when the page's first bytes come, ``ready`` when Chromium,
which is open already, shows the rooms and turns to another one on a click. Every start has an empty home of its own.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")


def start(home: Path, language: str) -> tuple["subprocess.Popen[str]", str]:
    """A studio, and its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "bottega", "studio", "--no-open", "--port", str(port)]
    studio = subprocess.Popen(
        command,
        env=os.environ | {"BOTTEGA_HOME": str(home), "BOTTEGA_LANGUAGE": language},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    for line in studio.stdout or ():
        said += line
        if found := ADDRESS.search(line):
            return studio, found[0]
    sys.exit(f"The studio did not start:\n{said}")


def once(browser: Any, language: str) -> dict[str, float]:
    """Seconds to each moment of one start."""
    context = browser.new_context(locale="zh-CN" if language == "zh" else "en-GB")
    page = context.new_page()
    moments: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        studio, address = start(Path(home), language)
        try:
            moments["address"] = time.perf_counter() - began
            page.goto(address, wait_until="commit")
            moments["answer"] = time.perf_counter() - began
            second = page.get_by_role("tab").nth(1)
            second.click()
            page.wait_for_function(
                "() => document.querySelectorAll('[role=tab]')[1].getAttribute('aria-selected') == 'true'"
            )
            moments["ready"] = time.perf_counter() - began
        finally:
            studio.kill()
            studio.wait()
            context.close()
    return moments


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        sys.exit("This needs Chromium (Debian: apt-get install chromium).")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        browser.new_page().goto("about:blank")  # a person's browser is warm
        runs = [once(browser, chosen.language) for _run in range(chosen.runs)]
        browser.close()
    for moment in runs[0]:
        times = [run[moment] for run in runs]
        print(f"{moment:8} {statistics.median(times):5.2f} s   ({', '.join(f'{t:.2f}' for t in times)})")


if __name__ == "__main__":
    main()
