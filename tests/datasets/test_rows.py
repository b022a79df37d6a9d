"""Reading rows takes constant memory, and a file that was cut is said so."""

import os
import resource
from pathlib import Path

import numpy as np
import pytest

from bottega.datasets.rows import PixelFile
from bottega.errors import DataError


def resident() -> int:
    """Bytes of this process in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured through /proc")
def test_memory_stays_constant_however_many_rows_are_read(tmp_path):
    row, count = (64, 64, 3), 40_000
    with open(tmp_path / "pixels.u8", "wb") as file:
        for _block in range(count // 1000):
            file.write(bytes(1000 * 64 * 64 * 3))
    pixels = PixelFile(tmp_path / "pixels.u8", row)
    random = np.random.default_rng(0)
    before, most = resident(), 0
    for _batch in range(400):
        pixels(random.integers(0, count, 64))
        most = max(most, resident() - before)
    assert most < 32 << 20  # the file has 490 MB
    os.truncate(tmp_path / "pixels.u8", 1000)
    with pytest.raises(DataError, match="damaged"):
        pixels(np.array([5]))
    with pytest.raises(IndexError):
        pixels(np.array([count]))
