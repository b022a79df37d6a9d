"""A cache is made whole or not at all, trusted only when it matches its manifest, and refused in plain words."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pictures import write_pictures

from bottega.datasets.prepared import prepare
from bottega.datasets.store import check_room
from bottega.errors import DataError, OutOfRoom

SIZE = (32, 24)


def only_folder(cache: Path) -> Path:
    (folder,) = cache.iterdir()
    return folder


def test_the_second_time_nothing_is_decoded(works, cache):
    first = prepare(works, size=SIZE, cache=cache)
    seen = []
    second = prepare(works, size=SIZE, cache=cache, on_progress=lambda *_numbers: seen.append(1))
    assert not seen
    assert second.fingerprint == first.fingerprint and second.report == first.report
    assert (second.rows(np.arange(30)) == first.rows(np.arange(30))).all() and (second.train == first.train).all()


def test_a_change_is_noticed_and_the_old_state_goes(works, cache):
    first = prepare(works, size=SIZE, cache=cache)
    write_pictures(works, 1, first=30)
    second = prepare(works, size=SIZE, cache=cache)
    assert len(second) == 31 and second.fingerprint != first.fingerprint
    only_folder(cache)
    assert first.rows(np.arange(30)).any()  # what is open stays open
    (works / "metadata.jsonl").write_text('{"file_name": "kind 0/0000.png", "text": "a caption"}')
    third = prepare(works, size=SIZE, cache=cache)
    assert third.captions[0] == "a caption" and third.fingerprint != second.fingerprint


def test_settings_have_caches_of_their_own(works, cache):
    prints = {
        prepare(works, size=size, fit=fit, alpha=alpha, cache=cache).fingerprint
        for size, fit, alpha in [((32, 32), "crop", False), ((32, 32), "pad", False), ((32, 32), "crop", True),
                                 ((32, 24), "crop", False)]
    }  # fmt: skip
    assert len(prints) == 4 and len(list(cache.iterdir())) == 4


def damages():
    def cut(folder):
        os.truncate(folder / "pixels.u8", 1000)

    def overwrite(folder):
        with open(folder / "pixels.u8", "r+b") as file:
            file.seek(5000)
            file.write(b"\1\2\3")

    def index(folder):
        content = bytearray((folder / "index.json").read_bytes())
        content[40] ^= 1
        (folder / "index.json").write_bytes(content)

    def manifest(folder):
        (folder / "manifest.json").write_text("{")

    def other_manifest(folder):
        (folder / "manifest.json").write_text("[]")

    def half(folder):
        (folder / "manifest.json").unlink()

    def empty(folder):
        shutil.rmtree(folder)
        folder.mkdir()

    def file_in_the_way(folder):
        shutil.rmtree(folder)
        folder.write_text("?")

    return [cut, overwrite, index, manifest, other_manifest, half, empty, file_in_the_way]


@pytest.mark.parametrize("damage", damages(), ids=lambda damage: damage.__name__)
def test_a_damaged_cache_is_made_again(works, cache, damage):
    first = prepare(works, size=SIZE, cache=cache)
    rows = first.rows(np.arange(30))
    damage(only_folder(cache))
    again = prepare(works, size=SIZE, cache=cache)
    assert (again.rows(np.arange(30)) == rows).all() and again.fingerprint == first.fingerprint
    only_folder(cache)


def test_a_copied_cache_is_checked_and_used(works, cache, tmp_path):
    prepare(works, size=SIZE, cache=cache)
    os.utime(only_folder(cache) / "pixels.u8")
    seen = []
    prepare(works, size=SIZE, cache=cache, on_progress=lambda *_numbers: seen.append(1))
    assert not seen


def test_a_cache_nobody_can_write(works, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="could not be written"):
        prepare(works, size=SIZE, cache=tmp_path / "file" / "cache")


def python(code: str, *arguments) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background is told to ignore it
from pathlib import Path
from bottega.datasets.prepared import prepare
def tell(done, total):
    print(done, flush=True)
    time.sleep(0.2)
prepare(Path(sys.argv[1]), size=(256, 256), cache=Path(sys.argv[2]), on_progress=tell)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_then_prepared(works, cache, how):
    write_pictures(works, 200, first=100)
    process = python(SLOW, works, cache)
    assert process.stdout.readline()
    process.send_signal(how)
    process.communicate(timeout=240)
    assert process.returncode != 0
    left = list(cache.iterdir())
    assert left == [] if how == signal.SIGINT else all(path.name.endswith(".part") for path in left)
    for path in left:  # what a killed process leaves is removed when it is surely nobody's
        os.utime(path, (0, time.time() - 2 * 86_400))
    assert len(prepare(works, size=SIZE, cache=cache)) == 230
    only_folder(cache)


def test_two_processes_at_once(works, cache):
    write_pictures(works, 100, first=100)
    processes = [python(SLOW, works, cache) for _process in range(2)]
    for process in processes:
        _output, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors
    only_folder(cache)
    assert len(prepare(works, size=(256, 256), cache=cache)) == 130


FULL = """
import resource, sys
from pathlib import Path
from bottega.datasets.prepared import prepare
from bottega.errors import OutOfRoom
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    prepare(Path(sys.argv[1]), size=(64, 64), cache=Path(sys.argv[2]))
except OutOfRoom as error:
    print(error)
"""


def test_no_room_is_said(works, cache):
    output, errors = python(FULL, works, cache).communicate(timeout=240)
    assert "disk is full" in output, errors
    assert list(cache.iterdir()) == []


def test_no_room_is_foreseen(works):
    with pytest.raises(OutOfRoom, match="MB free"):
        check_room(works, 1 << 60)
